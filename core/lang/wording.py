"""Values of expressions in words: literals, fields by their labels, moments, calculations.

Words go through `_()`. How numbers, dates and names of records are written is told by a `Wording`, since formats and
records belong to the layers above. What consists of several parts stands in brackets within something larger.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any as Anything
from typing import cast

from core.i18n import _
from core.lang.kinds import Kind
from core.lang.paths import label_of, target_of
from core.lang.schema import FieldInfo, Schema
from core.lang.statement import reference
from core.lang.tree import (
    And,
    Any,
    Arithmetic,
    Choice,
    Coalesce,
    Compare,
    Concat,
    Constant,
    Convert,
    Count,
    Difference,
    Filled,
    Function,
    HasGroup,
    In,
    Interval,
    Literal,
    Match,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Path,
    Reachable,
    Round,
    Shift,
    Sum,
    Within,
)

MOST_ITEMS = 10
_DAY, _WEEK, _HOUR = 1440, 10080, 60

CONDITIONS = frozenset({And, Or, Not, Compare, In, Member, Filled, Any, Within, Match, HasGroup, Reachable})
_COMPOUND = frozenset({Arithmetic, Concat, Choice, Coalesce, Shift, Round, Difference, Negative})


@dataclass(frozen=True, slots=True)
class Wording:
    """How values are written: numbers, dates, the label of a record, the name of a group, the label of an entry of JSON
    (by model, field and name); labels are empty where they are unknown.

    `names` holds the values of names that were bound; a name without a value is written as it is.
    """

    number: Callable[[Anything], str] = str
    money: Callable[[Anything], str] = str
    date: Callable[[Anything], str] = str
    instant: Callable[[Anything], str] = str
    record: Callable[[str, int], str] = lambda _model, _id: ""
    group: Callable[[str], str] = lambda _name: ""
    entry: Callable[[str, str, str], str] = lambda _model, _field, _name: ""
    names: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ValueWords(ABC):
    """Writes the values of one expression; conditions among them are left to the class that knows them."""

    schema: Schema
    literals: Sequence[object]
    wording: Wording

    @abstractmethod
    def sentence(self, node: Node) -> str:
        """A condition in words."""

    def value(self, node: Node, beside: Node | None = None) -> str:
        """A value in words; `beside` is what it is compared with: it tells the options and the model of a record."""
        if type(node) in CONDITIONS:
            return f"({self.sentence(node)})"
        return _VALUES[type(node)](self, node, beside)

    def operand(self, node: Node) -> str:
        """A value within a larger one."""
        text = self.value(node)
        return f"({text})" if type(node) in _COMPOUND else text

    def items(self, node: Node, beside: Node) -> list[str]:
        """The items of a list in words; only the first ones of a long list."""
        if isinstance(node, Name):
            return [self._name(node, beside)]
        values = cast("Sequence[object]", self._held(node))
        shown = [self._plain(value, node.kind, beside) for value in values[:MOST_ITEMS]]
        more = len(values) - len(shown)
        return [*shown, *([_("{count} more", count=more)] if more else [])]

    def _held(self, node: Node) -> object:
        return self.literals[node.index] if isinstance(node, Literal) else cast(Constant, node).value

    def path(self, path: Path) -> str:
        """The labels along a path. The last one is left out where it only labels the record before."""
        fields = path.fields
        if len(fields) > 1 and fields[-2].target and fields[-1] is label_of(self.schema[fields[-2].target]):
            fields = fields[:-1]
        models = [path.model, *(str(step.target) for step in fields[:-1])]
        return ": ".join(self._step(step, model) for step, model in zip(fields, models, strict=True))

    def _step(self, step: FieldInfo, model: str) -> str:
        if not step.entry:
            return _(step.label or step.name)
        name = step.entry.partition(".")[2]
        field = self.schema[model].fields[step.name]
        return self.wording.entry(model, step.name, name) or f"{_(field.label or field.name)}: {name}"

    def span(self, interval: Interval) -> str:
        """A length of time, such as "7 days"."""
        amount = interval.amount
        if isinstance(amount, Literal):
            return self._units(cast(int, self.literals[amount.index]), interval.minutes)
        return _SEVERAL[interval.minutes](self.operand(amount))

    def length(self, at: Moment) -> str:
        """How far a moment is from today or now, without its direction."""
        return self._units(abs(at.offset) // at.unit, at.unit)

    def _units(self, number: int, unit: int) -> str:
        return _ONE[unit]() if number == 1 else _SEVERAL[unit](self.wording.number(number))

    def _path(self, node: Path, _beside: Node | None) -> str:
        return self.path(node)

    def _literal(self, node: Literal, beside: Node | None) -> str:
        return self._plain(self.literals[node.index], node.kind, beside)

    def _constant(self, node: Constant, beside: Node | None) -> str:
        return self._plain(node.value, node.kind, beside)

    def _name(self, node: Name, beside: Node | None) -> str:
        if node.name in _KNOWN:
            return _KNOWN[node.name]()
        value = self.wording.names.get(node.name)
        if value is None:
            return _quoted(node.name)
        values = list(cast("Sequence[object]", value)) if node.many else [value]
        return ", ".join(self._plain(each, node.kind, beside or node) for each in values[:MOST_ITEMS])

    def _plain(self, value: object, kind: Kind, beside: Node | None) -> str:
        if value is None:
            return _("empty")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if kind is Kind.TEXT:
            options = dict(beside.fields[-1].options) if isinstance(beside, Path) else {}
            return _(options[str(value)]) if value in options else _quoted(str(value))
        if kind is Kind.REFERENCE:
            return self._record(value, beside)
        return _WRITTEN.get(kind, _number)(self.wording, value)

    def _record(self, value: object, beside: Node | None) -> str:
        id_ = reference(value)
        found = target_of(beside, self.schema) if isinstance(beside, Path) else None
        target = found.name if found else getattr(beside, "target", None)
        label = self.wording.record(target, id_) if target else ""
        return _quoted(label) if label else _("the record {id}", id=id_)

    def _count(self, node: Count, _beside: Node | None) -> str:
        relation = self.path(node.relation)
        if isinstance(node.condition, Constant) and node.condition.value:
            return _("the number of {relation}", relation=relation)
        condition = self.sentence(node.condition)
        return _("the number of {relation} where ({condition})", relation=relation, condition=condition)

    def _sum(self, node: Sum, _beside: Node | None) -> str:
        what = self.operand(node.operand)
        return _("the sum of {what} over {relation}", what=what, relation=self.path(node.relation))

    def _arithmetic(self, node: Arithmetic, _beside: Node | None) -> str:
        return _ARITHMETIC[node.operator](self.operand(node.left), self.operand(node.right))

    def _negative(self, node: Negative, _beside: Node | None) -> str:
        return _("minus {value}", value=self.operand(node.operand))

    def _convert(self, node: Convert, beside: Node | None) -> str:
        return self.value(node.operand, beside)

    def _concat(self, node: Concat, _beside: Node | None) -> str:
        return _("{text} followed by {more}", text=self.operand(node.left), more=self.operand(node.right))

    def _difference(self, node: Difference, _beside: Node | None) -> str:
        first, last = self.operand(node.right), self.operand(node.left)
        return _("the days from {first} to {last}", first=first, last=last)

    def _choice(self, node: Choice, beside: Node | None) -> str:
        then, otherwise = self.value(node.then, beside), self.value(node.otherwise, beside)
        condition = self.sentence(node.condition)
        return _("{then} if ({condition}), otherwise {instead}", then=then, condition=condition, instead=otherwise)

    def _coalesce(self, node: Coalesce, beside: Node | None) -> str:
        first, second = (self.value(part, beside) for part in node.parts)
        return _("{value} or, where it is empty, {instead}", value=first, instead=second)

    def _round(self, node: Round, _beside: Node | None) -> str:
        value = self.operand(node.operand)
        if not node.digits:
            return _("{value} rounded", value=value)
        return _("{value} rounded to {digits} decimals", value=value, digits=node.digits)

    def _function(self, node: Function, _beside: Node | None) -> str:
        return _FUNCTIONS[node.name](self.operand(node.operand))

    def _shift(self, node: Shift, _beside: Node | None) -> str:
        found = moment(node, self.literals)
        if found is None or not found.offset:
            words = _SHIFTS[node.sign]
            return words(self.operand(node.base), self.span(node.interval))
        if found.base == "today" and abs(found.offset) == _DAY:
            return _("tomorrow") if found.offset > 0 else _("yesterday")
        return _FROM_NOW[found.base, found.offset > 0](self.length(found))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment named by its distance in minutes from `today` or `now`, and the unit that was used for it."""

    base: str
    offset: int = 0
    unit: int = _DAY


