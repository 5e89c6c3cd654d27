"""The functions of the language: how each is written and what node it makes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Literal as OneOf
from typing import NoReturn, Protocol, cast

from core.i18n import _
from core.lang.comparisons import Comparisons
from core.lang.kinds import Kind
from core.lang.paths import label_of, target_of
from core.lang.schema import Schema
from core.lang.tree import (
    Any,
    Coalesce,
    Constant,
    Count,
    Function,
    HasGroup,
    Interval,
    Literal,
    Match,
    Name,
    Node,
    Path,
    Reachable,
    Round,
    Span,
    Sum,
    Within,
)
from core.lang.typing import IDS, Raw, Typer

MAX_DAYS = 1_000_000  # an interval is never longer, so that no date leaves what both engines can hold
MAX_DIGITS = 6
_DAY = 1440


class Reading(Protocol):
    """What a function needs of the reader of the expression."""

    schema: Schema
    typer: Typer
    comparisons: Comparisons

    def node(self, tree: ast.expr) -> Node:
        """Any node."""

    def value(self, tree: ast.expr) -> Node:
        """A node that is one value."""

    def condition(self, tree: ast.expr) -> Node:
        """A node that is a condition."""

    def inside(self, relation: Path, read: Callable[[], Node]) -> Node:
        """A node read among the fields of a relation."""

    def refuse(self, text: str, span: Span, suggestion: str = "") -> NoReturn:
        """Raise ExpressionError."""


Arguments = Sequence[ast.expr]


@dataclass(frozen=True, slots=True)
class Call:
    """One function: how it is written, how many arguments it takes, how it is read."""

    usage: str
    least: int
    most: int
    read: Callable[[Reading, Arguments, Span], Node]


def _today(reading: Reading, arguments: Arguments, span: Span) -> Node:
    return Name(Kind.DATE, span, "today")


def _now(reading: Reading, arguments: Arguments, span: Span) -> Node:
    return Name(Kind.INSTANT, span, "now")


def _has_group(reading: Reading, arguments: Arguments, span: Span) -> Node:
    group = reading.value(arguments[0])
    if not isinstance(group, Raw) or group.kind is not Kind.TEXT:
        reading.refuse(_("the external id of a group is expected here, like 'crm.manager'"), group.span)
    return HasGroup(Kind.BOOLEAN, span, cast(Literal, reading.typer.settle(group)))


def _reachable(operation: OneOf["read", "update"], reading: Reading, arguments: Arguments, span: Span) -> Node:
    operand = reading.node(arguments[0])
    if not isinstance(operand, Path) or operand.kind is not Kind.TEXT or not operand.fields[-1].models:
        reading.refuse(_("a field that names a record of any model is expected here"), operand.span)
    return Reachable(Kind.BOOLEAN, span, operation, operand)


def _match(how: OneOf["contains", "startswith"], reading: Reading, arguments: Arguments, span: Span) -> Node:
    text, needle = (reading.value(argument) for argument in arguments)
    if isinstance(text, Path) and text.kind is Kind.REFERENCE:
        text = reading.comparisons.label(text)
    text, needle = reading.typer.coerce(text, Kind.TEXT), reading.typer.coerce(needle, Kind.TEXT)
    return Match(Kind.BOOLEAN, span, how, text, needle)


def _relation(reading: Reading, tree: ast.expr) -> Path:
    relation = reading.node(tree)
    if not isinstance(relation, Path) or relation.kind is not Kind.REFERENCES:
        reading.refuse(_("a relation to many records is expected here"), relation.span)
    return relation


def _quantified(kind: type[Any] | type[Count], reading: Reading, arguments: Arguments, span: Span) -> Node:
    relation = _relation(reading, arguments[0])
    condition: Node = Constant(Kind.BOOLEAN, span, True)
    if len(arguments) > 1:
        condition = reading.inside(relation, lambda: reading.condition(arguments[1]))
    return kind(Kind.BOOLEAN if kind is Any else Kind.INTEGER, span, relation, condition)


def _sum(reading: Reading, arguments: Arguments, span: Span) -> Node:
    relation = _relation(reading, arguments[0])
    operand = reading.inside(relation, lambda: reading.typer.number(reading.value(arguments[1])))
    kind = Kind.MONEY if operand.kind is Kind.MONEY else Kind.FLOAT
    return Sum(kind, span, relation, operand)


def _within(reading: Reading, arguments: Arguments, span: Span) -> Node:
    operand = reading.node(arguments[0])
    target = target_of(operand, reading.schema) if isinstance(operand, Path) else None
    if not isinstance(operand, Path) or target is None:
        reading.refuse(_("a relation, or id, is expected here"), operand.span)
    if target.parent is None:
        reading.refuse(_("{model} has no hierarchy", model=target.name), operand.span)
    root = reading.typer.settle(reading.value(arguments[1]))
    if root.kind is Kind.TEXT:
        if label_of(target) is None:
            reading.refuse(_("the records of '{name}' have no label", name=operand.dotted), operand.span)
    elif root.kind not in IDS:
        reading.refuse(_("the label or the id of a record is expected here"), root.span)
    else:
        reading.typer.check_targets(operand, root)
    return Within(Kind.BOOLEAN, span, operand, root)


def _interval(minutes: int, reading: Reading, arguments: Arguments, span: Span) -> Node:
    amount = reading.value(arguments[0])
    limit = MAX_DAYS * _DAY // minutes
    if isinstance(amount, Raw) and isinstance(amount.value, int) and abs(amount.value) > limit:
        reading.refuse(_("at most {limit} are possible here", limit=limit), amount.span)
    amount = reading.typer.coerce(amount, Kind.INTEGER)
    return Interval(Kind.INTERVAL, span, minutes, amount)


_Start = OneOf["start_of_day", "start_of_month", "start_of_quarter", "start_of_year"]


def _start(name: _Start, reading: Reading, arguments: Arguments, span: Span) -> Node:
    operand = reading.typer.coerce(reading.value(arguments[0]), Kind.DATE)
    return Function(Kind.INSTANT if name == "start_of_day" else Kind.DATE, span, name, operand)


def _round(reading: Reading, arguments: Arguments, span: Span) -> Node:
    operand = reading.typer.number(reading.value(arguments[0]))
    digits = 0
    if len(arguments) > 1:
        given = reading.value(arguments[1])
        if not isinstance(given, Raw) or not isinstance(given.value, int) or not 0 <= given.value <= MAX_DIGITS:
            reading.refuse(_("the number of decimals, 0 to {limit}, is expected here", limit=MAX_DIGITS), given.span)
        digits = given.value
    return Round(Kind.MONEY if operand.kind is Kind.MONEY else Kind.FLOAT, span, operand, digits)


def _abs(reading: Reading, arguments: Arguments, span: Span) -> Node:
    operand = reading.typer.number(reading.value(arguments[0]))
    return Function(Kind.MONEY if operand.kind is Kind.MONEY else Kind.FLOAT, span, "abs", operand)


def _length(reading: Reading, arguments: Arguments, span: Span) -> Node:
    return Function(Kind.INTEGER, span, "length", reading.typer.coerce(reading.value(arguments[0]), Kind.TEXT))


def _coalesce(reading: Reading, arguments: Arguments, span: Span) -> Node:
    first, second = reading.typer.unify(*(reading.value(argument) for argument in arguments))
    return Coalesce(second.kind if first.kind is Kind.NONE else first.kind, span, (first, second))


FUNCTIONS: Mapping[str, Call] = MappingProxyType(
    {
        "abs": Call("abs(number)", 1, 1, _abs),
        "any": Call("any(relation, condition)", 1, 2, partial(_quantified, Any)),
        "coalesce": Call("coalesce(value, instead)", 2, 2, _coalesce),
        "contains": Call("contains(text, part)", 2, 2, partial(_match, "contains")),
        "count": Call("count(relation, condition)", 1, 2, partial(_quantified, Count)),
        "days": Call("days(number)", 1, 1, partial(_interval, _DAY)),
        "has_group": Call("has_group('addon.group')", 1, 1, _has_group),
        "hours": Call("hours(number)", 1, 1, partial(_interval, 60)),
        "length": Call("length(text)", 1, 1, _length),
        "minutes": Call("minutes(number)", 1, 1, partial(_interval, 1)),
        "now": Call("now()", 0, 0, _now),
        "readable": Call("readable(record)", 1, 1, partial(_reachable, "read")),
        "round": Call("round(number, decimals)", 1, 2, _round),
        "start_of_day": Call("start_of_day(date)", 1, 1, partial(_start, "start_of_day")),
        "start_of_month": Call("start_of_month(date)", 1, 1, partial(_start, "start_of_month")),
        "start_of_quarter": Call("start_of_quarter(date)", 1, 1, partial(_start, "start_of_quarter")),
        "start_of_year": Call("start_of_year(date)", 1, 1, partial(_start, "start_of_year")),
        "startswith": Call("startswith(text, beginning)", 2, 2, partial(_match, "startswith")),
        "sum": Call("sum(relation, number)", 2, 2, _sum),
        "today": Call("today()", 0, 0, _today),
        "weeks": Call("weeks(number)", 1, 1, partial(_interval, 7 * _DAY)),
        "within": Call("within(relation, root)", 2, 2, _within),
        "writable": Call("writable(record)", 1, 1, partial(_reachable, "update")),
    }
)
