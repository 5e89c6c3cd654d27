"""Saved filters: the state of a page under a name, for oneself or for everybody. Every change can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.errors import FieldError, Invalid
from core.i18n import _
from core.records.environment import Environment
from core.security.policy import ADMINISTRATORS
from core.views.state import State
from core.web.client.addresses import Addresses, action_pairs, with_query
from core.web.client.openings import action_of
from core.web.current import environment, name_work
from core.web.notes import Note, add_note

blueprint = Blueprint("filters", __name__, url_prefix="/app")

FILTERS, DEFAULTS = "core.filter", "core.filter_default"
UNSAVED = "none"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter as its page offers it."""

    id: int
    name: str
    state: State
    shared: bool
    default: bool


@dataclass(frozen=True, slots=True)
class SavedChoice:
    """One link of the menu of saved filters."""

    label: str
    address: str
    shared: bool
    current: bool


@dataclass(frozen=True, slots=True)
class SavedMenu:
    """The menu of saved filters: `current` is the one that the page began with, `edited` once the page differs from it.

    `address` is where forms are posted to, `query` the present state as it would be saved.
    """

    choices: tuple[SavedChoice, ...]
    plain: str
    current: Saved | None
    edited: bool
    may_change: bool
    may_share: bool
    address: str
    action: str
    query: str


def read_saved(env: Environment, model: str, action: int | None) -> list[Saved]:
    """The saved filters that the user may choose from: those of the action, and those of no action."""
    if model not in env.cached(_models_with_filters):
        return []
    rows = env[FILTERS].read(
        "model == wanted and action in [opened, none]",
        ["id", "name", "query", "user", "is_default"],
        limit=_MOST,
        wanted=model,
        opened=action or 0,
    )
    return [
        Saved(row["id"], row["name"], _state(row["query"]), row["user"] is None, bool(row["is_default"]))
        for row in rows
    ]


def _models_with_filters(env: Environment) -> frozenset[str]:
    return frozenset(row["model"] for row in env[FILTERS].aggregate("", by=["model"], measures=["id:count"]))


def _state(query: str | None) -> State:
    return State.parse(parse_qsl(query or "", keep_blank_values=True)).lasting


def default_of(found: Sequence[Saved], state: State) -> State | None:
    """The state of the user's default, where an address says nothing else; one's own before everybody's."""
    if state != State():
        return None
    default = next((each for each in sorted(found, key=lambda each: each.shared) if each.default), None)
    return default.state.but(saved=str(default.id)) if default else None


def saved_menu(
    env: Environment, links: Addresses, model: str, action: int | None, found: Sequence[Saved], state: State
) -> SavedMenu:
    """The menu of a page in `state`."""
    current = next((each for each in found if str(each.id) == state.saved), None)
    administrator = env.has_group(ADMINISTRATORS)
    return SavedMenu(
        choices=tuple(
            SavedChoice(each.name, links.state(each.state.but(saved=str(each.id))), each.shared, each is current)
            for each in found
        ),
        plain=links.state(State(view=state.view, saved=UNSAVED)),
        current=current,
        edited=current is not None and _alike(current.state) != _alike(state),
        may_change=current is not None and (administrator or not current.shared),
        may_share=administrator,
        address=f"/app/{model}/filters",
        action=str(action or ""),
        query=state.lasting.query(),
    )


def _alike(state: State) -> tuple[object, ...]:
    lasting = state.lasting
    return (frozenset(lasting.filters or ()), lasting.filters is None, *lasting.but(filters=None).pairs())


@blueprint.post("/<model>/filters")
def save(model: str) -> Response:
    """Save the state under a name; one of that name is replaced."""
    env, form = environment(), request.form
    name, shared = form.get("name", "").strip(), bool(form.get("shared"))
    if not name:
        raise Invalid([FieldError("name", _("Give the filter a name."))], model=FILTERS)
    name_work(_("Saved filter {name}", name=name))
    action = action_of(form.get("action", ""))
    query = _state(form.get("query")).query()
    known = read_saved(env, env[model].model, action)
    former = [each.id for each in known if each.name == name and each.shared == shared]
    if former:
        env[FILTERS].write(former, query=query)
        id_ = former[0]
    else:
        owner = None if shared else env.user
        id_ = env[FILTERS].create(name=name, model=model, action=action, user=owner, query=query).id
    if form.get("default"):
        _choose(env, model, action, id_)
    done = _("Replaced the filter {name}", name=name) if former else _("Saved the filter {name}", name=name)
    return _done(model, action, done, _state(query).but(saved=str(id_)))


@blueprint.post("/<model>/filters/<id:id_>/default")
def set_default(model: str, id_: int) -> Response:
    """Make the filter one's default for the action, or, with `off`, no longer."""
    env, off = environment(), bool(request.form.get("off"))
    name, query = _stored(env, id_)
    name_work(_("Default filter {name}", name=name))
    action = action_of(request.form.get("action", ""))
    _choose(env, model, action, None if off else id_)
    done = _("{name} is no longer your default", name=name) if off else _("{name} is your default", name=name)
    return _done(model, action, done, _state(query).but(saved=str(id_)))


@blueprint.post("/<model>/filters/<id:id_>/delete")
def delete(model: str, id_: int) -> Response:
    """Delete the filter; it can be brought back from the message."""
    env = environment()
    name, _query = _stored(env, id_)
    name_work(_("Deleted filter {name}", name=name))
    env[FILTERS].delete([id_])
    action = action_of(request.form.get("action", ""))
    return _done(model, action, _("Deleted the filter {name}", name=name), State(saved=UNSAVED), icon="trash")


def _choose(env: Environment, model: str, action: int | None, id_: int | None) -> None:
    """Make a filter the user's only default among those that the action offers."""
    condition = "user == me and saved.model == wanted and saved.action in [opened, none]"
    former = env[DEFAULTS].read(condition, ["id", "saved"], wanted=model, opened=action or 0)
    env[DEFAULTS].delete([row["id"] for row in former if row["saved"] != id_])
    if id_ is not None and id_ not in [row["saved"] for row in former]:
        env[DEFAULTS].create(saved=id_)


def _stored(env: Environment, id_: int) -> tuple[str, str]:
    """The name and the state of a filter; raises NotFound where it may not be read."""
    env[FILTERS].get(id_)
    row = env[FILTERS].read_ids([id_], ["name", "query"])[id_]
    return str(row["name"]), row["query"] or ""


def _done(model: str, action: int | None, text: str, state: State, icon: str = "check") -> Response:
    add_note(Note(text, icon, environment().change_set))
    return redirect(with_query(f"/app/{model}", [*action_pairs(action), *state.pairs()]), code=303)
