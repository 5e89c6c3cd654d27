"""The numbers of a graph page, from one aggregate query with the reader's rights, and the choices around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.i18n import _
from core.records.aggregates import BadAggregate
from core.records.environment import Environment
from core.views.graph.arch import CHARTS, GraphArch, Measure
from core.views.graph.choices import Menu, Menus, named
from core.views.graph.drawing import Drawing, draw
from core.views.graph.figures import Cell, Cells, TableRow
from core.views.graph.grid import COUNT, Grid, Head, Kind, arrange, asked_for
from core.views.kit import Kit
from core.views.list.page import UNGROUPED
from core.views.looks import Looks
from core.views.opening import Opening
from core.views.search.arch import SearchArch
from core.views.search.narrowing import Chip, Narrowing, narrow
from core.views.state import State
from core.views.terms import Term, term
from core.views.view import ComposedView
from core.views.wording import worded

MOST_GROUPS = 5_000
_TONES = ("lapis", "ochre", "teal", "plum", "sage", "terracotta", "sky", "rose")


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one look: tone and pattern, so that nobody needs to tell colours apart."""

    label: str
    tone: str
    pattern: str


@dataclass(slots=True)
class GraphPage:
    """One page of a graph. `series` are the columns of the picture; one alone has no name.

    `overfull` says that there are too many groups to show any of them.
    """

    title: str
    help: str
    state: State
    count: int
    menus: tuple[Menu, ...]
    chips: tuple[Chip, ...]
    kit: Kit
    looks: Looks
    overfull: bool = False
    heading: str = ""
    caption: str = ""
    corner: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    totals: TableRow | None = None
    series: tuple[Series, ...] = ()
    drawing: Drawing | None = None
    drawn: list[list[Cell]] = field(default_factory=list)
    sums: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.rows and not self.overfull

    @property
    def count_text(self) -> str:
        """The number of records behind the graph; unknown where there are too many groups."""
        return "" if self.overfull else self.kit.number(self.count)

    @property
    def cleared(self) -> State:
        """The state with nothing that narrows."""
        return self.state.but(q="", terms=(), filters=(), where="")


def page(
    env: Environment, view: ComposedView, state: State, opening: Opening, search: SearchArch | None = None
) -> GraphPage:
    """The graph in this state.

    :raises Refusal: the state names a condition, dimension or measure that cannot be.
    """
    return _Graphing(env, view, state, opening, search, narrow(env, opening, search, state)).run()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a page is asked for. Without a second dimension the table has a column for each measure."""

    terms: Sequence[Term]
    measures: Sequence[Measure]
    shown: Measure
    chart: str


@dataclass(slots=True)
class _Graphing:
    env: Environment
    view: ComposedView
    state: State
    opening: Opening
    search: SearchArch | None
    narrowing: Narrowing

    def run(self) -> GraphPage:
        arch: GraphArch = self.view.variant(self.env).arch
        kit, asked = self.view.kit(self.env), self._asked(arch)
        by = dict.fromkeys(text for each in asked.terms for text in asked_for(self.env, each))
        parts = dict.fromkeys([COUNT, *(part for each in asked.measures for part in each.parts)])
        rows = self.env[arch.model].aggregate(
            self.narrowing.where, list(by), list(parts), limit=MOST_GROUPS + 1, **self.narrowing.bound
        )
        found = GraphPage(
            title=self.opening.name,
            help=self.opening.help,
            state=self.state,
            count=sum(row[COUNT] for row in rows),
            menus=Menus(self.state, arch, self.search, asked.shown, asked.terms, asked.chart).all(self.env),
            chips=worded(self.env, kit, self.narrowing.chips),
            kit=kit,
            looks=Looks(),
            overfull=len(rows) > MOST_GROUPS,
        )
        if rows and not found.overfull:
            self._fill(found, arrange(rows, asked.terms, asked.measures, asked.shown, kit), asked)
        return found

    def _asked(self, arch: GraphArch) -> _Asked:
        shown, terms = self._measure(arch), self._terms(arch)
        chart = self.state.chart if self.state.chart in CHARTS else arch.chart
        return _Asked(terms, [shown] if len(terms) > 1 else arch.measures, shown, chart)

    def _measure(self, arch: GraphArch) -> Measure:
        known, chosen = {each.key: each for each in arch.measures}, self.state.measure
        if chosen and chosen not in known:
            text = _("'{text}' is not a measure.", text=chosen)
            raise BadAggregate(text, hint=_("Use one of {known}.", known=", ".join(known)))
        return known.get(chosen, arch.measures[0])

    def _terms(self, arch: GraphArch) -> list[Term]:
        """One or two dimensions: those of the address, else of action and view."""
        offered = [each.field for each in self.search.groupings] if self.search else []
        first = _chosen(self.state.group, self.opening.group, arch.by, *offered[:1])
        found = [term(self.env, arch.model, first or "id")]
        second = self.state.stack or arch.stack
        if second and second != UNGROUPED:
            found += [each for each in [term(self.env, arch.model, second)] if each.path != found[0].path]
        return found

    def _fill(self, found: GraphPage, grid: Grid, asked: _Asked) -> None:
        kit, terms, shown = found.kit, asked.terms, asked.shown
        cells = Cells(self.state, kit, grid)
        found.corner = named(terms[0], self.search, kit)
        found.heads, found.rows, found.totals = cells.table(asked.measures, stacked=len(terms) > 1)
        found.series = tuple(_series(place, head) for place, head in enumerate(grid.columns.heads))
        found.drawing = draw(grid, shown, kit, asked.chart, timed=bool(terms[0].unit))
        found.drawn = cells.drawn(shown)
        found.sums = tuple(cells.text(shown, tally) for tally in grid.row_totals)
        names = [kit.inside(named(each, self.search, kit)) for each in terms]
        found.heading = _by(shown.title(), names)
        found.caption = self._caption(found, found.heading if len(names) > 1 else _by(self.opening.name, names))
        found.notes = tuple(_notes(found.drawing, grid, shown))

    def _caption(self, found: GraphPage, what: str) -> str:
        """What the table is about, how many records are behind it, and what narrows them."""
        count = _("1 record") if found.count == 1 else _("{count} records", count=found.kit.number(found.count))
        scope = [" ".join(part for part in (chip.label, chip.operator, chip.value) if part) for chip in found.chips]
        return " · ".join([what, count, *scope])


def _by(what: str, names: Sequence[str]) -> str:
    if len(names) > 1:
        return _("{what} by {first} and {second}", what=what, first=names[0], second=names[1])
    return _("{what} by {first}", what=what, first=names[0])


def _series(place: int, head: Head) -> Series:
    """The look of a column: what is folded, and what has no value, is grey."""
    if head.kind is Kind.VALUE:
        return Series(head.label, _TONES[place % len(_TONES)], f"series-{place % len(_TONES)}")
    return Series(head.label, "stone", f"series-{head.kind.value}")


def _chosen(*candidates: str) -> str:
    return next((each for each in candidates if each and each != UNGROUPED), "")


def _notes(drawing: Drawing, grid: Grid, shown: Measure) -> list[str]:
    """What the picture leaves out."""
    left = [head.label for place, head in enumerate(grid.rows.heads) if place not in drawing.rows]
    notes = []
    if left:
        notes.append(_("Not drawn, but in the table: {names}", names=", ".join(left)))
    if grid.rows.gaps:
        notes.append(_("Spans without records are left out, since there would be too many."))
    if not shown.additive:
        notes.append(_("Each number is worked out of all records of its group that have a value."))
    return notes
