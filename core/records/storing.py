"""The statements that store rows of one model: text compiled once per set of columns, values converted by kind.

Only the pipeline uses this; nothing is checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import FieldError, Invalid, UniqueViolation
from core.i18n import _
from core.lang.kinds import Converter, decoder, encoder
from core.lang.schema import FieldInfo
from core.model.schema import short_name
from core.text import fold

if TYPE_CHECKING:
    from core.records.environment import Environment


@dataclass(frozen=True, slots=True)
class Column:
    """One stored field: its column, the converters of the engine, the column of its folded twin."""

    name: str
    column: str
    encode: Converter | None
    decode: Converter | None
    fold: str | None


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT of whole rows: text, and what turns a mapping by field name into its parameters."""

    text: str
    parameters: Callable[[Mapping[str, object]], list[object]]


def columns(env: Environment, model: str) -> tuple[Column, ...]:
    """All stored fields of a model, in the order of the table, `id` first."""
    return env.runtime.statements.get(("columns", model), lambda: _columns(env, model))


def _columns(env: Environment, model: str) -> tuple[Column, ...]:
    engine = env.database.engine
    return tuple(
        Column(info.name, info.column, encoder(info.kind, engine), decoder(info.kind, engine), info.fold)
        for info in env.registry.schema[model].fields.values()
        if info.column is not None
    )


def insert_rows(env: Environment, model: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that carry every stored field, `id` and the automatic ones included.

    :raises Invalid: a unique key is taken.
    """
    insert = env.runtime.statements.get(("insert", model), lambda: _insert(env, model))
    parameters = insert.parameters
    with_unique_names(env, model, lambda: env.database.executemany(insert.text, [parameters(row) for row in rows]))


def _insert(env: Environment, model: str) -> Insert:
    stored = columns(env, model)
    folded = [(column.name, column.fold) for column in stored if column.fold]
    names = [column.column for column in stored] + [twin for _name, twin in folded]
    slots = ", ".join(["?"] * len(names))
    table = env.registry.schema[model].table
    text = env.runtime.text(f"INSERT INTO {table} ({', '.join(map(quoted, names))}) VALUES ({slots})")
    converters = [(column.name, column.encode) for column in stored]

    def parameters(row: Mapping[str, object]) -> list[object]:
        values = [
            row[name] if convert is None or row[name] is None else convert(row[name]) for name, convert in converters
        ]
        values.extend(fold(str(row[name])) if row[name] is not None else None for name, _twin in folded)
        return values

    return Insert(text, parameters)


def quoted(name: str) -> str:
    """A column or table name as an SQL identifier; field names may be reserved words of an engine."""
    return f'"{name}"'


def update_rows(env: Environment, model: str, changes: Iterable[tuple[int, Mapping[str, object]]]) -> None:
    """Set fields of rows by id and raise their version; rows that set the same fields share a statement.

    :raises Invalid: a unique key is taken.
    """
    by_shape: dict[tuple[str, ...], list[tuple[int, Mapping[str, object]]]] = {}
    for id_, values in changes:
        by_shape.setdefault(tuple(sorted(values)), []).append((id_, values))
    for shape, group in by_shape.items():
        _update_group(env, model, shape, group)


def _update_group(
    env: Environment, model: str, shape: tuple[str, ...], group: Sequence[tuple[int, Mapping[str, object]]]
) -> None:
    update = env.runtime.statements.get(("update", model, shape), lambda: _update(env, model, shape))
    rows = [[*update.parameters(values), id_] for id_, values in group]
    with_unique_names(env, model, lambda: env.database.executemany(update.text, rows))


def _update(env: Environment, model: str, shape: Sequence[str]) -> Insert:
    by_name = {column.name: column for column in columns(env, model)}
    chosen = [by_name[name] for name in shape]
    assignments = [f"{quoted(column.column)} = ?" for column in chosen]
    assignments += [f"{quoted(column.fold)} = ?" for column in chosen if column.fold]
    assignments.append("version = version + 1")
    table = env.registry.schema[model].table
    text = env.runtime.text(f"UPDATE {table} SET {', '.join(assignments)} WHERE id = ?")
    converters = [(column.name, column.encode) for column in chosen]
    folded = [column.name for column in chosen if column.fold]

    def parameters(values: Mapping[str, object]) -> list[object]:
        row = [
            convert(value) if convert and value is not None else value
            for value, convert in ((values[name], convert) for name, convert in converters)
        ]
        row.extend(fold(str(values[name])) if values[name] is not None else None for name in folded)
        return row

    return Insert(text, parameters)


def delete_rows(env: Environment, model: str, ids: Iterable[int]) -> None:
    """Delete rows by id."""
    table = env.registry.schema[model].table
    env.database.executemany(env.runtime.text(f"DELETE FROM {table} WHERE id = ?"), [(id_,) for id_ in ids])


def with_unique_names(env: Environment, model: str, statement: Callable[[], object]) -> None:
    """Run a statement; say which field is taken when the database refuses a duplicate.

    :raises Invalid: a unique key is taken.
    """
    try:
        statement()
    except UniqueViolation as error:
        fields = _taken(env, model, error.names)
        labels = ", ".join(info.label or info.name for info in fields) or ", ".join(error.names)
        field = fields[0].name if fields else ""
        text = _("Another record already has this value of {fields}.", fields=labels)
        raise Invalid([FieldError(field, text)], model=model) from error


def _taken(env: Environment, model: str, names: Sequence[str]) -> list[FieldInfo]:
    """The fields of the unique key that was violated: its columns are named on SQLite, its index on PostgreSQL."""
    info = env.registry.schema[model]
    for index in env.registry.options[model].indexes:
        fields = [info.fields[name.lstrip("-")] for name in index.fields]
        key = [str(field.column) for field in fields]
        if index.unique and list(names) in (key, [short_name(info.table, *key, "unique")]):
            return fields
    return [field for field in info.fields.values() if field.column in names]
