"""The view types: how each is read, generated, and which conditions its pages evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from core.lang.tree import Expression
from core.views.board.arch import BoardArch
from core.views.board.arch import read as read_board
from core.views.board.generate import generate as generate_board
from core.views.form.arch import FormArch, Notebook
from core.views.form.arch import read as read_form
from core.views.form.generate import generate as generate_form
from core.views.graph.arch import GraphArch
from core.views.graph.arch import read as read_graph
from core.views.graph.generate import generate as generate_graph
from core.views.list.arch import ListArch
from core.views.list.arch import read as read_list
from core.views.list.generate import generate as generate_list
from core.views.nodes import FieldNode
from core.views.search.arch import SearchArch
from core.views.search.arch import read as read_search
from core.views.template import Builder
from core.views.view import ViewType


def _shown(nodes: Iterable[FieldNode]) -> list[Expression]:
    return [each for node in nodes for each in (node.invisible, node.settled) if each]


def _list_conditions(view: ListArch) -> list[Expression]:
    return _shown(view.columns)


def _board_conditions(view: BoardArch) -> list[Expression]:
    return [*_shown(view.cards), *view.conditions]


def _form_conditions(view: FormArch) -> list[Expression]:
    return [*form_conditions(view), *(each for related in view.related() for each in _shown(related.list.columns))]


def form_conditions(view: FormArch) -> Iterator[Expression]:
    """Every modifier of a form that is about its own record; lists of related records have theirs about those."""
    for node in (*view.fields(), *(each.field for each in view.related())):
        yield from (each for each in (node.invisible, node.readonly, node.required, node.settled) if each)
    yield from (button.invisible for button in view.buttons if button.invisible)
    yield from (counter.invisible for counter in view.counters if counter.invisible)
    yield from (section.invisible for section in view.sections() if section.invisible)
    for part in view.body:
        if isinstance(part, Notebook):
            yield from (tab.invisible for tab in part.tabs if tab.invisible)


def _no_template(view: SearchArch, builder: Builder) -> str:
    """A search has no template: the toolbar of the page is its markup."""
    return ""


def _no_conditions(view: SearchArch | GraphArch) -> list[Expression]:
    return []


VIEW_TYPES: Mapping[str, ViewType] = MappingProxyType(
    {
        "list": ViewType(read_list, generate_list, _list_conditions),
        "board": ViewType(read_board, generate_board, _board_conditions),
        "graph": ViewType(read_graph, generate_graph, _no_conditions),
        "form": ViewType(read_form, generate_form, _form_conditions),
        "search": ViewType(read_search, _no_template, _no_conditions),
    }
)
