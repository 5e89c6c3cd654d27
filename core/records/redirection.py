"""Making everything that refers to some records refer to another one, so that they can go without a loss.

Every field of every addon is found in the registry. What would be there twice afterwards, where a unique index allows
it once, stays where it was and goes with its record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.model.change import Link
from core.model.reference import reference_to
from core.records.checks import require_right
from core.records.images import lock_images
from core.records.pipeline import write
from core.records.query import in_chunks
from core.records.referring import linking_rows, referring_fields, referring_rows
from core.records.storing import quoted

if TYPE_CHECKING:
    from core.records.environment import Environment


def redirect(env: Environment, model: str, ids: Sequence[int], to: int) -> None:
    """Redirect what refers to `ids` to the record `to`, in records that the user may not see, too.

    Hooks of the referring models do not run: nothing but the reference changes. A record does not come to refer to
    itself.

    :raises AccessDenied, NotFound: the user may not change one of the records.
    """
    losers = sorted({*ids} - {to})
    require_right(env, model, "update")
    lock_images(env, model, [*losers, to], "update")
    inner = env.sudo()
    with inner:
        for source, name in referring_fields(env, model):
            rows = referring_rows(env, source, name, model, losers)
            if source == model:
                rows -= {*losers, to}
            value = reference_to(model, to) if env.registry.schema[source].fields[name].models else to
            moving = _without_twins(inner, source, name, sorted(rows), value)
            write(inner, source, [(row, {name: value}) for row in moving], replay=True)
        for source, name, found in linking_rows(env, model, losers):
            items = [
                (own, {name: Link(add=() if source == model and own == to else (to,), remove=tuple(others))})
                for own, others in sorted(found.items())
                if source != model or own not in losers
            ]
            write(inner, source, items, replay=True)


def _without_twins(env: Environment, source: str, name: str, rows: Sequence[int], value: int | str) -> list[int]:
    """Those of the rows that may come to hold the value without breaking a unique index."""
    moving = list(rows)
    for index in env.registry.options[source].indexes:
        names = [each.lstrip("-") for each in index.fields]
        if index.unique and name in names and moving:
            others = [each for each in names if each != name]
            taken = {
                key
                for key in _keys(env, source, others, _holding(env, source, name, value)).values()
                if key is not None
            }
            keys = _keys(env, source, others, moving)
            moving = [row for row in moving if _take(keys[row], taken)]
    return moving


def _take(key: tuple[object, ...] | None, taken: set[tuple[object, ...]]) -> bool:
    """Whether a row with these other values fits in; it takes their place."""
    if key is None:
        return True
    free = key not in taken
    taken.add(key)
    return free


def _holding(env: Environment, source: str, name: str, value: int | str) -> list[int]:
    info = env.registry.schema[source]
    sql = env.runtime.text(f"SELECT id FROM {info.table} WHERE {quoted(str(info.fields[name].column))} = ?")
    return [id_ for (id_,) in env.database.fetch(sql, (value,))]


def _keys(
    env: Environment, source: str, names: Sequence[str], rows: Sequence[int]
) -> dict[int, tuple[object, ...] | None]:
    """The values of fields by row; None where one of them is empty, since empty values are never equal."""
    info = env.registry.schema[source]
    columns = "".join(f", {quoted(str(info.fields[name].column))}" for name in names)
    found: dict[int, tuple[object, ...] | None] = {}
    for chunk, slots in in_chunks(env, rows):
        for id_, *values in env.database.fetch(f"SELECT id{columns} FROM {info.table} WHERE id IN ({slots})", chunk):
            found[id_] = None if None in values else tuple(values)
    return found
