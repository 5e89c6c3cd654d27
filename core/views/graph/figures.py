"""The numbers of a grid as people read them: each with the list of exactly the records behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.i18n import _
from core.lang.source import MAX_CHARACTERS
from core.views.formats import Number
from core.views.graph.arch import Measure
from core.views.graph.grid import Grid, Head, Tally
from core.views.kit import Kit
from core.views.list.page import UNGROUPED
from core.views.state import State


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is shown, and the list of the records behind it; None where there are none."""

    text: str
    state: State | None
    title: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table: its head, and its cells with those of totals at the end."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Cells:
    """The numbers of a grid as cells that lead to their records."""

    state: State
    kit: Kit
    grid: Grid

    def table(
        self, measures: Sequence[Measure], *, stacked: bool
    ) -> tuple[tuple[str, ...], tuple[TableRow, ...], TableRow]:
        """Heads, rows and totals: the columns are those of the grid and their total, or the measures."""
        grid, whole = self.grid, Head("", "")
        if not stacked:
            rows = [
                TableRow(head.label, tuple(self._cell(each, tally, head) for each in measures))
                for head, tally in zip(grid.rows.heads, grid.row_totals, strict=True)
            ]
            totals = TableRow(_("Total"), tuple(self._cell(each, grid.total, whole) for each in measures))
            return tuple(each.title() for each in measures), tuple(rows), totals
        (measure,) = measures
        columns = [*grid.columns.heads, whole]
        rows = [
            TableRow(head.label, self._line(measure, [*cells, total], columns, head))
            for head, cells, total in zip(grid.rows.heads, grid.cells, grid.row_totals, strict=True)
        ]
        totals = TableRow(_("Total"), self._line(measure, [*grid.column_totals, grid.total], columns, whole))
        return (*(head.label for head in grid.columns.heads), _("Total")), tuple(rows), totals

    def drawn(self, measure: Measure) -> list[list[Cell]]:
        """The cells that the marks of a drawing stand for."""
        heads = zip(self.grid.rows.heads, self.grid.cells, strict=True)
        return [list(self._line(measure, cells, self.grid.columns.heads, head)) for head, cells in heads]

    def text(self, measure: Measure, tally: Tally) -> str:
        """A number as people read it; a dash where there is none."""
        number = tally.number(measure)
        return "–" if number is None else measure.shown(self.kit, number)

    def _line(self, measure: Measure, tallies: Sequence[Tally], columns: Sequence[Head], row: Head) -> tuple[Cell, ...]:
        return tuple(self._cell(measure, tally, row, column) for tally, column in zip(tallies, columns, strict=True))

    def _cell(self, measure: Measure, tally: Tally, *heads: Head) -> Cell:
        number, text = tally.number(measure), self.text(measure, tally)
        names = ", ".join(head.label for head in heads if head.label)
        title = f"{names}: {text}{self._share(measure, number)}" if names else text
        if not tally.count or number is None:
            return Cell(text, None, title)
        conditions = [each for each in (*(head.condition for head in heads), measure.condition) if each]
        state = self.state.but(view="list", group=UNGROUPED, open=())
        if conditions:
            state = state.narrowed(" and ".join(conditions))
        # A tail of long texts cannot be told in a condition; the number stands without its list.
        return Cell(text, state if len(state.where) <= MAX_CHARACTERS else None, title)

    def _share(self, measure: Measure, number: Number | None) -> str:
        """How much of the whole a number is, where it is a part of it."""
        total = float(self.grid.total.number(measure) or 0)
        share = float(number or 0) / total if total and measure.additive else 0
        return _(" ({share} of all)", share=self.kit.percent(100 * share)) if 0 < share < 1 else ""
