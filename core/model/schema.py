"""Tables, columns and indexes as data, each owned by one addon, and the statements that create and drop them.

Install and uninstall use these statements alone, so that what an addon adds can be taken away without a trace: foreign
keys stand inline, indexes are objects of their own, and a column that an extension adds is nullable or has a constant
default. The database never acts by itself: every foreign key is NO ACTION and checked at commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.lang.kinds import Engine, Kind, encoder
from core.lang.schema import FieldInfo, LinkTable
from core.model.declaration import Declaration
from core.model.infos import Index as AskedIndex
from core.model.registry import Registry

NAME_SIZE = 63
REFERENCES = "DEFERRABLE INITIALLY DEFERRED"

_TYPES: dict[Kind, tuple[str, str]] = {  # SQLite, PostgreSQL
    Kind.BOOLEAN: ("INTEGER", "boolean"),
    Kind.INTEGER: ("INTEGER", "bigint"),
    Kind.REFERENCE: ("INTEGER", "bigint"),
    Kind.MONEY: ("INTEGER", "bigint"),
    Kind.FLOAT: ("REAL", "double precision"),
    Kind.TEXT: ("TEXT", "text"),
    Kind.BYTES: ("BLOB", "bytea"),
    Kind.JSON: ("TEXT", "text"),
    Kind.DATE: ("TEXT", "date"),
    Kind.INSTANT: ("INTEGER", "timestamptz"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `default` a Python value of its kind, `references` the table its ids belong to."""

    name: str
    kind: Kind
    owner: str
    not_null: bool = False
    default: object = None
    references: str | None = None

    def sql(self, engine: Engine, *, inline: bool = True) -> str:
        """The column as it stands in CREATE TABLE and ADD COLUMN; `inline` with its foreign key."""
        parts = [quoted(self.name), _TYPES[self.kind][engine == "postgresql"]]
        if self.not_null:
            parts.append("NOT NULL")
        if self.default is not None:
            parts.append(f"DEFAULT {_literal(self.default, self.kind, engine)}")
        if self.references and inline:
            parts.append(f"REFERENCES {quoted(self.references)} (id) {REFERENCES}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over columns, `-name` for descending; `text` are those compared by code point."""

    name: str
    table: str
    columns: tuple[str, ...]
    owner: str
    unique: bool = False
    text: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a model, or of links where `model` is None: then both columns together are its key."""

    name: str
    owner: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    model: str | None = None

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(column for column in self.columns if column.name == name)


def tables(registry: Registry) -> tuple[Table, ...]:
    """All tables that a registry needs, in the order of their addons, each model's followed by its link tables."""
    found: list[Table] = []
    for model in registry.schema:
        found.append(_model_table(registry, model))
        found.extend(_link_tables(registry, model))
    return tuple(found)


def _model_table(registry: Registry, model: str) -> Table:
    info = registry.schema[model]
    owner = registry.owner_of_model[model]
    columns: list[Column] = []
    for name, declaration in registry.declarations[model].items():
        field = info.fields[name]
        if field.column is None:
            continue
        columns.append(_column(registry, model, field, registry.origins[model].get(name, declaration)))
        if field.fold:
            columns.append(Column(field.fold, Kind.TEXT, registry.owner_of_field[model, name]))
    indexes = [index for asked in registry.options[model].indexes for index in _indexes(registry, model, asked)]
    unique_names = {index.name: index for index in reversed(indexes)}
    return Table(info.table, owner, tuple(columns), tuple(reversed(unique_names.values())), model)


def _column(registry: Registry, model: str, field: FieldInfo, origin: Declaration[Any]) -> Column:
    owner = registry.owner_of_field[model, field.name]
    target = registry.schema[field.target].table if field.target else None
    default: object = 1 if field.name == "version" else None
    added = owner != registry.owner_of_model[model]
    if (added or field.kind is Kind.BOOLEAN) and origin.default is not None and not callable(origin.default):
        default = origin.check(origin.default)
    if field.kind is Kind.BOOLEAN and default is None:
        default = False
    return Column(str(field.column), field.kind, owner, field.required, default, target)


def _indexes(registry: Registry, model: str, asked: AskedIndex) -> Iterator[Index]:
    """The index that was asked for; text that is searched is ordered by its folded twin, and compared by itself."""
    fields = registry.schema[model].fields
    exact = tuple(_indexed(name, fields[name.lstrip("-")], folded=False) for name in asked.fields)
    folded = tuple(_indexed(name, fields[name.lstrip("-")], folded=not asked.unique) for name in asked.fields)
    text = frozenset(
        column
        for name in asked.fields
        if (field := fields[name.lstrip("-")]).kind is Kind.TEXT
        for column in (field.column, field.fold)
        if column
    )
    table = registry.schema[model].table
    wanted = (exact, folded) if len(asked.fields) == 1 else (folded,)
    for columns in dict.fromkeys(wanted):
        kind = "unique" if asked.unique else "index"
        name = short_name(table, *(column.lstrip("-") for column in columns), kind)
        yield Index(name, table, columns, asked.addon, asked.unique, text)


def _indexed(name: str, field: FieldInfo, *, folded: bool) -> str:
    column = field.fold if folded and field.fold else field.column
    return f"-{column}" if name.startswith("-") else str(column)


def short_name(*parts: str) -> str:
    """The parts joined, cut to what both engines take, with a hash of the whole where they are too long."""
    whole = "_".join(parts)
    if len(whole) <= NAME_SIZE:
        return whole
    return f"{whole[: NAME_SIZE - 9]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _link_tables(registry: Registry, model: str) -> Iterator[Table]:
    for name, field in registry.schema[model].fields.items():
        if field.link is None or field.target is None or field.link.own != "owner_id":
            continue
        owner = registry.owner_of_field[model, name]
        yield _link_table(field.link, registry.schema[model].table, registry.schema[field.target].table, owner)


def _link_table(link: LinkTable, own: str, other: str, owner: str) -> Table:
    columns = (
        Column(link.own, Kind.REFERENCE, owner, not_null=True, references=own),
        Column(link.other, Kind.REFERENCE, owner, not_null=True, references=other),
    )
    index = Index(short_name(link.table, link.other, "index"), link.table, (link.other,), owner)
    return Table(link.table, owner, columns, (index,))


# Statements


def create_sql(wanted: Sequence[Table], engine: Engine) -> list[str]:
    """The statements that create tables, however they refer to each other, and their indexes."""
    statements = [create_table_sql(table, engine) for table in wanted]
    if engine == "postgresql":
        statements += [
            add_reference_sql(table, column) for table in wanted for column in table.columns if column.references
        ]
    return statements + [create_index_sql(index, engine) for table in wanted for index in table.indexes]


def create_table_sql(table: Table, engine: Engine) -> str:
    """CREATE TABLE; on PostgreSQL without foreign keys, which `create_sql` adds when all tables are there."""
    inline = engine == "sqlite"
    columns = [
        _id_sql(engine) if column.name == "id" else column.sql(engine, inline=inline) for column in table.columns
    ]
    if table.model is None:
        columns.append(f"PRIMARY KEY ({', '.join(quoted(column.name) for column in table.columns)})")
    suffix = ""
    if engine == "sqlite":
        suffix = " STRICT" if table.model else " STRICT, WITHOUT ROWID"
    return f"CREATE TABLE {quoted(table.name)} ({', '.join(columns)}){suffix}"


def _id_sql(engine: Engine) -> str:
    """Ids are never given twice."""
    if engine == "sqlite":
        return '"id" INTEGER PRIMARY KEY AUTOINCREMENT'
    return '"id" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY'


def add_reference_sql(table: Table, column: Column) -> str:
    """The foreign key of a column, for PostgreSQL, named as the server would name an inline one."""
    name = short_name(table.name, column.name, "fkey")
    key = f"FOREIGN KEY ({quoted(column.name)}) REFERENCES {quoted(str(column.references))} (id) {REFERENCES}"
    return f"ALTER TABLE {quoted(table.name)} ADD CONSTRAINT {quoted(name)} {key}"


def add_column_sql(table: str, column: Column, engine: Engine) -> str:
    """ALTER TABLE ADD COLUMN, with the foreign key inline."""
    return f"ALTER TABLE {quoted(table)} ADD COLUMN {column.sql(engine)}"


def create_index_sql(index: Index, engine: Engine) -> str:
    """CREATE INDEX; text is compared by code point, whatever the database's locale."""
    terms = []
    for column in index.columns:
        name = column.lstrip("-")
        collation = ' COLLATE "C"' if engine == "postgresql" and name in index.text else ""
        terms.append(f"{quoted(name)}{collation}{' DESC' if column.startswith('-') else ''}")
    unique = "UNIQUE " if index.unique else ""
    return f"CREATE {unique}INDEX {quoted(index.name)} ON {quoted(index.table)} ({', '.join(terms)})"


def drop_index_sql(index: Index) -> str:
    """DROP INDEX."""
    return f"DROP INDEX {quoted(index.name)}"


def drop_column_sql(table: str, column: str) -> str:
    """ALTER TABLE DROP COLUMN; the indexes that name the column go first."""
    return f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(column)}"


def drop_tables_sql(names: Iterable[str], engine: Engine) -> list[str]:
    """DROP TABLE of tables that may refer to each other; nothing else may refer to them any more."""
    wanted = [quoted(name) for name in names]
    if engine == "postgresql":
        return [f"DROP TABLE {', '.join(wanted)}"] if wanted else []
    return [f"DROP TABLE {name}" for name in wanted]


def create_all(registry: Registry) -> None:
    """Create everything a registry needs in an empty database, inside the open transaction."""
    for statement in create_sql(tables(registry), registry.database.engine):
        registry.database.execute(statement)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return f'"{name}"'


def _literal(value: object, kind: Kind, engine: Engine) -> str:
    convert = encoder(kind, engine)
    stored = convert(value) if convert else value
    if isinstance(stored, bool):
        return "true" if stored else "false"
    if isinstance(stored, (int, float)):
        return repr(stored)
    text = str(stored).replace("'", "''")
    return f"'{text.replace('%', '%%')}'" if engine == "postgresql" else f"'{text}'"
