"""Duplicating records: the values that a copy begins with. It is created as every record is, by defaults and hooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.i18n import _
from core.model.scalars import Char
from core.records.links import owns
from core.records.traits import traits, unreadable

if TYPE_CHECKING:
    from core.records.environment import Environment

ACTIVE = "active"  # a copy is one to work with


def copyable(env: Environment, model: str) -> bool:
    """Whether records of a model can be duplicated: what must be filled in is taken over, or has a default."""
    if env.registry.options[model].system:
        return False
    own = traits(env, model)
    return all(name in own.starting or name in _taken(env, model) for name in own.required)


def copies(env: Environment, model: str, ids: Sequence[int]) -> list[dict[str, object]]:
    """The values of new records, for one record by id each; without what the user may not see.

    :raises NotFound: a record that is not there, or that the user may not see.
    """
    names = _taken(env, model)
    rows = env[model].read_ids(ids, names)
    missing = [id_ for id_ in ids if id_ not in rows]
    if missing:
        label = _(env.registry.schema[model].label or model)
        raise NotFound(_("There is no {model} {id}, or you may not see it.", model=label, id=missing[0]))
    found = [{name: rows[id_][name] for name in names} for id_ in ids]
    for values in found:
        _name(env, model, values)
    env.registry.models[model].before_copy(found)
    return found


def _taken(env: Environment, model: str) -> list[str]:
    """The fields that are taken over from the record."""
    own, fields = traits(env, model), env.registry.schema[model].fields
    links = {name for name in own.link_fields if (link := fields[name].link) is not None and owns(link)}
    left = unreadable(env, model) | {ACTIVE, *own.binaries}
    return [
        name
        for name, declared in env.registry.declarations[model].items()
        if (name in own.plain or name in links)
        and declared.copy
        and not (declared.derived or declared.follows or declared.readonly or name in left)
    ]


def _name(env: Environment, model: str, values: dict[str, object]) -> None:
    """Tell a copy from its record by the name."""
    label = env.registry.schema[model].label_field
    declared, name = env.registry.declarations[model].get(label or ""), values.get(label or "")
    if isinstance(declared, Char) and isinstance(name, str):
        behind = _("{name} (copy)", name="")
        values[str(label)] = name[: declared.size - len(behind)] + behind
