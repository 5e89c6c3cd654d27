"""Bringing back what was kept for a detached addon, inside the transaction that installs it again.

tables and columns copied back -> references that lead nowhere -> records of other models -> external ids, schedule
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from core.addon import kept
from core.addon.kept import Kept
from core.addon.ledger import placed
from core.database import Database
from core.model.schema import Table, quoted, tables
from core.records.changelog import open_change_set
from core.records.runtime import Runtime
from core.records.undo import put_back

if TYPE_CHECKING:
    from core.model.registry import Registry
    from core.model.relations import Many2one
    from core.records.environment import Environment

IDS = "core_external_id"


@dataclass(slots=True)
class Returned:
    """What came back, by table; and what did not, in words: it stays aside."""

    rows: dict[str, int] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)


def bring_back(env: Environment, addon: str, change_set: int | None, before: Runtime) -> Returned:
    """Put everything back that was kept for the addon.

    `change_set` is that of its removal, `before` the runtime without the addon: records of other models are put back
    as they were then, when nothing of the addon was asked of them.
    """
    database = env.database
    everything = kept.returning(database, addon)
    known = {table.name: table for table in tables(env.registry)}
    whole = [each for each in everything if each.whole and each.table in known]
    returned = Returned()
    if change_set is not None:
        open_change_set(env)
        put_back(before.beside(env), change_set)
    restored = [each for each in whole if _copy_table(database, each, known[each.table], returned)]
    parts = [each for each in everything if not each.whole and each.table in known and not _is_ledger(each)]
    for each in parts:
        _copy_columns(database, each, known[each.table])
    _mend_references(env.registry, database, restored, parts, returned)
    for each in everything:
        if _is_ledger(each):
            _copy_ledger(env, each)
    _clear(database, everything, restored, returned)
    return returned


def _is_ledger(each: Kept) -> bool:
    return not each.whole and each.table in kept.LEDGER


def _copy_table(database: Database, each: Kept, table: Table, returned: Returned) -> bool:
    """Copy a table back, if every column that must be filled in can be."""
    shared = [column.name for column in table.columns if column.name in each.columns]
    lacking = [c.name for c in table.columns if c.not_null and c.default is None and c.name not in shared]
    if lacking:
        returned.aside.append(f"{each.table}: '{lacking[0]}' must be filled in now, and was not there before")
        return False
    chosen = ", ".join(map(quoted, shared))
    database.execute(f"INSERT INTO {quoted(table.name)} ({chosen}) SELECT {chosen} FROM {quoted(each.name)}")
    if "id" in shared:
        kept.continue_ids(database, table.name, each.last_id)
    return True


def _copy_columns(database: Database, each: Kept, table: Table) -> None:
    there = {column.name for column in table.columns}
    shared = [name for name in each.columns if name in there and name != "id"]
    if not shared:
        return
    values = ", ".join(f"{quoted(name)} = k.{quoted(name)}" for name in shared)
    database.execute(f"UPDATE {quoted(table.name)} AS t SET {values} FROM {quoted(each.name)} AS k WHERE k.id = t.id")


def _mend_references(
    registry: Registry, database: Database, restored: Sequence[Kept], parts: Sequence[Kept], returned: Returned
) -> None:
    """Empty references to what has gone meanwhile; rows that cannot be without stay aside, and so do those that need
    them."""
    columns = list(_references(registry, restored, parts))
    while True:
        lost = 0
        for table, column, target, required in columns:
            where = (
                f"{quoted(column)} IS NOT NULL AND NOT EXISTS"
                f" (SELECT 1 FROM {quoted(target)} AS r WHERE r.id = {quoted(table)}.{quoted(column)})"
            )
            if not required:
                database.execute(f"UPDATE {quoted(table)} SET {quoted(column)} = NULL WHERE {where}")
                continue
            ((count,),) = database.fetch(f"SELECT count(*) FROM {quoted(table)} WHERE {where}")
            if count:
                database.execute(f"DELETE FROM {quoted(table)} WHERE {where}")
                returned.aside.append(f"{table}: {count} row(s) whose '{column}' has gone")
                lost += count
        if not lost:
            return


def _references(
    registry: Registry, restored: Iterable[Kept], parts: Iterable[Kept]
) -> Iterator[tuple[str, str, str, bool]]:
    """Table, column, table referred to, and whether a row cannot be without the reference."""
    known = {table.name: table for table in tables(registry)}
    fields = {
        (info.table, field.column): cast("Many2one[Any]", registry.declarations[model][name])
        for model, info in registry.schema.items()
        for name, field in info.fields.items()
        if field.column and field.target
    }
    for each in (*restored, *parts):
        for column in known[each.table].columns:
            if column.references and column.name in each.columns:
                declaration = fields.get((each.table, column.name))
                optional = declaration is not None and declaration.on_delete == "set null"
                yield each.table, column.name, column.references, column.not_null or not optional


def _copy_ledger(env: Environment, each: Kept) -> None:
    """Rows of core's own tables: external ids of records that are there, what was shipped for them, the schedule."""
    database = env.database
    chosen = ", ".join(map(quoted, each.columns))
    where = ""
    if each.table == IDS:
        where = " WHERE NOT EXISTS (SELECT 1 FROM core_external_id AS x WHERE x.addon = k.addon AND x.name = k.name)"
    elif each.table == "core_shipped":
        where = " WHERE k.external_id IN (SELECT id FROM core_external_id)"
    elif each.table == "core_schedule":
        where = " WHERE k.name NOT IN (SELECT name FROM core_schedule)"
    source = f"SELECT {', '.join(f'k.{quoted(name)}' for name in each.columns)} FROM {quoted(each.name)} AS k{where}"
    database.execute(f"INSERT INTO {quoted(each.table)} ({chosen}) {source}")
    if each.table == IDS:
        _forget_lost_ids(env)


def _forget_lost_ids(env: Environment) -> None:
    """External ids whose record did not come back name nothing: a later load makes the record anew."""
    database = env.database
    for (model,) in database.fetch("SELECT DISTINCT model FROM core_external_id"):
        if model in env.registry.schema:
            table = quoted(env.registry.schema[model].table)
            lost = f"DELETE FROM core_external_id WHERE model = ? AND record NOT IN (SELECT id FROM {table})"
            database.execute(placed(database, lost), (model,))


def _clear(database: Database, everything: Sequence[Kept], restored: Sequence[Kept], returned: Returned) -> None:
    """Drop kept tables; of a table that came back, the rows that did not stay aside."""
    for each in everything:
        if each.whole and "id" in each.columns and each in restored:
            database.execute(f"DELETE FROM {quoted(each.name)} WHERE id IN (SELECT id FROM {quoted(each.table)})")
            returned.rows[each.table] = _count(database, each.table)
    leftover = [
        each
        for each in everything
        if each.whole and (each not in restored or ("id" in each.columns and _count(database, each.name)))
    ]
    kept.drop(database, [each for each in everything if each not in leftover])


def _count(database: Database, table: str) -> int:
    ((count,),) = database.fetch(f"SELECT count(*) FROM {quoted(table)}")
    return int(count)
