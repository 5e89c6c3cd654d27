"""What callers give for fields, checked: plain values, links of many2many fields, new records of one2many fields.

A column name (`partner_id`) is accepted wherever a field name is; a row is accepted for its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import AccessDenied, FieldError, Invalid, closest, did_you_mean
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.model.change import Link
from core.model.record import Record
from core.records import blobs
from core.records.links import Links
from core.records.traits import PROTECTED, traits

if TYPE_CHECKING:
    from core.records.environment import Environment


@dataclass(slots=True)
class Given:
    """The checked values of one record: by field name."""

    values: dict[str, object] = field(default_factory=dict)
    links: dict[str, Links] = field(default_factory=dict)
    children: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)


def check_given(
    env: Environment, model: str, given: Mapping[str, object], row: int | None = None, *, replay: bool = False
) -> Given:
    """Sort and check what was given for one record; `row` is its position in a batch, for the errors.

    :param replay: former values, closed fields included: whoever puts them back has asked whether that may be.
    :raises AccessDenied: a field is closed to the user.
    :raises Invalid: unknown fields, values that do not fit; all of them at once.
    """
    result = Given()
    errors: list[FieldError] = []
    info = env.registry.schema[model]
    hidden = env.policy.hidden(model) if env.policy and not replay else frozenset()
    plain, binaries = traits(env, model).plain, traits(env, model).binaries
    for name, value in given.items():
        if name in plain and name not in hidden:
            try:
                result.values[name] = _checked(plain[name], value)
            except ValueError as error:
                errors.append(FieldError(name, str(error), value=value, row=row))
            continue
        found = info.find(name)
        if found is None or found.name in PROTECTED:
            errors.append(_unknown(name, info.fields, row, protected=found is not None))
        elif found.name in hidden:
            raise AccessDenied(_("You may not change '{field}' of {model}.", field=found.name, model=model))
        else:
            _sort(env, model, found, value, result, errors, row)
    errors.extend(_store_contents(env, binaries, result, row))
    if errors:
        raise Invalid(errors, model=model)
    return result


def _store_contents(env: Environment, names: Iterable[str], result: Given, row: int | None) -> Iterator[FieldError]:
    """Store contents and keep their hashes in their place."""
    for name in names:
        value = result.values.get(name)
        if isinstance(value, bytes):
            result.values[name] = blobs.store(env, value)
        elif isinstance(value, str) and not blobs.is_stored(env, value):
            yield FieldError(name, _("There is no stored content '{name}'.", name=value), value=value, row=row)


def _unknown(name: str, known: Iterable[str], row: int | None, *, protected: bool) -> FieldError:
    if protected:
        return FieldError(name, _("This field is kept by the system and cannot be written."), row=row)
    suggestion = closest(name, known)
    text = " ".join(filter(None, (_("There is no such field."), did_you_mean(suggestion))))
    return FieldError(name, text, row=row, suggestion=suggestion)


def _sort(
    env: Environment,
    model: str,
    info: FieldInfo,
    value: object,
    result: Given,
    errors: list[FieldError],
    row: int | None,
) -> None:
    name = info.name
    try:
        if info.expression is not None:
            raise ValueError(_("This field is computed and cannot be written."))
        if info.link is not None:
            result.links[name] = check_links(value)
        elif info.kind is Kind.REFERENCES:
            result.children[name] = _check_children(value)
        else:
            result.values[name] = check_value(env, model, name, value)
    except ValueError as error:
        errors.append(FieldError(name, str(error), value=value, row=row))


def check_value(env: Environment, model: str, name: str, value: object) -> object:
    """The value as the field stores it.

    :raises ValueError: with a sentence for people, when the value does not fit.
    """
    return _checked(env.registry.declarations[model][name].check, value)


def _checked(check: Callable[[object], object], value: object) -> object:
    return None if value is None else check(value)


def check_links(value: object) -> Links:
    """Ids to link instead of the present ones, or a `Link` with ids to add and remove.

    :raises ValueError: something else.
    """
    if isinstance(value, Link):
        return Link(add=_ids(value.add), remove=_ids(value.remove))
    if isinstance(value, Mapping) and value.keys() <= {"add", "remove"}:
        return Link(add=_ids(value.get("add", ())), remove=_ids(value.get("remove", ())))
    return _ids(value)


def _ids(value: object) -> tuple[int, ...]:
    if value is None:
        return ()
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ValueError(_("Expected a list of ids."))
    ids = [item.id if isinstance(item, Record) else item for item in value]
    if not all(isinstance(item, int) and not isinstance(item, bool) for item in ids):
        raise ValueError(_("Expected a list of ids."))
    return tuple(dict.fromkeys(ids))


def _check_children(value: object) -> list[Mapping[str, object]]:
    if isinstance(value, Sequence) and all(isinstance(item, Mapping) for item in value):
        return list(value)
    raise ValueError(_("Expected a list of objects, one for each new record."))
