"""Groups in rows and columns, from the rows of one aggregate: heads in a sensible order, totals, long tails folded.

    spans of time       in their order, the empty ones between them too; too many: the earliest are folded
    options, stages     in the order they are meant to have
    everything else     the largest first; too many: the smallest are folded

What is folded keeps its numbers, and a condition that its records meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from core.i18n import _
from core.records.environment import Environment
from core.views.formats import Number, bucket_start
from core.views.graph.arch import Measure
from core.views.kit import Kit
from core.views.periods import following
from core.views.terms import Term, literal

MOST_ROWS = 24
MOST_SPANS = 60
MOST_COLUMNS = 8
COUNT = "id:count"
_ORDER = "sequence"
Row = Mapping[str, Any]


class Kind(Enum):
    """What a head stands for: one value, records without one, or values that are folded."""

    VALUE = "value"
    NONE = "none"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Head:
    """One row or column: what it is called, and the condition that its records meet.

    `short` is what it is called where there is little room, if that is something else.
    """

    label: str
    condition: str
    kind: Kind = Kind.VALUE
    short: str = ""


@dataclass(slots=True)
class Tally:
    """What is known of some records: how many there are, and the parts that measures are worked out of."""

    count: int = 0
    parts: dict[str, Number | None] = field(default_factory=dict)

    def add(self, row: Row, measures: Iterable[Measure]) -> None:
        """Take in the records of one row of the aggregate."""
        self.count += row[COUNT]
        for part in dict.fromkeys(part for measure in measures for part in measure.parts):
            self.parts[part] = _joined(part, self.parts.get(part), row[part])

    def number(self, measure: Measure) -> Number | None:
        """The number of these records; of none at all a sum is 0 and an average is nothing."""
        found = measure.of(self.parts)
        return 0 if found is None and measure.additive else found


def _joined(part: str, before: Number | None, more: Number | None) -> Number | None:
    if before is None or more is None:
        return more if before is None else before
    function = part.rpartition(":")[2]
    if function in {"min", "max"}:
        return min(before, more) if function == "min" else max(before, more)
    return before + more  # type: ignore[operator]  # two numbers of one field are of one type


@dataclass(slots=True)
class Axis:
    """The heads of one dimension, and which of them a value is under; `gaps`: empty spans are left out."""

    heads: list[Head]
    places: dict[object, int]
    gaps: bool = False


@dataclass(slots=True)
class Grid:
    """The cells by row and column, with totals of both; without a second dimension a row has one cell."""

    rows: Axis
    columns: Axis
    cells: list[list[Tally]]
    row_totals: list[Tally]
    column_totals: list[Tally]
    total: Tally


def asked_for(env: Environment, term: Term) -> list[str]:
    """What an aggregate groups by for a term: the records' label and their place in their model's order, too."""
    if not term.label_path:
        return [term.text]
    target = env.registry.schema[str(term.info.target)]
    placed = [f"{term.path}.{_ORDER}"] if target.order.split(",")[0].strip() == _ORDER else []
    return [*placed, term.label_path, term.text]


def arrange(rows: Sequence[Row], terms: Sequence[Term], measures: Sequence[Measure], shown: Measure, kit: Kit) -> Grid:
    """The rows of an aggregate by one or two terms; `shown` is the measure that says what is large."""
    first, second = terms[0], terms[1] if len(terms) > 1 else None
    most = MOST_SPANS if first.unit else MOST_ROWS
    down = axis(rows, first, (measures, shown), kit, most)
    across = axis(rows, second, (measures, shown), kit, MOST_COLUMNS) if second else Axis([Head("", "")], {})
    grid = Grid(
        down,
        across,
        [[Tally() for _head in across.heads] for _head in down.heads],
        [Tally() for _head in down.heads],
        [Tally() for _head in across.heads],
        Tally(),
    )
    for row in rows:
        place = down.places[row[first.text]]
        column = across.places[row[second.text]] if second else 0
        for tally in (grid.cells[place][column], grid.row_totals[place], grid.column_totals[column], grid.total):
            tally.add(row, measures)
    return grid


def axis(rows: Sequence[Row], term: Term, measured: tuple[Sequence[Measure], Measure], kit: Kit, most: int) -> Axis:
    """The heads of one dimension."""
    measures, shown = measured
    sizes: dict[object, Tally] = {}
    samples: dict[object, Row] = {}
    for row in rows:
        value = row[term.text]
        sizes.setdefault(value, Tally()).add(row, measures)
        samples.setdefault(value, row)
    values: list[object] = [value for value in sizes if value is not None]
    if term.unit:
        return _spans(values, term, kit, most, empty=None in sizes)
    large = sorted(values, key=lambda value: _size(sizes[value], shown), reverse=True)
    kept = large if len(large) <= most else large[: most - 1]
    placed = _order(term, samples) or (lambda value: -_height(sizes[value], shown))
    heads = [
        (value, Head(term.label(kit, samples[value]), term.condition(kit, value))) for value in sorted(kept, key=placed)
    ]
    without = [value for value in large if value not in set(kept)]
    return _axis(heads, without, _others(term, kept, empty=None in sizes), term, empty=None in sizes)


def _size(tally: Tally, shown: Measure) -> float:
    """What decides which values are kept: the sum or count; of averages the number of records behind them."""
    return abs(float(tally.number(shown) or 0)) if shown.additive else tally.count


def _height(tally: Tally, shown: Measure) -> float:
    return float(tally.number(shown) or 0)


def _order(term: Term, samples: Mapping[object, Row]) -> Callable[[object], Any] | None:
    """The order that values have by nature; None where they have none."""
    if term.info.options:
        places = {key: place for place, (key, _label) in enumerate(term.info.options)}
        return lambda value: places.get(str(value), len(places))
    key = f"{term.path}.{_ORDER}"
    if any(key in row for row in samples.values()):
        return lambda value: (samples[value][key] is None, samples[value][key] or 0, value)
    return None


def _others(term: Term, kept: Sequence[object], *, empty: bool) -> str:
    """The condition of all values but the kept ones; records without a value have a head of their own."""
    listed = ", ".join(literal(value) for value in kept)
    condition = f"{term.path} not in [{listed}]"
    return f"{condition} and {term.path} != none" if empty else condition


def _spans(values: Sequence[object], term: Term, kit: Kit, most: int, *, empty: bool) -> Axis:
    """Spans of time with those between them, as long as they are not too many."""
    present = sorted(values, key=lambda value: bucket_start(str(value), term.unit))  # type: ignore[arg-type,return-value]
    filled = _filled(present, term, most)
    kept = filled or (present if len(present) <= most else present[1 - most :])
    heads = [(value, _span(value, term, kit)) for value in kept]
    without = present[: len(present) - len(kept)] if not filled else []
    earlier = ""
    if without:
        start, _end = term.span(kit, kept[0])
        earlier = f"{term.path} < {start.isoformat()!r}"
    found = _axis(heads, without, earlier, term, empty=empty)
    found.gaps = bool(present) and not filled
    return found


def _span(value: object, term: Term, kit: Kit) -> Head:
    """The head of a span of time; a week is called by its first day where there is little room."""
    short = kit.short_date(bucket_start(str(value), term.unit)) if term.unit == "week" else ""
    return Head(kit.bucket(value, term.unit), term.condition(kit, value), short=short)


def _filled(present: Sequence[object], term: Term, most: int) -> list[object]:
    """All spans from the first to the last; none where they are too many."""
    if not present:
        return []
    unit = term.unit
    start, last = (bucket_start(str(value), unit) for value in (present[0], present[-1]))
    assert start is not None  # the aggregate names every bucket so
    assert last is not None
    found: list[object] = []
    day = start
    while day <= last and len(found) <= most:
        found.append(term.named(day))
        day = following(day, unit)
    return found if len(found) <= most else []


def _axis(
    heads: list[tuple[object, Head]], without: Sequence[object], condition: str, term: Term, *, empty: bool
) -> Axis:
    places = {value: place for place, (value, _head) in enumerate(heads)}
    found = [head for _value, head in heads]
    if without:
        count = len(without)
        label = _("Earlier ({count})", count=count) if term.unit else _("Other ({count})", count=count)
        places.update(dict.fromkeys(without, len(found)))
        found.append(Head(label, condition, Kind.REST))
    if empty:
        places[None] = len(found)
        found.append(Head(_("None"), f"{term.path} == none", Kind.NONE))
    return Axis(found, places)
