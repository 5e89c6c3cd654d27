"""Undoing a change set from a page: all of it, or nothing and the list of what is in the way."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.records.environment import Environment
from core.records.undo import UndoConflict, undo
from core.records.undo_plan import Conflict, UndoReport
from core.views.kit import Kit
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target
from core.web.client.texts import value_text
from core.web.current import environment, name_work
from core.web.formats import kit_of
from core.web.notes import Note, add_note

blueprint = Blueprint("undo", __name__)

SHOWN_CONFLICTS = 200


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """One conflict as people read it."""

    record: str
    address: str
    field: str
    now: str
    back: str
    reason: str
    by: str
    at: str


@blueprint.post("/undo/<id:change_set>")
def undo_change_set(change_set: int) -> Response:
    """Undo what was done and go back to the page; the undo can be undone too."""
    target = safe_target(request.form.get("next", "")) or "/"
    name_work(_("Undo of change set {number}", number=change_set))
    try:
        report = undo(environment(), change_set, skip_conflicts=bool(request.form.get("skip_conflicts")))
    except UndoConflict as conflict:
        return make_response(_conflict_page(environment(), conflict, change_set, target), conflict.status)
    add_note(Note(_done(kit_of(environment()), report), "undo", report.change_set, _("Redo")))
    return redirect(target, code=303)


def _done(kit: Kit, report: UndoReport) -> str:
    count, left = kit.number(report.undone), len(report.conflicts)
    if left:
        return _("{count} records put back, {left} left as they are", count=count, left=kit.number(left))
    return _("Undone") if report.undone == 1 else _("{count} records put back", count=count)


def _shown(env: Environment, conflict: Conflict) -> ShownConflict:
    info = env.registry.schema.get(conflict.model)
    field = info.fields.get(conflict.field) if info else None
    kit = kit_of(env)
    return ShownConflict(
        conflict.label or f"#{conflict.id}",
        f"/app/{conflict.model}/{conflict.id}" if info else "",
        _(field.label or field.name) if field else "",
        value_text(env, kit, field, conflict.now) if field else "",
        value_text(env, kit, field, conflict.back) if field else "",
        conflict.reason,
        conflict.by,
        kit.short_datetime(conflict.at),
    )


def _conflict_page(env: Environment, conflict: UndoConflict, change_set: int, target: str) -> str:
    return page(
        "undo_conflict.html",
        title=_("Not undone"),
        crumbs=[Crumb(_("Undo"))],
        conflicts=[_shown(env, each) for each in conflict.report.conflicts[:SHOWN_CONFLICTS]],
        count=len(conflict.report.conflicts),
        undoable=conflict.report.undone,
        change_set=change_set,
        target=target,
    )
