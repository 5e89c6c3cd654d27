"""Buttons of a record: actions of its model, archiving, deleting. Each can be undone from the message that follows."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.model.record import Record
from core.web.client.form import ask
from core.web.client.signin import safe_target
from core.web.current import environment
from core.web.notes import Note, add_note

blueprint = Blueprint("acts", __name__, url_prefix="/app")


@blueprint.post("/<model>/<id:id_>/do/<action>")
def act(model: str, id_: int, action: str) -> Response:
    """Call an action of the record, and show what it returns where that is a record."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    result = asked.env[model].call([id_], action)
    label = _(asked.env.registry.actions[model][action].label)
    add_note(Note(_("Done: {action}", action=label), "check", asked.env.change_set))
    if isinstance(result, Record):
        return redirect(asked.links.record(result._name, result.id), code=303)
    return redirect(asked.links.record(model, id_), code=303)


@blueprint.post("/<model>/<id:id_>/archive")
def archive(model: str, id_: int) -> Response:
    """Take the record out of lists."""
    env = environment()
    env[model].archive([id_])
    add_note(Note(_("Archived"), "check", env.change_set))
    return _back(model)


@blueprint.post("/<model>/<id:id_>/unarchive")
def unarchive(model: str, id_: int) -> Response:
    """Bring the record back."""
    env = environment()
    env[model].unarchive([id_])
    add_note(Note(_("Restored"), "undo", env.change_set))
    return redirect(f"/app/{model}/{id_}", code=303)


@blueprint.post("/<model>/<id:id_>/delete")
def delete(model: str, id_: int) -> Response:
    """Delete the record; it can be brought back from the message or from the change sets."""
    env = environment()
    name = env[model].label([id_]).get(id_, f"#{id_}")
    env[model].delete([id_])
    add_note(Note(_("Deleted {name}", name=name), "trash", env.change_set))
    return _back(model)


def _back(model: str) -> Response:
    return redirect(safe_target(request.form.get("next", "")) or f"/app/{model}", code=303)
