"""The picture of a grid, in hundredths of the space it gets: bars, columns or lines on a scale of round numbers.

Nothing here knows pixels: a browser stretches the picture, and never its letters or patterns. Numbers that add up are
stacked, all others stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.views.formats import Number
from core.views.graph.arch import Measure
from core.views.graph.grid import Grid, Kind, Tally
from core.views.kit import Kit

_INTERVALS = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_FILLED = 0.66  # of the space of a column, the rest is air
_WIDEST = 12.0
_LABELS = 12
_NARROW_LABELS = 3
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle, or (without width and height) a point, of one cell of the grid."""

    row: int
    column: int
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A line between two points of a column of the grid."""

    column: int
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A number of the scale: what it is called, and its share of the way along it."""

    label: str
    at: float


@dataclass(frozen=True, slots=True)
class Point:
    """A place along a time axis; only every few have room for their label, on narrow screens fewer still."""

    label: str
    shown: bool
    minor: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The picture. `kind` is `bars` (one below the other), `columns` or `lines`; `rows` are those of the grid drawn.

    `beside` says that the marks of a row stand side by side, since their numbers do not add up.
    """

    kind: str
    beside: bool
    ticks: tuple[Tick, ...]
    zero: float
    rows: tuple[int, ...]
    points: tuple[Point, ...]
    marks: tuple[Mark, ...]
    segments: tuple[Segment, ...]

    def of(self, row: int) -> list[Mark]:
        """The marks of one row of the grid."""
        return [mark for mark in self.marks if mark.row == row]


@dataclass(frozen=True, slots=True)
class Scale:
    """Round numbers from the least to the greatest, 0 among them."""

    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """How far along a value is, from 0 to 100."""
        first, last = self.ticks[0], self.ticks[-1]
        return _rounded(100 * (value - first) / (last - first))


def scale(values: Sequence[float], *, whole: bool) -> Scale:
    """The scale that holds all values in five intervals at most."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        high = 1.0
    step = _step((high - low) / _INTERVALS, whole=whole)
    return Scale(tuple(number * step for number in range(math.floor(low / step), math.ceil(high / step) + 1)))


def _step(least: float, *, whole: bool) -> float:
    """The round number at or above `least`."""
    if whole and least <= 1:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(least))
    steps = [each for each in _STEPS if not whole or float(each * unit).is_integer()]
    return next(each * unit for each in steps if each * unit >= least * (1 - 1e-9))


def draw(grid: Grid, measure: Measure, kit: Kit, chart: str, *, timed: bool) -> Drawing:
    """The picture of a grid: what has no place on an axis of time is left to the table."""
    heads = grid.rows.heads
    rows = [place for place, head in enumerate(heads) if not timed or head.kind is Kind.VALUE]
    # A line from one span to the next tells something only where none between them is left out.
    kind = "bars" if not timed else "lines" if chart == "line" and not grid.rows.gaps else "columns"
    stacked = measure.additive and kind != "lines"
    numbers = [[_number(tally, measure) for tally in grid.cells[row]] for row in rows]
    found = scale(_extremes(numbers, stacked=stacked), whole=measure.whole)
    marks: list[Mark] = []
    segments: list[Segment] = []
    for index, (row, values) in enumerate(zip(rows, numbers, strict=True)):
        if kind == "lines":
            marks += _dots(row, grid.cells[row], values, _middle(index, len(rows)), found)
        else:
            spans = _stack(values, found) if stacked else _beside(values, found)
            marks += [_placed(kind, row, index, len(rows), span) for span in spans]
    if kind == "lines":
        segments = _lines(numbers, found)
    return Drawing(
        kind=kind,
        beside=not stacked and len(grid.columns.heads) > 1,
        ticks=tuple(Tick(measure.ticked(kit, _exact(value)), found.at(value)) for value in found.ticks),
        zero=found.at(0.0),
        rows=tuple(rows),
        points=_points([heads[row].short or heads[row].label for row in rows]) if timed else (),
        marks=tuple(marks),
        segments=tuple(segments),
    )


