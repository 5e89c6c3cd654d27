"""Rights of a set of groups: model rights add up; global rules are AND-ed, the groups' rules OR-ed, then both AND-ed.

No right means no access. A policy is the guard that the language's compiler asks about joined models.

A rule that cannot be read, because a field that it names is gone, closes its model: nobody knows what it would allow.
Who asks for records of the model is told which rule it is; from elsewhere none of its records is seen, so that all else
goes on. For administrators such a rule does not close what they mend it with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.database import Database
from core.errors import BrokenRule, ExpressionError
from core.i18n import _
from core.lang.joining import conjunction, disjunction
from core.lang.kinds import Kind
from core.lang.tree import Expression
from core.model.registry import Registry

Operation = Literal["create", "read", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = ("create", "read", "update", "delete")

# Rows of these models decide what people may see: a change to one of them outdates every cached policy and profile.
DECIDING_MODELS = frozenset({"core.access", "core.rule", "res.groups", "res.users", "res.company", "res.currency"})

ADMINISTRATORS = "base.admin"
# What the page of a rule needs. Administrators may change all of it: leaving a broken rule out gives them nothing new.
_MENDING = frozenset({"core.rule", "res.groups"})

_GROUPS = (
    "SELECT g.id, x.addon, x.name FROM res_groups g"
    " LEFT JOIN core_external_id x ON x.model = 'res.groups' AND x.record = g.id"
)
_IMPLIED = "SELECT owner_id, target_id FROM res_groups_implies"
_ACCESS = "SELECT model, group_id, can_create, can_read, can_update, can_delete FROM core_access"
_RULES = "SELECT id, name, model, condition, on_create, on_read, on_update, on_delete FROM core_rule WHERE active"
_RULE_GROUPS = "SELECT owner_id, target_id FROM core_rule_groups"


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of model rights; `group` None means everybody who is signed in."""

    model: str
    group: int | None
    operations: frozenset[Operation]


@dataclass(frozen=True, slots=True)
class Rule:
    """One record rule; no groups means global."""

    id: int
    name: str
    model: str
    condition: str
    groups: frozenset[int]
    operations: frozenset[Operation]


@dataclass(frozen=True, slots=True)
class Rights:
    """Everything the database says about rights, read once per access generation."""

    group_names: Mapping[int, str]
    implied: Mapping[int, frozenset[int]]
    grants: tuple[Grant, ...]
    rules: tuple[Rule, ...]

    def closure(self, groups: Iterable[int]) -> frozenset[int]:
        """The groups and all that they imply, through any number of steps."""
        found: set[int] = set()
        pending = list(groups)
        while pending:
            group = pending.pop()
            if group not in found:
                found.add(group)
                pending.extend(self.implied.get(group, ()))
        return frozenset(found)

    def names(self, groups: Iterable[int]) -> frozenset[str]:
        """The external ids of the groups; a group that has none is named `group_<id>`."""
        return frozenset(self.group_names[group] for group in groups if group in self.group_names)


def load_rights(database: Database) -> Rights:
    """Read groups, model rights and record rules; five statements."""
    implied: dict[int, set[int]] = {}
    for owner, target in database.fetch(_IMPLIED):
        implied.setdefault(owner, set()).add(target)
    rule_groups: dict[int, set[int]] = {}
    for rule, group in database.fetch(_RULE_GROUPS):
        rule_groups.setdefault(rule, set()).add(group)
    return Rights(
        {id_: f"{addon}.{name}" if name else f"group_{id_}" for id_, addon, name in database.fetch(_GROUPS)},
        {owner: frozenset(targets) for owner, targets in implied.items()},
        tuple(Grant(model, group, _operations(flags)) for model, group, *flags in database.fetch(_ACCESS)),
        tuple(
            Rule(id_, name, model, condition, frozenset(rule_groups.get(id_, ())), _operations(flags))
            for id_, name, model, condition, *flags in database.fetch(_RULES)
        ),
    )


