"""Rows by id through the rules of an operation: which are permitted, and what they hold before they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import AccessDenied, NotFound
from core.i18n import _
from core.lang.statement import Statement
from core.records.query import Query, conjoined, in_chunks
from core.records.storing import columns, quoted
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment


@dataclass(frozen=True, slots=True)
class ById:
    """A statement that ends before its list of ids."""

    statement: Statement
    joiner: str


def permitted(env: Environment, model: str, ids: Sequence[int], operation: Operation = "read") -> set[int]:
    """The ids of those records, archived ones included, that exist and that the operation's rules let through."""
    found: set[int] = set()
    if not ids or (env.policy is not None and not env.policy.may(model, operation)):
        return found
    query = Query(env, model, operation=operation, archived=True)
    selected = query.kept("permitted", None, lambda: _by_id(query, "t.id"))
    for chunk, slots in in_chunks(env, ids):
        found.update(row[0] for row in _run(query, selected, chunk, slots))
    return found


def _by_id(query: Query, chosen: str) -> ById:
    compiler = query.compiler()
    conditions = conjoined(query.where(compiler))
    source = query.source(compiler)
    statement = query.render((f"SELECT {chosen}", *source, *conditions))
    return ById(statement, " AND " if conditions else " WHERE ")


def _run(query: Query, selected: ById, chunk: Sequence[int], slots: str, suffix: str = "") -> list[tuple[int, ...]]:
    text = f"{selected.statement.text}{selected.joiner}t.id IN ({slots}){suffix}"
    return query.env.database.fetch(text, [*query.bound(selected.statement), *chunk])


def lock_images(env: Environment, model: str, ids: Sequence[int], operation: Operation) -> dict[int, dict[str, object]]:
    """The stored values of records that are about to change, locked in the order of their ids, by id.

    :raises NotFound: a record is not there, or the user may not know of it.
    :raises AccessDenied: a record that the user may read, but not change.
    """
    query = Query(env, model, operation=operation, archived=True)
    stored = columns(env, model)
    chosen = ", ".join(f"t.{quoted(column.column)}" for column in stored)
    selected = query.kept("images", None, lambda: _by_id(query, chosen))
    suffix = " ORDER BY t.id FOR UPDATE OF t" if env.database.engine == "postgresql" else ""
    names = [column.name for column in stored]
    decoders = [(column.name, column.decode) for column in stored if column.decode]
    images: dict[int, dict[str, object]] = {}
    for chunk, slots in in_chunks(env, sorted(set(ids))):
        for row in _run(query, selected, chunk, slots, suffix):
            image: dict[str, object] = dict(zip(names, row, strict=True))
            for name, decode in decoders:
                if image[name] is not None:
                    image[name] = decode(image[name])
            images[int(str(image["id"]))] = image
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
