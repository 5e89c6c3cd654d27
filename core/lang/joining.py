"""Several expressions as one: all of them, or any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.lang.kinds import Kind
from core.lang.tree import And, Expression, Literal, Node, Or, make_expression, parts_of


def conjunction(expressions: Sequence[Expression]) -> Expression:
    """The expression that holds where all of these hold. ValueError where there are none or their models differ."""
    return _joined(expressions, And, " and ")


def disjunction(expressions: Sequence[Expression]) -> Expression:
    """The expression that holds where one of these does. ValueError where there are none or their models differ."""
    return _joined(expressions, Or, " or ")


def _joined(expressions: Sequence[Expression], kind: type[And] | type[Or], word: str) -> Expression:
    models = {expression.model for expression in expressions}
    if len(models) != 1:
        raise ValueError(f"expressions of one model can be joined, not of {sorted(models)}")
    if len(expressions) == 1:
        return expressions[0]
    parts: list[Node] = []
    literals: list[object] = []
    source = ""
    for expression in expressions:
        source += f"{word if source else ''}("
        parts.append(_moved(expression.tree, len(literals), len(source)))
        literals.extend(expression.literals)
        source += f"{expression.source})"
    paths = frozenset[str]().union(*(expression.paths for expression in expressions))
    return make_expression(source, models.pop(), kind(Kind.BOOLEAN, (0, len(source)), tuple(parts)), literals, paths)


def _moved(node: Node, index: int, column: int) -> Node:
    """The same tree with the indexes of its literals and its places in the source moved on."""
    changes: dict[str, object] = {"span": (node.span[0] + column, node.span[1] + column)}
    if isinstance(node, Literal):
        changes["index"] = node.index + index
    for name in parts_of(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = _moved(value, index, column)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[name] = tuple(_moved(part, index, column) for part in value)
    return replace(node, **changes)  # type: ignore[arg-type]  # names and values come from the node itself