def read_condition(registry: Registry, model: str, condition: str) -> Expression:
    """The condition of a rule on a model.

    :raises ExpressionError: it cannot be read, or is no condition.
    """
    expression = registry.parse(condition, model)
    if expression.kind is not Kind.BOOLEAN:
        raise ExpressionError(_("this gives a value, not yes or no"), column=1, source=condition)
    return expression


def _operations(flags: Iterable[object]) -> frozenset[Operation]:
    return frozenset(operation for operation, flag in zip(OPERATIONS, flags, strict=True) if flag)


@dataclass(eq=False, slots=True)
class Policy:
    """What a set of groups (implied ones included) may do. Compared and hashed by identity: one per set and
    generation."""

    registry: Registry
    rights: Rights
    groups: frozenset[int]
    names: frozenset[str] = field(init=False)
    _granted: frozenset[tuple[str, Operation]] = field(init=False)
    _rules: dict[tuple[str, Operation], Expression | None] = field(init=False, default_factory=dict)
    _hidden: dict[str, frozenset[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.names = self.rights.names(self.groups)
        self._granted = frozenset(
            (grant.model, operation)
            for grant in self.rights.grants
            if grant.group is None or grant.group in self.groups
            for operation in grant.operations
        )

    def may(self, model: str, operation: Operation) -> bool:
        """Whether some group grants the operation on the model."""
        return (model, operation) in self._granted

    def may_read(self, model: str) -> bool:
        """Whether records of the model may be read at all."""
        return (model, "read") in self._granted

    def may_read_field(self, model: str, field: str) -> bool:
        """Whether the field is open to one of the groups."""
        return field not in self.hidden(model)

    def hidden(self, model: str) -> frozenset[str]:
        """The fields of the model that are closed to these groups, secrets among them."""
        found = self._hidden.get(model)
        if found is None:
            found = self._hidden[model] = frozenset(
                name
                for name, declaration in self.registry.declarations[model].items()
                if declaration.secret or (declaration.groups and not declaration.groups & self.names)
            )
        return found

    def rule(self, model: str, operation: Operation = "read") -> Expression | None:
        """The condition that a record must meet for the operation, seen from elsewhere; None when there is no
        restriction. Where a rule cannot be read, no record meets it."""
        try:
            return self.required_rule(model, operation)
        except BrokenRule:
            return self.registry.parse("false", model)

    def required_rule(self, model: str, operation: Operation) -> Expression | None:
        """The condition that a record must meet for the operation, for work on the model itself.

        :raises BrokenRule: one of the rules cannot be read.
        """
        key = (model, operation)
        if key not in self._rules:
            self._rules[key] = self._compose(model, operation)
        return self._rules[key]

    def applied(self, model: str, operation: Operation) -> tuple[list[Rule], list[Rule]]:
        """The global rules and the groups' rules that `rule` combines, for explanations."""
        relevant = [rule for rule in self.rights.rules if rule.model == model and operation in rule.operations]
        return [rule for rule in relevant if not rule.groups], [rule for rule in relevant if rule.groups & self.groups]

    def _compose(self, model: str, operation: Operation) -> Expression | None:
        everywhere, by_group = self.applied(model, operation)
        parts = [self._condition(rule) for rule in everywhere]
        if by_group:
            parts.append(disjunction([self._condition(rule) for rule in by_group]))
        return conjunction(parts) if parts else None

    def _condition(self, rule: Rule) -> Expression:
        """The condition of a rule; one that cannot be read closes its model, see the top of the file."""
        try:
            return read_condition(self.registry, rule.model, rule.condition)
        except ExpressionError as error:
            if rule.model in _MENDING and ADMINISTRATORS in self.names:
                return self.registry.parse("true", rule.model)
            raise BrokenRule(
                _("Records of {model} are closed: a rule on them cannot be read.", model=rule.model),
                hint=_(
                    "Rule '{name}' (core.rule/{id}, column {column}) D022: the condition '{condition}': {reason}.",
                    id=rule.id,
                    column=error.column,
                    condition=rule.condition,
                    name=rule.name,
                    reason=error.reason,
                ),
                rule=rule.id,
            ) from error
