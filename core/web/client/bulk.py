"""Changing many records at once: those ticked in a list, or all that the list's condition finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.web.client.addresses import asking_page
from core.web.client.chosen import found_by, ticked
from core.web.client.options import picked
from core.web.client.signin import safe_target
from core.web.current import environment, name_work
from core.web.formats import kit_of
from core.web.notes import Note, add_note
from core.web.problems import BadRequest

blueprint = Blueprint("bulk", __name__, url_prefix="/app")

MOST_IN_ADDRESS = 200  # ids that the address of a page holds
_SAID: Mapping[str, tuple[str, str, str]] = {
    "archive": ("1 record archived", "{count} records archived", "archive"),
    "unarchive": ("1 record restored", "{count} records restored", "check"),
    "delete": ("1 record deleted", "{count} records deleted", "trash"),
    "act": ("1 record changed", "{count} records changed", "check"),
    "set": ("1 record changed", "{count} records changed", "edit"),
}


@blueprint.post("/<model>/bulk")
def change(model: str) -> Response:
    """Do one thing to the chosen records; the address holds the list's state, for "all of them"."""
    env, target = environment(), safe_target(request.form.get("next", "")) or f"/app/{model}"
    everything = bool(request.form.get("all"))
    verb, _colon, name = request.form.get("do", "").partition(":")
    marked = env.registry.actions[model].get(name) if verb == "act" else None
    if everything and marked is not None and marked.page:
        return redirect(asking_page(marked.page, None, target), code=303)
    query = list(request.args.items(multi=True))
    ids = found_by(env, model, query) if everything else ticked(request.form.getlist("ids"))
    if ids and marked is not None and marked.page:
        if len(ids) > MOST_IN_ADDRESS:
            text = _(
                "At most {most} ticked records at once; narrow the list and choose all of it.", most=MOST_IN_ADDRESS
            )
            raise BadRequest(text)
        return redirect(asking_page(marked.page, ids, target), code=303)
    if ids:
        add_note(_do(env, model, ids, verb, name))
    else:
        add_note(Note(_("Nothing was chosen"), "info"))
    return redirect(target, code=303)


def _do(env: Environment, model: str, ids: Sequence[int], verb: str, name: str) -> Note:
    records, count = env[model], len(ids)
    if verb not in _SAID or (name and verb not in {"act", "set"}):
        raise BadRequest(_("There is no such action on several records."))
    one, several, icon = _SAID[verb]
    done = _(one) if count == 1 else _(several, count=kit_of(env).number(count))
    name_work(done)
    if verb == "archive":
        records.archive(ids)
    elif verb == "unarchive":
        records.unarchive(ids)
    elif verb == "delete":
        records.delete(ids)
    elif verb == "act":
        records.call(ids, name)
    else:
        records.write(ids, **{name: _value(env, model, name)})
    return Note(done, icon, env.change_set)


def _value(env: Environment, model: str, name: str) -> int | None:
    """The record to assign, chosen by id or named by its label; bulk changes write relations only."""
    info = env.registry.schema[model].fields.get(name)
    id_, label = request.form.get(f"value:{name}", ""), request.form.get(f"value:{name}:label", "").strip()
    if info is None or info.kind is not Kind.REFERENCE or not (id_ == "" or id_.isdecimal()):
        raise BadRequest(_("This value cannot be set on several records."))
    return picked(env, str(info.target), id_, label)
