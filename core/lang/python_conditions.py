"""Conditions in Python: closures that give True or False, the mirror of the SQL conditions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any as Anything

from core.lang.accessor import Accessor
from core.lang.folding import fold_function
from core.lang.kinds import Kind
from core.lang.paths import target_of
from core.lang.python_values import PythonValues, State
from core.lang.statement import Names
from core.lang.tree import (
    And,
    Any,
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
    Reachable,
    Within,
)

Holds = Callable[[State], bool]
_ORDER: Mapping[str, Callable[[Anything, Anything], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PythonConditions(PythonValues):
    """The part of the Python compiler that makes conditions."""

    def condition(self, node: Node) -> Holds:
        """A condition, always True or False."""
        make = _CONDITIONS.get(type(node))
        if make is not None:
            return make(self, node)
        value = self.value(node)
        return lambda state: value(state) is True

    def _and(self, node: And) -> Holds:
        parts = [self.condition(part) for part in node.parts]

        def holds(state: State) -> bool:
            for part in parts:  # a loop costs a third of all() over a generator
                if not part(state):
                    return False
            return True

        return holds

    def _or(self, node: Or) -> Holds:
        parts = [self.condition(part) for part in node.parts]

        def holds(state: State) -> bool:
            for part in parts:
                if part(state):
                    return True
            return False

        return holds

    def _not(self, node: Not) -> Holds:
        operand = self.condition(node.operand)
        return lambda state: not operand(state)

    def _compare(self, node: Compare) -> Holds:
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == "==":
            return lambda state: left(state) == right(state)
        order = _ORDER[node.operator]

        def holds(state: State) -> bool:
            one, other = left(state), right(state)
            return one is not None and other is not None and order(one, other)

        return holds

    def _in(self, node: In) -> Holds:
        operand, choices = self.value(node.operand), self.value(node.choices)

        def holds(state: State) -> bool:
            value = operand(state)
            return value is not None and value in choices(state)

        return holds

    def _member(self, node: Member) -> Holds:
        members, choices = self.members(node.relation), self.value(node.choices)
        key = self._label(node) if node.choices.kind is Kind.TEXT else _number
        many = _is_list(node.choices)

        def holds(state: State) -> bool:
            found = choices(state)
            if found is None:
                return False
            wanted = found if many else (found,)
            return any(key(record, state.names) in wanted for record in members(state.record))

        return holds

    def _label(self, node: Member | Within) -> Callable[[Accessor, Names], object]:
        target = target_of(node.relation if isinstance(node, Member) else node.operand, self.schema)
        assert target is not None
        return self.field(target.fields[target.label_field], target.name)

    def _filled(self, node: Filled) -> Holds:
        members = self.members(node.relation)
        return lambda state: any(True for _record in members(state.record))

    def _any(self, node: Any) -> Holds:
        members, condition = self.members(node.relation), self.condition(node.condition)
        return lambda state: any(
            condition(State(record, state.literals, state.names)) for record in members(state.record)
        )

    def _within(self, node: Within) -> Holds:
        starts, root = self._starts(node), self.value(node.root)
        key = self._label(node) if node.root.kind is Kind.TEXT else _number
        target = target_of(node.operand, self.schema)
        assert target is not None and target.parent is not None
        parent = target.parent

        def holds(state: State) -> bool:
            wanted = root(state)
            return wanted is not None and any(
                key(above, state.names) == wanted for start in starts(state.record) for above in _upwards(start, parent)
            )

        return holds

    def _starts(self, node: Within) -> Callable[[Accessor], Iterable[Accessor]]:
        """The records from which `within` looks upwards."""
        if node.operand.kind is Kind.REFERENCES:
            return self.members(node.operand)
        fields = node.operand.fields
        itself = fields[-1].name == "id"
        owner = self.owner(fields)

        def starts(record: Accessor) -> Iterable[Accessor]:
            found = owner(record)
            if found is not None and not itself:
                found = found.follow(fields[-1].name)
            return () if found is None else (found,)

        return starts

    def _match(self, node: Match) -> Holds:
        text, needle, fold = self.value(node.text), self.value(node.needle), fold_function(node)
        contains = node.how == "contains"

        def holds(state: State) -> bool:
            whole, part = fold(text(state)), fold(needle(state))
            if whole is None or part is None:
                return False
            return part in whole if contains else whole.startswith(part)

        return holds

    def _has_group(self, node: HasGroup) -> Holds:
        group = self.value(node.group)
        return lambda state: group(state) in state.names["groups"]  # type: ignore[operator]  # a set of external ids

    def _reachable(self, node: Reachable) -> Holds:
        """The user's rights are not ours to know: whoever runs this binds `permits`, a function of operation and
        text."""
        operand = self.value(node.operand)

        def holds(state: State) -> bool:
            named = operand(state)
            permits: Anything = state.names["permits"]
            return named is not None and bool(permits(node.operation, named))

        return holds


def _number(record: Accessor, names: Names) -> object:
    return record.get("id")


def _is_list(node: Node) -> bool:
    if isinstance(node, Literal):
        return node.size is not None
    return (isinstance(node, Name) and node.many) or (isinstance(node, Constant) and isinstance(node.value, tuple))


def _upwards(record: Accessor, parent: str) -> Iterable[Accessor]:
    """The record and all above it, each once."""
    seen: set[object] = set()
    found: Accessor | None = record
    while found is not None:
        number = found.get("id")
        if number in seen:
            return
        seen.add(number)
        yield found
        found = found.follow(parent)


_CONDITIONS: Mapping[type[Node], Callable[[PythonConditions, Anything], Holds]] = {
    And: PythonConditions._and,
    Or: PythonConditions._or,
    Not: PythonConditions._not,
    Compare: PythonConditions._compare,
    In: PythonConditions._in,
    Member: PythonConditions._member,
    Filled: PythonConditions._filled,
    Any: PythonConditions._any,
    Within: PythonConditions._within,
    Match: PythonConditions._match,
    HasGroup: PythonConditions._has_group,
    Reachable: PythonConditions._reachable,
}
