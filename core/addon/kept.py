"""What a detached addon leaves behind: its tables, columns and ledger entries, moved aside into `kept_` tables.

    uninstall   table -> kept_<addon>_<table>, without constraints; columns of others' tables with the ids of their rows
    install     copied back; what refers to something that has gone stays aside and is listed

The records of other addons' models that went with the addon lie in the history: the removal is one change set, and an
installation puts its changes back. Kept tables stand in the ledger as objects of their addon, of the kind `kept`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.addon.ledger import COLUMN, TABLE, Owned, owned_by, placed, record, strike_out
from core.database import Database
from core.model.schema import quoted, short_name

KEPT = "kept"
# Rows of core's own tables that belong to an addon, and how they are found by its name.
LEDGER = {
    "core_external_id": "addon = ?",
    "core_shipped": "addon = ?",
    "core_schedule": "substr(name, 1, length(?) + 1) = ? || '.'",
}
# External ids of other addons that name records of models that go.
FOREIGN = "model IN ({slots}) AND addon <> ?"


@dataclass(frozen=True, slots=True)
class Kept:
    """One table set aside: where it came from, which columns it holds, the last id that was given there."""

    addon: str
    name: str
    table: str
    columns: tuple[str, ...]
    whole: bool
    last_id: int = 0

    def owned(self) -> Owned:
        """Its entry in the ledger."""
        detail = {"table": self.table, "columns": list(self.columns), "whole": self.whole, "last_id": self.last_id}
        return Owned(self.addon, KEPT, self.name, detail)


def kept_by(database: Database, addon: str) -> list[Kept]:
    """What is kept for an addon."""
    return [_read(item) for item in owned_by(database, addon) if item.kind == KEPT]


def _read(item: Owned) -> Kept:
    detail: Mapping[str, object] = item.detail
    columns = json.loads(json.dumps(detail["columns"]))
    last_id = detail["last_id"]
    assert isinstance(last_id, int)
    return Kept(item.addon, item.name, str(detail["table"]), tuple(columns), bool(detail["whole"]), last_id)


def keep(database: Database, addon: str, going: Sequence[Owned], models: Sequence[str]) -> list[Kept]:
    """Move aside what is about to be dropped, inside the open transaction."""
    tables = [item.name for item in going if item.kind == TABLE]
    left = [_put_away(database, each) for each in kept_by(database, addon)]
    found = [_keep_table(database, addon, table) for table in tables]
    found += [_keep_columns(database, addon, table, names) for table, names in _columns(going, tables)]
    found += [_keep_rows(database, addon, table, where) for table, where in LEDGER.items()]
    if models:
        found.append(_keep_foreign_ids(database, addon, models))
    empty = [kept for kept in found if not kept.whole and not _count(database, kept.name)]
    drop(database, empty)
    stay = [kept for kept in found if kept not in empty]
    for old in left:
        stay = [_with_leftover(database, kept, old) if kept.table == old.table else kept for kept in stay]
        database.execute(f"DROP TABLE {quoted(old.name)}")
    record(database, (kept.owned() for kept in stay))
    return stay


def _put_away(database: Database, left: Kept) -> Kept:
    """Give the name of a table free in which rows stayed aside at the last installation."""
    name = kept_name(left.addon, f"{left.table}_left")
    database.execute(f"ALTER TABLE {quoted(left.name)} RENAME TO {quoted(name)}")
    strike_out(database, [left.owned()])
    return replace(left, name=name)


def _with_leftover(database: Database, kept: Kept, left: Kept) -> Kept:
    """Add the rows that stayed aside, with the columns that the table has no more."""
    lacking = [column for column in left.columns if column not in kept.columns]
    for column in lacking:
        kind = _column_type(database, left.name, column)
        database.execute(f"ALTER TABLE {quoted(kept.name)} ADD COLUMN {quoted(column)} {kind}")
    chosen = ", ".join(map(quoted, left.columns))
    database.execute(
        f"INSERT INTO {quoted(kept.name)} ({chosen}) SELECT {chosen} FROM {quoted(left.name)}"
        f" WHERE id NOT IN (SELECT id FROM {quoted(kept.name)})"
    )
    return replace(kept, columns=(*kept.columns, *lacking), last_id=max(kept.last_id, left.last_id))


def _column_type(database: Database, table: str, column: str) -> str:
    if database.engine == "sqlite":
        sql = "SELECT type FROM pragma_table_info(?) WHERE name = ?"
    else:
        sql = (
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attname = %s"
        )
        table = quoted(table)
    ((kind,),) = database.fetch(sql, (table, column))
    return str(kind)


def _columns(going: Iterable[Owned], tables: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The columns that go from tables that stay, by table."""
    found: dict[str, list[str]] = {}
    for item in going:
        if item.kind == COLUMN and item.detail["table"] not in tables:
            found.setdefault(str(item.detail["table"]), []).append(str(item.detail["column"]))
    yield from sorted(found.items())


