"""Moving a card to another column: one field of one record, with the version that the board showed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, jsonify, render_template, request

from core.errors import NotFound
from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.views.board import page as boards
from core.views.board.arch import BoardArch
from core.views.formats import bucket_start
from core.views.kit import Kit
from core.views.periods import first_day, last_day
from core.web.client.records import Asked, read_request
from core.web.current import name_work
from core.web.notes import Note
from core.web.problems import BadRequest

blueprint = Blueprint("moves", __name__, url_prefix="/app")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a card is put: what it is called, and the value that a card gets there."""

    label: str
    value: object


@blueprint.post("/<model>/<id:id_>/move")
def move(model: str, id_: int) -> Response:
    """Give the card the column's value; answers with its new version, the card, and a message that offers to undo.

    The address holds the board as it is shown. A card that is in the column already stays as it is.
    """
    asked = read_request(model, "board")
    env, arch = asked.env, _arch(asked)
    if not arch.movable:
        raise BadRequest(_("The cards of this board cannot be moved."))
    column = _column(env, asked.view.kit(env), arch, request.form.get("value", ""))
    version = _version(request.form.get("version", ""))
    page, record = boards.card(env, asked.view, asked.state, asked.opening, id_)
    name = env[model].label([id_]).get(id_, f"#{id_}")
    boards.require_movable(page, record, name)
    if _is_there(arch, record[arch.group.path], column.value):
        return jsonify({"version": record["version"], "toast": "", "card": _card(asked, id_)})
    moved = _("Moved {name} to {column}", name=name, column=column.label)
    name_work(moved)
    env[model].write([id_], version=version, **{arch.group.info.name: column.value})
    note = Note(moved, "check", env.change_set)
    toast = render_template("toast.html", note=note, next_page=request.form.get("next", "/"))
    stored = env[model].read_ids([id_], ["version"])
    return jsonify({"version": stored[id_]["version"] if stored else None, "toast": toast, "card": _card(asked, id_)})


def _arch(asked: Asked) -> BoardArch:
    arch: BoardArch = asked.view.variant(asked.env).arch
    return arch


def _card(asked: Asked, id_: int) -> str:
    """The card as it is now; nothing where the user may not see it any more."""
    try:
        page, record = boards.card(asked.env, asked.view, asked.state, asked.opening, id_)
    except NotFound:
        return ""
    return str(asked.view.part(asked.env, page, asked.links, "card", record))


def _is_there(arch: BoardArch, now: object, value: object) -> bool:
    """Whether the card is in the column already: it keeps its day within a span of time."""
    if arch.unit and isinstance(now, date) and isinstance(value, date):
        return first_day(now, arch.unit) == first_day(value, arch.unit)
    return now == value


def _column(env: Environment, kit: Kit, arch: BoardArch, text: str) -> Column:
    """The column that a key names."""
    info = arch.group.info
    if not text:
        return Column(_("No date") if arch.unit else _("None"), None)
    if arch.unit:
        first = bucket_start(text, arch.unit)
        if first is None:
            raise BadRequest(_("There is no such column."))
        return Column(kit.bucket(first, arch.unit), last_day(first, arch.unit))
    if info.kind is not Kind.REFERENCE:
        return Column(_(dict(info.options).get(text, text)), text)
    if not text.isdecimal() or len(text) > 18:
        raise BadRequest(_("There is no such column."))
    return Column(env.labels(str(info.target), [int(text)]).get(int(text), f"#{text}"), int(text))


def _version(text: str) -> int | None:
    if not text.isdecimal():
        raise BadRequest(_("The version of the card is missing."))
    return int(text)
