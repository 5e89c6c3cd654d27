"""Conditions in SQL: two-valued, although SQL has three.

Every condition is compiled for a polarity. A positive one is TRUE exactly where it holds (NULL counts as false in
WHERE, ON and CASE); the complement is not made by NOT but compiled as such: `and` becomes `or`, `=` becomes IS NOT, the
rest `(...) IS NOT TRUE`. So plain comparisons stay bare and may use an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any as Anything

from core.lang.dialect import Parts, quoted
from core.lang.folding import fold_function, folds_fully
from core.lang.kinds import Kind
from core.lang.paths import target_of
from core.lang.python import constant_function
from core.lang.schema import FieldInfo
from core.lang.sql_places import Place, Scope
from core.lang.sql_values import Values
from core.lang.statement import Slot
from core.lang.tree import (
    And,
    Any,
    Choice,
    Compare,
    Constant,
    Filled,
    HasGroup,
    In,
    Literal,
    Match,
    Member,
    Name,
    Node,
    Not,
    Or,
    Path,
    Reachable,
    Within,
    is_fixed,
)


class Conditions(Values):
    """The part of the compiler that makes conditions. What it gives can be joined by AND as it is."""

    def condition_at(self, place: Place, node: Node, *, positive: bool = True) -> Parts:
        """The SQL of a condition, or of its complement."""
        if type(node) in _FOLDABLE and is_fixed(node):
            return self._boolean([self.fixed(place, node)], positive=positive)
        write = _CONDITIONS.get(type(node))
        if write is None:
            return _negated(self.value_at(place, node), positive=positive)
        return write(self, place, node, positive)

    def _boolean(self, parts: Parts, *, positive: bool) -> Parts:
        """A boolean that is never NULL."""
        return [*parts, f" = {self.dialect.true if positive else self.dialect.false}"]

    def _constant_holds(self, place: Place, node: Constant, positive: bool) -> Parts:
        return [self.dialect.true if bool(node.value) is positive else self.dialect.false]

    def _path_holds(self, place: Place, node: Path, positive: bool) -> Parts:
        parts = self.value_at(place, node)
        if positive or self._never_null(place, node):
            return self._boolean(parts, positive=positive)
        return [*parts, " IS NOT ", self.dialect.true]

    def _name_holds(self, place: Place, node: Name, positive: bool) -> Parts:
        return self._boolean(self.value_at(place, node), positive=positive)

    def _not_holds(self, place: Place, node: Not, positive: bool) -> Parts:
        return self.condition_at(place, node.operand, positive=not positive)

    def _and_holds(self, place: Place, node: And, positive: bool) -> Parts:
        return self._joined(place, node.parts, positive, " AND " if positive else " OR ")

    def _or_holds(self, place: Place, node: Or, positive: bool) -> Parts:
        return self._joined(place, node.parts, positive, " OR " if positive else " AND ")

    def _joined(self, place: Place, nodes: Sequence[Node], positive: bool, word: str) -> Parts:
        parts: Parts = ["("] if word == " OR " else []
        for position, node in enumerate(nodes):
            if position:
                parts.append(word)
            parts += self.condition_at(place, node, positive=positive)
        if word == " OR ":
            parts.append(")")
        return parts

    def _choice_holds(self, place: Place, node: Choice, positive: bool) -> Parts:
        condition = self.condition_at(place, node.condition)
        then, otherwise = (self._branch(place, part, positive) for part in (node.then, node.otherwise))
        return ["CASE WHEN ", *condition, " THEN ", *then, " ELSE ", *otherwise, " END"]

    def _branch(self, place: Place, node: Node, positive: bool) -> Parts:
        if node.kind is Kind.NONE:
            return [self.dialect.false if positive else self.dialect.true]
        return self.condition_at(place, node, positive=positive)

    def _compare_holds(self, place: Place, node: Compare, positive: bool) -> Parts:
        if node.operator == "==":
            return self._equal(place, node, positive)
        parts = [*self._left(place, node.left, node.right), f" {node.operator} ", *self.value_at(place, node.right)]
        return _negated(parts, positive=positive)

    def _equal(self, place: Place, node: Compare, positive: bool) -> Parts:
        if node.right.kind is Kind.NONE:
            return [*self.value_at(place, node.left), " IS NULL" if positive else " IS NOT NULL"]
        left, right = self._left(place, node.left, node.right), self.value_at(place, node.right)
        known = [self._never_null(place, side) for side in (node.left, node.right)]
        if all(known) or (positive and any(known)):
            return [*left, " = " if positive else " <> ", *right]
        return self.dialect.same(left, right, positive=positive)

    def _left(self, place: Place, left: Node, right: Node) -> Parts:
        """The left side; a text carries the collation for both."""
        parts = self.value_at(place, left)
        if left.kind is not Kind.TEXT:
            return parts
        if isinstance(left, Literal | Name) or (is_fixed(left) and not isinstance(left, Constant)):
            parts = ["cast(", *parts, " as text)"] if self.dialect.collation else parts
        return self.dialect.text(parts)

    def _in_holds(self, place: Place, node: In, positive: bool) -> Parts:
        operand = self._left(place, node.operand, node.choices)
        return _negated(self._among(place, operand, node.choices), positive=positive)

    def _among(self, place: Place, operand: Parts, choices: Node) -> Parts:
        """Membership of a value in a list, or equality with a single one."""
        if isinstance(choices, Constant) and isinstance(choices.value, tuple):
            keys = ", ".join(self.dialect.constant(value) for value in choices.value)
            return [*operand, f" IN ({keys})"]
        if isinstance(choices, Literal) and choices.size is not None:
            return self.dialect.among(operand, self.literal(place, choices))
        if isinstance(choices, Name) and choices.many:
            return self.dialect.among(operand, Slot("name", choices.name, choices.kind, True))
        return [*operand, " = ", *self.value_at(place, choices)]

    def _member_holds(self, place: Place, node: Member, positive: bool) -> Parts:
        if node.choices.kind is Kind.TEXT:
            return self._member_by_label(place, node, positive)
        found = self._ids(place, node.relation)
        if found is None:
            return self._nothing(positive)
        number, start, where = found
        return _exists([*start, " WHERE ", *where, " AND ", *self._among(place, [number], node.choices)], positive)

    def _member_by_label(self, place: Place, node: Member, positive: bool) -> Parts:
        """By label: the links are the record's own, and the label of a linked record is visible; a child is not the
        record's own."""
        found = self.members(place, node.relation, guarded=node.relation.fields[-1].link is None)
        if found is None:
            return self._nothing(positive)
        inner, start, where = found
        label = self.dialect.text(self.column(inner, inner.info.fields[inner.info.label_field]))
        chosen = self._among(place, label, node.choices)
        return _exists([*start, *inner.scope.joins, " WHERE ", *where, " AND ", *chosen], positive)

    def _ids(self, place: Place, relation: Path) -> tuple[str, Parts, Parts] | None:
        """The ids of a to-many relation, with their FROM and WHERE: from the links alone where there are links."""
        link = relation.fields[-1].link
        if link is None:
            found = self.members(place, relation)
            return (f'{found[0].alias}."id"', [*found[1], *found[0].scope.joins], found[2]) if found else None
        owner = self.reach(place, relation.fields)
        if owner is None:
            return None
        alias = self.new_alias()
        return (
            f"{alias}.{quoted(link.other)}",
            [f"{quoted(link.table)} AS {alias}"],
            [f'{alias}.{quoted(link.own)} = {owner.alias}."id"'],
        )

    def _filled_holds(self, place: Place, node: Filled, positive: bool) -> Parts:
        found = self._ids(place, node.relation)
        return _exists([*found[1], " WHERE ", *found[2]], positive) if found else self._nothing(positive)

    def _any_holds(self, place: Place, node: Any, positive: bool) -> Parts:
        found = self.members(place, node.relation)
        if found is None:
            return self._nothing(positive)
        inner, start, where = found
        condition = self.condition_at(inner, node.condition)
        return _exists([*start, *inner.scope.joins, " WHERE ", *where, " AND ", *condition], positive)

    def _within_holds(self, place: Place, node: Within, positive: bool) -> Parts:
        if node.operand.kind is not Kind.REFERENCES:
            return _negated([*self.value_at(place, node.operand), " IN ", *self._below(place, node)], positive=positive)
        found = self._ids(place, node.operand)
        if found is None:
            return self._nothing(positive)
        number, start, where = found
        return _exists([*start, " WHERE ", *where, f" AND {number} IN ", *self._below(place, node)], positive)

    def _below(self, place: Place, node: Within) -> Parts:
        """The ids of the root and of all below it. A step down is taken only where the lower record shows its parent to
        the reader."""
        target = target_of(node.operand, self.schema)
        assert target is not None and target.parent is not None
        root, child, tree = self.new_alias(), self.new_alias(), self.new_alias()
        table, parent = quoted(target.table), target.fields[target.parent]
        top = Place(Scope(), root, target, False, place.literals, place.computed)
        if node.root.kind is Kind.TEXT:
            chosen = [
                *self.dialect.text(self.column(top, target.fields[target.label_field])),
                " = ",
                *self.value_at(place, node.root),
            ]
        else:
            chosen = [f'{root}."id" = ', *self.value_at(place, node.root)]
        base: Parts = [f'SELECT {root}."id" FROM {table} AS {root}', *top.scope.joins, " WHERE ", *chosen]
        lower = Place(Scope(), child, target, place.guarded, place.literals, place.computed)
        if not self.may_read(lower, target.name) or not self.may_see(lower, parent):
            return ["(", *base, ")"]
        step: Parts = [
            f'SELECT {child}."id" FROM {table} AS {child} JOIN {tree} ON ',
            *self.column(lower, parent),
            f" = {tree}.id",
        ]
        rule = self.rule(lower, target.name)
        if rule is not None:
            step += [" WHERE ", *self.rule_at(rule, child)]
        return [f"(WITH RECURSIVE {tree}(id) AS (", *base, " UNION ", *step, f") SELECT id FROM {tree})"]

    def _match_holds(self, place: Place, node: Match, positive: bool) -> Parts:
        text, needle = self._folded(place, node, node.text), self._folded(place, node, node.needle)
        return _negated(self.dialect.match(node.how, text, needle), positive=positive)

    def _folded(self, place: Place, match: Match, node: Node) -> Parts:
        """Text folded: by its twin where both sides have one, in Python where it depends on no record, else by the
        engine."""
        full = folds_fully(match)
        if is_fixed(node):
            fold = fold_function(match)
            plain = constant_function(node, self.schema, place.literals)
            return [Slot("fixed", lambda literals, names: fold(plain(literals, names)), Kind.TEXT)]
        if full and isinstance(node, Path):
            return self.twin(place, node.fields)
        return self.dialect.folded(self.value_at(place, node))

    def twin(self, place: Place, fields: tuple[FieldInfo, ...]) -> Parts:
        """The folded twin at the end of a path."""
        found = self.reach(place, fields)
        return [f"{found.alias}.{quoted(fields[-1].fold or '')}"] if found else [self.dialect.empty(Kind.TEXT)]

    def _has_group_holds(self, place: Place, node: HasGroup, positive: bool) -> Parts:
        return self._boolean([self.fixed(place, node)], positive=positive)

    def _reachable_holds(self, place: Place, node: Reachable, positive: bool) -> Parts:
        """By the rights on the model that the text names, and by its rules where there are any."""
        operand = self.value_at(place, node.operand)
        open_to_all: list[str] = []
        branches: Parts = []
        for model in node.operand.fields[-1].models:
            if self.guard is not None and not self.guard.may(model, node.operation):
                continue
            rule = self.guard.rule(model, node.operation) if self.guard else None
            if rule is None:
                open_to_all.append(self.dialect.constant(model))
                continue
            alias = self.new_alias()
            found = [f"{quoted(self.schema[model].table)} AS {alias}", f' WHERE {alias}."id" = ']
            held = _exists([*found, *self.dialect.id_of(operand), " AND ", *self.rule_at(rule, alias)], True)
            branches += [" WHEN ", self.dialect.constant(model), " THEN ", *held]
        named = self.dialect.text(self.dialect.model_of(operand))
        among: Parts = [*named, f" IN ({', '.join(open_to_all)})"] if open_to_all else [self.dialect.false]
        if not branches:
            return _negated(among, positive=positive)
        choice: Parts = ["CASE ", *self.dialect.model_of(operand), *branches, " ELSE ", *among, " END"]
        return _negated(["(", *choice, ")"] if self.dialect.collation else ["((", *choice, ") = 1)"], positive=positive)

    def _never_null(self, place: Place, node: Node) -> bool:
        """Whether a value is certain: a literal, a bound name, a column of the record itself that is always filled."""
        if isinstance(node, Literal | Name):
            return True
        if isinstance(node, Constant):
            return node.value is not None
        if not isinstance(node, Path) or len(node.fields) > 1 or not self.may_see(place, node.fields[0]):
            return False
        own = node.fields[0]
        return own.column is not None and (own.required or own.name == "id" or own.kind is Kind.BOOLEAN)

    def _nothing(self, positive: bool) -> Parts:
        return [self.dialect.false if positive else self.dialect.true]


def _negated(parts: Parts, *, positive: bool) -> Parts:
    return parts if positive else ["(", *parts, ") IS NOT TRUE"]


def _exists(parts: Parts, positive: bool) -> Parts:
    return ["EXISTS (SELECT 1 FROM " if positive else "NOT EXISTS (SELECT 1 FROM ", *parts, ")"]


_FOLDABLE = frozenset({Compare, In, Match})
_CONDITIONS: Mapping[type[Node], Callable[[Conditions, Place, Anything, bool], Parts]] = {
    Constant: Conditions._constant_holds,
    Path: Conditions._path_holds,
    Name: Conditions._name_holds,
    Not: Conditions._not_holds,
    And: Conditions._and_holds,
    Or: Conditions._or_holds,
    Choice: Conditions._choice_holds,
    Compare: Conditions._compare_holds,
    In: Conditions._in_holds,
    Member: Conditions._member_holds,
    Filled: Conditions._filled_holds,
    Any: Conditions._any_holds,
    Within: Conditions._within_holds,
    Match: Conditions._match_holds,
    HasGroup: Conditions._has_group_holds,
    Reachable: Conditions._reachable_holds,
}
