"""The change log: change sets and one entry for each changed row, written in the transaction of the change itself.

Values are kept as stored, as JSON text equal on both engines. A create keeps no after-image (the row is it), a delete
keeps the before-image with its links. Automatic columns, secrets and derived fields are not logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.lang.kinds import Kind, decoder, encoder
from core.model.change import Link
from core.model.registry import Registry

if TYPE_CHECKING:
    from core.records.environment import Environment

# A deleted row must come back as it was made, so its image holds who made it and when; nothing else automatic is
# logged.
CREATION = frozenset({"create_date", "create_uid"})
AUTOMATIC = frozenset({"id", "version", "write_date", "write_uid"})
CREATED, WRITTEN, DELETED = "c", "w", "d"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_CHANGE_SET = "INSERT INTO core_change_set (at, user_id, kind, label, undoes) VALUES (?, ?, ?, ?, ?) RETURNING id"
_CHANGE = (
    "INSERT INTO core_change (change_set_id, model_no, record, operation, before, after) VALUES (?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One changed row: images as JSON text, or None."""

    record: int
    operation: str
    before: str | None = None
    after: str | None = None


def write_log(env: Environment, model: str, entries: Iterable[LogEntry]) -> None:
    """Append entries for rows of `model` to the change set of the running unit of work."""
    number = env.runtime.model_number(model)
    change_set = open_change_set(env)
    rows = [(change_set, number, entry.record, entry.operation, entry.before, entry.after) for entry in entries]
    env.database.executemany(env.runtime.text(_CHANGE), rows)


def open_change_set(env: Environment) -> int:
    """The id of the unit's change set, created when the first change is logged."""
    unit = env.unit
    if unit.change_set is None:
        encode = encoder(Kind.INSTANT, env.database.engine)
        at = encode(env.now()) if encode else env.now()
        values = (at, env.user, unit.kind, unit.label or None, unit.undoes)
        unit.change_set = int(env.database.fetch(env.runtime.text(_CHANGE_SET), values)[0][0])
    return unit.change_set


@cache
def _image_encoder(kind: Kind) -> Callable[[object], object] | None:
    return encoder(kind, "sqlite")


@cache
def _image_decoder(kind: Kind) -> Callable[[object], object] | None:
    return decoder(kind, "sqlite")


def logged_fields(registry: Registry, model: str) -> Mapping[str, Kind]:
    """The fields of a model that the log keeps, with their kinds; none for models without history."""
    if not registry.options[model].history:
        return {}
    declarations = registry.declarations[model]
    return {
        name: info.kind
        for name, info in registry.schema[model].fields.items()
        if name not in AUTOMATIC
        and (info.column or (info.link and info.link.own == "owner_id"))
        and not declarations[name].secret
        and not declarations[name].derived
    }


def to_image(values: Mapping[str, object], kinds: Mapping[str, Kind]) -> str:
    """Python values as the JSON text of an image; fields that are not logged are left out."""
    image: dict[str, object] = {}
    for name, value in values.items():
        kind = kinds.get(name)
        if kind is None:
            continue
        if isinstance(value, Link):
            image[name] = {"add": sorted(value.add), "remove": sorted(value.remove)}
            continue
        convert = _image_encoder(kind)
        image[name] = convert(value) if convert and value is not None else value
    return _encode(image)


def from_image(text: str | None, kinds: Mapping[str, Kind]) -> dict[str, object]:
    """The Python values of an image; fields that the model no longer has are left out."""
    if text is None:
        return {}
    values: dict[str, object] = {}
    for name, stored in json.loads(text).items():
        kind = kinds.get(name)
        if kind is None:
            continue
        if isinstance(stored, dict):
            values[name] = Link(add=tuple(stored["add"]), remove=tuple(stored["remove"]))
            continue
        convert = _image_decoder(kind)
        values[name] = convert(stored) if convert and stored is not None else stored
    return values
