"""Expressions as sentences for people: `user == me or user == none` -> "Salesperson is you or is empty".

Every part is said, so that the sentence holds for exactly the same records; `and` and `or` that meet stand in brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any as Anything
from typing import cast

from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import Schema
from core.lang.tree import (
    And,
    Any,
    Compare,
    Constant,
    Expression,
    Filled,
    HasGroup,
    In,
    Match,
    Member,
    Node,
    Not,
    Or,
    Path,
    Reachable,
    Within,
    is_fixed,
)
from core.lang.wording import Moment, ValueWords, Wording, moment

_FLIPPED: Mapping[str, str] = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOMENTS = frozenset({Kind.DATE, Kind.INSTANT})
_AS_WRITTEN = Wording()


def in_words(expression: Expression, schema: Schema, wording: Wording = _AS_WRITTEN) -> str:
    """The expression as a sentence in the language in force; a value as a description of it."""
    writer = ConditionWords(schema, expression.literals, wording)
    return writer.sentence(expression.tree) if expression.kind is Kind.BOOLEAN else writer.value(expression.tree)


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition in words: who, and what is said of it. `joined` by "and" or "or" it needs brackets within others."""

    subject: str
    predicate: str
    joined: bool = False

    @property
    def text(self) -> str:
        """The clause by itself."""
        return f"{self.subject} {self.predicate}".strip()

    def after(self, before: Clause | None) -> str:
        """The clause within a longer sentence; a subject that was just named is not named again."""
        if self.joined:
            return f"({self.text})"
        repeated = before is not None and self.subject and self.subject == before.subject
        return self.predicate if repeated else self.text


