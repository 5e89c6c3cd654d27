"""What the pipeline needs to know of a model, worked out once: required fields, defaults, relations, links, hooks,
logged fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.lang.kinds import Kind
from core.model.binary import Binary
from core.model.declaration import Declaration
from core.model.record import Record
from core.records.changelog import logged_fields

if TYPE_CHECKING:
    from core.records.environment import Environment

# Written by the pipeline alone, whoever asks.
PROTECTED = frozenset({"id", "version", "create_date", "create_uid", "write_date", "write_uid"})
HOOKS = ("before_write", "after_write", "before_delete", "after_delete", "derive")


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts of one composed model.

    `blank` is a row without values, `plain` maps the stored fields that callers may write to their checks, `constants`
    and `defaults` hold the values a new record starts with and what makes them, `relations` maps stored many2one fields
    to their targets, `naming` are those that name a record of any model,
    `binaries` those that hold contents, `properties` those that hold values of properties.
    """

    required: tuple[str, ...]
    blank: Mapping[str, None]
    plain: Mapping[str, Callable[[object], object]]
    constants: Mapping[str, object]
    defaults: Mapping[str, Callable[[Environment], object]]
    relations: Mapping[str, str]
    naming: tuple[str, ...]
    binaries: tuple[str, ...]
    properties: tuple[str, ...]
    link_fields: frozenset[str]
    secrets: frozenset[str]
    hooks: frozenset[str]
    logged: Mapping[str, Kind]
    history: bool

    @property
    def starting(self) -> frozenset[str]:
        """The fields that have a value in every new record."""
        return frozenset((*self.constants, *self.defaults))


def traits(env: Environment, model: str) -> Traits:
    """The traits of a model, worked out once."""
    known = env.runtime.traits
    if model not in known:
        known[model] = _traits(env, model)
    return known[model]


def _traits(env: Environment, model: str) -> Traits:
    declarations = env.registry.declarations[model]
    fields = env.registry.schema[model].fields
    model_class = env.registry.models[model]
    given = {name: declaration.default for name, declaration in declarations.items() if declaration.default is not None}
    return Traits(
        tuple(name for name, declaration in declarations.items() if declaration.required and fields[name].column),
        {name: None for name, info in fields.items() if info.column},
        {name: declarations[name].check for name, info in fields.items() if info.column and name not in PROTECTED},
        {name: _constant(declarations[name], default) for name, default in given.items() if not callable(default)},
        {name: default for name, default in given.items() if callable(default)},
        {name: str(info.target) for name, info in fields.items() if info.kind is Kind.REFERENCE and info.column},
        tuple(name for name, info in fields.items() if info.models),
        tuple(name for name, declaration in declarations.items() if isinstance(declaration, Binary)),
        tuple(name for name, info in fields.items() if info.definitions),
        frozenset(name for name, info in fields.items() if info.link is not None),
        frozenset(name for name, declaration in declarations.items() if declaration.secret),
        frozenset(hook for hook in HOOKS if overrides(model_class, hook)),
        logged_fields(env.registry, model),
        env.registry.options[model].history,
    )


def _constant(declaration: Declaration[Any], default: object) -> object:
    """A constant default as it is stored; ids to link stay as they are."""
    if isinstance(default, (list, tuple)) and not declaration.stored:
        return tuple(default)
    return declaration.check(default)


def unreadable(env: Environment, model: str) -> frozenset[str]:
    """The fields that no statement of this environment may give: closed ones, and secrets whoever asks."""
    return traits(env, model).secrets if env.policy is None else env.policy.hidden(model)


def overrides(model_class: type[Record], hook: str) -> bool:
    """Whether some definition of the model implements the hook."""
    return getattr(getattr(model_class, hook), "__func__", None) is not getattr(getattr(Record, hook), "__func__", None)
