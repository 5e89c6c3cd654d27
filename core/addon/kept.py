"""What a detached addon leaves behind: its tables, columns and ledger entries, moved aside into `kept_` tables.

    uninstall   table -> kept_<addon>_<table>, without constraints; columns of others' tables with the ids of their rows
    install     copied back; what refers to something that has gone stays aside and is listed

The records of other addons' models that went with the addon lie in the history: the removal is one change set, and an
installation puts its changes back. Kept tables stand in the ledger as objects of their addon, of the kind `kept`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.addon.ledger import COLUMN, TABLE, Owned, owned_by, placed, record, strike_out
from core.addon.ledger import column as ledger_column
from core.database import Database
from core.lang.kinds import Kind
from core.model.registry import Registry
from core.model.schema import Column, Table, drop_column_sql, quoted, short_name
from core.model.schema import tables as declared_tables

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
    """One table set aside: where it came from, which columns it holds, the last id that was given there.

    `retired` is the version of the addon that has no use for it any more: then no installation brings it back.
    """

    addon: str
    name: str
    table: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    whole: bool
    last_id: int = 0
    retired: str = ""

    def owned(self) -> Owned:
        """Its entry in the ledger."""
        detail = {
            "table": self.table,
            "columns": list(self.columns),
            "kinds": list(self.kinds),
            "whole": self.whole,
            "last_id": self.last_id,
            **({"retired": self.retired} if self.retired else {}),
        }
        return Owned(self.addon, KEPT, self.name, detail)

    def as_table(self) -> Table:
        """The table as it stands in the database: columns without keys."""
        columns = zip(self.columns, self.kinds, strict=True)
        return Table(self.name, self.addon, tuple(Column(name, Kind(kind), self.addon) for name, kind in columns))


def kept_by(database: Database, addon: str) -> list[Kept]:
    """What is kept for an addon, to be brought back or retired."""
    return [_read(item) for item in owned_by(database, addon) if item.kind == KEPT]


def returning(database: Database, addon: str) -> list[Kept]:
    """What an installation of the addon brings back."""
    return [each for each in kept_by(database, addon) if not each.retired]


def _read(item: Owned) -> Kept:
    detail: Mapping[str, object] = item.detail
    columns, kinds, last = detail["columns"], detail["kinds"], detail["last_id"]
    assert isinstance(columns, list)
    assert isinstance(kinds, list)
    assert isinstance(last, int)
    whole, retired = bool(detail["whole"]), str(detail.get("retired", ""))
    return Kept(item.addon, item.name, str(detail["table"]), tuple(columns), tuple(kinds), whole, last, retired)


def keep(registry: Registry, addon: str, going: Sequence[Owned], models: Sequence[str]) -> list[Kept]:
    """Move aside what is about to be dropped, inside the open transaction; `registry` still knows the addon."""
    database = registry.database
    known = {table.name: table for table in declared_tables(registry)}
    tables = [item.name for item in going if item.kind == TABLE]
    left = [_put_away(database, each) for each in returning(database, addon)]
    found = [_keep_table(database, addon, known[table]) for table in tables]
    found += [_keep_columns(database, addon, known[table], names) for table, names in _columns(going, tables)]
    found += [_keep_rows(database, addon, known[table], where) for table, where in LEDGER.items()]
    if models:
        found.append(_keep_foreign_ids(database, addon, known["core_external_id"], models))
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
        added = left.as_table().column(column)
        database.execute(f"ALTER TABLE {quoted(kept.name)} ADD COLUMN {added.sql(database.engine)}")
    chosen = ", ".join(map(quoted, left.columns))
    database.execute(
        f"INSERT INTO {quoted(kept.name)} ({chosen}) SELECT {chosen} FROM {quoted(left.name)}"
        f" WHERE id NOT IN (SELECT id FROM {quoted(kept.name)})"
    )
    kinds = dict(zip(left.columns, left.kinds, strict=True))
    columns, more = (*kept.columns, *lacking), tuple(kinds[column] for column in lacking)
    return replace(kept, columns=columns, kinds=(*kept.kinds, *more), last_id=max(kept.last_id, left.last_id))


def _columns(going: Iterable[Owned], tables: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The columns that go from tables that stay, by table."""
    found: dict[str, list[str]] = {}
    for item in going:
        if item.kind == COLUMN and item.detail["table"] not in tables:
            found.setdefault(str(item.detail["table"]), []).append(str(item.detail["column"]))
    yield from sorted(found.items())


