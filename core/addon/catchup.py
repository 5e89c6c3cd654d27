"""Bringing what was kept of detached addons to the versions that are installed now.

What a former version left takes the same way as the tables of an addon that was installed all the time: it stands as
tables again while `before` of the migrations runs, and goes aside in its new shape, from where the installation brings
it back.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.addon import kept, ledger, migrations
from core.addon.attach import copy_columns, copy_ledger
from core.addon.kept import Kept
from core.addon.ledger import COLUMN, TABLE, Owned
from core.addon.migrations import Rising
from core.database import Database
from core.model import schema
from core.model.schema import Column, Table, quoted


def catch_up(database: Database, rising: Sequence[Rising], detached: Sequence[str], declared: Sequence[Table]) -> None:
    """Run `before` of the migrations that wait, inside the transaction that installs the addons.

    `detached` are all detached addons that are installed, in the order of their dependencies; `declared` the tables
    that there will be.
    """
    if not any(step.before for each in rising for step in each.steps):
        return
    for addon in detached:
        _stand_up(database, addon, declared)
    for each in rising:
        each.before(database)
    for addon in reversed(detached):
        _lay_aside(database, addon, declared)


def _stand_up(database: Database, addon: str, declared: Sequence[Table]) -> None:
    """Make what is kept tables, columns and rows again, in the ledger too; what has no table any more stays aside."""
    everything = kept.returning(database, addon)
    for each in (each for each in everything if each.whole):
        _stand_up_table(database, each)
    present = migrations.tables(database, declared)
    parts = [each for each in everything if not each.whole and each.table in present]
    for each in parts:
        if each.table in kept.LEDGER:
            copy_ledger(database, each)
        else:
            _stand_up_columns(database, each)
    kept.drop(database, [each for each in everything if each.whole or each in parts])


def _stand_up_table(database: Database, each: Kept) -> None:
    columns = tuple(_plain(each, name) for name in each.columns)
    table = Table(each.table, each.addon, columns, (), each.model)
    database.execute(schema.create_table_sql(table, database.engine))
    chosen = ", ".join(map(quoted, each.columns))
    database.execute(f"INSERT INTO {quoted(table.name)} ({chosen}) SELECT {chosen} FROM {quoted(each.name)}")
    if each.model:
        kept.continue_ids(database, table.name, each.last_id)
    listed = [column for column in columns if each.model and column.name not in migrations.AUTOMATIC_KINDS]
    detail = {"model": each.model} if each.model else {}
    named = Owned(each.addon, TABLE, table.name, detail)
    ledger.record(database, [named, *(ledger.column(table.name, column) for column in listed)])


def _stand_up_columns(database: Database, each: Kept) -> None:
    columns = [_plain(each, name) for name in each.columns if name != "id"]
    for column in columns:
        database.execute(schema.add_column_sql(each.table, column, database.engine))
    copy_columns(database, each, [column.name for column in columns])
    ledger.record(database, (ledger.column(each.table, column) for column in columns))


def _plain(each: Kept, name: str) -> Column:
    """A column as it stands aside: without a reference, and empty where it holds nothing."""
    kind = each.as_table().column(name).kind
    first = name == "version" and each.model is not None
    return Column(name, kind, each.addon, not_null=first, default=1 if first else None)


def _lay_aside(database: Database, addon: str, declared: Sequence[Table]) -> None:
    """What `_stand_up` did the other way round, in the shape that the migrations gave it."""
    known = migrations.tables(database, declared)
    going = [item for item in ledger.owned_by(database, addon) if item.kind in (TABLE, COLUMN)]
    tables = [item.name for item in going if item.kind == TABLE]
    models = [str(item.detail["model"]) for item in going if item.kind == TABLE and "model" in item.detail]
    kept.lay_aside(database, addon, known, going, models)
    for item in going:
        if item.kind == COLUMN and item.detail["table"] not in tables:
            database.execute(schema.drop_column_sql(str(item.detail["table"]), str(item.detail["column"])))
    for statement in schema.drop_tables_sql(tables, database.engine):
        database.execute(statement)
    ledger.strike_out(database, going)
    kept.forget_ids_of(database, addon)
    for model in models:
        kept.forget_external_ids(database, "model = ?", (model,))