def _keep_table(database: Database, addon: str, table: str) -> Kept:
    name = kept_name(addon, table)
    database.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM {quoted(table)}")
    columns = _column_names(database, table)
    return Kept(addon, name, table, columns, True, _last_id(database, table) if "id" in columns else 0)


def _keep_columns(database: Database, addon: str, table: str, names: Sequence[str]) -> Kept:
    """The ids and values of rows that have any value in the columns."""
    name = kept_name(addon, f"{table}_columns")
    chosen = ", ".join(map(quoted, ("id", *names)))
    filled = " OR ".join(f"{quoted(column)} IS NOT NULL" for column in names)
    database.execute(f"CREATE TABLE {quoted(name)} AS SELECT {chosen} FROM {quoted(table)} WHERE {filled}")
    return Kept(addon, name, table, tuple(names), False)


def _keep_rows(database: Database, addon: str, table: str, where: str) -> Kept:
    """The rows of a table of core that belong to the addon; `where` names it once or twice."""
    return _copy_rows(database, addon, table, where, (addon,) * where.count("?"), kept_name(addon, table))


def _keep_foreign_ids(database: Database, addon: str, models: Sequence[str]) -> Kept:
    where = FOREIGN.format(slots=", ".join("?" * len(models)))
    name = kept_name(addon, "foreign_external_id")
    return _copy_rows(database, addon, "core_external_id", where, (*models, addon), name)


def _copy_rows(database: Database, addon: str, table: str, where: str, values: Sequence[object], name: str) -> Kept:
    columns = _column_names(database, table)
    database.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM {quoted(table)} WHERE 1 = 0")
    chosen = ", ".join(map(quoted, columns))
    copied = f"INSERT INTO {quoted(name)} ({chosen}) SELECT {chosen} FROM {quoted(table)} WHERE {where}"
    database.execute(placed(database, copied), values)
    return Kept(addon, name, table, columns, False)


def drop(database: Database, kept: Iterable[Kept]) -> None:
    """Drop kept tables and strike them out of the ledger."""
    gone = list(kept)
    for each in gone:
        database.execute(f"DROP TABLE {quoted(each.name)}")
    strike_out(database, [each.owned() for each in gone])


def kept_name(addon: str, table: str) -> str:
    """The name of the table that something is kept in, short enough for both engines."""
    return short_name("kept", addon, table)


def _count(database: Database, table: str) -> int:
    ((count,),) = database.fetch(f"SELECT count(*) FROM {quoted(table)}")
    return int(count)


def rows_kept(database: Database, kept: Iterable[Kept]) -> dict[str, int]:
    """How many rows are kept for each table they came from."""
    found: dict[str, int] = {}
    for each in kept:
        found[each.table] = found.get(each.table, 0) + _count(database, each.name)
    return found


def _column_names(database: Database, table: str) -> tuple[str, ...]:
    cursor = database.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")
    return tuple(str(column[0]) for column in cursor.description or ())


def _last_id(database: Database, table: str) -> int:
    """The last id that was given in a table, whether or not its row is still there."""
    if database.engine == "sqlite":
        rows = database.fetch("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
        return int(rows[0][0]) if rows else 0
    sql = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass), 0)"
    ((last,),) = database.fetch(sql, (quoted(table),))
    return int(last)


def continue_ids(database: Database, table: str, last_id: int) -> None:
    """Give no id again that was given before the table was dropped."""
    if not last_id:
        return
    if database.engine == "postgresql":
        database.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (quoted(table), last_id))
    elif database.fetch("SELECT 1 FROM sqlite_sequence WHERE name = ?", (table,)):
        database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last_id, table))
    else:
        database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last_id))
