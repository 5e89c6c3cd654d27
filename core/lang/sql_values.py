"""Values in SQL: paths, arithmetic, dates, choices, sums. A value is NULL where it is none.

Money is an integer of ten-thousandths wherever it is a value and a double of ten-thousandths inside arithmetic, rounded
where the arithmetic ends. A part that depends on no record is worked out in Python when the statement is bound, so it
stays one slot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any as Anything

from core.errors import ExpressionError
from core.i18n import _
from core.lang.calls import MAX_DAYS
from core.lang.dialect import Parts, quoted, wrap
from core.lang.kinds import MONEY_SCALE, Kind
from core.lang.python import constant_function
from core.lang.sql_places import Place, Places, Scope
from core.lang.statement import Slot
from core.lang.tree import (
    Arithmetic,
    Choice,
    Coalesce,
    Concat,
    Constant,
    Convert,
    Count,
    Difference,
    Function,
    Literal,
    Name,
    Negative,
    Node,
    Path,
    Round,
    Shift,
    Sum,
    is_fixed,
)

ZONE = Slot("name", "tz", Kind.TEXT)
MAX_PARTS = 20_000
_DAY = 1440


class Values(Places):
    """The part of the compiler that makes values."""

    def value_at(self, place: Place, node: Node) -> Parts:
        """The SQL of a value; of a condition, true or false and never NULL."""
        write = _VALUES.get(type(node))
        if write is None:
            return ["((", *self.condition_at(place, node), ") IS TRUE)"]
        if type(node) not in _PLAIN and is_fixed(node):
            return [self.fixed(place, node)]
        parts = write(self, place, node)
        if len(parts) > MAX_PARTS:
            raise ExpressionError(_("this is too complex"), column=node.span[0] + 1)
        return parts

    def number(self, place: Place, node: Node) -> Parts:
        """The value as a double; money counted in ten-thousandths, arithmetic not rounded yet."""
        if isinstance(node, Arithmetic) and not is_fixed(node):
            return self._arithmetic(place, node)
        if isinstance(node, Negative) and not is_fixed(node):
            return ["(- ", *self.number(place, node.operand), ")"]
        parts = self.value_at(place, node)
        return parts if node.kind is Kind.FLOAT and not isinstance(node, Literal | Name) else self.dialect.double(parts)

    def fixed(self, place: Place, node: Node) -> Slot:
        """A slot for a part that depends on no record."""
        return Slot("fixed", constant_function(node, self.schema, place.literals), node.kind)

    def literal(self, place: Place, node: Literal) -> Slot:
        """A slot for a literal, or for its value where literals become constants."""
        many, size = node.size is not None, node.size or 0
        if place.literals is None:
            return Slot("literal", node.index, node.kind, many, size)
        return Slot("constant", place.literals[node.index], node.kind, many, size)

    def members(self, place: Place, relation: Path, *, guarded: bool = True) -> tuple[Place, Parts, Parts] | None:
        """The records of a to-many relation: their place, FROM, and WHERE. None where the reader can see none of them.

        `guarded=False` leaves the reader's rights on the records themselves aside (for their labels), not those on the
        way to them.
        """
        owner = self.reach(place, relation.fields)
        if owner is None:
            return None
        last = relation.fields[-1]
        target = self.target(last)
        inner = Place(Scope(), self.new_alias(), target, place.guarded and guarded, place.literals, place.computed)
        if not self.may_read(inner, target.name):
            return None
        start: Parts = [f"{quoted(target.table)} AS {inner.alias}"]
        where: Parts
        if last.link is not None:
            link = self.new_alias()
            start = [
                f"{quoted(last.link.table)} AS {link} JOIN ",
                *start,
                f' ON {inner.alias}."id" = {link}.{quoted(last.link.other)}',
            ]
            where = [f'{link}.{quoted(last.link.own)} = {owner.alias}."id"']
        else:
            inverse = target.fields[last.inverse or ""]
            if not self.may_see(inner, inverse):
                return None
            own = f'{owner.alias}."id"'
            column = self.column(inner, inverse)
            if inverse.models:  # the text that names the owner
                own, column = f"'{owner.info.name},' || {own}", self.dialect.text(column)
            where = [*column, f" = {own}"]
        rule = self.rule(inner, target.name)
        if rule is not None:
            where += [" AND ", *self.rule_at(rule, inner.alias)]
        return inner, start, where

    def _path(self, place: Place, node: Path) -> Parts:
        return self.path(place, node.fields)

    def _constant(self, place: Place, node: Constant) -> Parts:
        return [self.dialect.empty(node.kind) if node.value is None else self.dialect.constant(node.value)]

    def _literal(self, place: Place, node: Literal) -> Parts:
        return [self.literal(place, node)]

    def _name(self, place: Place, node: Name) -> Parts:
        return [Slot("name", node.name, node.kind, node.many)]

    def _arithmetic(self, place: Place, node: Arithmetic) -> Parts:
        left, right = self.number(place, node.left), self.number(place, node.right)
        if node.operator == "/":
            right = wrap("nullif(", right, ", 0)")
        return ["(", *left, f" {node.operator} ", *right, ")"]

    def _calculated(self, place: Place, node: Arithmetic | Negative) -> Parts:
        parts = self.number(place, node)
        return self.dialect.integer(parts) if node.kind is Kind.MONEY else parts

    def _convert(self, place: Place, node: Convert) -> Parts:
        parts = self.number(place, node.operand)
        return self.dialect.integer(["(", *parts, " * 10000.0)"]) if node.kind is Kind.MONEY else parts

    def _concat(self, place: Place, node: Concat) -> Parts:
        return ["(", *self.value_at(place, node.left), " || ", *self.value_at(place, node.right), ")"]

    def _choice(self, place: Place, node: Choice) -> Parts:
        condition = self.condition_at(place, node.condition)
        then, otherwise = self._filled(place, node.then, node.kind), self._filled(place, node.otherwise, node.kind)
        return ["CASE WHEN ", *condition, " THEN ", *then, " ELSE ", *otherwise, " END"]

    def _coalesce(self, place: Place, node: Coalesce) -> Parts:
        first, second = (self._filled(place, part, node.kind) for part in node.parts)
        return ["coalesce(", *first, ", ", *second, ")"]

    def _filled(self, place: Place, node: Node, kind: Kind) -> Parts:
        return [self.dialect.empty(kind)] if node.kind is Kind.NONE else self.value_at(place, node)

    def _round(self, place: Place, node: Round) -> Parts:
        number = self.number(place, node.operand)
        if node.kind is Kind.MONEY:
            step = MONEY_SCALE // 10 ** min(node.digits, 4)
            return self.dialect.integer(_scaled(self.dialect.rounded(_scaled(number, "/", step)), "*", step))
        step = 10**node.digits
        return _scaled(self.dialect.rounded(_scaled(number, "*", step)), "/", step)

    def _function(self, place: Place, node: Function) -> Parts:
        if node.name == "abs":
            parts = wrap("abs(", self.number(place, node.operand), ")")
            return self.dialect.integer(parts) if node.kind is Kind.MONEY else parts
        operand = self.value_at(place, node.operand)
        if node.name == "length":
            return wrap("length(", operand, ")")
        if node.name == "start_of_day":
            return self.dialect.start_of_day(operand, ZONE)
        return self.dialect.truncated(node.name.removeprefix("start_of_"), operand)

    def _shift(self, place: Place, node: Shift) -> Parts:
        amount = self.value_at(place, node.interval.amount)
        if not isinstance(node.interval.amount, Literal):
            limit = MAX_DAYS * _DAY // node.interval.minutes
            amount = ["(CASE WHEN ", *amount, f" BETWEEN {-limit} AND {limit} THEN ", *amount, " END)"]
        return self.dialect.shifted(
            node.kind, self.value_at(place, node.base), amount, node.sign * node.interval.minutes
        )

    def _difference(self, place: Place, node: Difference) -> Parts:
        left, right = self.value_at(place, node.left), self.value_at(place, node.right)
        return self.dialect.days_between(node.left.kind, left, right)

    def _count(self, place: Place, node: Count) -> Parts:
        found = self.members(place, node.relation)
        if found is None:
            return ["0"]
        inner, start, where = found
        condition = self.condition_at(inner, node.condition)
        return ["(SELECT count(*) FROM ", *start, *inner.scope.joins, " WHERE ", *where, " AND ", *condition, ")"]

    def _sum(self, place: Place, node: Sum) -> Parts:
        found = self.members(place, node.relation)
        if found is None:
            return ["0"]
        inner, start, where = found
        operand = self.value_at(inner, node.operand)
        parts: Parts = [
            "coalesce((SELECT sum(",
            *operand,
            ") FROM ",
            *start,
            *inner.scope.joins,
            " WHERE ",
            *where,
            "), 0)",
        ]
        return self.dialect.double(parts) if node.kind is Kind.FLOAT else wrap("cast(", parts, " as bigint)")


def _scaled(parts: Parts, operator: str, step: int) -> Parts:
    return ["(", *parts, f" {operator} {step}.0)"] if step != 1 else parts


_PLAIN = frozenset({Path, Literal, Name, Constant})
_VALUES: Mapping[type[Node], Callable[[Values, Place, Anything], Parts]] = {
    Path: Values._path,
    Literal: Values._literal,
    Name: Values._name,
    Constant: Values._constant,
    Arithmetic: Values._calculated,
    Negative: Values._calculated,
    Convert: Values._convert,
    Concat: Values._concat,
    Choice: Values._choice,
    Coalesce: Values._coalesce,
    Round: Values._round,
    Function: Values._function,
    Shift: Values._shift,
    Difference: Values._difference,
    Count: Values._count,
    Sum: Values._sum,
}
