"""The one evaluator of modifiers and of computed values in forms: on the server, over stored and unsaved values alike.

A record is the dict that a view reads: values by dotted path. What a condition needs is known before (`needed`), so
that no query is made for one; only members of to-many fields are read when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.lang.accessor import Accessor, Values
from core.lang.python import Predicate, predicate
from core.lang.tree import Expression
from core.model.registry import Registry
from core.records.environment import Environment
from core.records.traits import traits


@dataclass(frozen=True, slots=True)
class DottedRecord:
    """A record's values by dotted path, as the language asks for them; `prefix` is the way to it, with its dot."""

    env: Environment
    model: str
    record: Mapping[str, Any]
    prefix: str = ""

    def get(self, name: str) -> object:
        """The value of a stored field."""
        value: object = self.record.get(self.prefix + name)
        return value

    def follow(self, name: str) -> Accessor | None:
        """The record a many2one leads to, with what was read of it."""
        if self.record.get(self.prefix + name) is None:
            return None
        target = self.env.registry.schema[self.model].fields[name].target
        return DottedRecord(self.env, str(target), self.record, f"{self.prefix}{name}.")

    def members(self, name: str) -> Iterable[Accessor]:
        """The records of a to-many field, read now."""
        values = Values({name: self.record.get(self.prefix + name)}, self.model, self.env.registry.schema, self._load)
        return values.members(name)

    def _load(self, model: str, ids: Iterable[int]) -> list[dict[str, Any]]:
        secrets = traits(self.env, model).secrets  # no condition asks for them, and nobody reads them
        stored = self.env.registry.schema[model].fields.values()
        fields = [info.name for info in stored if info.column and info.name not in secrets]
        return list(self.env.sudo()[model].read_ids(list(ids), fields).values())


def compiled(registry: Registry, expression: Expression) -> Predicate:
    """The expression as a function; keep it with the view."""
    return predicate(expression, registry.schema, parse=registry.parse)


def evaluate(env: Environment, model: str, record: Mapping[str, Any], functions: Mapping[str, Predicate]) -> set[str]:
    """The keys whose condition holds for the record."""
    accessor, names = DottedRecord(env, model, record), env.implicit()
    return {key for key, function in functions.items() if function(accessor, names)}


def value_of(env: Environment, model: str, record: Mapping[str, Any], function: Predicate) -> object:
    """What an expression gives for a record that need not be saved."""
    return function(DottedRecord(env, model, record), env.implicit())
