"""Types: what may be compared, added and chosen, and what a literal becomes beside a value of another kind.

Text beside a date is read as a date, a whole number beside money as money, text beside a selection must be one of its
keys. Booleans are not numbers. A `Raw` is a literal that has not met its kind yet; none leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any as Anything
from typing import NoReturn

from core.errors import ExpressionError, closest
from core.i18n import _
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN, MONEY_SCALE, Kind, money_to_integer
from core.lang.schema import Schema
from core.lang.source import Source
from core.lang.statement import list_size
from core.lang.tree import Constant, Convert, Expression, Literal, Name, Node, Path, Span

NUMBERS = (Kind.INTEGER, Kind.FLOAT, Kind.MONEY)
ORDERED = frozenset({*NUMBERS, Kind.TEXT, Kind.DATE, Kind.INSTANT})
IDS = frozenset({Kind.INTEGER, Kind.REFERENCE})

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Raw(Node):
    """A number or text as it stands in the source."""

    value: int | float | str


@dataclass(frozen=True, slots=True)
class RawList(Node):
    """A list as it stands in the source, its items read."""

    items: tuple[Node, ...]


@dataclass(slots=True)
class Typer:
    """Makes nodes of the kind that is asked for and collects the literals of one expression."""

    source: Source
    schema: Schema
    literals: list[object]

    def refuse(self, text: str, span: Span, suggestion: str = "") -> NoReturn:
        """Raise ExpressionError for the place."""
        self.source.refuse(text, span, suggestion)

    def settle(self, node: Node) -> Node:
        """The node itself, or the literal of its own kind."""
        return self._read(node, node.kind, None) if isinstance(node, Raw) else node

    def coerce(self, node: Node, kind: Kind, beside: Node | None = None) -> Node:
        """The node as a value of `kind`; `beside` is what it meets, for the keys of a selection."""
        if isinstance(node, Raw):
            return self._read(node, kind, beside)
        if node.kind is kind or (node.kind in IDS and kind in IDS):
            return node
        if node.kind in NUMBERS and kind in NUMBERS and NUMBERS.index(node.kind) < NUMBERS.index(kind):
            return replace(node, kind=kind) if isinstance(node, Name) else Convert(kind, node.span, node)
        self._mismatch(node, kind)

    def unify(self, left: Node, right: Node) -> tuple[Node, Node]:
        """Both nodes as values of one kind; none keeps its own."""
        kind = self._common(left, right)
        return (
            left if left.kind is Kind.NONE else self.coerce(left, kind, right),
            right if right.kind is Kind.NONE else self.coerce(right, kind, left),
        )

    def boolean(self, node: Node) -> Node:
        """The node, which must be a condition."""
        if node.kind is not Kind.BOOLEAN:
            self.refuse(_("a condition is expected here, not {kind}", kind=kind_text(node.kind)), node.span)
        return node

    def number(self, node: Node) -> Node:
        """The node, which must be a number; a literal becomes a float."""
        if node.kind not in NUMBERS:
            self.refuse(_("a number is expected here, not {kind}", kind=kind_text(node.kind)), node.span)
        return self._read(node, Kind.FLOAT, None) if isinstance(node, Raw) else node

    def scalar(self, node: Node) -> Node:
        """The node, which must be one value and not many."""
        if isinstance(node, RawList):
            self.refuse(_("a list may only stand after 'in'"), node.span)
        if isinstance(node, Name) and node.many:
            self.refuse(_("'{name}' is a list and may only stand after 'in'", name=node.name), node.span)
        if isinstance(node, Path) and node.kind is Kind.REFERENCES:
            reason = _("'{name}' leads to many records; ask any({name}, ...) or use 'in'", name=node.dotted)
            self.refuse(reason, node.span)
        if node.kind is Kind.INTERVAL:
            self.refuse(_("an interval can only be added to a date or an instant, or taken from one"), node.span)
        return node

    def list_of(self, items: list[Raw], kind: Kind, beside: Node, span: Span) -> Node:
        """One node for a list of literals beside a value of `kind`."""
        mark = len(self.literals)
        nodes = [self._read(item, kind, beside) for item in items]
        if all(isinstance(node, Constant) for node in nodes):
            return Constant(
                kind, span, tuple(sorted({str(node.value) for node in nodes if isinstance(node, Constant)}))
            )
        values = tuple(self.literals[mark:])
        del self.literals[mark:]
        self.literals.append(values)
        return Literal(kind, span, len(self.literals) - 1, list_size(len(values)))

    def _common(self, left: Node, right: Node) -> Kind:
        a, b = left.kind, right.kind
        if Kind.NONE in (a, b):
            return b if a is Kind.NONE else a
        if a in NUMBERS and b in NUMBERS:
            return NUMBERS[max(NUMBERS.index(a), NUMBERS.index(b))]
        if isinstance(left, Raw) != isinstance(right, Raw):
            return b if isinstance(left, Raw) else a
        if a in IDS and b in IDS:
            self.check_targets(left, right)
            return Kind.REFERENCE
        return a

    def check_targets(self, left: Node, right: Node) -> None:
        """Refuse two references that are known to lead to different models."""
        one, other = _target(left), _target(right)
        if one and other and one != other:
            reason = _("a record of {one} is never one of {other}", one=one, other=other)
            self.refuse(reason, right.span)

    def _read(self, raw: Raw, kind: Kind, beside: Node | None) -> Node:
        read = _READERS.get((raw.kind, kind))
        if read is None:
            self._mismatch(raw, kind)
        if kind is Kind.TEXT and isinstance(beside, Path) and beside.fields[-1].options:
            return self._option(raw, beside)
        try:
            return self._literal(raw, kind, read(raw.value))
        except (ValueError, OverflowError):
            self.refuse(_HINTS[kind](raw.value), raw.span)

    def _literal(self, raw: Node, kind: Kind, value: object) -> Node:
        self.literals.append(value)
        return Literal(kind, raw.span, len(self.literals) - 1)

    def _option(self, raw: Raw, path: Path) -> Node:
        keys = [key for key, _label in path.fields[-1].options]
        if raw.value not in keys:
            reason = _("'{value}' is not a choice of {field}", value=raw.value, field=path.fields[-1].name)
            self.refuse(reason, raw.span, closest(str(raw.value), keys))
        return Constant(Kind.TEXT, raw.span, raw.value)

    def _mismatch(self, node: Node, kind: Kind) -> NoReturn:
        found, wanted = kind_text(node.kind), kind_text(kind)
        reason = _("{found} cannot stand for {wanted}", found=found, wanted=wanted)
        if {node.kind, kind} == {Kind.DATE, Kind.INSTANT}:
            reason = _("a date and an instant cannot be compared; take start_of_day() of the date")
        elif kind is Kind.BOOLEAN and node.kind in NUMBERS:
            reason = _("a number is neither true nor false; write true or false")
        self.refuse(reason, node.span)


def require_condition(expression: Expression) -> Expression:
    """The expression, if it is a condition.

    :raises ExpressionError: it gives something else.
    """
    if expression.kind is not Kind.BOOLEAN:
        reason = _("a condition is expected, this gives {found}", found=kind_text(expression.kind))
        raise ExpressionError(reason, column=1, source=expression.source)
    return expression


def kind_text(kind: Kind) -> str:
    """A kind in words."""
    words = {
        Kind.BOOLEAN: _("a condition"),
        Kind.INTEGER: _("a whole number"),
        Kind.FLOAT: _("a number"),
        Kind.MONEY: _("an amount of money"),
        Kind.TEXT: _("text"),
        Kind.DATE: _("a date"),
        Kind.INSTANT: _("an instant"),
        Kind.REFERENCE: _("a record"),
        Kind.REFERENCES: _("many records"),
        Kind.BYTES: _("bytes"),
        Kind.JSON: _("a value of JSON"),
        Kind.INTERVAL: _("an interval"),
        Kind.NONE: _("none"),
    }
    return words[kind]


def _target(node: Node) -> str | None:
    if isinstance(node, Path):
        return node.fields[-1].target
    return node.target if isinstance(node, Name) else None


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _money(value: float) -> Decimal:
    scaled = money_to_integer(value)
    if not INTEGER_MIN <= scaled <= INTEGER_MAX:
        raise ValueError(value)
    return Decimal(scaled) / MONEY_SCALE


def _same(value: object) -> object:
    return value


def _integer(value: int) -> int:
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise ValueError(value)
    return value


_READERS: Mapping[tuple[Kind, Kind], Callable[[Anything], object]] = {
    (Kind.INTEGER, Kind.INTEGER): _integer,
    (Kind.INTEGER, Kind.REFERENCE): _integer,
    (Kind.INTEGER, Kind.FLOAT): float,
    (Kind.INTEGER, Kind.MONEY): _money,
    (Kind.FLOAT, Kind.FLOAT): _same,
    (Kind.FLOAT, Kind.MONEY): _money,
    (Kind.TEXT, Kind.TEXT): _same,
    (Kind.TEXT, Kind.DATE): _date,
    (Kind.TEXT, Kind.INSTANT): _instant,
}
_HINTS: Mapping[Kind, Callable[[object], str]] = {
    Kind.INTEGER: lambda value: _("whole numbers have 64 bits"),
    Kind.REFERENCE: lambda value: _("whole numbers have 64 bits"),
    Kind.FLOAT: lambda value: _("this number is too large"),
    Kind.MONEY: lambda value: _("{value} is too large for money", value=value),
    Kind.DATE: lambda value: _("'{value}' is not a date like 2026-01-31", value=value),
    Kind.INSTANT: lambda value: _(
        "'{value}' is not an instant like 2026-01-31T10:00:00Z; for a whole day take start_of_day('2026-01-31')",
        value=value,
    ),
}
