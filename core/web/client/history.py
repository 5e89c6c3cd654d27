"""The history of one record: who changed what, old to new, newest first. Loaded by itself beside the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from core.i18n import _
from core.records.environment import Environment
from core.records.history import Entry, FieldChange, timeline
from core.views.form.arch import FormArch
from core.views.kit import Kit
from core.web.client.openings import action_of
from core.web.client.shell import Crumb, page
from core.web.client.texts import plain_text
from core.web.current import environment
from core.web.formats import kit_of
from core.web.services import services

blueprint = Blueprint("history", __name__, url_prefix="/app")

SHOWN = 20
ICONS = {"create": "plus", "write": "edit", "delete": "trash"}


@dataclass(frozen=True, slots=True)
class Line:
    """One field, old to new, as people read it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Event:
    """One change set's changes of the record. `day` is a heading where a new day begins."""

    day: str
    icon: str
    who: str
    what: str
    iso: str
    time: str
    exact: str
    lines: tuple[Line, ...]
    undo: int | None
    change_set: str


@blueprint.get("/<model>/<id:id_>/history")
def show(model: str, id_: int) -> Response:
    """The newest changes, or those before an entry; as a part of the record's page, or as a page of its own."""
    env = environment()
    before = action_of(request.args.get("before", ""))
    entries = timeline(env, model, id_, limit=SHOWN + 1, before=before)
    shown, more = entries[:SHOWN], len(entries) > SHOWN
    kit = kit_of(env)
    undone = _undone(env, shown)
    values: dict[str, Any] = {
        "events": [
            replace(event, undo=None) if event.undo in undone else event
            for event in _events(_Fields(env, model), kit, shown, linked=env["core.change_set"].may("read"))
        ],
        "older": f"/app/{model}/{id_}/history?before={shown[-1].id}" if more else "",
        "first": before is None,
        "next_page": f"/app/{model}/{id_}",
    }
    if request.headers.get("HX-Request"):
        return make_response(render_template("history_part.html", **values))
    label = env[model].label([id_]).get(id_, f"#{id_}")
    crumbs = [Crumb(label, f"/app/{model}/{id_}"), Crumb(_("History"))]
    return make_response(page("history.html", title=_("History of {name}", name=label), crumbs=crumbs, **values))


def _undone(env: Environment, entries: Sequence[Entry]) -> set[int]:
    """The change sets among the entries that were undone."""
    ids = sorted({entry.change_set for entry in entries})
    found = env.sudo()["core.change_set"].read("undoes in ids", ["undoes"], ids=ids) if ids else []
    return {row["undoes"] for row in found}


class _Fields:
    """The fields of a model as its form shows them: which of them are shares, with a percent sign."""

    def __init__(self, env: Environment, model: str) -> None:
        self.infos = env.registry.schema[model].fields
        arch: FormArch = services().instance.views.view(env, model, "form").variant(env).arch
        self.shares = {node.path for node in arch.fields() if node.widget.name in {"percent", "progress"}}


def _events(fields: _Fields, kit: Kit, entries: Sequence[Entry], *, linked: bool) -> Iterable[Event]:
    day: date | None = None
    for entry in entries:
        own_day = kit.local(entry.at).date()
        yield Event(
            day=_day(kit, own_day) if own_day != day else "",
            icon="undo" if entry.undoes else ICONS[entry.operation],
            who=entry.user_name or _("The system"),
            what=_what(entry),
            iso=kit.iso(entry.at),
            time=kit.time(entry.at),
            exact=kit.long_datetime(entry.at),
            lines=tuple(_line(fields, kit, change) for change in entry.changes if entry.operation == "write"),
            undo=entry.change_set if entry.operation == "write" else None,
            change_set=f"/app/core.change_set/{entry.change_set}" if linked else "",
        )
        day = own_day


def _day(kit: Kit, day: date) -> str:
    return _("Today, {date}", date=kit.short_date(day)) if day == kit.today else kit.short_date(day)


def _what(entry: Entry) -> str:
    if entry.undoes:
        return _("undid a change")
    if entry.operation == "create":
        return _("imported this") if entry.kind == "import" else _("created this")
    if entry.operation == "delete":
        return _("deleted this")
    count = len(entry.changes)
    return _("changed 1 field") if count == 1 else _("changed {count} fields", count=count)


def _line(fields: _Fields, kit: Kit, change: FieldChange) -> Line:
    info = fields.infos[change.name]
    old, new = (
        kit.percent(value)
        if change.name in fields.shares and isinstance(value, float | int)
        else plain_text(kit, info, value, text)
        for value, text in ((change.old, change.old_text), (change.new, change.new_text))
    )
    return Line(change.label, old, new)
