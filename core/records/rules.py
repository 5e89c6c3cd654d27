"""Record rules answered from a record's own values, without a statement.

Most rules look at the record alone (`user == me or user == none`), and its values are at hand when it is written. The
Python compiler gives the same answers as SQL. A rule that follows a relation is left to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn

from core.errors import ExpressionError, FieldError, closest
from core.i18n import _
from core.lang.python import predicate
from core.model.context import EnvironmentProtocol
from core.security.policy import Operation, read_condition

if TYPE_CHECKING:
    from core.records.environment import Environment


class _AsksOthers(Exception):
    """A rule looks at other records, which only the database can join."""


class _Alone:
    """A record as its own values, and nothing that it leads to."""

    __slots__ = ("get",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self.get = values.get

    def follow(self, name: str) -> NoReturn:
        raise _AsksOthers

    def members(self, name: str) -> NoReturn:
        raise _AsksOthers


class OwnRule:
    """The rule of an operation on a model for one policy, as long as it asks for nothing but the record."""

    __slots__ = ("_holds", "asks_others")

    def __init__(self, holds: Callable[..., object]) -> None:
        self._holds = holds
        self.asks_others = False

    def meeting(self, env: Environment, images: Iterable[Mapping[str, object]]) -> list[bool] | None:
        """Whether each record, given by its stored values, meets the rule; None where only the database can tell."""
        if self.asks_others:
            return None
        known, holds = env.implicit(), self._holds
        try:
            return [bool(holds(_Alone(image), known)) for image in images]
        except _AsksOthers:
            self.asks_others = True
            return None


def own_rule(env: Environment, model: str, operation: Operation) -> OwnRule | None:
    """The rule that the user's groups set for the operation; None where there is none."""
    rule = env.policy.required_rule(model, operation) if env.policy else None
    if rule is None:
        return None
    registry = env.registry
    return env.runtime.statements.get(
        ("own rule", env.policy, model, operation),
        lambda: OwnRule(predicate(rule, registry.schema, parse=registry.parse)),
    )


def rule_mistake(env: EnvironmentProtocol, model: str, condition: str) -> FieldError | None:
    """What is wrong with the condition of a record rule on a model, None where it can be used."""
    registry = env.registry
    if model not in registry.schema:
        text = _("There is no model '{model}'.", model=model)
        return FieldError("model", text, suggestion=closest(model, registry.schema))
    try:
        read_condition(registry, model, condition)
    except ExpressionError as error:
        return FieldError("condition", _("D022 {reason}", reason=error.text), suggestion=error.suggestion)
    return None
