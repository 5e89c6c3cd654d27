"""Undoing a change set from a page: all of it, or nothing and the list of what is in the way."""

from __future__ import annotations

from flask import Blueprint, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.records.undo import UndoConflict, undo
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target
from core.web.current import environment
from core.web.notes import Note, add_note

blueprint = Blueprint("undo", __name__)

SHOWN_CONFLICTS = 50


@blueprint.post("/undo/<id:change_set>")
def undo_change_set(change_set: int) -> Response:
    """Undo what was done and go back to the page; the undo can be undone too."""
    target = safe_target(request.form.get("next", "")) or "/"
    try:
        report = undo(environment(), change_set, skip_conflicts=bool(request.form.get("skip_conflicts")))
    except UndoConflict as conflict:
        return make_response(_conflict_page(conflict, change_set, target), conflict.status)
    add_note(Note(_("Undone"), "undo", report.change_set))
    return redirect(target, code=303)


def _conflict_page(conflict: UndoConflict, change_set: int, target: str) -> str:
    return page(
        "undo_conflict.html",
        title=_("Not undone"),
        crumbs=[Crumb(_("Undo"))],
        conflicts=conflict.report.conflicts[:SHOWN_CONFLICTS],
        count=len(conflict.report.conflicts),
        undoable=conflict.report.undone,
        change_set=change_set,
        target=target,
    )
