"""Saying of leads that look alike that they are not the same."""

from __future__ import annotations

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.crm.merging import MODEL
from addons.crm.pages.routes import PIPELINE, blueprint
from core import _
from core.pages import Note, add_note, environment, name_work, safe_target


@blueprint.post("/apart")
def apart() -> Response:
    """Remember it, and go back."""
    env = environment()
    ids = [int(text) for text in dict.fromkeys(request.form.getlist("ids")) if text.isdecimal() and len(text) < 19]
    done = _("Remembered that they are not the same")
    name_work(done)
    env[MODEL].call(ids, "tell_apart")
    add_note(Note(done, "check", env.change_set))
    return redirect(safe_target(request.form.get("next", "")) or PIPELINE, code=303)
