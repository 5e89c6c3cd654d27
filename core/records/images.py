"""Rows by id through the rules of an operation: which are permitted, and what they hold before they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import AccessDenied, NotFound
from core.i18n import _
from core.lang.kinds import Converter
from core.lang.statement import Statement
from core.records.query import CHUNK, Query, conjoined, in_chunks
from core.records.storing import columns, quoted
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment


@dataclass(frozen=True, slots=True)
class ById:
    """A statement that ends before its list of ids, and how its rows are read."""

    statement: Statement
    joiner: str
    suffix: str = ""
    names: tuple[str, ...] = ()
    decoders: tuple[tuple[str, Converter], ...] = ()


def permitted(env: Environment, model: str, ids: Sequence[int], operation: Operation = "read") -> set[int]:
    """The ids of those records, archived ones included, that exist and that the operation's rules let through."""
    return permitted_of(env, {model: ids}, operation)[model]


def permitted_of(
    env: Environment, wanted: Mapping[str, Sequence[int]], operation: Operation = "read"
) -> dict[str, set[int]]:
    """Like `permitted` for several models: in one statement, unless there are very many ids."""
    found: dict[str, set[int]] = {model: set() for model in wanted}
    parts: list[tuple[str, str, list[object]]] = []
    for model, ids in wanted.items():
        if not ids or (env.policy is not None and not env.policy.may(model, operation)):
            continue
        text, parameters = _permitted(env, model, operation)
        parts += [(model, f"{text}t.id IN ({slots})", [*parameters, *chunk]) for chunk, slots in in_chunks(env, ids)]
    if len(parts) == 1 or any(len(parameters) >= CHUNK for _model, _text, parameters in parts):
        for model, text, parameters in parts:
            found[model].update(id_ for (id_,) in env.database.fetch(text, parameters))
    elif parts:
        text = " UNION ALL ".join(f"SELECT {at}, q.id FROM ({part[1]}) AS q" for at, part in enumerate(parts))
        for at, id_ in env.database.fetch(text, [value for part in parts for value in part[2]]):
            found[parts[at][0]].add(id_)
    return found


def _permitted(env: Environment, model: str, operation: Operation) -> tuple[str, list[object]]:
    """The statement for one model up to its list of ids, with its parameters."""
    query = Query(env, model, operation=operation, archived=True)
    selected = query.kept("permitted", None, lambda: _by_id(query, "t.id"))
    return f"{selected.statement.text}{selected.joiner}", query.bound(selected.statement)


def _by_id(query: Query, chosen: str) -> ById:
    compiler = query.compiler()
    conditions = conjoined(query.where(compiler))
    source = query.source(compiler)
    statement = query.render((f"SELECT {chosen}", *source, *conditions))
    return ById(statement, " AND " if conditions else " WHERE ")


def _images(query: Query) -> ById:
    """All stored fields, the id first, locked where the engine locks rows."""
    stored = columns(query.env, query.model)
    selected = _by_id(query, ", ".join(f"t.{quoted(column.column)}" for column in stored))
    return replace(
        selected,
        suffix=" ORDER BY t.id FOR UPDATE OF t" if query.env.database.engine == "postgresql" else "",
        names=tuple(column.name for column in stored),
        decoders=tuple((column.name, column.decode) for column in stored if column.decode),
    )


def _run(query: Query, selected: ById, chunk: Sequence[int], slots: str) -> list[tuple[int, ...]]:
    text = f"{selected.statement.text}{selected.joiner}t.id IN ({slots}){selected.suffix}"
    return query.env.database.fetch(text, [*query.bound(selected.statement), *chunk])


def lock_images(env: Environment, model: str, ids: Sequence[int], operation: Operation) -> dict[int, dict[str, object]]:
    """The stored values of records that are about to change, locked in the order of their ids, by id.

    :raises NotFound: a record is not there, or the user may not know of it.
    :raises AccessDenied: a record that the user may read, but not change.
    """
    query = Query(env, model, operation=operation, archived=True)
    selected = query.kept("images", None, lambda: _images(query))
    images: dict[int, dict[str, object]] = {}
    for chunk, slots in in_chunks(env, sorted(set(ids))):
        for row in _run(query, selected, chunk, slots):
            image: dict[str, object] = dict(zip(selected.names, row, strict=True))
            for name, decode in selected.decoders:
                if image[name] is not None:
                    image[name] = decode(image[name])
            images[row[0]] = image
    missing = sorted(set(ids) - images.keys())
    if missing:
        _refuse(env, model, missing, operation)
    return images


def _refuse(env: Environment, model: str, missing: Sequence[int], operation: Operation) -> None:
    label = _(env.registry.schema[model].label or model)
    readable = permitted(env, model, missing)
    unknown = [id_ for id_ in missing if id_ not in readable]
    if unknown:
        raise NotFound(_("There is no {model} {id}, or you may not see it.", model=label, id=unknown[0]))
    text = (
        _("You may see {model} {id}, but not delete it.")
        if operation == "delete"
        else _("You may see {model} {id}, but not change it.")
    )
    raise AccessDenied(
        text.format(model=label, id=missing[0]), hint=_("A record rule of your groups does not allow it.")
    )
