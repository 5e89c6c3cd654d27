"""The trace: an expression on one record, every node with its value. The base of every "why"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from core.lang.accessor import Accessor
from core.lang.kinds import Kind
from core.lang.parser import parse
from core.lang.python import outward
from core.lang.python_conditions import PythonConditions
from core.lang.python_values import Parse, State
from core.lang.schema import Schema
from core.lang.statement import Names
from core.lang.tree import Any, Count, Expression, Node, Path, Sum, children

MAX_MEMBERS = 20


@dataclass(frozen=True, slots=True)
class Trace:
    """A part of an expression: its text, what it gave, and its own parts.

    Under any, count and sum each record of the relation has a part of its own, `record` its id; at most 20 of them.
    """

    text: str
    kind: Kind
    value: object
    parts: tuple[Trace, ...] = ()
    record: int | None = None


def trace(
    expression: Expression, schema: Schema, record: Accessor, names: Names, *, parse_computed: Parse | None = None
) -> Trace:
    """Work an expression out on a record and keep the value of every node."""
    compiler = PythonConditions(schema, parse_computed or partial(parse, schema=schema))
    return _trace(expression, compiler, expression.tree, State(record, expression.literals, names))


def _trace(
    expression: Expression, compiler: PythonConditions, node: Node, state: State, member: int | None = None
) -> Trace:
    value = outward(compiler.value(node), node.kind)(state) if node.kind is not Kind.INTERVAL else None
    if isinstance(node, Any | Count | Sum):
        parts = _members(expression, compiler, node, state)
    else:
        parts = tuple(_trace(expression, compiler, child, state) for child in children(node) if not _to_many(child))
    return Trace(expression.source[slice(*node.span)], node.kind, value, parts, member)


def _members(
    expression: Expression, compiler: PythonConditions, node: Any | Count | Sum, state: State
) -> tuple[Trace, ...]:
    inner = node.operand if isinstance(node, Sum) else node.condition
    found: list[Trace] = []
    for record in compiler.members(node.relation)(state.record):
        if len(found) == MAX_MEMBERS:
            break
        number = record.get("id")
        below = State(record, state.literals, state.names)
        found.append(_trace(expression, compiler, inner, below, number if isinstance(number, int) else None))
    return tuple(found)


def _to_many(node: Node) -> bool:
    return isinstance(node, Path) and node.kind is Kind.REFERENCES
