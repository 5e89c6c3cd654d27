"""Long tails: what is kept, what is folded, in which order, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.records.environment import Environment
from core.views.graph import grid
from core.views.graph import page as graphs
from core.views.graph.page import GraphPage
from core.views.opening import Opening
from core.views.state import State
from core.views.store import ViewStore

DEALS = Opening("shop.deal", name="Deals")
ARCH = (
    '<graph by="email"><measure field="amount" aggregate="sum"/><measure field="share" aggregate="avg"/>'
    '<measure field="id" aggregate="count" label="Count"/></graph>'
)


@pytest.fixture
def show(env: Environment, store: ViewStore, write: Any, put: Callable[..., None]) -> Callable[..., GraphPage]:
    put(write("shop", ARCH, type="graph"))
    view = store.view(env, "shop.deal", "graph")
    return lambda **state: graphs.page(env, view, State(**state), DEALS)


def behind(env: Environment, page: GraphPage, row: int, column: int = 0) -> list[str]:
    state = page.rows[row].cells[column].state
    assert state is not None
    return sorted(record["name"] for record in env["shop.deal"].read(state.where, ["name"]))


@pytest.mark.parametrize("undated", [True, False])
def test_the_smallest_are_folded(
    env: Environment, show: Callable[..., GraphPage], monkeypatch: pytest.MonkeyPatch, *, undated: bool
) -> None:
    monkeypatch.setattr(grid, "MOST_ROWS", 3)
    for name, amount in {"a": 5, "b": 90, "c": 40, "d": 1}.items():
        env["shop.deal"].create(name=name, email=f"{name}@it's.example", amount=Decimal(amount), share=float(amount))
    if undated:
        env["shop.deal"].create(name="none", amount=Decimal(1000))
    page = show()
    labels = ["b@it's.example", "c@it's.example", "Other (2)"]
    assert [row.label for row in page.rows] == labels + ["None"] * undated
    assert [row.cells[0].text for row in page.rows] == ["€90", "€40", "€6", "€1,000"][: 3 + undated]
    assert page.rows[2].cells[1].text == "3.0"  # the average of 5 and 1
    assert behind(env, page, 2) == ["a", "d"]
    assert page.totals is not None
    assert page.totals.cells[0].text == ("€1,136" if undated else "€136")


def test_a_tail_that_no_condition_can_tell_has_its_number_only(
    env: Environment, show: Callable[..., GraphPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "MOST_ROWS", 6)
    for place in range(7):
        env["shop.deal"].create(name="x", email=f"{place}{'x' * 900}", amount=Decimal(place + 1))
    page = show()
    assert [row.cells[0].text for row in page.rows] == ["€7", "€6", "€5", "€4", "€3", "€3"]
    assert [row.cells[0].state is None for row in page.rows] == [False] * 5 + [True]


def test_of_averages_those_of_many_records_are_kept_and_the_highest_comes_first(
    env: Environment, show: Callable[..., GraphPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "MOST_ROWS", 3)
    for name, shares in {"a": [99], "b": [10, 20], "c": [80, 80, 80], "d": [50]}.items():
        env["shop.deal"].create_many([{"name": name, "email": name, "share": float(share)} for share in shares])
    assert [row.label for row in show(measure="share:avg").rows] == ["c", "b", "Other (2)"]


def test_columns_are_folded_too(
    env: Environment, show: Callable[..., GraphPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "MOST_COLUMNS", 2)
    for name, amount in {"a": 5, "b": 90, "c": 40}.items():
        env["shop.deal"].create(name=name, email=name, amount=Decimal(amount))
    env["shop.deal"].create(name="none", amount=Decimal(2))
    page = show(group="kind", stack="email")
    assert page.heads == ("b", "Other (2)", "None", "Total")
    assert [cell.text for cell in page.rows[0].cells] == ["€90", "€45", "€2", "€137"]
    assert behind(env, page, 0, 1) == ["a", "c"]
    assert [(each.tone, each.pattern) for each in page.series] == [
        ("lapis", "series-0"),
        ("stone", "series-rest"),
        ("stone", "series-none"),
    ]


def test_the_earliest_spans_are_folded_and_gaps_are_told(
    env: Environment, show: Callable[..., GraphPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "MOST_SPANS", 3)
    first = date(2026, 1, 1)
    for number in (0, 1, 5, 9):
        env["shop.deal"].create(name=str(number), deadline=first + timedelta(days=number), amount=Decimal(number))
    page = show(group="deadline:day", chart="line")
    assert [row.label for row in page.rows] == ["6 Jan 2026", "10 Jan 2026", "Earlier (2)"]
    assert behind(env, page, 2) == ["0", "1"]
    assert page.drawing is not None
    assert page.drawing.kind == "columns"  # no line through what is left out
    assert page.notes == (
        "Not drawn, but in the table: Earlier (2)",
        "Spans without records are left out, since there would be too many.",
    )
    few = show(group="deadline:day", where="deadline < '2026-01-03' or deadline > '2026-01-09'")
    assert [row.label for row in few.rows] == ["1 Jan 2026", "2 Jan 2026", "10 Jan 2026"]
    assert few.drawing is not None
    assert few.notes == ("Spans without records are left out, since there would be too many.",)


def test_all_without_a_date(env: Environment, show: Callable[..., GraphPage]) -> None:
    env["shop.deal"].create(name="a", amount=Decimal(3))
    page = show(group="deadline:month")
    assert [row.label for row in page.rows] == ["None"]
    assert page.drawing is not None
    assert (page.drawing.rows, page.drawing.marks) == ((), ())
