"""Rows by id through the rules of an operation: which are permitted, and what they hold before they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import AccessDenied, NotFound
from core.i18n import _
from core.lang.kinds import Converter, decoder
from core.lang.statement import Statement
from core.records.query import CHUNK, Query, conjoined, in_chunks
from core.records.rules import own_rule
from core.records.storing import columns, quoted
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment


@dataclass(frozen=True, slots=True)
class ById:
    """A statement that ends before its list of ids, and how its rows, which begin with the id, are read."""

    statement: Statement
    joiner: str
    suffix: str = ""
    names: tuple[str, ...] = ()
    decoders: tuple[tuple[str, Converter], ...] = ()


def permitted(env: Environment, model: str, ids: Sequence[int], operation: Operation = "read") -> set[int]:
    """The ids of those records, archived ones included, that exist and that the operation's rules let through."""
    if not ids or (env.policy is not None and not env.policy.may(model, operation)):
        return set()
    text, parameters = _permitted(env, model, operation)
    found: set[int] = set()
    for chunk, slots in in_chunks(env, ids):
        found.update(id_ for (id_,) in env.database.fetch(f"{text}t.id IN ({slots})", [*parameters, *chunk]))
    return found


def permitted_of(
    env: Environment, wanted: Mapping[str, Sequence[int]], operation: Operation = "read"
) -> dict[str, set[int]]:
    """Like `permitted` for several models: in one statement, unless there are very many ids."""
    if len(wanted) == 1 or any(len(ids) > CHUNK for ids in wanted.values()):
        return {model: permitted(env, model, ids, operation) for model, ids in wanted.items()}
    found: dict[str, set[int]] = {model: set() for model in wanted}
    models: list[str] = []
    texts: list[str] = []
    values: list[object] = []
    for model, ids in wanted.items():
        if not ids or (env.policy is not None and not env.policy.may(model, operation)):
            continue
        text, parameters = _permitted(env, model, operation)
        ((chunk, slots),) = in_chunks(env, ids)
        texts.append(f"SELECT {len(models)}, q.id FROM ({text}t.id IN ({slots})) AS q")
        models.append(model)
        values += [*parameters, *chunk]
    if texts:
        for at, id_ in env.database.fetch(" UNION ALL ".join(texts), values):
            found[models[at]].add(id_)
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


def _run(query: Query, selected: ById, ids: Sequence[int]) -> dict[int, dict[str, object]]:
    found: dict[int, dict[str, object]] = {}
    bound = query.bound(selected.statement)
    for chunk, slots in in_chunks(query.env, ids):
        text = f"{selected.statement.text}{selected.joiner}t.id IN ({slots}){selected.suffix}"
        for row in query.env.database.fetch(text, [*bound, *chunk]):
            values: dict[str, object] = dict(zip(selected.names, row, strict=True))
            for name, decode in selected.decoders:
                if values[name] is not None:
                    values[name] = decode(values[name])
            found[row[0]] = values
    return found


def read_by_id(
    env: Environment, model: str, ids: Sequence[int], paths: tuple[str, ...]
) -> dict[int, dict[str, object]]:
    """Values by id and path, archived records included, through the rules of reading; `paths` begin with `id`."""
    query = Query(env, model, archived=True)
    return _run(query, query.kept("by id", paths, lambda: _values(query, paths)), ids)


def _values(query: Query, paths: tuple[str, ...]) -> ById:
    compiler = query.compiler()
    values = [compiler.value(path) for path in paths]
    conditions = conjoined(query.where(compiler))
    source = query.source(compiler)
    chosen = [part for value, _kind in values for part in (", ", *value)][1:]
    decoders = [
        (path, decoder(kind, query.env.database.engine)) for path, (_value, kind) in zip(paths, values, strict=True)
    ]
    return ById(
        query.render(("SELECT ", *chosen, *source, *conditions)),
        " AND " if conditions else " WHERE ",
        names=paths,
        decoders=tuple((path, decode) for path, decode in decoders if decode),
    )


def lock_images(env: Environment, model: str, ids: Sequence[int], operation: Operation) -> dict[int, dict[str, object]]:
    """The stored values of records that are about to change, locked in the order of their ids, by id.

    :raises NotFound: a record is not there, or the user may not know of it.
    :raises AccessDenied: a record that the user may read, but not change.
    """
    wanted = sorted(set(ids))
    own = own_rule(env, model, operation)
    if own is None or own.asks_others:
        images = _locked(env, model, wanted, operation)
    else:
        images = _locked(env.sudo(), model, wanted, operation)
        met = own.meeting(env, images.values())
        if met is None:
            images = _locked(env, model, wanted, operation)
        elif not all(met):
            images = {id_: image for (id_, image), meets in zip(images.items(), met, strict=True) if meets}
    missing = sorted(set(ids) - images.keys())
    if missing:
        _refuse(env, model, missing, operation)
    return images


def _locked(env: Environment, model: str, ids: Sequence[int], operation: Operation) -> dict[int, dict[str, object]]:
    query = Query(env, model, operation=operation, archived=True)
    return _run(query, query.kept("images", None, lambda: _images(query)), ids)


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
