"""Moving a card to another column: one field of one record, with the version that the board showed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.views.board.arch import BoardArch
from core.views.nodes import FieldNode
from core.web.current import environment, name_work
from core.web.notes import Note
from core.web.problems import BadRequest
from core.web.services import services

blueprint = Blueprint("moves", __name__, url_prefix="/app")


@blueprint.post("/<model>/<id:id_>/move")
def move(model: str, id_: int) -> Response:
    """Write the column's value; answers with the new version and a message that offers to undo."""
    env = environment()
    view = services().instance.views.view(env, model, "board")
    arch: BoardArch = view.variant(env).arch
    value = _value(arch.group, request.form.get("value", ""))
    name = env[model].label([id_]).get(id_, f"#{id_}")
    moved = _("Moved {name} to {column}", name=name, column=_label(env, arch.group, value))
    name_work(moved)
    env[model].write([id_], version=_version(request.form.get("version", "")), **{arch.group.info.name: value})
    stored = env[model].read_ids([id_], ["version"])
    note = Note(moved, "check", env.change_set)
    toast = render_template("toast.html", note=note, next_page=request.form.get("next", "/"))
    return jsonify({"version": stored[id_]["version"] if id_ in stored else None, "toast": toast})


def _value(group: FieldNode, text: str) -> int | str | None:
    if not text:
        return None
    if group.info.kind is not Kind.REFERENCE:
        return text
    if not text.isdecimal() or len(text) > 18:
        raise BadRequest(_("There is no such column."))
    return int(text)


def _version(text: str) -> int | None:
    if not text.isdecimal():
        raise BadRequest(_("The version of the card is missing."))
    return int(text)


def _label(env: Environment, group: FieldNode, value: int | str | None) -> str:
    if value is None:
        return _("None")
    if isinstance(value, int):
        return env.labels(str(group.info.target), [value]).get(value, f"#{value}")
    return _(dict(group.info.options).get(value, value))
