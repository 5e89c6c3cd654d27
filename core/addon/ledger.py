"""The ledger (`core.owned`): which addon owns which table, column, index and row. Every object has exactly one owner.

A row is named by its external id. Written by install and uninstall alone, with plain statements, inside their
transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.database import Database, placed
from core.model.schema import Column, Index

TABLE, COLUMN, INDEX, ROW = "table", "column", "index", "row"


@dataclass(frozen=True, slots=True)
class Owned:
    """One object: what kind it is, its name within the kind, and what else is needed to remove it."""

    addon: str
    kind: str
    name: str
    detail: Mapping[str, object] = field(default_factory=dict, hash=False)


def column(table: str, found: Column) -> Owned:
    """The entry of a column."""
    detail = {"table": table, "column": found.name, "kind": found.kind.value}
    return Owned(found.owner, COLUMN, f"{table}.{found.name}", detail)


def index(found: Index) -> Owned:
    """The entry of an index."""
    return Owned(found.owner, INDEX, found.name, {"table": found.table, "columns": list(found.columns)})


def record(database: Database, objects: Iterable[Owned]) -> None:
    """Write objects down with their owners."""
    sql = placed(database, "INSERT INTO core_owned (addon, kind, name, detail) VALUES (?, ?, ?, ?)")
    rows = [(item.addon, item.kind, item.name, json.dumps(item.detail) if item.detail else None) for item in objects]
    if rows:
        database.executemany(sql, rows)


def strike_out(database: Database, objects: Iterable[Owned]) -> None:
    """Remove the entries of objects, whoever owns them."""
    rows = [(item.kind, item.name) for item in objects]
    if rows:
        database.executemany(placed(database, "DELETE FROM core_owned WHERE kind = ? AND name = ?"), rows)


def owned_by(database: Database, addon: str) -> list[Owned]:
    """Everything that an addon owns."""
    sql = placed(database, "SELECT kind, name, detail FROM core_owned WHERE addon = ? ORDER BY kind, name")
    rows = database.fetch(sql, (addon,))
    return [Owned(addon, kind, name, json.loads(detail) if detail else {}) for kind, name, detail in rows]


def owners(database: Database, kind: str) -> dict[str, str]:
    """The owner of every object of a kind, by the object's name."""
    sql = placed(database, "SELECT name, addon FROM core_owned WHERE kind = ?")
    return {str(name): str(addon) for name, addon in database.fetch(sql, (kind,))}


def hand_over(database: Database, item: Owned, heir: str) -> None:
    """Give an object to another addon, noting whose it was."""
    sql = "UPDATE core_owned SET addon = ?, detail = ? WHERE addon = ? AND kind = ? AND name = ?"
    detail = json.dumps({**item.detail, "from": item.addon})
    database.execute(placed(database, sql), (heir, detail, item.addon, item.kind, item.name))


def forget(database: Database, addon: str) -> None:
    """Strike out everything that is still written down for an addon."""
    database.execute(placed(database, "DELETE FROM core_owned WHERE addon = ?"), (addon,))
