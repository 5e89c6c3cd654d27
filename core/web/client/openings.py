"""The action that a page is opened by, from its address: read once per generation of views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request

from core.errors import NotFound
from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.views.opening import FIELDS, Opening
from core.views.state import State
from core.web.client.addresses import FIRST, ROOT, action_pairs, with_query
from core.web.client.shell import menu
from core.web.current import who
from core.web.services import services


def action_of(text: str) -> int | None:
    """The id of an action in an address; None where there is none, or no number."""
    return int(text) if text.isdecimal() and len(text) < 18 else None


def action_called(env: Environment, name: str) -> int | None:
    """The id of the action with an external id; None where none is named, or somebody deleted it."""
    key = (who().generations.views, id(env.registry), name)
    return services().actions.get(key, lambda: _find_action(env, name)) if name else None


def _find_action(env: Environment, name: str) -> int | None:
    try:
        return env.sudo().ref(name).id
    except NotFound:
        return None


def records_address(env: Environment, model: str, where: str, *, action: str = "", view: str = "list") -> str:
    """The page of the records of a model that meet a condition, whatever filters its action begins with.

    :param action: the external id of the action that opens them.
    """
    state = State(view=view, filters=(), where=where)
    return with_query(f"{ROOT}/{model}", [*action_pairs(action_called(env, action)), *state.pairs()])


def opening(env: Environment, model: str, action: int | None) -> Opening:
    """What the action opens `model` with, in the language in force; without an action, everything of the model.

    :raises NotFound: there is no such model, or no such action of it.
    """
    info = env[model].info
    if action is None:
        views = services().instance.views.kinds(env, model)
        plural = _(env.registry.options[model].plural)
        return Opening(model, name=plural, record_name=_(info.label or model), views=views)
    found = services().openings.get((who().generations.views, id(env.registry), action), lambda: _read(env, action))
    if found.model != model:
        raise NotFound(_("This action is about other records."))
    return replace(
        found,
        name=_(found.name),
        record_name=_(found.record_name or info.label or model),
        help=_(found.help) if found.help else "",
    )


def may_create(env: Environment, model: str) -> bool:
    """Whether the user may create records here; what must name a record of any model is created beside that record."""
    fields = env.registry.schema[model].fields.values()
    return env[model].may("create") and not any(info.models and info.required for info in fields)


def first_values(env: Environment, model: str) -> dict[str, Any]:
    """The values that the present address gives new records (`set.<field>`), as their fields take them."""
    values: dict[str, Any] = {}
    for name, text in request.args.items():
        info = env.registry.schema[model].fields.get(name.removeprefix(FIRST)) if name.startswith(FIRST) else None
        if info is not None and info.kind in (Kind.REFERENCE, Kind.INTEGER):
            values[info.name] = int(text) if text.isdecimal() else None
        elif info is not None and info.kind in (Kind.TEXT, Kind.BOOLEAN):
            values[info.name] = text == "True" if info.kind is Kind.BOOLEAN else text
    return values


def usual_action(env: Environment, model: str, id_: int | None = None) -> int | None:
    """The action by which the user's menus show a record, or (without `id_`) all records of the model.

    For pages that were not opened from a menu; None where no menu leads there.
    """
    found = [item for section in menu(env) for item in section.items if item.model == model]
    items = [item for item in found if not item.analysis]  # which shows records that belong elsewhere
    for item in sorted(items, key=lambda item: item.filtered):
        if not item.condition and not (id_ is None and item.filtered):
            return item.action
        if id_ is not None and env[model].read(f"id == record and ({item.condition or 'true'})", ["id"], record=id_):
            return item.action
    return None


def requested_action() -> int | None:
    """The action that the present address names."""
    return action_of(request.args.get("action", ""))


def _read(env: Environment, action: int) -> Opening:
    rows = env.sudo()["core.action"].read("id == action", list(FIELDS), action=action)
    if not rows:
        raise NotFound(_("This action is gone. Choose another from the menu."))
    return Opening.from_row(rows[0])
