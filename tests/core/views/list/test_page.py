"""List pages: one query for the rows, a capped count, order, groups, totals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.errors import ExpressionError, Refusal
from core.records.environment import Environment
from core.views.list import page as lists
from core.views.list.groups import MOST_OPEN
from core.views.opening import Opening
from core.views.state import State
from core.views.store import ViewStore
from core.views.view import ComposedView

DEALS = Opening("shop.deal", name="Deals")
ARCH = (
    '<list order="name" limit="{limit}"><field name="name"/><field name="stage" widget="stage"/>'
    '<field name="amount" sum="sum"/><field name="share" widget="percent" sum="avg"/>'
    '<field name="deadline" invisible="urgent"/><field name="seen"/><field name="urgent" invisible="true"/></list>'
)


@pytest.fixture
def stages(env: Environment) -> list[int]:
    rows = env["shop.stage"].create_many(
        [
            {"name": "Won", "sequence": 9, "is_won": True},
            {"name": "New", "sequence": 1},
            {"name": "Open", "sequence": 2},
        ]
    )
    return [row.id for row in rows]


@pytest.fixture
def deals(env: Environment, stages: list[int]) -> list[int]:
    values = [
        {
            "name": f"Deal {number:02}",
            "stage": stages[number % 3] if number % 7 else None,
            "amount": Decimal(number * 100),
            "share": float(number),
            "deadline": date(2026, 1 + number % 4, 15),
            "seen": datetime(2026, 1 + number % 2, 28, 23, 30, tzinfo=UTC),
            "urgent": number == 3,
            "kind": "new" if number % 2 else "renewal",
        }
        for number in range(20)
    ]
    return [row.id for row in env["shop.deal"].create_many(values)]


@pytest.fixture
def view(env: Environment, store: ViewStore, write: Any, put: Callable[..., None]) -> Callable[..., ComposedView]:
    def make(limit: int = 80) -> ComposedView:
        put(write("shop", ARCH.format(limit=limit), type="list"))
        return store.view(env, "shop.deal", "list")

    return make


def shown(page: lists.ListPage) -> list[str]:
    return [record["name"] for record in page.records]


def test_the_rows_cost_one_query_however_many_there_are(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], links: Any
) -> None:
    used = view()
    counts = []
    for state in (State(), State(where="name == 'Deal 01'")):
        view_page = lists.page(env, used, state, DEALS)
        used.render(env, view_page, links)
        with env.database.counting() as counter:
            used.render(env, lists.page(env, used, state, DEALS), links)
        counts.append(len(counter.statements))
    assert counts == [2, 2]  # the rows, the stages; where all rows are there they are counted and summed as they are


def test_a_further_page_continues_and_is_counted(
    env: Environment, view: Callable[..., ComposedView], deals: list[int]
) -> None:
    used = view(limit=8)
    first = lists.page(env, used, State(), DEALS)
    assert shown(first) == [f"Deal {number:02}" for number in range(8)]
    assert (first.count, first.capped, first.totals) == (20, False, None)
    assert first.following is not None
    second = lists.page(env, used, first.following, DEALS)
    assert shown(second)[0] == "Deal 08"
    last = lists.page(env, used, second.following or State(), DEALS)
    assert shown(last) == [f"Deal {number:02}" for number in range(16, 20)]
    assert last.following is None


def test_the_count_is_capped(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED", 10)
    found = lists.page(env, view(limit=5), State(), DEALS)
    assert (found.count, found.capped, found.count_text) == (10, True, "10+")


def test_columns_sort_both_ways(env: Environment, view: Callable[..., ComposedView], deals: list[int]) -> None:
    used = view()
    start = lists.page(env, used, State(), DEALS)
    assert start.sorted("name") == "ascending"
    turned = lists.page(env, used, start.sort("name"), DEALS)
    assert turned.sorted("name") == "descending"
    assert shown(turned)[0] == "Deal 19"
    assert start.sort("amount").order == "amount"
    assert shown(lists.page(env, used, State(order="-stage.name,name"), DEALS))[0] == "Deal 03"


@pytest.mark.parametrize(
    "state", [State(order="nope"), State(where="nope == 1"), State(group="nope"), State(after="x")]
)
def test_a_state_that_cannot_be_is_refused(
    state: State, env: Environment, view: Callable[..., ComposedView], deals: list[int]
) -> None:
    with pytest.raises(Refusal):
        lists.page(env, view(), state, DEALS)


def test_a_condition_in_the_address_says_where_it_is_wrong(env: Environment, view: Callable[..., ComposedView]) -> None:
    with pytest.raises(ExpressionError, match="column 1"):
        lists.page(env, view(), State(where="amont > 1"), DEALS)


def test_totals_are_over_everything(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], links: Any
) -> None:
    used = view(limit=5)
    part = lists.page(env, used, State(), DEALS)
    assert "Show totals" in used.render(env, part, links)
    summed = lists.totals(env, used, State(), DEALS)
    whole = lists.page(env, used, State(totals="1"), DEALS)
    assert summed.totals == whole.totals
    assert summed.totals is not None
    assert summed.totals["amount:sum"] == Decimal(19000)
    assert summed.totals["share:avg"] == pytest.approx(9.5)
    row = used.part(env, summed, links, "totals_row")
    assert "Total of 20" in row
    assert "€19,000" in row
    small = lists.page(env, used, State(where="amount <= 200"), DEALS)
    assert small.totals == {"id:count": 3, "amount:sum": Decimal(300), "share:avg": pytest.approx(1.0)}


def test_groups_come_in_the_order_of_their_records(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], links: Any
) -> None:
    used = view()
    found = lists.page(env, used, State(group="stage"), DEALS)
    assert found.groups is not None
    assert [group.label for group in found.groups] == ["New", "Open", "Won", "None"]
    assert sum(group.count for group in found.groups) == 20
    assert all(group.open and len(group.records) == group.count for group in found.groups)
    assert sum(group.totals["amount:sum"] for group in found.groups) == Decimal(19000)
    assert "Deal 07" in used.render(env, found, links)
    options = lists.page(env, used, State(group="kind"), DEALS).groups or []
    assert [group.label for group in options] == ["New business", "Renewal"]


def test_large_groups_are_closed_and_open_one_by_one(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], stages: list[int]
) -> None:
    used = view(limit=4)
    closed = lists.page(env, used, State(group="stage"), DEALS).groups or []
    assert not any(group.open for group in closed)
    state = closed[0].toggled.but(group="stage")
    opened = lists.page(env, used, state, DEALS).groups or []
    assert [group.open for group in opened] == [True, False, False, False]
    assert len(opened[0].records) == 4
    assert opened[0].count_text.startswith("4 of ")
    assert opened[0].toggled.open == ()
    only = lists.page(env, used, opened[0].only, DEALS)
    assert only.count == opened[0].count
    none = lists.page(env, used, State(group="stage", open=("",)), DEALS).groups or []
    assert len(none[3].records) == none[3].count == 3
    assert MOST_OPEN >= 4


@pytest.mark.parametrize("group", ["deadline:month", "deadline:quarter", "deadline:week", "seen:day", "seen:month"])
def test_groups_of_time_hold_the_rows_of_their_span(
    group: str, env: Environment, view: Callable[..., ComposedView], deals: list[int]
) -> None:
    used = view()
    together = lists.page(env, used, State(group=group), DEALS).groups or []
    assert sum(len(each.records) for each in together) == 20
    assert all(len(each.records) == each.count for each in together)
    for each in together:
        alone = lists.page(env, used, each.only, DEALS)
        assert sorted(shown(alone)) == sorted(record["name"] for record in each.records)


def test_a_cell_is_hidden_where_its_condition_holds(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], links: Any
) -> None:
    used = view()
    found = lists.page(env, used, State(where="name in ['Deal 03', 'Deal 04']"), DEALS)
    assert [bool(record["_hidden"]) for record in found.records] == [True, False]
    shown_html = used.render(env, found, links)
    assert shown_html.count('<time datetime="2026-0') == 3  # two instants, one deadline
    assert "Urgent" not in shown_html  # always invisible: read, not shown


def test_an_empty_page_says_why(env: Environment, view: Callable[..., ComposedView], links: Any) -> None:
    used = view()
    nothing = lists.page(env, used, State(), Opening("shop.deal", help="Deals you make appear here."))
    assert "Deals you make appear here." in used.render(env, nothing, links)
    narrowed = lists.page(env, used, State(where="amount > 5"), DEALS)
    assert "Condition Amount is more than €5</a>" in used.render(env, narrowed, links)


def test_a_settled_day_is_neither_late_nor_near(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(
        write(
            "shop",
            '<list><field name="name"/><field name="deadline" widget="due" settled="urgent"/></list>',
            type="list",
        )
    )
    used = store.view(env, "shop.deal", "list")
    for name, urgent in (("A", True), ("B", False)):
        env["shop.deal"].create(name=name, deadline=date(2020, 1, 15), urgent=urgent)
    settled, late = lists.page(env, used, State(order="name"), DEALS).records
    assert settled["_settled"]
    assert not late["_settled"]
    shown_html = used.render(env, lists.page(env, used, State(order="name"), DEALS), links)
    assert shown_html.count("15 Jan 2020</time>") == 1
    assert shown_html.count(" days late") == 1


def test_groups_of_stages_have_their_glyphs(
    env: Environment, view: Callable[..., ComposedView], deals: list[int], links: Any
) -> None:
    used = view()
    found = lists.page(env, used, State(group="stage"), DEALS)
    assert [group.choice.icon if group.choice else "" for group in found.groups or []] == [
        "stage-0",
        "stage-2",
        "stage-won",
        "",
    ]
    assert used.render(env, found, links).count("#i-stage-won") > 1


def test_a_row_is_called_by_an_instant_as_people_read_it(
    env: Environment, deals: list[int], store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(write("shop", '<list limit="1"><field name="seen"/></list>', type="list"))
    view = store.view(env, "shop.deal", "list")
    text = view.render(env, lists.page(env, view, State(), DEALS), links)
    assert re.search(r'aria-label="Select \d+ \w+ 2026, ', text)
    assert "+00:00" not in text