def _number(tally: Tally, measure: Measure) -> float | None:
    found = tally.number(measure)
    return None if found is None else float(found)


def _exact(value: float) -> Number:
    return int(value) if value.is_integer() else value


def _extremes(numbers: Sequence[Sequence[float | None]], *, stacked: bool) -> list[float]:
    known = [[value for value in values if value is not None] for values in numbers]
    if not stacked:
        return [value for values in known for value in values]
    sums = [(sum(v for v in values if v > 0), sum(v for v in values if v < 0)) for values in known]
    return [float(each) for pair in sums for each in pair]


# Column of the grid, beginning and length along the scale, beginning and length across it; the last two in shares.
_Span = tuple[int, float, float, float, float]


def _stack(values: Sequence[float | None], found: Scale) -> list[_Span]:
    """One on the other: what is below 0 hangs from it."""
    spans = []
    ends = {True: 0.0, False: 0.0}
    for column, value in enumerate(values):
        if value:
            start = ends[value > 0]
            end = ends[value > 0] = start + value
            spans.append(_along(column, start, end, found, 0.0, 1.0))
    return spans


def _beside(values: Sequence[float | None], found: Scale) -> list[_Span]:
    share = 1 / len(values)
    return [
        _along(column, 0.0, value, found, column * share, share)
        for column, value in enumerate(values)
        if value is not None
    ]


def _along(column: int, start: float, end: float, found: Scale, across: float, share: float) -> _Span:
    low, high = found.at(min(start, end)), found.at(max(start, end))
    return column, low, high - low, across, share


def _placed(kind: str, row: int, index: int, count: int, span: _Span) -> Mark:
    """A span as a rectangle: bars lie in a picture of their own, columns share one."""
    column, low, length, across, share = span
    if kind == "bars":
        return Mark(row, column, low, _rounded(100 * across), _rounded(length), _rounded(100 * share))
    width = min(_FILLED * 100 / count, _WIDEST)
    left = _middle(index, count) - width / 2 + across * width
    return Mark(row, column, _rounded(left), _rounded(100 - low - length), _rounded(width * share), _rounded(length))


def _middle(index: int, count: int) -> float:
    return 100 * (index + 0.5) / count


def _dots(row: int, tallies: Sequence[Tally], values: Sequence[float | None], x: float, found: Scale) -> list[Mark]:
    """A point for each number that has records."""
    return [
        Mark(row, column, _rounded(x), _rounded(100 - found.at(value)))
        for column, (tally, value) in enumerate(zip(tallies, values, strict=True))
        if tally.count and value is not None
    ]


def _lines(numbers: Sequence[Sequence[float | None]], found: Scale) -> list[Segment]:
    """From each point to the next of its column; nothing is drawn through a place without a number."""
    segments = []
    for index, (values, following) in enumerate(pairwise(numbers)):
        x1, x2 = (_rounded(_middle(place, len(numbers))) for place in (index, index + 1))
        for column, (before, after) in enumerate(zip(values, following, strict=True)):
            if before is not None and after is not None:
                segments.append(
                    Segment(column, x1, _rounded(100 - found.at(before)), x2, _rounded(100 - found.at(after)))
                )
    return segments


def _points(labels: Sequence[str]) -> tuple[Point, ...]:
    """The labels along an axis of time; the last one is always there, since it is the latest."""
    every = math.ceil(len(labels) / _LABELS) or 1
    narrow = every * (math.ceil(len(labels) / every / _NARROW_LABELS) or 1)
    last = len(labels) - 1
    return tuple(
        Point(label, shown=(last - place) % every == 0, minor=(last - place) % narrow != 0)
        for place, label in enumerate(labels)
    )


def _rounded(value: float) -> float:
    return round(value, _DIGITS)
