"""Pictures: round numbers on the scale, marks where their numbers are, nothing through a gap."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from core.model.registry import Registry
from core.views.formats import Symbols
from core.views.graph.arch import Measure
from core.views.graph.drawing import Drawing, Mark, draw, scale
from core.views.graph.grid import Axis, Grid, Head, Tally
from core.views.kit import Kit
from core.views.nodes import Reader

KIT = Kit(Symbols("en"), ZoneInfo("UTC"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("values", "whole", "ticks"),
    [
        ([], True, (0, 1)),
        ([0.0], False, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        ([1.0], True, (0, 1)),
        ([3.0], True, (0, 1, 2, 3)),
        ([9.0], True, (0, 2, 4, 6, 8, 10)),
        ([12.0], False, (0, 2.5, 5, 7.5, 10, 12.5)),
        ([12.0], True, (0, 5, 10, 15)),
        ([100.0], True, (0, 20, 40, 60, 80, 100)),
        ([571_234.5], False, (0, 200_000, 400_000, 600_000)),
        ([-30.0, 50.0], False, (-40, -20, 0, 20, 40, 60)),
        ([-8.0], False, (-8, -6, -4, -2, 0)),
        ([0.003], False, (0, 0.001, 0.002, 0.003)),
        ([float(10**15)], False, (0, 2e14, 4e14, 6e14, 8e14, 1e15)),
    ],
)
def test_round_numbers(values: list[float], whole: bool, ticks: tuple[float, ...]) -> None:
    assert scale(values, whole=whole).ticks == pytest.approx(ticks)


def picture(
    shop: Registry,
    numbers: list[list[float | None]],
    *,
    function: str = "sum",
    chart: str = "bar",
    timed: bool = True,
    gaps: bool = False,
) -> Drawing:
    """The drawing of a table of numbers; None where there is no record."""
    node = etree.Element("field")
    node.set("name", "share")
    field = Reader(shop, "shop.deal", None).field(node)
    assert field is not None
    measure = Measure(field, function, "")
    parts = [
        [
            Tally(
                number is not None,
                {} if number is None else {f"share:{part}": number for part in ("sum",)} | {"share:count": 1},
            )
            for number in row
        ]
        for row in numbers
    ]
    rows = Axis([Head(f"R{place}", "") for place in range(len(numbers))], {}, gaps)
    columns = Axis([Head(f"C{place}", "") for place in range(len(numbers[0]) if numbers else 0)], {})
    return draw(Grid(rows, columns, parts, [], [], Tally()), measure, KIT, chart, timed=timed)


def test_columns_are_stacked(shop: Registry) -> None:
    found = picture(shop, [[10.0, 30.0], [None, 20.0]])
    assert (found.kind, found.beside, found.zero) == ("columns", False, 0)
    assert [tick.label for tick in found.ticks] == ["0", "10", "20", "30", "40"]
    assert found.marks == (
        Mark(0, 0, 19, 75, 12, 25),
        Mark(0, 1, 19, 0, 12, 75),
        Mark(1, 1, 69, 50, 12, 50),
    )


def test_what_is_below_zero_hangs(shop: Registry) -> None:
    found = picture(shop, [[-10.0, 30.0, -10.0]], timed=False)
    assert found.kind == "bars"
    assert [tick.label for tick in found.ticks] == ["-20", "-10", "0", "10", "20", "30"]
    assert found.zero == 40
    assert found.of(0) == [Mark(0, 0, 20, 0, 20, 100), Mark(0, 1, 40, 0, 60, 100), Mark(0, 2, 0, 0, 20, 100)]


def test_averages_stand_side_by_side(shop: Registry) -> None:
    bars = picture(shop, [[10.0, 5.0]], function="avg", timed=False)
    assert bars.beside
    assert bars.marks == (Mark(0, 0, 0, 0, 100, 50), Mark(0, 1, 0, 50, 50, 50))
    columns = picture(shop, [[10.0, None]], function="avg")
    assert columns.marks == (Mark(0, 0, 44, 0, 6, 100),)
    assert not picture(shop, [[10.0]], function="avg").beside


def test_lines_break_where_there_is_no_number(shop: Registry) -> None:
    found = picture(shop, [[10.0], [20.0], [None], [40.0]], function="avg", chart="line")
    assert found.kind == "lines"
    assert [(mark.x, mark.y) for mark in found.marks] == [(12.5, 75), (37.5, 50), (87.5, 0)]
    assert [(each.x1, each.y1, each.x2, each.y2) for each in found.segments] == [(12.5, 75, 37.5, 50)]


def test_sums_of_nothing_are_zero_without_a_point(shop: Registry) -> None:
    found = picture(shop, [[10.0], [None], [10.0]], chart="line")
    assert [mark.row for mark in found.marks] == [0, 2]
    assert [segment.y2 for segment in found.segments] == [100, 0]


def test_no_line_over_gaps_nor_without_time(shop: Registry) -> None:
    assert picture(shop, [[1.0]], chart="line", gaps=True).kind == "columns"
    assert picture(shop, [[1.0]], chart="line", timed=False).kind == "bars"


def test_labels_have_room_and_the_latest_is_among_them(shop: Registry) -> None:
    points = picture(shop, [[1.0]] * 30).points
    assert [place for place, point in enumerate(points) if point.shown] == [2, 5, 8, 11, 14, 17, 20, 23, 26, 29]
    assert [place for place, point in enumerate(points) if not point.minor] == [5, 17, 29]
    assert all(point.shown for point in picture(shop, [[1.0]] * 12).points)
    assert picture(shop, []).points == ()
