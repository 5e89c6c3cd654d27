"""What follows from values that are not saved yet: computed fields, and the quality of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.model.registry import Registry
from core.records.environment import Environment
from core.views.modifiers import compiled, value_of
from core.views.nodes import FieldNode
from core.views.paths import needed


def quality_paths(registry: Registry, model: str, nodes: Iterable[FieldNode]) -> set[str]:
    """The stored paths that the qualities of the fields depend on."""
    return needed(registry, model, [node.quality_path for node in nodes if node.quality_path])


def follow(
    registry: Registry,
    model: str,
    record: dict[str, Any],
    typed: Mapping[str, Any],
    depends: set[str],
    make: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    """Take over from `make` what the model makes of typed values and nobody types: the normalised form of an address,
    on which its quality depends."""
    declarations = registry.declarations[model]
    twins = [name for name in depends if name in declarations and declarations[name].readonly]
    if twins and not depends.isdisjoint(typed):
        made = make(typed)
        record.update({name: made.get(name) for name in twins})


def compute(env: Environment, model: str, record: dict[str, Any], nodes: Iterable[FieldNode]) -> None:
    """Work out computed fields, and the qualities of texts, over what is not saved yet."""
    registry = env.registry
    for path in [path for node in nodes for path in (node.path, node.quality_path)]:
        info = registry.schema[model].fields.get(path)
        if info is not None and info.expression is not None:
            function = compiled(registry, registry.parse(info.expression, model))
            record[path] = value_of(env, model, record, function)
