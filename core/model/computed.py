"""The expressions of models, read at build time: computed fields, which may not go in a circle, and default orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from core.errors import ExpressionError
from core.lang.kinds import Kind
from core.lang.order import parse_order
from core.lang.schema import Schema
from core.model.composition import Composition
from core.model.relations import Computed

if TYPE_CHECKING:
    from core.model.registry import Registry

Node = tuple[str, str]


def check_expressions(composition: Composition, registry: Registry) -> None:
    """Read computed fields and default orders; note what cannot be read, gives another kind, or goes in a circle."""
    needs: dict[Node, list[Node]] = {}
    for model, declarations in registry.declarations.items():
        for name, declaration in declarations.items():
            if isinstance(declaration, Computed):
                needs[model, name] = _check_computed(composition, registry, model, name, declaration)
        _check_order(composition, registry, model)
    for circle in _circles(needs):
        model, name = circle[0]
        text = f"computed fields go in a circle: {' -> '.join('.'.join(node) for node in (*circle, circle[0]))}"
        part = composition.blueprints[model].providers[name][0].part
        composition.refuse(part, "R024", text, name=name)


def _check_computed(
    composition: Composition, registry: Registry, model: str, name: str, declaration: Computed[object]
) -> list[Node]:
    """Note what is wrong with one expression; the computed fields it needs."""
    part = composition.blueprints[model].providers[name][0].part
    try:
        expression = registry.parse(declaration.expression, model)
    except ExpressionError as error:
        text = f"computed field '{name}' of '{model}': {error.text}"
        composition.refuse(part, "R025", text, name=name, suggestion=error.suggestion)
        return []
    if expression.kind is not declaration.kind and (declaration.kind, expression.kind) != (Kind.FLOAT, Kind.INTEGER):
        text = f"computed field '{name}' of '{model}' is declared {declaration.kind.value}, its expression gives "
        composition.refuse(part, "R025", text + expression.kind.value, name=name)
    return [node for path in expression.paths for node in _computed_on(path, model, registry.schema)]


def _computed_on(path: str, model: str, schema: Schema) -> Iterator[Node]:
    current: str | None = model
    for step in path.split("."):
        info = schema[current].find(step) if current is not None and current in schema else None
        if info is None or current is None:
            return
        if info.expression is not None:
            yield current, info.name
        current = info.target


def _circles(needs: Mapping[Node, list[Node]]) -> Iterator[list[Node]]:
    """Each circle once, starting at its first member in order."""
    done: set[Node] = set()
    for start in sorted(needs):
        trail: list[Node] = []
        stack = [(start, iter(needs[start]))]
        while stack and start not in done:
            node, following = stack[-1]
            if node not in trail:
                trail.append(node)
            step = next(following, None)
            if step is None:
                stack.pop()
                trail.pop()
                done.add(node)
            elif step in trail:
                yield trail[trail.index(step) :]
                done.update(trail)
            elif step not in done:
                stack.append((step, iter(needs.get(step, []))))


def _check_order(composition: Composition, registry: Registry, model: str) -> None:
    try:
        parse_order(registry.options[model].order, model, registry.schema)
    except ExpressionError as error:
        definition = composition.blueprints[model].definition
        text = f"order of '{model}': {error.text}"
        composition.refuse(definition, "R018", text, suggestion=error.suggestion)
