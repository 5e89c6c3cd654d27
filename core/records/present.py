"""What is stored of rows at present, by id and unchecked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.records.query import in_chunks
from core.records.storing import columns, quoted

if TYPE_CHECKING:
    from core.records.environment import Environment


def current_ids(env: Environment, model: str, ids: Sequence[int]) -> set[int]:
    """Which of the ids are in the table."""
    table = env.registry.schema[model].table if ids else ""
    return {
        id_
        for chunk, slots in in_chunks(env, ids)
        for (id_,) in env.database.fetch(f"SELECT id FROM {table} WHERE id IN ({slots})", chunk)
    }


def current_values(
    env: Environment, model: str, ids: Sequence[int], *, lock: bool = False
) -> dict[int, dict[str, object]]:
    """The stored values of rows by id, unchecked; with `lock` they stay so (SQLite has one writer anyhow)."""
    stored = columns(env, model)
    chosen = ", ".join(quoted(column.column) for column in stored)
    table = env.registry.schema[model].table
    found: dict[int, dict[str, object]] = {}
    ending = " ORDER BY id FOR UPDATE" if lock and env.database.engine == "postgresql" else ""
    for row in chosen_rows(env, f"SELECT {chosen} FROM {table} WHERE id IN", ids, ending):
        values = {
            column.name: column.decode(value) if column.decode and value is not None else value
            for column, value in zip(stored, row, strict=True)
        }
        found[int(str(values["id"]))] = values
    return found


def chosen_rows(env: Environment, text: str, ids: Sequence[int], ending: str = "") -> Iterator[tuple[object, ...]]:
    """The rows of a statement that ends before its list of ids, whatever their number."""
    for chunk, slots in in_chunks(env, ids):
        yield from env.database.fetch(f"{text} ({slots}){ending}", chunk)
