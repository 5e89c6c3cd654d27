"""Values in Python: closures over a record, the mirror of the SQL values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any as Anything

from core.errors import ExpressionError
from core.i18n import _
from core.lang.accessor import Accessor
from core.lang.calls import MAX_DAYS
from core.lang.kinds import MONEY_SCALE, Kind, money_to_integer
from core.lang.numbers import OPERATORS, rounded_money, rounded_to, whole_number
from core.lang.schema import FieldInfo, Schema
from core.lang.statement import NOBODY, Names, finite, reference
from core.lang.tree import (
    Arithmetic,
    Choice,
    Coalesce,
    Concat,
    Constant,
    Convert,
    Count,
    Difference,
    Expression,
    Function,
    Literal,
    Name,
    Negative,
    Node,
    Path,
    Round,
    Shift,
    Sum,
)
from core.lang.typing import NUMBERS
from core.sqlite_functions import entry, first_day, first_instant

MAX_COMPUTED = 16
_DAY = 1440
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class State:
    """What a closure runs on: a record, the literals of its expression, the names bound for the run."""

    record: Accessor
    literals: Sequence[object]
    names: Names


Run = Callable[[State], Anything]
Parse = Callable[[str, str], Expression]


class PythonValues(ABC):
    """The part of the Python compiler that makes values."""

    def __init__(self, schema: Schema, parse: Parse, computed: int = 0) -> None:
        self.schema = schema
        self.parse = parse
        self.computed = computed

    @abstractmethod
    def condition(self, node: Node) -> Callable[[State], bool]:
        """A condition, always True or False."""

    def value(self, node: Node) -> Run:
        """A value or, of a condition, True or False."""
        make = _VALUES.get(type(node))
        return self.condition(node) if make is None else make(self, node)

    def number(self, node: Node) -> Run:
        """The value as a float; money in ten-thousandths, arithmetic not rounded yet."""
        if isinstance(node, Arithmetic):
            return self._arithmetic(node)
        if isinstance(node, Negative):
            return _over(self.number(node.operand), lambda number: -number)
        return _over(self.value(node), float)

    def field(self, field: FieldInfo, model: str) -> Callable[[Accessor, Names], Anything]:
        """A stored or computed field of a record."""
        if field.expression is not None:
            return self._computed_field(field, model)
        name, read = field.name, _READ.get(field.kind)
        if field.entry:
            word, _dot, inner = field.entry.partition(".")
            return lambda record, names: entry(record.get(name), word, inner)
        if field.kind is Kind.BOOLEAN:
            return lambda record, names: bool(record.get(name))
        if read is None:
            return lambda record, names: record.get(name)

        def get(record: Accessor, names: Names) -> object:
            found = record.get(name)
            return None if found is None else read(found)

        return get

    def owner(self, fields: Sequence[FieldInfo]) -> Callable[[Accessor], Accessor | None]:
        """The record that holds the last field of a path."""
        steps = [field.name for field in fields[:-1]]

        def follow(record: Accessor) -> Accessor | None:
            found: Accessor | None = record
            for step in steps:
                if found is None:
                    return None
                found = found.follow(step)
            return found

        return follow

    def members(self, relation: Path) -> Callable[[Accessor], Iterable[Accessor]]:
        """The records of a to-many relation."""
        owner, name = self.owner(relation.fields), relation.fields[-1].name

        def members(record: Accessor) -> Iterable[Accessor]:
            found = owner(record)
            return () if found is None else found.members(name)

        return members

    def _computed_field(self, field: FieldInfo, model: str) -> Callable[[Accessor, Names], Anything]:
        if self.computed >= MAX_COMPUTED:
            raise ExpressionError(
                _("computed fields of {model} form a cycle", model=model), column=1, source=field.expression or ""
            )
        expression = self.parse(field.expression or "", model)
        inner = type(self)(self.schema, self.parse, self.computed + 1)
        run, literals = _declared(inner.value(expression.tree), expression, field), expression.literals
        return lambda record, names: run(State(record, literals, names))

    def _path(self, node: Path) -> Run:
        last = node.fields[-1]
        model = node.fields[-2].target if len(node.fields) > 1 else node.model
        read = self.field(last, model or "")
        if len(node.fields) == 1:
            if last.kind is Kind.REFERENCE and last.expression is None:  # what rules ask most
                return self._own_reference(last.name)
            return lambda state: read(state.record, state.names)
        owner = self.owner(node.fields)

        def run(state: State) -> object:
            record = owner(state.record)
            return None if record is None else read(record, state.names)

        return run

    def _own_reference(self, name: str) -> Run:
        def run(state: State) -> object:
            found = state.record.get(name)
            return found if found is None or isinstance(found, int) else reference(found)

        return run

    def _constant(self, node: Constant) -> Run:
        value = node.value
        return lambda state: value

    def _literal(self, node: Literal) -> Run:
        index = node.index
        if node.kind is not Kind.MONEY:
            return lambda state: state.literals[index]
        if node.size is None:
            return lambda state: money_to_integer(state.literals[index])
        return lambda state: [money_to_integer(item) for item in state.literals[index]]  # type: ignore[attr-defined]  # a list

    def _name(self, node: Name) -> Run:
        name, read = node.name, _READ_NAME.get(node.kind, _same)
        if node.many:
            return lambda state: [read(item) for item in state.names[name]]  # type: ignore[attr-defined]  # a list
        return lambda state: read(state.names[name])

    def _arithmetic(self, node: Arithmetic) -> Run:
        return _over_two(self.number(node.left), self.number(node.right), OPERATORS[node.operator])

    def _calculated(self, node: Arithmetic | Negative) -> Run:
        run = self.number(node)
        return _over(run, whole_number) if node.kind is Kind.MONEY else run

    def _convert(self, node: Convert) -> Run:
        run = self.number(node.operand)
        return _over(run, _money_of) if node.kind is Kind.MONEY else run

    def _concat(self, node: Concat) -> Run:
        return _over_two(self.value(node.left), self.value(node.right), lambda left, right: left + right)

    def _choice(self, node: Choice) -> Run:
        condition, then, otherwise = self.condition(node.condition), self.value(node.then), self.value(node.otherwise)
        return lambda state: then(state) if condition(state) else otherwise(state)

    def _coalesce(self, node: Coalesce) -> Run:
        first, second = (self.value(part) for part in node.parts)

        def run(state: State) -> object:
            found = first(state)
            return second(state) if found is None else found

        return run

    def _round(self, node: Round) -> Run:
        rounding = rounded_money if node.kind is Kind.MONEY else rounded_to
        digits = node.digits
        return _over(self.number(node.operand), lambda number: rounding(number, digits))

    def _function(self, node: Function) -> Run:
        if node.name == "abs":
            run = _over(self.number(node.operand), abs)
            return _over(run, whole_number) if node.kind is Kind.MONEY else run
        operand = self.value(node.operand)
        if node.name == "length":
            return _over(operand, len)
        if node.name != "start_of_day":
            unit = node.name.removeprefix("start_of_")
            return _over(operand, lambda day: first_day(day, unit))

        def start_of_day(state: State) -> datetime | None:
            day = operand(state)
            return None if day is None else first_instant(day, str(state.names["tz"]))

        return start_of_day

    def _shift(self, node: Shift) -> Run:
        minutes, sign = node.interval.minutes, node.sign
        limit = MAX_DAYS * _DAY // minutes

        def shifted(base: date, amount: int) -> date | None:
            if abs(amount) > limit:
                return None
            try:
                return base + timedelta(minutes=sign * minutes * amount)
            except OverflowError:
                return None

        return _over_two(self.value(node.base), self.value(node.interval.amount), shifted)

    def _difference(self, node: Difference) -> Run:
        return _over_two(
            self.value(node.left),
            self.value(node.right),
            lambda left, right: (left - right) // _MICROSECOND / 86400000000.0,
        )

    def _count(self, node: Count) -> Run:
        members, condition = self.members(node.relation), self.condition(node.condition)
        return lambda state: sum(
            condition(State(record, state.literals, state.names)) for record in members(state.record)
        )

    def _sum(self, node: Sum) -> Run:
        members, operand = self.members(node.relation), self.value(node.operand)
        final = int if node.kind is Kind.MONEY else float

        def run(state: State) -> float:
            found = (operand(State(record, state.literals, state.names)) for record in members(state.record))
            return final(sum(number for number in found if number is not None))

        return run


def _over(run: Run, function: Callable[[Anything], object]) -> Run:
    """A function of one value; none of none."""

    def applied(state: State) -> object:
        value = run(state)
        return None if value is None else function(value)

    return applied


def _over_two(left: Run, right: Run, function: Callable[[Anything, Anything], object]) -> Run:
    """A function of two values; none where one of them is none."""

    def applied(state: State) -> object:
        one = left(state)
        if one is None:
            return None
        other = right(state)
        return None if other is None else function(one, other)

    return applied


def _declared(run: Run, expression: Expression, field: FieldInfo) -> Run:
    """The value of a computed field as the kind the field declares."""
    kind = expression.kind
    if kind is field.kind or kind is Kind.NONE:
        return run
    if kind not in NUMBERS or field.kind not in NUMBERS:
        reason = _("the expression of '{name}' gives another kind of value than the field", name=field.name)
        raise ExpressionError(reason, column=1, source=expression.source)
    if field.kind is Kind.MONEY:
        return _over(run, _money_of)
    number = _over(run, lambda value: value / MONEY_SCALE) if kind is Kind.MONEY else _over(run, float)
    return number if field.kind is Kind.FLOAT else _over(number, whole_number)


def _money_of(number: float) -> int:
    return whole_number(float(number) * 10000.0)


def _same(value: object) -> object:
    return value


def _text(value: object) -> object:
    return value or None


def _identity(value: object) -> int:
    return NOBODY if value is None else reference(value)


_READ: Mapping[Kind, Callable[[Anything], object]] = {
    Kind.MONEY: money_to_integer,
    Kind.FLOAT: float,
    Kind.TEXT: _text,
    Kind.REFERENCE: reference,
}
_READ_NAME: Mapping[Kind, Callable[[Anything], object]] = {
    Kind.MONEY: money_to_integer,
    Kind.FLOAT: finite,
    Kind.REFERENCE: _identity,
}
_VALUES: Mapping[type[Node], Callable[[PythonValues, Anything], Run]] = {
    Path: PythonValues._path,
    Literal: PythonValues._literal,
    Name: PythonValues._name,
    Constant: PythonValues._constant,
    Arithmetic: PythonValues._calculated,
    Negative: PythonValues._calculated,
    Convert: PythonValues._convert,
    Concat: PythonValues._concat,
    Choice: PythonValues._choice,
    Coalesce: PythonValues._coalesce,
    Round: PythonValues._round,
    Function: PythonValues._function,
    Shift: PythonValues._shift,
    Difference: PythonValues._difference,
    Count: PythonValues._count,
    Sum: PythonValues._sum,
}