def moment(node: Node, literals: Sequence[object]) -> Moment | None:
    """The node as a moment, if it is today, now, or a fixed time before or after them."""
    if isinstance(node, Name) and node.name in ("today", "now"):
        return Moment(node.name)
    if isinstance(node, Shift) and isinstance(node.base, Name) and node.base.name in ("today", "now"):
        amount = node.interval.amount
        if isinstance(amount, Literal):
            number = cast(int, literals[amount.index])
            return Moment(node.base.name, node.sign * node.interval.minutes * number, node.interval.minutes)
    return None


def _quoted(text: str) -> str:
    return _("“{text}”", text=text)


def _number(wording: Wording, value: object) -> str:
    return wording.number(value)


_WRITTEN: Mapping[Kind, Callable[[Wording, object], str]] = {
    Kind.MONEY: lambda wording, value: wording.money(value),
    Kind.DATE: lambda wording, value: wording.date(value),
    Kind.INSTANT: lambda wording, value: wording.instant(value),
}
_KNOWN: Mapping[str, Callable[[], str]] = {
    "me": lambda: _("you"),
    "company": lambda: _("your company"),
    "companies": lambda: _("your companies"),
    "today": lambda: _("today"),
    "now": lambda: _("now"),
}
_ONE: Mapping[int, Callable[[], str]] = {
    1: lambda: _("1 minute"),
    _HOUR: lambda: _("1 hour"),
    _DAY: lambda: _("1 day"),
    _WEEK: lambda: _("1 week"),
}
_SEVERAL: Mapping[int, Callable[[str], str]] = {
    1: lambda number: _("{number} minutes", number=number),
    _HOUR: lambda number: _("{number} hours", number=number),
    _DAY: lambda number: _("{number} days", number=number),
    _WEEK: lambda number: _("{number} weeks", number=number),
}
_SHIFTS: Mapping[int, Callable[[str, str], str]] = {
    1: lambda base, span: _("{span} after {moment}", span=span, moment=base),
    -1: lambda base, span: _("{span} before {moment}", span=span, moment=base),
}
_FROM_NOW: Mapping[tuple[str, bool], Callable[[str], str]] = {
    ("today", True): lambda span: _("the day in {span}", span=span),
    ("today", False): lambda span: _("the day {span} ago", span=span),
    ("now", True): lambda span: _("the moment in {span}", span=span),
    ("now", False): lambda span: _("the moment {span} ago", span=span),
}
_ARITHMETIC: Mapping[str, Callable[[str, str], str]] = {
    "+": lambda left, right: _("{left} plus {right}", left=left, right=right),
    "-": lambda left, right: _("{left} minus {right}", left=left, right=right),
    "*": lambda left, right: _("{left} times {right}", left=left, right=right),
    "/": lambda left, right: _("{left} divided by {right}", left=left, right=right),
}
_FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    "abs": lambda value: _("{value} without its sign", value=value),
    "length": lambda value: _("the length of {value}", value=value),
    "start_of_day": lambda value: _("the start of {day}", day=value),
    "start_of_month": lambda value: _("the first day of the month of {day}", day=value),
    "start_of_quarter": lambda value: _("the first day of the quarter of {day}", day=value),
    "start_of_year": lambda value: _("the first day of the year of {day}", day=value),
}
_VALUES: Mapping[type[Node], Callable[[ValueWords, Anything, Node | None], str]] = {
    Path: ValueWords._path,
    Literal: ValueWords._literal,
    Constant: ValueWords._constant,
    Name: ValueWords._name,
    Count: ValueWords._count,
    Sum: ValueWords._sum,
    Arithmetic: ValueWords._arithmetic,
    Negative: ValueWords._negative,
    Convert: ValueWords._convert,
    Concat: ValueWords._concat,
    Difference: ValueWords._difference,
    Choice: ValueWords._choice,
    Coalesce: ValueWords._coalesce,
    Round: ValueWords._round,
    Function: ValueWords._function,
    Shift: ValueWords._shift,
}
