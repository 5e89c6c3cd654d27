"""Changing many records at once: those ticked in a list, or all that the list's condition finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.views.search.narrowing import narrow
from core.views.state import State
from core.web.client.addresses import asking_page
from core.web.client.openings import opening, requested_action
from core.web.client.options import suggest
from core.web.client.signin import safe_target
from core.web.current import environment, name_work
from core.web.formats import kit_of
from core.web.notes import Note, add_note
from core.web.problems import BadRequest
from core.web.services import services

blueprint = Blueprint("bulk", __name__, url_prefix="/app")

# One batch under one change set; more is the work of an import or a script.
MOST = 10_000
MOST_ON_PAGE = 50  # of an action that asks before it acts
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
    ids = _chosen(env, model)
    verb, _colon, name = request.form.get("do", "").partition(":")
    marked = env.registry.actions[model].get(name) if verb == "act" else None
    if ids and marked is not None and marked.page:
        if len(ids) > MOST_ON_PAGE:
            raise BadRequest(_("At most {most} records at once.", most=MOST_ON_PAGE))
        return redirect(asking_page(marked.page, ids, target), code=303)
    if ids:
        add_note(_do(env, model, ids, verb, name))
    else:
        add_note(Note(_("Nothing was chosen"), "info"))
    return redirect(target, code=303)


def _chosen(env: Environment, model: str) -> list[int]:
    if request.form.get("all"):
        state = State.parse(request.args.items(multi=True))
        opened = opening(env, model, requested_action())
        found = narrow(env, opened, services().instance.views.search(env, model), state)
        ids = [record["id"] for record in env[model].read(found.where, ["id"], limit=MOST + 1, **found.bound)]
        if len(ids) > MOST:
            raise BadRequest(_("At most {most} records at once; narrow the list first.", most=f"{MOST:,}"))
        return ids
    given = request.form.getlist("ids")
    if len(given) > MOST or not all(text.isdecimal() and len(text) < 19 for text in given):
        raise BadRequest(_("The chosen records cannot be read."))
    return [int(text) for text in given]


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
    if id_ or not label:
        return int(id_) if id_ else None
    found = [each for each, text in suggest(env, str(info.target), label) if text == label]
    if len(found) != 1:
        raise BadRequest(_("'{text}' is not exactly one of the records to choose from.", text=label))
    return found[0]
