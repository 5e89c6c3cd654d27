"""Places in a statement: which alias stands for which record, the joins that lead there, and what the reader may see
there.

        t (root) --partner--> j1 (LEFT JOIN, the reader's rule in its ON) --country--> j2
                 `-partner--> j3 (LEFT JOIN without rule: for the label only)

A record that may not be read is as if it were not there: its fields are NULL. The label of a record reached through a
readable one, and the ids a record itself holds, stay visible. Rules are compiled unguarded, so they never recurse.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal, Protocol

from core.errors import ExpressionError
from core.i18n import _
from core.lang.dialect import Dialect, Parts, quoted
from core.lang.kinds import Kind
from core.lang.parser import parse
from core.lang.schema import FieldInfo, ModelInfo, Schema
from core.lang.tree import Expression, Node
from core.lang.typing import NUMBERS

MAX_JOINS = 48  # SQLite joins at most 64 tables
MAX_COMPUTED = 16
Operation = Literal["create", "read", "update", "delete"]


class Guard(Protocol):
    """What the reader may see of related records. The rule of a model is a condition on it, or None."""

    def may_read(self, model: str) -> bool:
        """Whether the reader has the right to read the model at all."""

    def may_read_field(self, model: str, field: str) -> bool:
        """Whether the reader may see a field."""

    def may(self, model: str, operation: Operation) -> bool:
        """Whether the reader has the right for an operation on the model at all."""

    def rule(self, model: str, operation: Operation = "read") -> Expression | None:
        """The condition on the records with which the reader may do the operation."""


class Parse(Protocol):
    """Reads the source of a computed field; the owner of the schema has one with a cache."""

    def __call__(self, source: str, model: str) -> Expression:
        """The expression on the model."""


@dataclass(slots=True)
class Scope:
    """One SELECT: the joins it needs so far, by (alias, field, whether the reader's rule is in it)."""

    aliases: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    joins: Parts = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression is compiled: a record under an alias. `literals` are given where they become constants of the
    statement; `computed` counts the computed fields on the way; `optional` marks a record that may be missing, behind a
    LEFT JOIN."""

    scope: Scope
    alias: str
    info: ModelInfo
    guarded: bool
    literals: tuple[object, ...] | None = None
    computed: int = 0
    optional: bool = False


class Places(ABC):
    """Leads from place to place. The other half of the compiler, values and conditions, stands on it."""

    def __init__(self, schema: Schema, dialect: Dialect, guard: Guard | None, parse_computed: Parse | None) -> None:
        self.schema = schema
        self.dialect = dialect
        self.guard = guard
        self._parse = parse_computed
        self._aliases = 0

    @abstractmethod
    def value_at(self, place: Place, node: Node) -> Parts:
        """The SQL of a value."""

    @abstractmethod
    def condition_at(self, place: Place, node: Node, *, positive: bool = True) -> Parts:
        """The SQL of a condition, or of its complement."""

    def new_alias(self) -> str:
        """An alias that nothing else in the statement has."""
        self._aliases += 1
        return f"j{self._aliases}"

    def parsed(self, source: str, model: str) -> Expression:
        """The expression of a computed field."""
        return self._parse(source, model) if self._parse else parse(source, model, self.schema)

    def path(self, place: Place, fields: tuple[FieldInfo, ...]) -> Parts:
        """The value at the end of a path; NULL of its kind where the reader may not see it."""
        if len(fields) > 1 and fields[-1].name == "id":
            fields = fields[:-1]  # the record itself holds the id of the next one
        found = self.reach(place, fields)
        return self.column(found, fields[-1]) if found else [self.dialect.empty(fields[-1].kind)]

    def reach(self, place: Place, fields: tuple[FieldInfo, ...]) -> Place | None:
        """The place that holds the last field of a path; None where it cannot be seen."""
        last = len(fields) - 1
        for position, step in enumerate(fields[:-1]):
            if not self.may_see(place, step):
                return None
            target = self.target(step)
            is_label = position == last - 1 and fields[last].name == target.label_field
            found = self._follow(place, step, target, is_label=is_label)
            if found is None or is_label:
                return found
            place = found
        return place if self.may_see(place, fields[last]) else None

    def may_see(self, place: Place, step: FieldInfo) -> bool:
        """Whether the reader may see a field of the record at the place."""
        return not place.guarded or self.guard is None or self.guard.may_read_field(place.info.name, step.name)

    def may_read(self, place: Place, model: str) -> bool:
        """Whether the reader may read records of a model, rules aside."""
        return not place.guarded or self.guard is None or self.guard.may_read(model)

    def rule(self, place: Place, model: str) -> Expression | None:
        """The rule of the reader on a model, seen from a place."""
        return self.guard.rule(model) if place.guarded and self.guard else None

    def rule_at(self, rule: Expression, alias: str) -> Parts:
        """A rule on the record under an alias; with a subselect where the rule itself follows paths."""
        info = self.schema[rule.model]
        place = Place(Scope(), alias, info, False, rule.literals)
        condition = self.condition_at(place, rule.tree)
        if not place.scope.joins:
            return condition
        place = Place(Scope(), self.new_alias(), info, False, rule.literals)
        condition = self.condition_at(place, rule.tree)
        table = f"{quoted(info.table)} AS {place.alias}"
        return [
            f"EXISTS (SELECT 1 FROM {table}",
            *place.scope.joins,
            f' WHERE {place.alias}."id" = {alias}."id" AND ',
            *condition,
            ")",
        ]

    def column(self, place: Place, step: FieldInfo) -> Parts:
        """A field of the record at the place, stored or computed, whoever reads."""
        if step.column is not None:
            stored = f"{place.alias}.{quoted(step.column)}"
            return self._entry(place, step, stored) if step.entry else [stored]
        if step.expression is None:
            raise ExpressionError(_("'{name}' holds no single value", name=step.name), column=1, source=step.name)
        if place.computed >= MAX_COMPUTED:
            raise ExpressionError(
                _("computed fields of {model} form a cycle", model=place.info.name), column=1, source=step.expression
            )
        expression = self.parsed(step.expression, place.info.name)
        inner = Place(
            place.scope, place.alias, place.info, place.guarded, expression.literals, place.computed + 1, place.optional
        )
        parts = self.declared(self.value_at(inner, expression.tree), expression.kind, step)
        return [f'CASE WHEN {place.alias}."id" IS NOT NULL THEN ', *parts, " END"] if place.optional else parts

    def _entry(self, place: Place, step: FieldInfo, stored: str) -> Parts:
        """What is taken from a value of JSON; of a record that is not there nothing, not even no."""
        word, _dot, name = step.entry.partition(".")
        parts = self.dialect.entry(stored, word, name)
        optional = place.optional and step.kind is Kind.BOOLEAN
        return [f'(CASE WHEN {place.alias}."id" IS NOT NULL THEN ', *parts, " END)"] if optional else parts

    def declared(self, parts: Parts, kind: Kind, step: FieldInfo) -> Parts:
        """The value of a computed field's expression as the kind the field declares."""
        if kind is step.kind:
            return parts
        if kind is Kind.NONE:
            return [self.dialect.empty(step.kind)]
        if kind not in NUMBERS or step.kind not in NUMBERS:
            reason = _("the expression of '{name}' gives another kind of value than the field", name=step.name)
            raise ExpressionError(reason, column=1, source=step.expression or "")
        number = self.dialect.double(parts)
        if step.kind is Kind.MONEY:
            return self.dialect.integer(["(", *number, " * 10000.0)"])
        if kind is Kind.MONEY:
            number = ["(", *number, " / 10000.0)"]
        return number if step.kind is Kind.FLOAT else self.dialect.integer(number)

    def target(self, step: FieldInfo) -> ModelInfo:
        """The model a relation leads to."""
        assert step.target is not None
        return self.schema[step.target]

    def _follow(self, place: Place, step: FieldInfo, target: ModelInfo, *, is_label: bool) -> Place | None:
        rule = self.rule(place, target.name)
        readable = self.may_read(place, target.name)
        if is_label and (rule is not None or not readable):
            return self._join(place, step, target, None, guarded=False)
        return self._join(place, step, target, rule, guarded=place.guarded) if readable else None

    def _join(
        self, place: Place, step: FieldInfo, target: ModelInfo, rule: Expression | None, *, guarded: bool
    ) -> Place:
        key = (place.alias, step.name, rule is not None)
        alias = place.scope.aliases.get(key)
        if alias is None:
            if len(place.scope.aliases) >= MAX_JOINS:
                raise ExpressionError(_("this follows more than {limit} relations", limit=MAX_JOINS), column=1)
            alias = place.scope.aliases[key] = self.new_alias()
            on = self.column(place, step)
            parts: Parts = [f' LEFT JOIN {quoted(target.table)} AS {alias} ON {alias}."id" = ', *on]
            if rule is not None:
                parts += [" AND ", *self.rule_at(rule, alias)]
            place.scope.joins += parts
        return Place(place.scope, alias, target, guarded, place.literals, place.computed, True)
