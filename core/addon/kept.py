"""What a detached addon leaves behind: its tables, columns and ledger entries, moved aside into `kept_` tables.

    uninstall   table -> kept_<addon>_<table>, without constraints; columns of others' tables with the ids of their rows
    install     copied back; what refers to something that has gone stays aside and is listed

The records of other addons' models that went with the addon lie in the history: the removal is one change set, and an
installation puts its changes back. Kept tables stand in the ledger as objects of their addon, of the kind `kept`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from core.addon.ledger import COLUMN, ROW, TABLE, Owned, owned_by, owners, record, strike_out
from core.addon.ledger import column as ledger_column
from core.database import Database, placed
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

    `model` is that of a whole table, None where it held links. `retired` is the version of the addon that has no use
    for it any more: then no installation brings it back.
    """

    addon: str
    name: str
    table: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    whole: bool
    last_id: int = 0
    retired: str = ""
    model: str | None = None

    def owned(self) -> Owned:
        """Its entry in the ledger."""
        detail = {
            "table": self.table,
            "columns": list(self.columns),
            "kinds": list(self.kinds),
            "whole": self.whole,
            "last_id": self.last_id,
            **({"model": self.model} if self.model else {}),
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
    model = str(detail["model"]) if "model" in detail else None
    return Kept(item.addon, item.name, str(detail["table"]), tuple(columns), tuple(kinds), whole, last, retired, model)


def keep(registry: Registry, addon: str, going: Sequence[Owned], models: Sequence[str]) -> list[Kept]:
    """Move aside what is about to be dropped, inside the open transaction; `registry` still knows the addon."""
    database = registry.database
    known = {table.name: table for table in declared_tables(registry)}
    left = [_put_away(database, each) for each in returning(database, addon)]
    stay = _copied(database, addon, known, going, models)
    for old in left:
        if any(kept.whole and kept.table == old.table for kept in stay):
            stay = [_with_leftover(database, kept, old) if kept.table == old.table else kept for kept in stay]
            database.execute(f"DROP TABLE {quoted(old.name)}")
        else:  # the table itself has gone meanwhile
            record(database, [replace(old, retired="0").owned()])
    record(database, (kept.owned() for kept in stay))
    return stay


def lay_aside(
    database: Database, addon: str, known: Mapping[str, Table], going: Sequence[Owned], models: Sequence[str]
) -> None:
    """Copy aside what is about to be dropped, where nothing is kept of the addon; `known` are the tables there are."""
    record(database, (kept.owned() for kept in _copied(database, addon, known, going, models)))


def _copied(
    database: Database, addon: str, known: Mapping[str, Table], going: Sequence[Owned], models: Sequence[str]
) -> list[Kept]:
    tables = [item.name for item in going if item.kind == TABLE]
    found = [_keep_table(database, addon, known[table]) for table in tables]
    found += [_keep_columns(database, addon, known[table], names) for table, names in _columns(going, tables)]
    found += [_keep_rows(database, addon, known[table], where) for table, where in LEDGER.items()]
    if models:
        found.append(_keep_foreign_ids(database, addon, known["core_external_id"], models))
    empty = [kept for kept in found if not kept.whole and not _count(database, kept.name)]
    drop(database, empty)
    return [kept for kept in found if kept not in empty]


def _put_away(database: Database, left: Kept) -> Kept:
    """Give the name of a table free in which rows stayed aside at the last installation."""
    name = _free_name(database, left.addon, f"{left.table}_left")
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
    kept = _kept(addon, kept_name(addon, table.name), table, names, whole=True, last_id=last)
    return _fill(database, kept, "", ())


def _keep_columns(database: Database, addon: str, table: Table, names: Sequence[str]) -> Kept:
    """The ids and values of rows that have any value in the columns."""
    filled = " OR ".join(f"{quoted(column)} IS NOT NULL" for column in names)
    return _fill(database, _kept(addon, kept_name(addon, f"{table.name}_columns"), table, ["id", *names]), filled, ())


def _keep_rows(database: Database, addon: str, table: Table, where: str) -> Kept:
    """The rows of a table of core that belong to the addon; `where` names it once or twice."""
    names = [column.name for column in table.columns]
    return _fill(database, _kept(addon, kept_name(addon, table.name), table, names), where, (addon,) * where.count("?"))


def _keep_foreign_ids(database: Database, addon: str, table: Table, models: Sequence[str]) -> Kept:
    where = FOREIGN.format(slots=", ".join("?" * len(models)))
    names = [column.name for column in table.columns]
    return _fill(database, _kept(addon, kept_name(addon, "foreign_external_id"), table, names), where, (*models, addon))


def _kept(addon: str, name: str, table: Table, names: Sequence[str], *, whole: bool = False, last_id: int = 0) -> Kept:
    kinds = tuple(table.column(name).kind.value for name in names)
    model = table.model if whole else None
    return Kept(addon, name, table.name, tuple(names), kinds, whole, last_id, model=model)


def _fill(database: Database, kept: Kept, where: str, values: Sequence[object], *, source: str = "") -> Kept:
    """Create a kept table and copy the rows, out of the table they are kept for or another `source`."""
    columns = ", ".join(column.sql(database.engine) for column in kept.as_table().columns)
    database.execute(f"CREATE TABLE {quoted(kept.name)} ({columns})")
    chosen = ", ".join(map(quoted, kept.columns))
    condition = f" WHERE {where}" if where else ""
    copied = (
        f"INSERT INTO {quoted(kept.name)} ({chosen}) SELECT {chosen} FROM {quoted(source or kept.table)}{condition}"
    )
    database.execute(placed(database, copied), values)
    return kept


def retire_columns(
    database: Database, table: Table, columns: Sequence[Column], version: str, *, wanted: bool = False
) -> str:
    """Move columns that a new version of their addon lacks aside and drop them: the name of the table they are in.

    Where they hold nothing there is no such table, unless it is `wanted`.
    """
    addon = columns[0].owner
    source = Table(table.name, addon, (Column("id", Kind.INTEGER, addon), *columns))
    names = ["id", *(column.name for column in columns)]
    kept = _kept(addon, _retired_name(database, addon, version, table.name, columns[0].name), source, names)
    filled = " OR ".join(f"{quoted(column.name)} IS NOT NULL" for column in columns)
    _retire(database, kept, table.name, filled, version, wanted=wanted)
    for column in columns:
        database.execute(drop_column_sql(table.name, column.name))
    strike_out(database, [ledger_column(table.name, column) for column in columns])
    return kept.name


def retire_table(database: Database, table: Table, version: str) -> None:
    """Move a table that a new version of its addon lacks aside."""
    name = _retired_name(database, table.owner, version, table.name)
    kept = _kept(table.owner, name, table, [column.name for column in table.columns], whole=True)
    _retire(database, kept, table.name, "", version)


def _retire(database: Database, kept: Kept, source: str, where: str, version: str, *, wanted: bool = False) -> None:
    """Copy what no version will want back out of `source`; where there is nothing, nothing is kept."""
    retired = _fill(database, replace(kept, retired=version), where, (), source=source)
    if wanted or _count(database, kept.name):
        record(database, [retired.owned()])
    else:
        database.execute(f"DROP TABLE {quoted(kept.name)}")


def _retired_name(database: Database, addon: str, version: str, *parts: str) -> str:
    """Named after the version that has no use for it."""
    return _free_name(database, addon, "_".join((*parts, version.replace(".", "_"))))


def fitted(database: Database, addon: str, known: Mapping[str, Table], version: str) -> list[Kept]:
    """What an installation of the addon brings back into the tables that there are now.

    What these have no place for is retired, as it would have been by an upgrade: no value is lost.
    """
    found: list[Kept] = []
    for each in returning(database, addon):
        table = known.get(each.table)
        if table is None:
            name = _retired_name(database, addon, version, each.table)
            _retire(database, replace(each, name=name), each.name, "", version)
            drop(database, [each])
            continue
        there = {column.name for column in table.columns}
        surplus = [name for name in each.columns if name not in there and name != "id"]
        less = _without(database, each, surplus, version) if surplus else each
        if less.whole or less.columns != ("id",):
            found.append(less)
        else:
            drop(database, [less])
    return found


def _without(database: Database, each: Kept, surplus: Sequence[str], version: str) -> Kept:
    """What is kept less some columns, which are retired."""
    kinds = dict(zip(each.columns, each.kinds, strict=True))
    names = ("id", *surplus)
    rest = Kept(
        each.addon,
        _retired_name(database, each.addon, version, each.table, surplus[0]),
        each.table,
        names,
        tuple(kinds[name] for name in names),
        whole=False,
    )
    _retire(database, rest, each.name, " OR ".join(f"{quoted(name)} IS NOT NULL" for name in surplus), version)
    for name in surplus:
        database.execute(drop_column_sql(each.name, name))
    strike_out(database, [each.owned()])
    staying = tuple(name for name in each.columns if name not in surplus)
    less = replace(each, columns=staying, kinds=tuple(kinds[name] for name in staying))
    record(database, [less.owned()])
    return less


def drop(database: Database, kept: Iterable[Kept]) -> None:
    """Drop kept tables and strike them out of the ledger."""
    gone = list(kept)
    for each in gone:
        database.execute(f"DROP TABLE {quoted(each.name)}")
    strike_out(database, [each.owned() for each in gone])


def kept_name(addon: str, table: str) -> str:
    """The name of the table that something is kept in, short enough for both engines."""
    return short_name("kept", addon, table)


def _free_name(database: Database, addon: str, called: str) -> str:
    """The name of a kept table, numbered where another one has it: a field may come and go twice in one version."""
    taken = owners(database, KEPT)
    names = (kept_name(addon, called if number == 1 else f"{called}_{number}") for number in count(1))
    return next(name for name in names if name not in taken)


def _count(database: Database, table: str) -> int:
    ((rows,),) = database.fetch(f"SELECT count(*) FROM {quoted(table)}")
    return int(rows)


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


def forget_ids_of(database: Database, addon: str) -> None:
    """Forget an addon's external ids, but for rows that stay, its jobs and its schedule."""
    listed = set(owners(database, ROW))
    sql = placed(database, "SELECT id, name FROM core_external_id WHERE addon = ?")
    for id_, local in database.fetch(sql, (addon,)):
        if f"{addon}.{local}" not in listed:
            forget_external_ids(database, "id = ?", (id_,))
    for table in ("core_job", "core_schedule"):  # jobs are called <addon>.<what>
        sql = placed(database, f"DELETE FROM {table} WHERE substr(name, 1, ?) = ?")
        database.execute(sql, (len(addon) + 1, f"{addon}."))


def forget_external_ids(database: Database, condition: str, values: Sequence[object]) -> None:
    """Forget the external ids that meet a condition, and what was shipped for them."""
    chosen = f"SELECT id FROM core_external_id WHERE {condition}"
    sql = f"DELETE FROM core_shipped WHERE external_id IN ({chosen})"
    database.execute(placed(database, sql), values)
    database.execute(placed(database, f"DELETE FROM core_external_id WHERE {condition}"), values)


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
