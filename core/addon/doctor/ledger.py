"""Checks of the ledger: objects that are not there, things nobody owns, what is kept for an addon that is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from core.addon.doctor.finding import Finding
from core.addon.doctor.records import Check
from core.addon.kept import KEPT
from core.addon.ledger import COLUMN, INDEX, TABLE, owners
from core.addon.state import tables
from core.database import Database
from core.i18n import _
from core.model.schema import tables as wanted_tables
from core.records.changelog import AUTOMATIC, CREATION
from core.records.environment import Environment

LEDGER = "core.owned"
MISSING, UNOWNED = "missing", "unowned"


def ledger(env: Environment) -> Iterator[Finding]:
    """Objects of the ledger that are not in the database, and tables, columns and indexes that nobody owns."""
    database = env.database
    kept = owners(database, KEPT)
    bound = _bound(env)
    there = {
        TABLE: tables(database) - kept.keys(),
        COLUMN: {name for name in _columns(database) if name.partition(".")[0] not in kept} - bound,
        INDEX: _indexes(database),
    }
    words = {TABLE: _("the table {name}"), COLUMN: _("the column {name}"), INDEX: _("the index {name}")}
    for kind, found in there.items():
        known = owners(database, kind)
        for name in sorted(known.keys() - found):
            thing = words[kind].format(name=name)
            text = _("{thing} of {addon} is not there", thing=thing, addon=known[name])
            yield Finding(MISSING, LEDGER, None, text, kind, name, action=_("bring it back from a backup"))
        for name in sorted(found - known.keys()):
            if kind == COLUMN and name.partition(".")[0] in there[TABLE] - owners(database, TABLE).keys():
                continue  # its table is told of
            text = _("{thing} belongs to no addon", thing=words[kind].format(name=name))
            yield Finding(
                UNOWNED, name.partition(".")[0], None, text, kind, name, action=_("drop it, if nobody needs it")
            )


def kept(env: Environment) -> Iterator[Finding]:
    """Tables kept for addons that the database does not know, and kept tables that are not there."""
    known = {str(name) for (name,) in env.database.fetch("SELECT name FROM core_addon")}
    there = tables(env.database)
    for name, addon in sorted(owners(env.database, KEPT).items()):
        if name not in there:
            text = _("the table {name}, kept for {addon}, is not there", name=name, addon=addon)
            yield Finding("kept", LEDGER, None, text, KEPT, name, action=_("bring it back from a backup"))
        elif addon not in known:
            text = _("the table {name} is kept for {addon}, which is unknown", name=name, addon=addon)
            yield Finding("kept", LEDGER, None, text, KEPT, name, action=_("install the addon, or drop the table"))


def _bound(env: Environment) -> set[str]:
    """The columns that come and go with their tables and are not in the ledger: automatic ones, those of links."""
    return {
        f"{table.name}.{column.name}"
        for table in wanted_tables(env.registry)
        for column in table.columns
        if table.model is None or column.name in AUTOMATIC | CREATION
    }


def _columns(database: Database) -> set[str]:
    if database.engine == "sqlite":
        sql = (
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        )
    else:
        sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    return {f"{table}.{column}" for table, column in database.fetch(sql)}


def _indexes(database: Database) -> set[str]:
    """The indexes by name, without those of keys, which come with their tables."""
    if database.engine == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        sql = (
            "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
            " WHERE i.relnamespace = current_schema()::regnamespace"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid"
            " AND k.contype IN ('p', 'u'))"
        )
    return {str(name) for (name,) in database.fetch(sql)}


LEDGER_CHECKS: tuple[Check, ...] = (ledger, kept)
