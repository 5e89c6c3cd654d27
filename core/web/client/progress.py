"""The page of work in the background that somebody waits for: how far it has come, what it did, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.i18n import _
from core.jobs.queue import cancel
from core.records.environment import Environment
from core.security.policy import ADMINISTRATORS
from core.web.client.addresses import with_query
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target
from core.web.current import environment
from core.web.formats import kit_of
from core.web.notes import Note, add_note
from core.web.services import services

blueprint = Blueprint("progress", __name__, url_prefix="/app/progress")

FIELDS = ("name", "state", "user", "attempt", "run_at", "steps_done", "steps_total", "told", "error", "change_set")


@dataclass(frozen=True, slots=True)
class Progress:
    """A job as its page shows it. `done` and `total` are None until the first step has said them."""

    id: int
    label: str
    state: str
    done: int | None
    total: int | None
    words: str
    told: str
    error: str
    again: str
    change_set: int | None

    @property
    def pending(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")


def progress_address(job: int, back: str) -> str:
    """The page of a job; `back` is where its reader came from."""
    return with_query(f"/app/progress/{job}", [("next", back)])


@blueprint.get("/<id:job>")
def show(job: int) -> str:
    """The whole page, or with `part` what changes while the job runs."""
    env, back = environment(), _back()
    found = _progress(env, job)
    values: dict[str, Any] = {"job": found, "back": back, "address": progress_address(job, back)}
    if "part" in request.args:
        return render_template("progress_part.html", **values)
    return page("progress.html", title=found.label, crumbs=[Crumb(_("Back"), back), Crumb(found.label)], **values)


@blueprint.post("/<id:job>/cancel")
def stop(job: int) -> Response:
    """End it after the step it is in; what was done so far stays, and can be undone."""
    env, back = environment(), _back()
    found = _progress(env, job)
    if found.pending:
        cancel(env, [job])
        add_note(Note(_("Cancelled: {label}", label=found.label), "blocked"))
    return make_response(redirect(progress_address(job, back), code=303))


def _back() -> str:
    return safe_target(request.values.get("next", "")) or "/"


def _progress(env: Environment, id_: int) -> Progress:
    """A job of the user's own, or anybody's for administrators.

    :raises NotFound: there is none.
    """
    row = env.sudo()["core.job"].read_ids([id_], FIELDS).get(id_)
    if row is None or (row["user"] != env.user and not env.has_group(ADMINISTRATORS)):
        raise NotFound(_("There is no job {id}.", id=id_))
    declared = services().instance.runtime.jobs.get(row["name"])
    return Progress(
        id=id_,
        label=_(declared.label) if declared and declared.label else row["name"],
        state=row["state"],
        done=row["steps_done"],
        total=row["steps_total"],
        words=_words(env, row),
        told=row["told"] or "",
        error=row["error"] or "" if row["state"] != "done" else "",
        again=kit_of(env).long_datetime(row["run_at"]) if row["state"] == "waiting" and row["attempt"] else "",
        change_set=row["change_set"],
    )


def _words(env: Environment, row: dict[str, Any]) -> str:
    """How far it has come, in words."""
    kit = kit_of(env)
    if row["state"] == "done":
        return _("Done")
    if row["state"] == "failed":
        return _("It failed")
    if row["state"] == "cancelled":
        done = kit.number(row["steps_done"] or 0)
        return _("Cancelled after {done} of {total}", done=done, total=kit.number(row["steps_total"] or 0))
    if row["steps_total"]:
        done = kit.number(row["steps_done"] or 0)
        return _("{done} of {total}", done=done, total=kit.number(row["steps_total"]))
    return _("It begins")
