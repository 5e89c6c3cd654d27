"""Suggestions for pickers: records whose label holds the typed text."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.web.current import environment
from core.web.problems import BadRequest

blueprint = Blueprint("options", __name__, url_prefix="/app")

MOST = 20
LONGEST_TEXT = 200


@blueprint.get("/<model>/options")
def options(model: str) -> Response:
    """The first records, by label, that the user may read."""
    found = suggest(environment(), model, request.args.get("q", "").strip()[:LONGEST_TEXT])
    return jsonify({"options": [{"id": id_, "label": label} for id_, label in found]})


def picked(env: Environment, model: str, id_: str, label: str) -> int | None:
    """The record that a picker gave: its id, or without scripts the label that was typed; None where it is empty.

    :raises BadRequest: the label is not that of exactly one record.
    """
    if id_ or not label.strip():
        return int(id_) if id_.isdecimal() and len(id_) < 19 else None
    found = [each for each, text in suggest(env, model, label.strip()) if text == label.strip()]
    if len(found) != 1:
        raise BadRequest(_("'{text}' is not exactly one of the records to choose from.", text=label))
    return found[0]


def suggest(env: Environment, model: str, text: str) -> list[tuple[int, str]]:
    """Ids and labels: those that begin with the text come first."""
    records = env[model]
    info = records.info
    name = info.label_field
    if info.fields[name].kind is not Kind.TEXT:
        return []
    found: dict[int, str] = {}
    for call in ("startswith", "contains") if text else ("",):
        where = f"{call}({name}, text)" if call else ""
        names = {"text": text} if call else {}
        for record in records.read(where, ["id", name], order=name if text else None, limit=MOST, **names):
            found.setdefault(record["id"], str(record[name] or f"#{record['id']}"))
        if len(found) >= MOST:
            break
    return list(found.items())[:MOST]
