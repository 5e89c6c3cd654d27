"""What the pipeline needs to know of a model, worked out once: required fields, defaults, relations, links, hooks,
logged fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.lang.kinds import Kind
from core.model.record import Record
from core.records.changelog import logged_fields

if TYPE_CHECKING:
    from core.records.environment import Environment

HOOKS = ("before_write", "after_write", "before_delete", "after_delete", "derive")


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts of one composed model; `relations` maps stored many2one fields to their targets."""

    required: tuple[str, ...]
    defaults: Mapping[str, object]
    relations: Mapping[str, str]
    link_fields: frozenset[str]
    secrets: frozenset[str]
    hooks: frozenset[str]
    logged: Mapping[str, Kind]
    history: bool


def traits(env: Environment, model: str) -> Traits:
    """The traits of a model, from the cache of the runtime."""
    return env.runtime.statements.get(("traits", model), lambda: _traits(env, model))


def _traits(env: Environment, model: str) -> Traits:
    declarations = env.registry.declarations[model]
    fields = env.registry.schema[model].fields
    model_class = env.registry.models[model]
    return Traits(
        tuple(name for name, declaration in declarations.items() if declaration.required and fields[name].column),
        {name: declaration.default for name, declaration in declarations.items() if declaration.default is not None},
        {name: str(info.target) for name, info in fields.items() if info.kind is Kind.REFERENCE and info.column},
        frozenset(name for name, info in fields.items() if info.link is not None),
        frozenset(name for name, declaration in declarations.items() if declaration.secret),
        frozenset(hook for hook in HOOKS if overrides(model_class, hook)),
        logged_fields(env.registry, model),
        env.registry.options[model].history,
    )


def unreadable(env: Environment, model: str) -> frozenset[str]:
    """The fields that no statement of this environment may give: closed ones, and secrets whoever asks."""
    return traits(env, model).secrets if env.policy is None else env.policy.hidden(model)


def overrides(model_class: type[Record], hook: str) -> bool:
    """Whether some definition of the model implements the hook."""
    return getattr(getattr(model_class, hook), "__func__", None) is not getattr(getattr(Record, hook), "__func__", None)
