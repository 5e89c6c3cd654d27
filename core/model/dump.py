"""The canonical dump of a database's schema: equal texts mean equal tables, columns, keys and indexes.

Sorted by name; the order of columns, the names PostgreSQL gives to constraints and its attribute numbers do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.database import Database


def dump(database: Database) -> str:
    """The schema as text, one line per object."""
    lines = _sqlite(database) if database.engine == "sqlite" else _postgresql(database)
    return "\n".join(sorted(lines)) + "\n"


def _sqlite(database: Database) -> Iterator[str]:
    listed = "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    for table, without_rowid, strict in database.fetch(listed):
        if table.startswith("sqlite_"):
            continue
        yield f"table {table}{' strict' * strict}{' without rowid' * without_rowid}{_ids(database, table)}"
        columns = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)'
        for name, kind, not_null, default, key in database.fetch(columns, (table,)):
            shown = f"{' not null' * not_null}{'' if default is None else f' default {default}'}{' key' * (key > 0)}"
            yield f"table {table} column {name} {kind.lower()}{shown}"
        references = 'SELECT "from", "table", "to", on_delete, on_update FROM pragma_foreign_key_list(?)'
        for column, target, key, on_delete, on_update in database.fetch(references, (table,)):
            yield f"table {table} reference {column} -> {target}.{key} {on_delete}/{on_update}".lower()
    for name, table, sql in database.fetch("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'"):
        if sql is not None:
            yield f"table {table} index {name}: {sql}"


def _ids(database: Database, table: str) -> str:
    sql = database.fetch("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))[0][0]
    return " autoincrement" if "AUTOINCREMENT" in sql.upper() else ""


_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
SELECT c.relname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND k.contype IN ('p', 'f', 'u', 'c')
"""
_INDEXES = """
SELECT t.relname, i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))
"""


def _postgresql(database: Database) -> Iterator[str]:
    for table, name, kind, not_null, identity, default in database.fetch(_COLUMNS):
        shown = f"{' not null' * not_null}{' identity' * bool(identity)}{f' default {default}' if default else ''}"
        yield f"table {table} column {name} {kind}{shown}"
    for table, definition in database.fetch(_CONSTRAINTS):
        yield f"table {table} constraint {definition}"
    for table, name, definition in database.fetch(_INDEXES):
        yield f"table {table} index {name}: {definition}"
