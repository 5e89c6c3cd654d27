"""Bringing back what was kept for a detached addon, inside the transaction that installs it again.

tables and columns copied back -> references that lead nowhere -> records of other models -> external ids, schedule
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from core.addon import kept
from core.addon.kept import Kept
from core.addon.manifest import Manifest
from core.addon.migrations import refuse_other_kinds
from core.database import Database, placed
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


def holes(database: Database, addons: Iterable[str], wanted: Iterable[Table]) -> set[tuple[str, str]]:
    """The columns, by table and name, that must be filled in now and are not in what comes back into them."""
    strict = {(table.name, column.name): column for table in wanted for column in table.columns if column.not_null}
    found: set[tuple[str, str]] = set()
    for each in (each for addon in addons for each in kept.returning(database, addon)):
        for (table, name), column in strict.items():
            if table != each.table or name == "id":
                continue
            if name not in each.columns:
                empty = each.whole and column.default is None
            else:
                sql = f"SELECT 1 FROM {quoted(each.name)} WHERE {quoted(name)} IS NULL LIMIT 1"
                empty = bool(database.fetch(sql))
            if empty:
                found.add((table, name))
    return found


def bring_back(env: Environment, manifest: Manifest, change_set: int | None, before: Runtime) -> Returned:
    """Put everything back that was kept for the addon; what its present version has no place for stays aside.

    `change_set` is that of its removal, `before` the runtime without the addon: records of other models are put back
    as they were then, when nothing of the addon was asked of them.

    Raises ConfigurationError (A020) for values of another kind than is declared now.
    """
    database, addon = env.database, manifest.name
    known = {table.name: table for table in tables(env.registry)}
    everything = kept.fitted(database, addon, known, str(manifest.version))
    refuse_other_kinds([replace(each.as_table(), name=each.table) for each in everything], known.values())
    whole = [each for each in everything if each.whole]
    parts = [each for each in everything if not each.whole and not _is_ledger(each)]
    returned = Returned()
    if change_set is not None:
        open_change_set(env)
        put_back(before.beside(env), change_set)
    for each in whole:
        _copy_table(database, each)
    for each in parts:
        copy_columns(database, each, [name for name in each.columns if name != "id"])
    _mend_references(env.registry, database, whole, parts, returned)
    for each in everything:
        if _is_ledger(each):
            copy_ledger(database, each)
            if each.table == IDS:
                _forget_lost_ids(env)
    _clear(database, everything, whole, returned)
    return returned


def _is_ledger(each: Kept) -> bool:
    return not each.whole and each.table in kept.LEDGER


def _copy_table(database: Database, each: Kept) -> None:
    chosen = ", ".join(map(quoted, each.columns))
    database.execute(f"INSERT INTO {quoted(each.table)} ({chosen}) SELECT {chosen} FROM {quoted(each.name)}")
    if "id" in each.columns:
        kept.continue_ids(database, each.table, each.last_id)


def copy_columns(database: Database, each: Kept, names: Sequence[str]) -> None:
    """Copy kept values into columns of the rows that they are from, as far as these are there."""
    values = ", ".join(f"{quoted(name)} = k.{quoted(name)}" for name in names)
    database.execute(f"UPDATE {quoted(each.table)} AS t SET {values} FROM {quoted(each.name)} AS k WHERE k.id = t.id")


def copy_ledger(database: Database, each: Kept) -> None:
    """Copy rows of core's own tables back: external ids, what was shipped for them, the schedule; those that stayed
    when the addon went are there already."""
    where = {
        "core_external_id": "NOT EXISTS (SELECT 1 FROM core_external_id x WHERE x.addon = k.addon AND x.name = k.name)",
        "core_shipped": "k.external_id IN (SELECT id FROM core_external_id)"
        " AND NOT EXISTS (SELECT 1 FROM core_shipped x"
        " WHERE x.external_id = k.external_id AND x.addon = k.addon AND x.field = k.field)",
        "core_schedule": "k.name NOT IN (SELECT name FROM core_schedule)",
    }
    chosen = ", ".join(map(quoted, each.columns))
    source = f"SELECT {', '.join(f'k.{quoted(name)}' for name in each.columns)} FROM {quoted(each.name)} AS k"
    database.execute(f"INSERT INTO {quoted(each.table)} ({chosen}) {source} WHERE {where[each.table]}")


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


def _forget_lost_ids(env: Environment) -> None:
    """External ids whose record did not come back name nothing: a later load makes the record anew."""
    database = env.database
    for (model,) in database.fetch("SELECT DISTINCT model FROM core_external_id"):
        if model in env.registry.schema:
            table = quoted(env.registry.schema[model].table)
            lost = f"DELETE FROM core_external_id WHERE model = ? AND record NOT IN (SELECT id FROM {table})"
            database.execute(placed(database, lost), (model,))


def _clear(database: Database, everything: Sequence[Kept], whole: Sequence[Kept], returned: Returned) -> None:
    """Drop kept tables; the rows that did not come back stay aside."""
    for each in whole:
        if "id" in each.columns:
            database.execute(f"DELETE FROM {quoted(each.name)} WHERE id IN (SELECT id FROM {quoted(each.table)})")
            returned.rows[each.table] = _count(database, each.table)
    leftover = [each for each in whole if "id" in each.columns and _count(database, each.name)]
    kept.drop(database, [each for each in everything if each not in leftover])


def _count(database: Database, table: str) -> int:
    ((count,),) = database.fetch(f"SELECT count(*) FROM {quoted(table)}")
    return int(count)
