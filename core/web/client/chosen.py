"""The records that somebody chose in a list: those ticked, or all that the list finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from flask import request

from core.i18n import _
from core.records.environment import Environment
from core.views.search.narrowing import narrow
from core.views.state import State
from core.web.client.addresses import ROOT
from core.web.client.openings import action_of, opening
from core.web.problems import BadRequest
from core.web.services import services

# One batch under one change set; more is the work of an import or a script.
MOST = 10_000


def ticked(texts: Sequence[str]) -> list[int]:
    """The ids of ticked rows, each once.

    :raises BadRequest: they are too many, or no ids.
    """
    if len(texts) > MOST or not all(text.isdecimal() and len(text) < 19 for text in texts):
        raise BadRequest(_("The chosen records cannot be read."))
    return list(dict.fromkeys(int(text) for text in texts))


def found_by(env: Environment, model: str, query: Sequence[tuple[str, str]]) -> list[int]:
    """The ids of all records that a list finds, in its order; `query` holds its state.

    :raises BadRequest: they are too many.
    """
    pairs = dict(query)
    opened = opening(env, model, action_of(pairs.get("action", "")))
    state = State.parse(query)
    found = narrow(env, opened, services().instance.views.search(env, model), state)
    rows = env[model].read(
        found.where, ["id"], order=state.order or opened.order or None, limit=MOST + 1, **found.bound
    )
    if len(rows) > MOST:
        raise BadRequest(_("At most {most} records at once; narrow the list first.", most=f"{MOST:,}"))
    return [row["id"] for row in rows]


def chosen_records(env: Environment, model: str) -> list[int]:
    """The records that a page which asks before it acts was opened for: `ids`, or `all` that the list at `next` finds.

    :raises BadRequest: they are too many, or cannot be read.
    """
    given: Mapping[str, str] = request.values
    if not given.get("all"):
        return ticked(request.values.getlist("ids"))
    parts = urlsplit(given.get("next", ""))
    if parts.path != f"{ROOT}/{model}":
        raise BadRequest(_("The chosen records cannot be read."))
    return found_by(env, model, parse_qsl(parts.query, keep_blank_values=True))
