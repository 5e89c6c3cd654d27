"""Deleting records: the database never acts by itself, so `on_delete` is carried out here, as logged writes and
deletes.

What goes with a record is worked out first, over all references; only then is anything written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from core.errors import Refusal
from core.i18n import _
from core.model.change import Change, Link
from core.records import changelog, checks, links
from core.records.images import lock_images
from core.records.pipeline import compare_versions, write
from core.records.referring import linking_rows, referring_fields, referring_rows
from core.records.storing import delete_rows
from core.records.traits import traits

if TYPE_CHECKING:
    from core.model.reference import Reference
    from core.model.relations import Many2one
    from core.records.environment import Environment


class StillReferenced(Refusal):
    """Other records need this one."""

    code = "still_referenced"
    status = 409


@dataclass(slots=True)
class Plan:
    """What a deletion does: rows that go, by model; references that are emptied, by (model, field)."""

    doomed: dict[str, set[int]] = field(default_factory=dict)
    emptied: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    restricted: dict[tuple[str, str], set[int]] = field(default_factory=dict)


def delete(
    env: Environment,
    roots: Mapping[str, Sequence[int]],
    *,
    versions: Mapping[int, int] | None = None,
    replay: bool = False,
) -> None:
    """Delete records, ids by model, with what their references ask for; `versions` that the caller saw are compared.

    :raises AccessDenied, NotFound: as for every write.
    :raises StaleVersion: somebody else changed a record since.
    :raises StillReferenced: a reference declared `restrict` would lose its record.
    """
    roots = {model: ids for model, ids in roots.items() if ids}
    for model, ids in roots.items():
        checks.require_right(env, model, "delete")
        compare_versions(env, model, lock_images(env, model, ids, "delete"), versions or {})
    plan = _plan(env, roots)
    _refuse_restricted(env, plan)
    inner = env.sudo()
    with inner:
        rows = {name: inner[name].browse(sorted(doomed)) for name, doomed in plan.doomed.items()}
        if not replay:
            for name, records in rows.items():
                if "before_delete" in traits(env, name).hooks:
                    env.registry.models[name].before_delete(records)
    for (name, field_name), emptied in plan.emptied.items():
        remaining = sorted(emptied - plan.doomed.get(name, set()))
        write(inner, name, [(id_, {field_name: None}) for id_ in remaining], replay=replay)
    gone = {name: _delete_rows(inner, name, sorted(plan.doomed[name])) for name in reversed(list(plan.doomed))}
    for name, changes in gone.items():
        _after_delete(env, name, changes, replay=replay)


def _plan(env: Environment, roots: Mapping[str, Sequence[int]]) -> Plan:
    plan = Plan()
    pending = [(model, set(ids)) for model, ids in roots.items()]
    while pending:
        name, found = pending.pop()
        fresh = found - plan.doomed.setdefault(name, set())
        if not fresh:
            continue
        plan.doomed[name] |= fresh
        for source, field_name in referring_fields(env, name):
            declaration = cast("Many2one[Any] | Reference[Any]", env.registry.declarations[source][field_name])
            referring = referring_rows(env, source, field_name, name, sorted(fresh))
            if not referring:
                continue
            if declaration.on_delete == "cascade":
                pending.append((source, referring))
            elif declaration.on_delete == "restrict":
                plan.restricted.setdefault((source, field_name), set()).update(referring)
            else:
                plan.emptied.setdefault((source, field_name), set()).update(referring)
    return plan


def _refuse_restricted(env: Environment, plan: Plan) -> None:
    for (source, field_name), referring in plan.restricted.items():
        left = referring - plan.doomed.get(source, set())
        if left:
            info = env.registry.schema[source]
            raise StillReferenced(
                _(
                    "{count} record(s) of '{model}' still refer to it in '{field}'.",
                    count=len(left),
                    model=_(info.label or source),
                    field=_(info.fields[field_name].label or field_name),
                ),
                hint=_("Change or delete those first, or archive this record instead."),
            )


def _delete_rows(env: Environment, model: str, ids: Sequence[int]) -> list[Change]:
    _remove_incoming_links(env, model, ids)
    found = traits(env, model)
    images = lock_images(env, model, ids, "delete")
    for name in sorted(name for name in found.link_fields if name in found.logged):
        stored = links.stored_links(env, model, name, ids)
        gone = {id_: {name: Link(remove=others)} for id_, others in stored.items() if others}
        links.apply_links(env, model, gone)
        for id_, others in stored.items():
            if others:
                images[id_][name] = Link(add=others)
    delete_rows(env, model, ids)
    env.unit.touch(model)
    if found.history:
        entries = [
            changelog.LogEntry(id_, changelog.DELETED, changelog.to_image(images[id_], found.logged)) for id_ in ids
        ]
        changelog.write_log(env, model, entries)
    return [Change("delete", id_, images[id_], {}) for id_ in ids]


def _remove_incoming_links(env: Environment, model: str, ids: Sequence[int]) -> None:
    """Links that other records hold to these are removed as changes of their owners."""
    for source, name, found in linking_rows(env, model, ids):
        items = [(own, {name: Link(remove=others)}) for own, others in sorted(found.items())]
        write(env, source, items, replay=True)


def _after_delete(env: Environment, model: str, changes: list[Change], *, replay: bool) -> None:
    hooks = traits(env, model).hooks
    if not replay and "after_delete" in hooks:
        env.registry.models[model].after_delete([change.id for change in changes])
    if "derive" in hooks:
        env.registry.models[model].derive(changes)
    if env.runtime.record_changed is not None:
        env.runtime.record_changed(env, changes)
