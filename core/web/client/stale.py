"""Two people changed one record: both versions side by side, and a choice for each field that both changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from core.i18n import _
from core.records.environment import Environment
from core.records.history import Entry, timeline
from core.views.nodes import FieldNode
from core.views.view import ComposedView
from core.web.client import saving
from core.web.client.addresses import Addresses
from core.web.client.saving import Posted
from core.web.client.shell import Crumb, page
from core.web.client.texts import value_text

MOST_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class Clash:
    """One field with both versions, and what it was before either; `changed` tells whether the other one changed it."""

    name: str
    label: str
    mine: str
    theirs: str
    before: str
    changed: bool


def stale_page(
    env: Environment,
    view: ComposedView,
    id_: int,
    posted: Posted,
    form: MultiDict[str, str],
    crumbs: Sequence[Crumb],
    links: Addresses,
) -> str:
    """The page: what is not saved beside what was saved meanwhile, by whom and when."""
    kit = view.kit(env)
    stored = saving.read_stored(env, view.model, id_, posted.nodes)
    entries = _entries_since(env, view.model, id_, posted.version, stored["version"])
    before = _before(entries, stored)
    mine = saving.changes(kit, posted.nodes, posted.typed, form, {**stored, **before})
    clashes = [_clash(env, view, posted.nodes[name], value, stored, before) for name, value in mine.items()]
    latest = entries[0] if entries else None
    return page(
        "stale.html",
        title=_("Changed meanwhile"),
        crumbs=crumbs,
        clashes=[clash for clash in clashes if clash.changed],
        others=[clash for clash in clashes if not clash.changed],
        who=(latest.user_name or _("The system")) if latest else _("Somebody"),
        when=kit.short_datetime(latest.at) if latest else "",
        version=stored["version"],
        typed=[(name, value) for name, value in form.items(multi=True) if name.partition(":")[0] in mine],
        address=links.save(view.model, id_),
        record=links.record(view.model, id_),
        next=form.get("next", ""),
        part=bool(request.headers.get("HX-Request")),
    )


def _entries_since(env: Environment, model: str, id_: int, seen: int | None, stored: int) -> list[Entry]:
    """The changes that were made since the version that the form showed; each write raises it by one."""
    count = min(max(stored - (seen or 0), 1), MOST_ENTRIES)
    return timeline(env, model, id_, limit=count)


def _before(entries: Sequence[Entry], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields that were changed were before: what the form showed. Links are told as taken and added ids."""
    found: dict[str, Any] = {}
    for change in (change for entry in entries for change in entry.changes):
        if isinstance(change.old, tuple) and isinstance(change.new, tuple):
            present = found.get(change.name, stored.get(change.name)) or []
            found[change.name] = [*(id_ for id_ in present if id_ not in change.new), *change.old]
        else:
            found[change.name] = change.old
    return found


def _clash(
    env: Environment,
    view: ComposedView,
    node: FieldNode,
    mine: object,
    stored: Mapping[str, Any],
    before: Mapping[str, object],
) -> Clash:
    kit, info = view.kit(env), node.info
    return Clash(
        info.name,
        _(node.label),
        value_text(env, kit, info, mine),
        value_text(env, kit, info, stored[node.path]),
        value_text(env, kit, info, before.get(info.name)),
        info.name in before,
    )
