"""Graphs: one query, numbers that add up, and with each number the list of exactly the records behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.errors import AccessDenied, ExpressionError
from core.records.aggregates import BadAggregate
from core.records.environment import Environment
from core.views.graph import page as graphs
from core.views.graph.page import GraphPage
from core.views.opening import Opening
from core.views.search.arch import Grouping, SearchArch
from core.views.search.narrowing import narrow
from core.views.state import State
from core.views.store import ViewStore
from core.views.view import ComposedView

DEALS = Opening("shop.deal", name="Deals", help="What is sold")
MEASURES = (
    '<measure field="amount" aggregate="sum"/><measure field="id" aggregate="count" label="Count"/>'
    '<measure field="share" aggregate="avg" widget="percent"/><measure field="count" aggregate="min"/>'
    '<measure field="count" aggregate="max" label="Most lines"/><measure field="owner" aggregate="count"/>'
)
ARCH = f'<graph by="stage">{MEASURES}</graph>'
SEARCH = SearchArch(
    (),
    (),
    (Grouping("a", "Phase", "stage"), Grouping("b", "Category", "category"), Grouping("c", "Due", "deadline:month")),
)
ROWS = [
    {"name": "A", "stage": "New", "amount": Decimal(100), "share": 10.0, "count": 3, "deadline": date(2026, 1, 5)},
    {"name": "B", "stage": "New", "amount": Decimal("50.50"), "count": 7, "deadline": date(2026, 1, 30)},
    {"name": "C", "stage": "Won", "amount": Decimal(400), "share": 40.0, "kind": "renewal", "urgent": True},
    {"name": "D", "stage": "Won", "share": 70.0, "deadline": date(2026, 4, 1), "kind": "renewal"},
    {"name": "E", "amount": Decimal(20), "deadline": date(2026, 4, 30)},
]


@pytest.fixture
def deals(env: Environment) -> dict[str, int]:
    stages = {
        name: env["shop.stage"].create(name=name, sequence=place).id for place, name in enumerate(["Won", "New", "Out"])
    }
    for row in ROWS:
        env["shop.deal"].create(**row | {"stage": stages.get(str(row.get("stage")))})
    return stages


@pytest.fixture
def view(env: Environment, store: ViewStore, write: Any, put: Callable[..., None]) -> ComposedView:
    put(write("shop", ARCH, type="graph"))
    return store.view(env, "shop.deal", "graph")


Show = Callable[..., GraphPage]


@pytest.fixture
def show(env: Environment, view: ComposedView, deals: dict[str, int]) -> Show:
    def run(opening: Opening = DEALS, search: SearchArch | None = SEARCH, **state: Any) -> GraphPage:
        return graphs.page(env, view, State(**state), opening, search)

    return run


def cells(page: GraphPage) -> dict[str, list[str]]:
    """The texts of the table by row, with those of the totals."""
    assert page.totals is not None
    return {row.label: [cell.text for cell in row.cells] for row in (*page.rows, page.totals)}


def behind(env: Environment, state: State | None, opening: Opening = DEALS) -> list[str]:
    """The names of the records in the list that a number leads to."""
    assert state is not None
    assert (state.view, state.group) == ("list", "none")
    found = narrow(env, opening, None, state)
    return sorted(row["name"] for row in env["shop.deal"].read(found.where, ["name"], **found.bound))


def test_one_dimension_with_all_measures(show: Show) -> None:
    page = show()
    assert page.heads == ("Amount", "Count", "Share (average)", "Count (least)", "Most lines", "Owner (number)")
    assert cells(page) == {
        "Won": ["€400", "2", "55%", "–", "–", "0"],
        "New": ["€151", "2", "10%", "3", "7", "0"],
        "None": ["€20", "1", "–", "–", "–", "0"],
        "Total": ["€571", "5", "40%", "3", "7", "0"],
    }
    assert page.caption == "Deals by phase · 5 records"
    assert (page.heading, page.corner, page.count_text) == ("Amount by phase", "Phase", "5")
    assert page.notes == ()


def test_two_dimensions_with_totals_of_both(show: Show) -> None:
    page = show(stack="kind")
    assert page.heads == ("New business", "Renewal", "Total")
    assert cells(page) == {
        "Won": ["€0", "€400", "€400"],
        "New": ["€151", "€0", "€151"],
        "None": ["€20", "€0", "€20"],
        "Total": ["€171", "€400", "€571"],
    }
    assert page.heading == "Amount by phase and kind"


def test_averages_of_totals_are_those_of_the_records(show: Show) -> None:
    """Not averages of averages: 10, 40 and 70 make 40, whatever the groups."""
    page = show(stack="kind", measure="share:avg")
    assert cells(page)["Total"] == ["10%", "55%", "40%"]
    assert page.notes == ("Each number is worked out of all records of its group that have a value.",)


def test_every_number_leads_to_exactly_its_records(env: Environment, show: Show) -> None:
    page = show()
    assert [behind(env, row.cells[1].state) for row in page.rows] == [["C", "D"], ["A", "B"], ["E"]]
    assert [behind(env, page.totals.cells[at].state) for at in (0, 1, 2, 3)] == [  # type: ignore[union-attr]
        ["A", "B", "C", "D", "E"],
        ["A", "B", "C", "D", "E"],
        ["A", "C", "D"],  # an average is that of those that have a value
        ["A", "B"],
    ]
    assert page.rows[0].cells[3].state is None
    split = show(stack="kind", measure="id:count", where="amount > 30 or share > 60")
    assert [[behind(env, cell.state) if cell.state else [] for cell in row.cells] for row in split.rows] == [
        [[], ["C", "D"], ["C", "D"]],
        [["A", "B"], [], ["A", "B"]],
    ]


def test_what_narrows_stays_with_a_number(env: Environment, show: Show) -> None:
    opening = Opening("shop.deal", condition="amount > 40")
    page = show(opening, where="count == 3")
    (row,) = page.rows
    assert behind(env, row.cells[0].state, opening) == ["A"]
    assert page.caption.endswith("1 record · Condition Count is 3")


def test_archived_records_count_where_the_action_says_so(env: Environment, show: Show) -> None:
    env["shop.deal"].write(env["shop.deal"].search("name == 'A'"), active=False)
    opening = Opening("shop.deal", condition="active or not active")
    page = show(opening)
    assert cells(page)["New"][1] == "2"
    assert behind(env, page.rows[1].cells[1].state, opening) == ["A", "B"]
    assert cells(show())["New"][1] == "1"


def test_empty_months_are_there_and_the_undated_apart(env: Environment, show: Show) -> None:
    page = show(group="deadline:month", measure="amount:sum")
    assert [row.label for row in page.rows] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026", "None"]
    assert [row.cells[0].text for row in page.rows] == ["€151", "€0", "€0", "€20", "€400"]
    assert page.rows[1].cells[0].state is None
    assert page.rows[1].cells[2].text == "–"  # nothing has no average
    assert [behind(env, page.rows[at].cells[1].state) for at in (0, 3, 4)] == [["A", "B"], ["D", "E"], ["C"]]
    assert page.notes == ("Not drawn, but in the table: None",)
    assert page.corner == "Deadline (month)"


@pytest.mark.parametrize(
    ("unit", "labels"),
    [
        ("day", ["29 Dec 2025", "30 Dec 2025", "31 Dec 2025", "1 Jan 2026"]),
        ("week", ["29 Dec 2025 to 4 Jan 2026"]),
        ("quarter", ["Q4 2025", "Q1 2026"]),
        ("year", ["2025", "2026"]),
    ],
)
def test_other_units_of_time(env: Environment, view: ComposedView, unit: str, labels: list[str]) -> None:
    for day in (date(2025, 12, 29), date(2026, 1, 1)):
        env["shop.deal"].create(name=str(day), deadline=day)
    page = graphs.page(env, view, State(group=f"deadline:{unit}"), DEALS, SEARCH)
    assert [row.label for row in page.rows] == labels
    assert page.drawing is not None
    assert page.drawing.points[0].label == labels[0].partition(" to ")[0]  # a week by its first day
    assert behind(env, page.rows[-1].cells[1].state)[-1] == "2026-01-01"


def test_spans_of_instants_are_those_of_the_users_zone(env: Environment, view: ComposedView) -> None:
    env["shop.deal"].create(name="Late", seen=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    user = env["res.users"].create(login="greta", name="Greta", company=env.company, tz="Europe/Berlin")
    berlin = env.as_user(user.id).sudo()
    page = graphs.page(berlin, view, State(group="seen:month"), DEALS)
    assert [row.label for row in page.rows] == ["Feb 2026"]
    assert behind(berlin, page.rows[0].cells[1].state) == ["Late"]
    assert [row.label for row in graphs.page(env, view, State(group="seen:month"), DEALS).rows] == ["Jan 2026"]


def test_options_and_yes_or_no(env: Environment, show: Show) -> None:
    assert list(cells(show(group="kind"))) == ["New business", "Renewal", "Total"]
    page = show(group="urgent")
    assert {row.label: behind(env, row.cells[1].state) for row in page.rows} == {
        "Yes": ["C"],
        "No": ["A", "B", "D", "E"],
    }


def test_without_scripts_and_without_colours(env: Environment, view: ComposedView, show: Show, links: Any) -> None:
    page = show(stack="kind")
    shown = view.render(env, page, links)
    assert "<caption><span>Amount by phase and kind · 5 records</span></caption>" in shown
    assert shown.count("data-mark") == 3
    assert 'fill="url(#series-1)"' in shown
    assert "<title>Won, Renewal: €400 (70.1% of all)</title>" in shown
    assert "style=" not in shown
    lines = view.render(env, show(group="deadline:month", chart="line"), links)
    assert lines.count('class="dot"') == 2
    assert lines.count('class="stroke"') == 3


def test_the_menus_say_what_is_chosen(show: Show) -> None:
    page = show(group="deadline:quarter", stack="stage", measure="share:avg", chart="line")
    assert {menu.name: menu.value for menu in page.menus} == {
        "measure": "Share (average)",
        "group": "Deadline",
        "unit": "Quarter",
        "stack": "Phase",
        "chart": "Line",
    }
    choices = {menu.name: {each.label: each.state for each in menu.choices} for menu in page.menus}
    assert list(choices["group"]) == ["Phase", "Category", "Deadline"]
    assert choices["group"]["Deadline"].group == "deadline:quarter"
    assert choices["unit"]["Year"].group == "deadline:year"
    assert choices["stack"]["Nothing"].stack == "none"
    assert list(choices["stack"]) == ["Nothing", "Phase", "Category"]
    assert choices["measure"]["Amount"].measure == "amount:sum"
    assert [menu.name for menu in show().menus] == ["measure", "group", "stack"]
    assert "stack-unit" in [menu.name for menu in show(stack="deadline").menus]


def test_the_view_says_how_it_begins_the_action_and_the_address_what_follows(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], show: Show
) -> None:
    arch = '<graph by="stage" stack="kind" type="line"><measure field="id" aggregate="count" label="Count"/></graph>'
    put(write("shop", arch, type="graph", name="counted", priority=20))
    store.follow(2)
    counted = store.view(env, "shop.deal", "graph", "shop.counted")

    def heading(opening: Opening = DEALS, **state: Any) -> str:
        return graphs.page(env, counted, State(**state), opening, SEARCH).heading

    assert heading() == "Count by phase and kind"
    assert heading(stack="none") == "Count by phase"
    assert heading(stack="stage") == "Count by phase"
    assert heading(Opening("shop.deal", group="category")) == "Count by category and kind"
    assert heading(group="owner") == "Count by owner and kind"
    assert heading(Opening("shop.deal", group="kind"), group="none") == "Count by kind"  # as lists say: not grouped
    dated = graphs.page(env, counted, State(group="deadline:month"), DEALS, SEARCH)
    assert dated.drawing is not None
    assert dated.drawing.kind == "lines"
    assert show().heading == "Amount by phase"


def test_what_cannot_be_asked_is_refused(show: Show) -> None:
    with pytest.raises(BadAggregate, match="'amount:avg' is not a measure"):
        show(measure="amount:avg")
    with pytest.raises(BadAggregate, match="unknown unit 'fortnight'"):
        show(group="deadline:fortnight")
    with pytest.raises(BadAggregate, match="'stage' has no dates"):
        show(group="stage:month")
    with pytest.raises(ExpressionError, match="colour"):
        show(stack="colour")


def test_nothing_to_show(env: Environment, view: ComposedView, links: Any) -> None:
    page = graphs.page(env, view, State(where="name == 'Nobody'"), DEALS, SEARCH)
    assert page.empty
    assert "No match" in view.render(env, page, links)
    assert "What is sold" in view.render(env, graphs.page(env, view, State(), DEALS), links)


def test_a_graph_costs_one_query(env: Environment, view: ComposedView, show: Show, links: Any) -> None:
    for state in ({}, {"stack": "kind"}, {"group": "deadline:month", "stack": "stage", "chart": "line"}):
        view.render(env, show(**state), links)
        with env.database.counting() as counter:
            view.render(env, show(**state), links)
        assert len(counter.statements) == 1


@pytest.fixture
def plain(env: Environment) -> Environment:
    """Somebody who may read deals and belongs to no group."""
    for model in ("shop.deal", "shop.stage"):
        env["core.access"].create(name=model, model=model, can_read=True)
    return env.as_user(env["res.users"].create(login="plain", name="Plain", company=env.company).id)


def test_fields_closed_to_the_reader(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], plain: Environment
) -> None:
    arch = '<graph by="margin" stack="margin"><measure field="margin" aggregate="sum"/></graph>'
    put(write("shop", arch, type="graph"))
    view = store.view(env, "shop.deal", "graph")
    env["shop.deal"].create(name="A", margin=2.0, stage=env["shop.stage"].create(name="New").id)
    assert graphs.page(env, view, State(), DEALS, SEARCH).heading == "Margin by margin"
    assert graphs.page(plain, view, State(), DEALS, SEARCH).heading == "Count by phase"
    assert graphs.page(plain, view, State(), DEALS).heading == "Count by ID"
    with pytest.raises(AccessDenied):
        graphs.page(plain, view, State(group="margin"), DEALS, SEARCH)


def test_rules_hold_and_names_of_what_may_not_be_read_stay_hidden(
    env: Environment, view: ComposedView, show: Show, plain: Environment
) -> None:
    env["core.rule"].create(name="Small ones", model="shop.deal", condition="amount < 200")
    env["core.rule"].create(name="No stages", model="shop.stage", condition="false")
    ruled = env.as_user(plain.user or 0)
    page = graphs.page(ruled, view, State(), DEALS, SEARCH)
    assert cells(page)["Total"][:2] == ["€171", "3"]
    assert page.rows[0].cells[1].state is not None
    assert ruled["shop.deal"].count(page.rows[0].cells[1].state.where) == 2


def test_too_many_groups_are_told(
    env: Environment, view: ComposedView, show: Show, links: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MOST_GROUPS", 2)
    page = show()
    assert (page.overfull, page.rows, page.count_text, page.empty) == (True, (), "", False)
    shown = view.render(env, page, links)
    assert "too many groups" in shown
    assert 'popovertarget="graph-group"' in shown


def test_a_model_without_a_graph_gets_one(env: Environment, store: ViewStore, deals: dict[str, int]) -> None:
    page = graphs.page(env, store.view(env, "shop.deal", "graph"), State(), Opening("shop.deal"))
    assert page.heads == ("Count", "Amount", "Weighted")
    assert [row.label for row in page.rows] == ["Won", "New", "None"]
    dated = graphs.page(env, store.view(env, "shop.tag", "graph"), State(), Opening("shop.tag"))
    assert dated.empty
