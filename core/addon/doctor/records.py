"""Checks of records: references to what is gone, links, external ids, contents, jobs, folded twins, derived values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from core.addon.doctor.finding import Finding
from core.i18n import _
from core.lang.schema import FieldInfo
from core.model.binary import Binary
from core.model.change import Change
from core.model.reference import Reference, referred
from core.model.relations import Many2one
from core.records.environment import Environment
from core.records.storing import quoted
from core.records.traits import traits
from core.text import fold

BATCH = 500
_OVER = ("done", "failed", "cancelled")


class _Tried(Exception):
    """Ends a savepoint in which values were only worked out."""


def _stored(env: Environment) -> Iterator[tuple[str, FieldInfo, Any]]:
    for model, declarations in env.registry.declarations.items():
        for name, declaration in declarations.items():
            info = env.registry.schema[model].fields[name]
            if info.column:
                yield model, info, declaration


def references(env: Environment) -> Iterator[Finding]:
    """Many2one and reference fields that lead to records that are gone."""
    for model, info, declaration in _stored(env):
        if isinstance(declaration, Many2one):
            yield from _many2one(env, model, info, declaration)
        elif isinstance(declaration, Reference):
            yield from _reference(env, model, info, declaration)


def _many2one(env: Environment, model: str, info: FieldInfo, declaration: Many2one[Any]) -> Iterator[Finding]:
    table, target = env.registry.schema[model].table, env.registry.schema[str(info.target)].table
    column = quoted(str(info.column))
    rows = env.database.fetch(
        f"SELECT id, {column} FROM {table} t WHERE {column} IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {target} o WHERE o.id = t.{column}) ORDER BY id"
    )
    for id_, value in rows:
        yield _lost(model, id_, info, f"{info.target},{value}", required=declaration.required)


def _reference(env: Environment, model: str, info: FieldInfo, declaration: Reference[Any]) -> Iterator[Finding]:
    table, column = env.registry.schema[model].table, quoted(str(info.column))
    rows = env.database.fetch(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY id")
    named: dict[str, set[int]] = {}
    for _id, text in rows:
        target, other = _named(text)
        named.setdefault(target, set()).add(other)
    kept = _kept(env)
    there = {target: _there(env, target, ids) for target, ids in named.items()}
    for id_, text in rows:
        target, other = _named(text)
        if other not in there[target] and target not in kept:
            yield _lost(model, id_, info, text, required=declaration.required)


def _named(text: str) -> tuple[str, int]:
    try:
        return referred(text)
    except ValueError:
        return "", 0


def _kept(env: Environment) -> set[str]:
    """The models of detached addons: their records come back with them, and what names those records is whole."""
    rows = env.database.fetch("SELECT name FROM core_model")
    return {str(name) for (name,) in rows} - env.registry.schema.keys()


def _there(env: Environment, model: str, ids: set[int]) -> set[int]:
    if model not in env.registry.schema:
        return set()
    table, wanted, found = env.registry.schema[model].table, sorted(ids), set()
    for start in range(0, len(wanted), BATCH):
        numbers = ", ".join(map(str, wanted[start : start + BATCH]))
        found |= {row[0] for row in env.database.fetch(f"SELECT id FROM {table} WHERE id IN ({numbers})")}
    return found


def _lost(model: str, id_: int, info: FieldInfo, old: str, *, required: bool) -> Finding:
    text = _("{field} names {record}, which is gone", field=info.name, record=old)
    if required:
        return Finding("reference", model, id_, text, info.name, old, action=_("delete the record, or choose another"))
    mend = partial(_write, model=model, id_=id_, values={info.name: None})
    return Finding("reference", model, id_, text, info.name, old, "", _("empty the field"), True, mend)


def _write(env: Environment, *, model: str, id_: int, values: Mapping[str, object]) -> None:
    env[model].write_many([(id_, values)])


def links(env: Environment) -> Iterator[Finding]:
    """Rows of link tables without owner or target."""
    for model, info in env.registry.schema.items():
        for field in info.fields.values():
            if field.link is None or field.link.own != "owner_id":
                continue
            target = env.registry.schema[str(field.target)].table
            rows = env.database.fetch(
                f"SELECT owner_id, target_id FROM {field.link.table} l WHERE"
                f" NOT EXISTS (SELECT 1 FROM {info.table} o WHERE o.id = l.owner_id)"
                f" OR NOT EXISTS (SELECT 1 FROM {target} t WHERE t.id = l.target_id) ORDER BY 1, 2"
            )
            for owner, other in rows:
                text = _(
                    "{field} links {owner} and {other}, one of which is gone",
                    field=field.name,
                    owner=owner,
                    other=other,
                )
                sql = f"DELETE FROM {field.link.table} WHERE owner_id = ? AND target_id = ?"
                mend = partial(_execute, sql=sql, values=(owner, other))
                yield Finding("link", model, owner, text, field.name, str(other), "", _("delete the link"), False, mend)


def _execute(env: Environment, *, sql: str, values: Sequence[object]) -> None:
    env.database.execute(env.runtime.text(sql), values)


def external_ids(env: Environment) -> Iterator[Finding]:
    """External ids of records that are gone; those of models that are not installed belong to what is kept."""
    rows = env.database.fetch("SELECT id, addon, name, model, record FROM core_external_id ORDER BY id")
    named: dict[str, set[int]] = {}
    for _id, _addon, _name, model, record in rows:
        named.setdefault(model, set()).add(record)
    there = {model: _there(env, model, ids) for model, ids in named.items() if model in env.registry.schema}
    for id_, addon, name, model, record in rows:
        if model in there and record not in there[model]:
            text = _("{addon}.{name} names {record}, which is gone", addon=addon, name=name, record=f"{model},{record}")
            mend = partial(_forget_external_id, id_=id_)
            yield Finding(
                "external id", "core.external_id", id_, text, "record", str(record), "", _("delete it"), False, mend
            )


def _forget_external_id(env: Environment, *, id_: int) -> None:
    _execute(env, sql="DELETE FROM core_shipped WHERE external_id = ?", values=(id_,))
    _execute(env, sql="DELETE FROM core_external_id WHERE id = ?", values=(id_,))


def contents(env: Environment) -> Iterator[Finding]:
    """Stored contents that are not what their hash says, and binary fields that name a content that is not there."""
    for id_, name in env.database.fetch("SELECT id, hash FROM core_blob ORDER BY id"):
        content = env.database.fetch(env.runtime.text("SELECT content FROM core_blob WHERE id = ?"), (id_,))[0][0]
        found = hashlib.sha256(bytes(content)).hexdigest()
        if found != name:
            action = _("bring it back from a backup")
            text = _("the content is not what its hash says")
            yield Finding("content", "core.blob", id_, text, "hash", str(name), found, action)
    for model, info, declaration in _stored(env):
        if isinstance(declaration, Binary):
            table, column = env.registry.schema[model].table, quoted(str(info.column))
            rows = env.database.fetch(
                f"SELECT id, {column} FROM {table} t WHERE {column} IS NOT NULL"
                f" AND NOT EXISTS (SELECT 1 FROM core_blob b WHERE b.hash = t.{column}) ORDER BY id"
            )
            for id_, name in rows:
                text = _("the content of {field} is not there", field=info.name)
                yield Finding(
                    "content", model, id_, text, info.name, str(name), action=_("bring it back from a backup")
                )


def jobs(env: Environment) -> Iterator[Finding]:
    """Jobs that wait, or are repeated, and that no installed addon declares."""
    for id_, name, state in env.database.fetch("SELECT id, name, state FROM core_job ORDER BY id"):
        if name not in env.runtime.jobs and state not in _OVER:
            values = {"state": "cancelled", "run_at": None, "finished_at": env.now(), "key": None}
            mend = partial(_write, model="core.job", id_=id_, values=values)
            text = _("no installed addon declares the job {name}", name=name)
            yield Finding("job", "core.job", id_, text, "state", str(state), "cancelled", _("cancel it"), False, mend)


def twins(env: Environment) -> Iterator[Finding]:
    """Folded twins that differ from their text: searches miss these records."""
    for model, info in env.registry.schema.items():
        for field in info.fields.values():
            if not field.fold:
                continue
            names = f"id, {quoted(str(field.column))}, {quoted(field.fold)}"
            for id_, text, twin in env.database.fetch(f"SELECT {names} FROM {info.table} ORDER BY id"):
                wanted = None if text is None else fold(str(text))
                if wanted != twin:
                    sql = f"UPDATE {info.table} SET {quoted(field.fold)} = ? WHERE id = ?"
                    mend = partial(_execute, sql=sql, values=(wanted, id_))
                    told = _("the folded text of {field} is another", field=field.name)
                    yield Finding(
                        "twin", model, id_, told, field.name, twin or "", wanted or "", _("fold it anew"), False, mend
                    )


def derived(env: Environment) -> Iterator[Finding]:
    """Derived values that are others than `derive` gives."""
    for model, declarations in env.registry.declarations.items():
        fields = [name for name, each in declarations.items() if each.derived and each.stored]
        if not fields or "derive" not in traits(env, model).hooks:
            continue
        ids = [row[0] for row in env.database.fetch(f"SELECT id FROM {env.registry.schema[model].table} ORDER BY id")]
        for start in range(0, len(ids), BATCH):
            yield from _derived_otherwise(env, model, ids[start : start + BATCH], fields)


def _derived_otherwise(env: Environment, model: str, ids: Sequence[int], fields: Sequence[str]) -> Iterator[Finding]:
    before = env[model].read_ids(ids, fields)
    after: Mapping[int, Mapping[str, object]] = {}
    try:
        with env.savepoint():
            _derive(env, model=model, ids=ids)
            after = env[model].read_ids(ids, fields)
            raise _Tried
    except _Tried:
        pass
    for id_ in ids:
        for name in fields:
            old, new = before[id_][name], after[id_][name]
            if old != new:
                mend = partial(_derive, model=model, ids=[id_])
                told = _("the derived value of {field} is another", field=name)
                action = _("derive it anew")
                yield Finding("derived", model, id_, told, name, _text(old), _text(new), action, False, mend)


def _derive(env: Environment, *, model: str, ids: Sequence[int]) -> None:
    """As when the records were made: so that every value counts as changed."""
    stored = [info.name for info in env.registry.schema[model].fields.values() if info.column]
    rows = env[model].read_ids(ids, [name for name in stored if name not in traits(env, model).secrets])
    env.registry.models[model].derive([Change("create", id_, {}, dict(row)) for id_, row in rows.items()])


def _text(value: object) -> str:
    return "" if value is None else str(value)


Check = Callable[[Environment], Iterator[Finding]]
RECORD_CHECKS: tuple[Check, ...] = (references, links, external_ids, contents, jobs, twins, derived)
