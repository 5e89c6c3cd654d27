"""Marking as lost: one lead or several, with a reason and a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.crm.merging import MODEL
from addons.crm.models.lead_outcome import refuse_won
from addons.crm.pages.routes import PIPELINE, blueprint
from core import EnvironmentProtocol, NotFound, _
from core.pages import Crumb, Note, add_note, chosen_records, environment, kit_of, name_work, page, safe_target

NAMES_SHOWN = 10


@blueprint.get("/lost")
def losing() -> str:
    """Ask for the reason."""
    env = environment()
    rows = _rows(env, chosen_records(env, MODEL))
    refuse_won(rows.values())
    return _page(env, rows, safe_target(request.args.get("next", "")) or PIPELINE)


@blueprint.post("/lost")
def lose() -> Response:
    """Mark the leads as lost, and go back to where they were shown."""
    env, form = environment(), request.form
    rows = _rows(env, [int(text) for text in form.get("ids", "").split(",") if text.isdecimal() and len(text) < 19])
    back = safe_target(form.get("next", "")) or PIPELINE
    reason = form.get("lost_reason", "")
    if reason and not any(reason == str(id_) for id_ in _reasons(env)):
        return make_response(_page(env, rows, back, _("This reason is not there any more. Choose another.")), 422)
    names = [str(row["name"]) for row in rows.values()]
    count = kit_of(env).number(len(names))
    done = _("Lost: {name}", name=names[0]) if len(names) == 1 else _("{count} records lost", count=count)
    name_work(done)
    feedback = form.get("feedback", "").strip()
    env[MODEL].call(list(rows), "mark_lost", lost_reason=int(reason) if reason else None, feedback=feedback or None)
    add_note(Note(done, "stage-lost", env.change_set))
    return redirect(back, code=303)


def _rows(env: EnvironmentProtocol, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """The leads, all of which the user may see."""
    rows = env[MODEL].read_ids(ids, ["name", "won_status"])
    if not rows or len(rows) < len(set(ids)):
        raise NotFound(_("One of the records is not there any more, or you may not see it."))
    return rows


def _reasons(env: EnvironmentProtocol) -> dict[int, str]:
    """The names of the reasons that are in use, by id."""
    return {row["id"]: row["name"] for row in env["crm.lost.reason"].read("", ["id", "name"])}


def _page(env: EnvironmentProtocol, rows: Mapping[int, Mapping[str, Any]], back: str, problem: str = "") -> str:
    names = [str(row["name"]) for row in rows.values()]
    count = kit_of(env).number(len(names))
    return page(
        "crm/lost.html",
        title=_("Mark as lost") if len(rows) == 1 else _("Mark {count} records as lost", count=count),
        crumbs=[Crumb(names[0] if len(names) == 1 else _("Back"), back), Crumb(_("Mark as lost"))],
        ids=",".join(map(str, rows)),
        names=names[:NAMES_SHOWN],
        more=len(names) - NAMES_SHOWN,
        back=back,
        reasons=_reasons(env),
        chosen=request.form.get("lost_reason", ""),
        feedback=request.form.get("feedback", ""),
        problem=problem,
    )
