"""The timeline of a record, rendered from the change log for people: who changed what, when and why, old to new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.i18n import _
from core.lang.kinds import Kind, decoder
from core.lang.schema import FieldInfo
from core.model.change import Link
from core.records import changelog
from core.records.properties import field_info, spread

if TYPE_CHECKING:
    from core.records.environment import Environment

_TIMELINE = (
    "SELECT c.id, c.operation, c.before, c.after, s.id, s.at, s.kind, s.label, s.user_id, u.name, s.undoes"
    " FROM core_change c JOIN core_change_set s ON s.id = c.change_set_id LEFT JOIN res_users u ON u.id = s.user_id"
    " WHERE c.model_no = ? AND c.record = ? AND c.id < ? ORDER BY c.id DESC LIMIT ?"
)
OPERATIONS = {changelog.CREATED: "create", changelog.WRITTEN: "write", changelog.DELETED: "delete"}
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one change: Python values, and the same as people read them."""

    name: str
    label: str
    old: object
    new: object
    old_text: str
    new_text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a record. `kind` tells what caused it: request, command, import, undo, install."""

    id: int
    change_set: int
    at: datetime
    user: int | None
    user_name: str
    kind: str
    label: str
    operation: str
    undoes: int | None
    changes: tuple[FieldChange, ...]


def timeline(env: Environment, model: str, id_: int, *, limit: int = 80, before: int | None = None) -> list[Entry]:
    """The changes of a record, newest first; `before` is the id of an entry to go on from.

    Deleted records keep their timeline for those who may do everything on the model's records.

    :raises NotFound: there is no such record and never was, or the user may not know of it.
    """
    env[model]  # refuses a model that is not there
    found = env.database.fetch(
        env.runtime.text(_TIMELINE), (env.runtime.model_number(model), id_, before or _NEWEST, limit)
    )
    _require_known(env, model, id_, bool(found))
    kinds = _readable_kinds(env, model)
    images = [_images(row, kinds) for row in found]
    labels = _labels(env, model, id_, images)
    return [_entry(env, model, row, old, new, labels) for row, (old, new) in zip(found, images, strict=True)]


def _require_known(env: Environment, model: str, id_: int, logged: bool) -> None:
    if env[model].permitted([id_]):
        return
    gone = not env.sudo()[model].permitted([id_])
    unrestricted = env.policy is None or (env.policy.may(model, "read") and env.policy.rule(model, "read") is None)
    if not (gone and logged and unrestricted):
        label = _(env.registry.schema[model].label or model)
        raise NotFound(_("There is no {model} {id}, or you may not see it.", model=label, id=id_))


def _readable_kinds(env: Environment, model: str) -> dict[str, Kind]:
    hidden = env.policy.hidden(model) if env.policy else frozenset()
    kinds = changelog.logged_fields(env.registry, model)
    return {name: kind for name, kind in kinds.items() if name not in hidden and name not in changelog.CREATION}


def _images(row: Sequence[object], kinds: Mapping[str, Kind]) -> tuple[dict[str, object], dict[str, object]]:
    _id, _operation, before, after, *_rest = row
    return (
        changelog.from_image(before if isinstance(before, str) else None, kinds),
        changelog.from_image(after if isinstance(after, str) else None, kinds),
    )


def _labels(
    env: Environment, model: str, id_: int, images: Iterable[tuple[Mapping[str, object], Mapping[str, object]]]
) -> dict[tuple[str, int], str]:
    """The labels of all records that the images name, as far as the user may know them.

    What the record refers to now has its label for whoever may read the record; what it referred to once does not.
    """
    fields = env.registry.schema[model].fields
    wanted: dict[str, set[int]] = {}
    for pair in images:
        for image in pair:
            for name, value in image.items():
                target = fields[name].target
                if target is not None:
                    wanted.setdefault(target, set()).update(_referred(value))
    labels = {
        (target, other): label
        for target, ids in wanted.items()
        for other, label in (env[target].label(ids) if env[target].may("read") else {}).items()
    }
    present = _present(env, model, id_)
    for target, ids in wanted.items():
        hidden = {other for other in ids & present.get(target, set()) if (target, other) not in labels}
        labels.update({(target, other): label for other, label in env.labels(target, hidden).items()})
    return labels


def _present(env: Environment, model: str, id_: int) -> dict[str, set[int]]:
    """What the record refers to now, by model."""
    fields = env.registry.schema[model].fields.values()
    hidden = env.policy.hidden(model) if env.policy else frozenset()
    relations = [info for info in fields if info.target and info.column and info.name not in hidden]
    stored = env[model].read_ids([id_], [info.name for info in relations]).get(id_, {})
    found: dict[str, set[int]] = {}
    for info in relations:
        found.setdefault(str(info.target), set()).update(_referred(stored.get(info.name)))
    return found


def _referred(value: object) -> tuple[int, ...]:
    if isinstance(value, Link):
        return (*value.add, *value.remove)
    return (value,) if isinstance(value, int) else ()


def _entry(
    env: Environment,
    model: str,
    row: Sequence[object],
    old: Mapping[str, object],
    new: Mapping[str, object],
    labels: Mapping[tuple[str, int], str],
) -> Entry:
    id_, operation, _before, _after, change_set, at, kind, label, user, user_name, undoes = row
    fields = env.registry.schema[model].fields
    names = sorted({*old, *new}, key=list(fields).index)
    changes = tuple(
        change
        for name in names
        for change in (
            _property_changes(env, model, fields[name], old.get(name), new.get(name))
            if fields[name].definitions
            else [_field_change(fields[name], old.get(name), new.get(name), labels)]
        )
    )
    convert = decoder(Kind.INSTANT, env.database.engine)
    return Entry(
        int(str(id_)),
        int(str(change_set)),
        convert(at) if convert else at,  # type: ignore[arg-type]  # an instant by declaration
        user if isinstance(user, int) else None,
        str(user_name or ""),
        str(kind),
        str(label or ""),
        OPERATIONS[str(operation)],
        undoes if isinstance(undoes, int) else None,
        changes,
    )


def _field_change(info: FieldInfo, old: object, new: object, labels: Mapping[tuple[str, int], str]) -> FieldChange:
    if isinstance(new, Link):
        removed, added = _names(info, new.remove, labels), _names(info, new.add, labels)
        return FieldChange(info.name, _(info.label or info.name), new.remove, new.add, removed, added)
    if isinstance(old, Link):
        return FieldChange(info.name, _(info.label or info.name), old.add, (), _names(info, old.add, labels), "")
    return FieldChange(
        info.name, _(info.label or info.name), old, new, as_text(info, old, labels), as_text(info, new, labels)
    )


def _property_changes(env: Environment, model: str, info: FieldInfo, old: object, new: object) -> Iterator[FieldChange]:
    """One change for each property that changed, called `properties.seats`; by its label where it has a definition."""
    before, after = spread(env, model, info.name, old), spread(env, model, info.name, new)
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        if one != other or isinstance(one, bool) is not isinstance(other, bool):
            yield _field_change(field_info(env, model, name), one, other, {})


def _names(info: FieldInfo, ids: Iterable[int], labels: Mapping[tuple[str, int], str]) -> str:
    return ", ".join(labels.get((str(info.target), id_), f"#{id_}") for id_ in ids)


def as_text(info: FieldInfo, value: object, labels: Mapping[tuple[str, int], str]) -> str:
    """A value as plain text; empty for none. Dates and numbers stay in their neutral form: pages format the values."""
    if value is None:
        return ""
    if info.options:
        return _(dict(info.options).get(str(value), str(value)))
    if info.kind is Kind.REFERENCE and isinstance(value, int):
        return labels.get((str(info.target), value), f"#{value}")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)
