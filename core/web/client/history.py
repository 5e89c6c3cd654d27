"""The history of one record: who changed what, old to new, and what addons tell, newest first. Loaded by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from core.i18n import _
from core.records.environment import Environment
from core.records.history import Entry, FieldChange, timeline
from core.records.properties import field_info
from core.timeline import TimelineEntry, TimelineFile
from core.views.form.arch import FormArch
from core.views.kit import Kit
from core.web.client.addresses import with_query
from core.web.client.openings import action_of
from core.web.client.shell import Crumb, page
from core.web.client.texts import plain_text
from core.web.current import environment
from core.web.formats import kit_of
from core.web.services import services

blueprint = Blueprint("history", __name__, url_prefix="/app")

SHOWN = 20
LOG = "log"
ICONS = {"create": "plus", "write": "edit", "delete": "trash"}


@dataclass(frozen=True, slots=True)
class Line:
    """One field, old to new, as people read it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Event:
    """One change set's changes of the record, or an addon's entry. `day` is a heading where a new day begins; `source`
    and `id` say where paging goes on."""

    source: str
    id: int
    at: datetime
    icon: str
    who: str
    what: str
    lines: tuple[Line, ...] = ()
    undo: int | None = None
    address: str = ""
    body: Markup = field(default_factory=Markup)
    internal: bool = False
    files: tuple[TimelineFile, ...] = ()
    day: str = ""
    iso: str = ""
    time: str = ""
    exact: str = ""


@blueprint.get("/<model>/<id:id_>/history")
def show(model: str, id_: int) -> Response:
    """The newest changes, or those before an entry; as a part of the record's page, or as a page of its own."""
    env = environment()
    before = _places(request.args.getlist("before"))
    shown, older = _page(env, model, id_, before)
    kit = kit_of(env)
    values: dict[str, Any] = {
        "events": list(_dated(kit, shown)),
        "older": with_query(f"/app/{model}/{id_}/history", [("before", f"{s}:{i}") for s, i in older.items()])
        if older
        else "",
        "first": not before,
        "next_page": f"/app/{model}/{id_}",
    }
    if request.headers.get("HX-Request"):
        return make_response(render_template("history_part.html", **values))
    label = env[model].label([id_]).get(id_, f"#{id_}")
    crumbs = [Crumb(label, f"/app/{model}/{id_}"), Crumb(_("History"))]
    return make_response(page("history.html", title=_("History of {name}", name=label), crumbs=crumbs, **values))


def _places(texts: Iterable[str]) -> dict[str, int]:
    """Where to go on, by source: `log:17`, `mail:4`."""
    found = {}
    for text in texts:
        source, _colon, number = text.rpartition(":")
        place = action_of(number)
        if place is not None:
            found[source or LOG] = place
    return found


def _page(env: Environment, model: str, id_: int, before: Mapping[str, int]) -> tuple[list[Event], dict[str, int]]:
    """The newest events of all sources, and where each goes on; empty where nothing older is left."""
    events = _logged(env, model, id_, before.get(LOG))
    plugins = services().instance.addons.plugins
    for addon in plugins.implementers("timeline"):
        asked = {"env": env, "model": model, "record": id_, "before": before.get(addon), "limit": SHOWN + 1}
        events += [_told(addon, each) for each in plugins.ask(addon, "timeline", **asked)]
    # A stable order: what one source gives stays in its order, whatever the clock did.
    events.sort(key=lambda event: event.at, reverse=True)
    shown = events[:SHOWN]
    if len(events) <= SHOWN:
        return shown, {}
    last = {event.source: event.id for event in shown}
    return shown, {**before, **last}


def _told(addon: str, entry: object) -> Event:
    assert isinstance(entry, TimelineEntry)
    return Event(
        addon,
        entry.id,
        entry.at,
        entry.icon,
        entry.who,
        entry.what,
        address=entry.address,
        body=Markup(entry.body),
        internal=entry.internal,
        files=entry.files,
    )


def _logged(env: Environment, model: str, id_: int, before: int | None) -> list[Event]:
    """The changes of the record."""
    entries = timeline(env, model, id_, limit=SHOWN + 1, before=before)
    fields, kit, undone = _Fields(env, model), kit_of(env), _undone(env, entries)
    linked = env["core.change_set"].may("read")
    return [
        Event(
            LOG,
            entry.id,
            entry.at,
            "undo" if entry.undoes else ICONS[entry.operation],
            entry.user_name or _("The system"),
            _what(entry),
            tuple(_line(fields, kit, change) for change in entry.changes if entry.operation == "write"),
            entry.change_set if entry.operation == "write" and entry.change_set not in undone else None,
            f"/app/core.change_set/{entry.change_set}" if linked else "",
        )
        for entry in entries
    ]


def _dated(kit: Kit, events: Iterable[Event]) -> Iterator[Event]:
    """The events with their times, and a heading where a new day begins."""
    day: date | None = None
    for event in events:
        own_day = kit.local(event.at).date()
        yield replace(
            event,
            day=_day(kit, own_day) if own_day != day else "",
            iso=kit.iso(event.at),
            time=kit.time(event.at),
            exact=kit.long_datetime(event.at),
        )
        day = own_day


def _undone(env: Environment, entries: Sequence[Entry]) -> set[int]:
    """The change sets among the entries that were undone."""
    ids = sorted({entry.change_set for entry in entries})
    found = env.sudo()["core.change_set"].read("undoes in ids", ["undoes"], ids=ids) if ids else []
    return {row["undoes"] for row in found}


class _Fields:
    """The fields of a model as its form shows them: which of them are shares, with a percent sign."""

    def __init__(self, env: Environment, model: str) -> None:
        self.info = partial(field_info, env, model)
        arch: FormArch = services().instance.views.view(env, model, "form").variant(env).arch
        self.shares = {node.path for node in arch.fields() if node.widget.name in {"percent", "progress"}}


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
    info = fields.info(change.name)
    old, new = (
        kit.percent(value)
        if change.name in fields.shares and isinstance(value, float | int)
        else plain_text(kit, info, value, text)
        for value, text in ((change.old, change.old_text), (change.new, change.new_text))
    )
    return Line(change.label, old, new)