@dataclass(frozen=True, slots=True)
class ConditionWords(ValueWords):
    """Writes the conditions of one expression."""

    def sentence(self, node: Node) -> str:
        return self.clause(node).text

    def clause(self, node: Node, negated: bool = False) -> Clause:
        """A condition, or its complement."""
        if isinstance(node, Not):
            return self.clause(node.operand, not negated)
        write = _CLAUSES.get(type(node), ConditionWords._value)
        return write(self, node, negated)

    def _joined(self, node: And | Or, negated: bool) -> Clause:
        kind = type(node)
        clauses = list(self._clauses(kind, list(_flat(node))))
        before: Clause | None = None
        texts = []
        for clause in clauses:
            texts.append(clause.after(before))
            before = clause
        found = Clause("", (_(" and ") if kind is And else _(" or ")).join(texts), joined=len(clauses) > 1)
        return _not(found) if negated else found

    def _clauses(self, kind: type[And] | type[Or], parts: Sequence[Node]) -> Iterator[Clause]:
        """The clauses of the parts; two that bound a time from both sides are one."""
        position = 0
        while position < len(parts):
            window = self._window(parts[position : position + 2]) if kind is And else None
            yield window or self.clause(parts[position])
            position += 2 if window else 1

    def _window(self, parts: Sequence[Node]) -> Clause | None:
        """ "is in the next 7 days" for a lower and an upper bound at today or now."""
        bounds = [bound for part in parts if (bound := self._bound(part))]
        if len(bounds) != 2 or bounds[0].what != bounds[1].what or bounds[0].at.base != bounds[1].at.base:
            return None
        lower, upper = sorted(bounds, key=lambda bound: bound.operator[0], reverse=True)
        if lower.operator[0] != ">" or upper.operator[0] != "<":
            return None
        words = _window_words(lower, upper)
        if words is None:
            return None
        far = upper if upper.at.offset else lower
        return Clause(self.value(lower.what), words(self.length(far.at)))

    def _bound(self, node: Node) -> Bound | None:
        if not isinstance(node, Compare) or node.operator == "==":
            return None
        turned = _turned(node)
        at = moment(turned.right, self.literals)
        return Bound(turned.left, turned.operator, at) if at else None

    def _compare(self, node: Compare, negated: bool) -> Clause:
        node = _turned(node)
        subject = self.value(node.left, node.right)
        if node.operator == "==":
            return Clause(subject, self._equal(node, negated))
        found = Clause(subject, self._distance(node) or self._order(node))
        return _not(found) if negated else found

    def _equal(self, node: Compare, negated: bool) -> str:
        if node.right.kind is Kind.NONE:
            return _("is not empty") if negated else _("is empty")
        return _is(self.value(node.right, node.left), negated)

    def _distance(self, node: Compare) -> str:
        """ "is more than 7 days ago", where that is what the comparison says."""
        at = moment(node.right, self.literals)
        if at is None or not at.offset or (at.offset > 0) != (node.operator == ">"):
            return ""
        if node.operator not in ("<", ">"):
            return ""
        span = self.length(at)
        return _("is more than {span} ahead", span=span) if at.offset > 0 else _("is more than {span} ago", span=span)

    def _order(self, node: Compare) -> str:
        value = self.value(node.right, node.left)
        if node.left.kind in _MOMENTS:
            return _MOMENT_ORDER[node.operator](value)
        return (_TEXT_ORDER if node.left.kind is Kind.TEXT else _NUMBER_ORDER)[node.operator](value)

    def _in(self, node: In, negated: bool) -> Clause:
        items = self.items(node.choices, node.operand)
        subject = self.value(node.operand)
        if len(items) == 1 and not getattr(node.choices, "many", False):
            return Clause(subject, _is(items[0], negated))
        text = ", ".join(items)
        return Clause(subject, _("is none of {items}", items=text) if negated else _("is one of {items}", items=text))

    def _member(self, node: Member, negated: bool) -> Clause:
        choices = _as_record(node.choices)
        many = bool(getattr(choices, "many", False) or getattr(choices, "size", None) is not None)
        items = self.items(choices, node.relation) if many else [self.value(choices, node.relation)]
        text = ", ".join(items)
        if len(items) == 1 and not getattr(choices, "many", False):
            words = _("does not include {item}", item=text) if negated else _("includes {item}", item=text)
        else:
            words = _("includes none of {items}", items=text) if negated else _("includes one of {items}", items=text)
        return Clause(self.path(node.relation), words)

    def _filled(self, node: Filled, negated: bool) -> Clause:
        return Clause(self.path(node.relation), _("is empty") if negated else _("is not empty"))

    def _any(self, node: Any, negated: bool) -> Clause:
        if isinstance(node.condition, Constant) and node.condition.value:
            return self._filled(Filled(Kind.BOOLEAN, node.span, node.relation), negated)
        condition = self.sentence(node.condition)
        if negated:
            return Clause(self.path(node.relation), _("has none where ({condition})", condition=condition))
        return Clause(self.path(node.relation), _("has one where ({condition})", condition=condition))

    def _within(self, node: Within, negated: bool) -> Clause:
        beside = node.operand
        text = self.value(_as_record(node.root), beside)
        if negated:
            return Clause(self.path(beside), _("is neither {root} nor below it", root=text))
        return Clause(self.path(beside), _("is {root} or below it", root=text))

    def _match(self, node: Match, negated: bool) -> Clause:
        words = _MATCHES[node.how, negated](self.value(node.needle, node.text))
        return Clause(self.value(node.text), words)

    def _has_group(self, node: HasGroup, negated: bool) -> Clause:
        name = str(self.literals[node.group.index])
        group = self.wording.group(name) or name
        if negated:
            return Clause("", _("you are not in the group “{group}”", group=group))
        return Clause("", _("you are in the group “{group}”", group=group))

    def _reachable(self, node: Reachable, negated: bool) -> Clause:
        return Clause("", _REACHES[node.operation, negated](self.path(node.operand)))

    def _truth(self, node: Constant, negated: bool) -> Clause:
        return Clause("", _("always") if node.value is not negated else _("never"))

    def _value(self, node: Node, negated: bool) -> Clause:
        """A value that is true or false. Through an empty relation it is neither, so that "no" would say too much."""
        stored = isinstance(node, Path) and len(node.fields) == 1 and node.fields[0].column is not None
        return Clause(self.value(node), (_("is no") if stored else _("is not yes")) if negated else _("is yes"))


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison with a moment near today or now."""

    what: Node
    operator: str
    at: Moment


def _as_record(node: Node) -> Node:
    """A number that stands for a record is its id."""
    return replace(node, kind=Kind.REFERENCE) if node.kind is Kind.INTEGER else node


def _turned(node: Compare) -> Compare:
    """What depends on the record on the left."""
    if is_fixed(node.left) and not is_fixed(node.right):
        operator = cast(Anything, _FLIPPED[node.operator])
        return replace(node, operator=operator, left=node.right, right=node.left)
    return node


def _flat(node: And | Or) -> Iterator[Node]:
    for part in node.parts:
        if type(part) is type(node):
            yield from _flat(part)
        else:
            yield part


def _not(clause: Clause) -> Clause:
    return Clause("", _("not ({condition})", condition=clause.text))


def _is(value: str, negated: bool) -> str:
    return _("is not {value}", value=value) if negated else _("is {value}", value=value)


def _window_words(lower: Bound, upper: Bound) -> Callable[[str], str] | None:
    """The words for a time from `lower` to `upper` that begins or ends today or now; None where they would not be
    exact."""
    instants = lower.at.base == "now"
    if lower.at.offset == 0 < upper.at.offset and (instants or upper.operator == "<="):
        return _WINDOWS["next", not instants and lower.operator == ">="]
    if lower.at.offset < 0 == upper.at.offset and (instants or lower.operator == ">="):
        return _WINDOWS["last", not instants and upper.operator == "<="]
    return None


Words = Mapping[str, Callable[[str], str]]
_NUMBER_ORDER: Words = {
    "<": lambda value: _("is less than {value}", value=value),
    "<=": lambda value: _("is at most {value}", value=value),
    ">": lambda value: _("is more than {value}", value=value),
    ">=": lambda value: _("is at least {value}", value=value),
}
_MOMENT_ORDER: Words = {
    "<": lambda value: _("is before {value}", value=value),
    "<=": lambda value: _("is {value} or before", value=value),
    ">": lambda value: _("is after {value}", value=value),
    ">=": lambda value: _("is {value} or after", value=value),
}
_TEXT_ORDER: Words = {
    "<": lambda value: _("comes before {value}", value=value),
    "<=": lambda value: _("is {value} or comes before", value=value),
    ">": lambda value: _("comes after {value}", value=value),
    ">=": lambda value: _("is {value} or comes after", value=value),
}
_WINDOWS: Mapping[tuple[str, bool], Callable[[str], str]] = {  # and whether today is within
    ("next", False): lambda span: _("is in the next {span}", span=span),
    ("next", True): lambda span: _("is today or in the next {span}", span=span),
    ("last", False): lambda span: _("is in the last {span}", span=span),
    ("last", True): lambda span: _("is today or in the last {span}", span=span),
}
_MATCHES: Mapping[tuple[str, bool], Callable[[str], str]] = {
    ("contains", False): lambda text: _("contains {text}", text=text),
    ("contains", True): lambda text: _("does not contain {text}", text=text),
    ("startswith", False): lambda text: _("begins with {text}", text=text),
    ("startswith", True): lambda text: _("does not begin with {text}", text=text),
}
_REACHES: Mapping[tuple[str, bool], Callable[[str], str]] = {
    ("read", False): lambda field: _("you may see the record in {field}", field=field),
    ("read", True): lambda field: _("you may not see the record in {field}", field=field),
    ("update", False): lambda field: _("you may change the record in {field}", field=field),
    ("update", True): lambda field: _("you may not change the record in {field}", field=field),
}
_CLAUSES: Mapping[type[Node], Callable[[ConditionWords, Anything, bool], Clause]] = {
    And: ConditionWords._joined,
    Or: ConditionWords._joined,
    Compare: ConditionWords._compare,
    In: ConditionWords._in,
    Member: ConditionWords._member,
    Filled: ConditionWords._filled,
    Any: ConditionWords._any,
    Within: ConditionWords._within,
    Match: ConditionWords._match,
    HasGroup: ConditionWords._has_group,
    Reachable: ConditionWords._reachable,
    Constant: ConditionWords._truth,
}
