"""What the toolbar above records offers: the search box, what narrows now, ready-made filters and groupings.

Every offer is an address: this page in another state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.i18n import _
from core.views.list.page import UNGROUPED
from core.views.opening import Opening
from core.views.search.arch import Filter, SearchArch
from core.views.search.narrowing import Chip
from core.views.state import State
from core.web.client.addresses import Addresses
from core.web.client.filters import UNSAVED, SavedMenu

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A link that changes the state; `current` when it is in force."""

    label: str
    address: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that narrows the page, and the address without it; `title` is a condition as it is written."""

    label: str
    operator: str
    value: str
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class Term:
    """A field that text can be typed for."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class SearchBar:
    """The toolbar; `carried` are the parts of the state that a form sends along."""

    fields: bool
    placeholder: str
    chips: tuple[Shown, ...]
    filters: tuple[tuple[Offer, ...], ...]
    terms: tuple[Term, ...]
    groupings: tuple[Offer, ...]
    grouped: str
    ungrouped: str
    cleared: str
    carried: Pairs
    carried_terms: Pairs
    carried_where: Pairs
    saved: SavedMenu


def search_bar(
    links: Addresses,
    opening: Opening,
    view: SearchArch | None,
    state: State,
    chips: Sequence[Chip],
    saved: SavedMenu,
    *,
    groups: bool,
) -> SearchBar:
    """The toolbar of a page in `state`; `groups` tells whether its view can group rows."""
    arch = view or SearchArch((), (), ())
    active = opening.filters if state.filters is None else state.filters
    chosen = state.group or opening.group
    offers = _groupings(links, arch, state, chosen) if groups else ()
    grouped = next((offer.label for offer in offers if offer.current), chosen if groups and chosen != UNGROUPED else "")
    narrowed = bool(chips or state.filters or state.where)
    typed = dict(state.terms)
    return SearchBar(
        fields=bool(arch.fields),
        placeholder=_("Search {what}", what=_inside(opening.name)),
        chips=tuple(_shown(links, chip) for chip in chips),
        filters=tuple(_filters(links, group, state, active) for group in arch.filters),
        terms=tuple(Term(field.name, _(field.label), typed.get(field.name, "")) for field in arch.fields[1:]),
        groupings=offers,
        grouped=grouped,
        ungrouped=links.state(state.but(group=UNGROUPED)),
        cleared=links.state(_cleared(state)) if narrowed else "",
        carried=_carried(links, state.but(q="")),
        carried_terms=_carried(links, state.but(terms=())),
        carried_where=_carried(links, state.but(where="")),
        saved=saved,
    )


def _cleared(state: State) -> State:
    return state.but(q="", terms=(), filters=(), where="", saved=UNSAVED if state.saved else "")


def _shown(links: Addresses, chip: Chip) -> Shown:
    title = chip.condition.source if chip.condition else chip.value
    return Shown(chip.label, chip.operator, chip.value, links.state(chip.without), title)


def _filters(links: Addresses, group: Iterable[Filter], state: State, active: tuple[str, ...]) -> tuple[Offer, ...]:
    return tuple(
        Offer(_(each.label), links.state(state.toggled(each.name, active)), each.name in active) for each in group
    )


def _groupings(links: Addresses, arch: SearchArch, state: State, chosen: str) -> tuple[Offer, ...]:
    return tuple(
        Offer(_(each.label), links.state(state.but(group=each.field, open=())), each.field == chosen)
        for each in arch.groupings
    )


def _carried(links: Addresses, state: State) -> Pairs:
    return [*links.kept(), *state.pairs()]


def _inside(name: str) -> str:
    """A name within a sentence: its first letter small, unless the word is written in capitals."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
