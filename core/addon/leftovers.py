"""Which rows of an addon that is about to go must stay, because rows of others refer to them.

Only what remains afterwards counts: references in tables and columns that go too hold nothing. Rights, groups, views,
menus and actions are never held: what refers to them loses its reference. A sequence that gave numbers is held by its
counters: were it made anew some day, it would give them again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.addon.ledger import ROW, Owned
from core.database import Database, placed
from core.model.registry import Registry

CHUNK = 500
SEQUENCE, COUNTER = "core.sequence", "core.sequence_counter"


@dataclass(frozen=True, slots=True)
class OwnedRow:
    """A row in the ledger whose record is still there; `item` is its entry."""

    item: Owned
    model: str
    id: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Why a row stays: how many records of a model refer to it."""

    model: str
    count: int


def never_held(model: str) -> bool:
    """Whether rows of a model go with their addon whoever refers to them."""
    return model != SEQUENCE and (model.startswith("core.") or model == "res.groups")


def is_held_by_counters(model: str, holder: Holder) -> bool:
    """Whether a row stays for no other reason than that it gave numbers."""
    return model == SEQUENCE and holder.model == COUNTER


def owned_rows(database: Database, registry: Registry, items: Iterable[Owned]) -> list[OwnedRow]:
    """The rows among the ledger's entries that are there, in models that remain."""
    by_name = {item.name: item for item in items if item.kind == ROW}
    found: dict[str, dict[int, Owned]] = defaultdict(dict)
    for addon in sorted({name.partition(".")[0] for name in by_name}):
        sql = placed(database, "SELECT name, model, record FROM core_external_id WHERE addon = ?")
        for name, model, id_ in database.fetch(sql, (addon,)):
            item = by_name.get(f"{addon}.{name}")
            if item is not None and model in registry.schema:
                found[model][id_] = item
    return [
        OwnedRow(rows[id_], model, id_)
        for model, rows in found.items()
        for id_ in sorted(there(database, registry.schema[model].table, rows))
    ]


def held(database: Database, registry: Registry, rows: Sequence[OwnedRow]) -> dict[tuple[str, int], Holder]:
    """The rows that others refer to, and those that such rows refer to in turn."""
    going: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        going[row.model].add(row.id)
    staying: dict[tuple[str, int], Holder] = {}
    while True:
        found = {
            (model, id_): Holder(source, len(referring))
            for model in list(going)
            if not never_held(model)
            for (source, id_), referring in _referring(database, registry, model, going).items()
        }
        if not found:
            return staying
        staying.update(found)
        for model, id_ in found:
            going[model].discard(id_)


def _referring(
    database: Database, registry: Registry, model: str, going: Mapping[str, set[int]]
) -> dict[tuple[str, int], set[int]]:
    """The records outside `going` that refer to going rows of a model, by (their model, id referred to)."""
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    for source, table, column, key in _references(registry, model):
        leaving = going.get(source, set())
        for id_, referring in _pairs(database, f'SELECT "{column}", "{key}" FROM "{table}"', column, going[model]):
            if referring not in leaving:
                found[source, id_].add(referring)
    return found


def _references(registry: Registry, model: str) -> Iterator[tuple[str, str, str, str]]:
    """Model, table, column with the reference and column with the referring id of all that can refer to a model."""
    for source, name in registry.references_to(model):
        info = registry.schema[source]
        yield source, info.table, str(info.fields[name].column), "id"
    for source, info in registry.schema.items():
        for field in info.fields.values():
            if field.link is not None and field.target == model and field.link.own == "owner_id":
                yield source, field.link.table, field.link.other, field.link.own


def _pairs(database: Database, select: str, column: str, ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    for chunk in _chunks(ids):
        yield from database.fetch(f'{select} WHERE "{column}" IN ({chunk})')


def there(database: Database, table: str, ids: Iterable[int]) -> set[int]:
    """Which of the ids are in a table."""
    return {
        id_ for chunk in _chunks(ids) for (id_,) in database.fetch(f'SELECT id FROM "{table}" WHERE id IN ({chunk})')
    }


def _chunks(ids: Iterable[int]) -> Iterator[str]:
    """Ids as lists for IN, a few hundred at a time."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ", ".join(str(int(id_)) for id_ in ordered[start : start + CHUNK])
