"""Lists, boards and graphs: the page of an action in the state that its address holds, and the parts that load by
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, make_response, request
from markupsafe import Markup
from werkzeug.utils import redirect

from core.errors import ExpressionError, Refusal
from core.i18n import _
from core.records.aggregates import BadAggregate
from core.records.environment import Environment
from core.views.board import page as boards
from core.views.board.page import BoardPage
from core.views.graph import page as graphs
from core.views.graph.page import GraphPage
from core.views.list import page as lists
from core.views.list.arch import ListArch, order_of
from core.views.list.page import ListPage
from core.views.opening import Opening
from core.views.search.arch import SearchArch
from core.views.search.narrowing import Chip, UnknownFilter, narrow
from core.views.state import State
from core.views.view import ComposedView
from core.web.client import frames
from core.web.client.addresses import Addresses, action_pairs, first_pairs, list_query
from core.web.client.filters import Saved, default_of, read_saved, saved_menu
from core.web.client.frames import KINDS, Mistake
from core.web.client.openings import first_values, may_create, opening, requested_action, usual_action
from core.web.client.searchbar import Offer, search_bar
from core.web.client.shell import Crumb, links_of, page, trail
from core.web.current import environment
from core.web.formats import kit_of
from core.web.services import services

blueprint = Blueprint("records", __name__, url_prefix="/app")
_SCRIPTS: Mapping[str, Sequence[str]] = {
    "list": ["views/list.js"],
    "board": ["vendor/sortable.min.js", "views/board.js"],
    "graph": ["views/graph.js"],
}


Made = ListPage | BoardPage | GraphPage


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for records: the action, the state, and the views that answer it."""

    env: Environment
    action: int | None
    opening: Opening
    state: State
    kind: str
    view: ComposedView
    search: SearchArch | None
    links: Addresses
    saved: Sequence[Saved] = ()


@blueprint.get("/<model>")
def show(model: str) -> Response:
    """A list, board or graph, or one of their parts (`part=totals`, `part=heads`)."""
    asked = read_request(model)
    if "part" not in request.args:
        asked = replace(asked, saved=read_saved(asked.env, model, asked.action))
        if default := default_of(asked.saved, asked.state):
            return make_response(redirect(asked.links.state(default)))
    try:
        if request.args.get("part") == "totals":
            found = lists.totals(asked.env, asked.view, asked.state, asked.opening, asked.search)
            return make_response(asked.view.part(asked.env, found, asked.links, "totals_row"))
        if request.args.get("part") == "heads":
            heads = boards.totals(asked.env, asked.view, asked.state, asked.opening, asked.search)
            return make_response(asked.view.part(asked.env, heads, asked.links, "heads"))
        return make_response(_whole(asked))
    except UnknownFilter as refusal:
        return make_response(_framed(asked, None, Markup(""), (), refusal=refusal), refusal.status)
    except ExpressionError as error:
        if asked.state.where and error.source == asked.state.where:
            return make_response(_framed(asked, None, Markup(""), (), frames.mistake(error)), error.status)
        if not asked.state.group and not asked.state.order and not asked.state.stack:
            raise
        return _unfit(asked, error.reason, error.hint)
    except BadAggregate as error:
        return _unfit(asked, error.text, error.hint)


def _unfit(asked: Asked, reason: str, hint: str) -> Response:
    unfit = Unfit(reason, hint, asked.state)
    return make_response(_framed(asked, None, Markup(""), (), refusal=unfit), unfit.status)


class Unfit(Refusal):
    """The address groups, orders or measures by what is not there, as a saved filter may once an addon left; see
    `without`.
    """

    code, status = ExpressionError.code, ExpressionError.status

    def __init__(self, reason: str, hint: str, state: State) -> None:
        text = _("Records cannot be grouped or ordered so: {reason}.", reason=reason.rstrip("."))
        super().__init__(text, hint=hint)
        self.without = state.but(group="", order="", stack="", measure="")


def read_request(model: str, kind: str = "") -> Asked:
    """What the present address asks for, in a view of the type `kind` where one is given."""
    env = environment()
    action = requested_action()
    if action is None:
        action = usual_action(env, model)
    state = State.parse(request.args.items(multi=True))
    # Values of new records belong to the condition they came with: whoever takes that away begins anew.
    first = first_values(env, model) if state.where else {}
    opened = opening(env, model, action)
    opened = replace(opened, defaults={**opened.defaults, **first})
    offered = [kind for kind in opened.views if kind in KINDS] or ["list"]
    kind = kind or (state.view if state.view in KINDS else offered[0])
    store = services().instance.views
    view = store.view(env, model, kind, opened.named.get(kind, ""))
    given = first_pairs(first)
    links = links_of(f"/app/{model}", model, (*action_pairs(action), *given), list_query(action, state, given))
    return Asked(env, action, opened, state, kind, view, store.search(env, model), links)


def _whole(asked: Asked) -> str:
    made: Made
    if asked.kind == "graph":
        made = graphs.page(asked.env, asked.view, asked.state, asked.opening, asked.search)
    elif asked.kind == "board":
        made = boards.page(asked.env, asked.view, asked.state, asked.opening, asked.search)
    else:
        made = lists.page(asked.env, asked.view, asked.state, asked.opening, asked.search)
    return _framed(asked, made, asked.view.render(asked.env, made, asked.links), made.chips)


def _bulk(asked: Asked) -> frames.Bulk | None:
    shown = narrow(asked.env, asked.opening, asked.search, asked.state).expression
    archived = shown is not None and "active" in shown.paths
    return frames.bulk(asked.env, asked.view.variant(asked.env).arch, asked.links, asked.state, archived=archived)


def _orders(asked: Asked, found: ListPage) -> list[Offer]:
    """Every column as an order, for lists so narrow that they have no heads."""
    arch: ListArch = asked.view.variant(asked.env).arch
    return [
        Offer(_(node.label), asked.links.state(found.sort(path)), bool(found.sorted(path)))
        for node, path in ((node, order_of(node)) for node in arch.columns)
        if path
    ]


def _framed(
    asked: Asked,
    found: Made | None,
    body: Markup,
    chips: Sequence[Chip],
    problem: Mistake | None = None,
    refusal: UnknownFilter | Unfit | None = None,
) -> str:
    name, is_list = asked.opening.name, asked.kind == "list"
    saved = saved_menu(asked.env, asked.links, asked.opening.model, asked.action, asked.saved, asked.state)
    return page(
        "records.html",
        title=name,
        crumbs=[*map(Crumb, trail(asked.env, asked.action)), Crumb(name)],
        action=asked.action,
        scripts=_SCRIPTS[asked.kind],
        kind=asked.kind,
        kinds=frames.kind_links(asked.opening, asked.state, asked.links, asked.kind),
        links=asked.links,
        state=asked.state,
        search=search_bar(asked.links, asked.opening, asked.search, asked.state, chips, saved, groups=is_list),
        new=_("New {record}", record=kit_of(asked.env).inside(asked.opening.record_name)),
        may_create=asked.kind != "graph" and may_create(asked.env, asked.opening.model),
        bulk=_bulk(asked) if is_list and found else None,
        orders=_orders(asked, found) if isinstance(found, ListPage) else (),
        moves=asked.links.move(asked.opening.model, 0) if asked.kind == "board" else "",
        p=found,
        body=body,
        problem=problem,
        refusal=refusal,
    )