def _keep_table(database: Database, addon: str, table: Table) -> Kept:
    names = [column.name for column in table.columns]
    last = last_id(database, table.name) if "id" in names else 0
    kept = _kept(addon, table.name, table, names, whole=True, last_id=last)
    return _fill(database, kept, "", ())


def _keep_columns(database: Database, addon: str, table: Table, names: Sequence[str]) -> Kept:
    """The ids and values of rows that have any value in the columns."""
    filled = " OR ".join(f"{quoted(column)} IS NOT NULL" for column in names)
    return _fill(database, _kept(addon, f"{table.name}_columns", table, ["id", *names]), filled, ())


def _keep_rows(database: Database, addon: str, table: Table, where: str) -> Kept:
    """The rows of a table of core that belong to the addon; `where` names it once or twice."""
    names = [column.name for column in table.columns]
    return _fill(database, _kept(addon, table.name, table, names), where, (addon,) * where.count("?"))


def _keep_foreign_ids(database: Database, addon: str, table: Table, models: Sequence[str]) -> Kept:
    where = FOREIGN.format(slots=", ".join("?" * len(models)))
    names = [column.name for column in table.columns]
    return _fill(database, _kept(addon, "foreign_external_id", table, names), where, (*models, addon))


def _kept(
    addon: str, called: str, table: Table, names: Sequence[str], *, whole: bool = False, last_id: int = 0
) -> Kept:
    kinds = tuple(table.column(name).kind.value for name in names)
    return Kept(addon, kept_name(addon, called), table.name, tuple(names), kinds, whole, last_id)


def _fill(database: Database, kept: Kept, where: str, values: Sequence[object]) -> Kept:
    """Create a kept table and copy the rows."""
    columns = ", ".join(column.sql(database.engine) for column in kept.as_table().columns)
    database.execute(f"CREATE TABLE {quoted(kept.name)} ({columns})")
    chosen = ", ".join(map(quoted, kept.columns))
    condition = f" WHERE {where}" if where else ""
    copied = f"INSERT INTO {quoted(kept.name)} ({chosen}) SELECT {chosen} FROM {quoted(kept.table)}{condition}"
    database.execute(placed(database, copied), values)
    return kept


def retire_columns(database: Database, table: Table, columns: Sequence[Column], version: str) -> str:
    """Move columns that a new version of their addon lacks aside and drop them: the name of the table they are in."""
    addon = columns[0].owner
    source = Table(table.name, addon, (Column("id", Kind.INTEGER, addon), *columns))
    called = "_".join((table.name, columns[0].name, version.replace(".", "_")))
    names = ["id", *(column.name for column in columns)]
    filled = " OR ".join(f"{quoted(column.name)} IS NOT NULL" for column in columns)
    return _retire(database, _kept(addon, called, source, names), filled, version, columns)


def retire_table(database: Database, table: Table, version: str) -> str:
    """Move a table that a new version of its addon lacks aside: the name of the table that has its rows now."""
    called = f"{table.name}_{version.replace('.', '_')}"
    kept = _kept(table.owner, called, table, [column.name for column in table.columns], whole=True)
    return _retire(database, kept, "", version, ())


def _retire(database: Database, kept: Kept, where: str, version: str, columns: Sequence[Column]) -> str:
    filled = _fill(database, replace(kept, retired=version), where, ())
    for column in columns:
        database.execute(drop_column_sql(kept.table, column.name))
    strike_out(database, [ledger_column(kept.table, column) for column in columns])
    if _count(database, filled.name):
        record(database, [filled.owned()])
    else:
        database.execute(f"DROP TABLE {quoted(filled.name)}")
    return filled.name


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


def last_id(database: Database, table: str) -> int:
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
