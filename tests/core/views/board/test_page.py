"""Boards: all cards in one query whatever the number of columns, numbers of a column where they are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Refusal
from core.records.environment import Environment
from core.views.board import page as boards
from core.views.board.page import BoardPage
from core.views.opening import Opening
from core.views.state import State
from core.views.store import ViewStore
from core.views.view import ComposedView

DEALS = Opening("shop.deal", name="Deals", defaults={"kind": "renewal", "stage": 1})
CARD = (
    '<card><field name="name"/><field name="owner" widget="user"/><field name="tags" widget="tags"/>'
    '<field name="amount" invisible="urgent"/><field name="deadline" widget="due"/></card>'
)
ARCH = (
    '<board group="stage" sum="amount" weighted="weighted" also="amount" quick_create="name,category"'
    ' order="name" limit="3">'
    f"{CARD}</board>"
)


@pytest.fixture
def columns(env: Environment) -> dict[str, int]:
    names = [("New", False, False), ("Lost", False, True), ("Won", True, False)]
    rows = env["shop.stage"].create_many(
        [
            {"name": name, "sequence": place, "is_won": won, "fold": fold}
            for place, (name, won, fold) in enumerate(names)
        ]
    )
    found = {row.name: row.id for row in rows}
    tag = env["shop.tag"].create(name="Vip", color=4)
    for number in range(5):
        env["shop.deal"].create(
            name=f"New {number}", stage=found["New"], amount=Decimal(100), share=50.0, tags=[tag.id]
        )
    env["shop.deal"].create(name="Won 0", stage=found["Won"], amount=Decimal(70), share=100.0, urgent=True)
    return found


@pytest.fixture
def view(env: Environment, store: ViewStore, write: Any, put: Callable[..., None]) -> ComposedView:
    put(write("shop", ARCH, type="board"))
    return store.view(env, "shop.deal", "board")


def test_columns_and_their_numbers(env: Environment, view: ComposedView, columns: dict[str, int], links: Any) -> None:
    page = boards.page(env, view, State(), DEALS)
    new, lost, won = page.columns
    assert [column.choice.label for column in page.columns] == ["New", "Lost", "Won"]
    assert [record["name"] for record in new.records] == ["New 0", "New 1", "New 2"]
    assert (new.more, new.known, new.count_text) == (True, False, "3+")
    assert (won.known, won.count, won.sum, won.weighted) == (True, 1, Decimal(70), Decimal(70))
    assert lost.folded
    assert page.totals_missing
    shown = view.render(env, page, links)
    assert "€70" in shown
    assert "Vip" in shown
    assert "Unfold Lost" in shown
    assert "data-movable" in shown


def test_all_numbers_in_one_query(env: Environment, view: ComposedView, columns: dict[str, int], links: Any) -> None:
    whole = boards.page(env, view, State(totals="1"), DEALS)
    assert [(column.count, column.sum, column.weighted, column.also) for column in whole.columns] == [
        (5, Decimal(500), Decimal(250), Decimal(500)),
        (0, 0, 0, 0),
        (1, Decimal(70), Decimal(70), Decimal(70)),
    ]
    heads = view.part(env, boards.totals(env, view, State(), DEALS), links, "heads")
    assert "€500" in heads
    assert "weighted €250" in heads
    assert "<span>Amount €500</span>" in heads and "Amount €0" not in heads


def test_the_cards_cost_one_query_whatever_the_columns(
    env: Environment, view: ComposedView, columns: dict[str, int], links: Any
) -> None:
    def statements() -> int:
        with env.database.counting() as counter:
            view.render(env, boards.page(env, view, State(), DEALS), links)
        return len(counter.statements)

    statements()
    before = statements()
    for number in range(4):
        stage = env["shop.stage"].create(name=f"Extra {number}", sequence=100)
        env["shop.deal"].create(name="x", stage=stage, amount=Decimal(1))
    assert statements() == before == 4  # stages, cards, links of tags, tags


def test_cards_without_a_column_have_one_of_their_own(
    env: Environment, view: ComposedView, columns: dict[str, int], links: Any
) -> None:
    env["shop.deal"].create(name="Lonely")
    page = boards.page(env, view, State(), DEALS)
    assert [column.choice.label for column in page.columns] == ["None", "New", "Lost", "Won"]
    assert page.columns[0].records[0]["name"] == "Lonely"
    assert "Lonely" in view.render(env, page, links)


def test_a_folded_column_opens(env: Environment, view: ComposedView, columns: dict[str, int]) -> None:
    folded = boards.page(env, view, State(), DEALS).columns[1]
    opened = boards.page(env, view, folded.unfolded, DEALS).columns[1]
    assert not opened.folded
    assert opened.known


def test_more_leads_to_the_list_of_the_column(env: Environment, view: ComposedView, columns: dict[str, int]) -> None:
    only = boards.page(env, view, State(where="amount > 1"), DEALS).columns[0].only
    assert only.view == "list"
    assert env["shop.deal"].count(only.where) == 5


def test_quick_creation_brings_column_and_defaults(
    env: Environment, view: ComposedView, columns: dict[str, int], links: Any
) -> None:
    page = boards.page(env, view, State(), DEALS)
    assert page.fixed == {"kind": "renewal"}  # the column gives the stage
    shown = view.render(env, page, links)
    assert f'<input type="hidden" name="stage" value="{columns["New"]}">' in shown
    assert '<input type="hidden" name="kind" value="renewal">' in shown
    assert 'name="category:label"' in shown


def test_narrowing_holds_in_every_column(env: Environment, view: ComposedView, columns: dict[str, int]) -> None:
    page = boards.page(env, view, State(where="name == 'New 3' or urgent"), DEALS)
    assert [[record["name"] for record in column.records] for column in page.columns] == [["New 3"], [], ["Won 0"]]
    assert not page.columns[0].more


def test_a_cell_of_a_card_is_hidden(env: Environment, view: ComposedView, columns: dict[str, int], links: Any) -> None:
    page = boards.page(env, view, State(where="urgent"), DEALS)
    (record,) = page.columns[2].records
    assert record["_hidden"]
    assert 'class="num strong"' not in view.part(env, page, links, "card", record)


def test_columns_of_a_selection(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(write("shop", f'<board group="kind">{CARD}</board>', type="board"))
    used = store.view(env, "shop.deal", "board")
    env["shop.deal"].create(name="A", kind="renewal")
    page = boards.page(env, used, State(), Opening("shop.deal"))
    assert [(column.choice.label, len(column.records)) for column in page.columns] == [
        ("New business", 0),
        ("Renewal", 1),
    ]
    assert "sums" not in used.render(env, page, links)


def test_the_menu_of_a_card_has_the_actions_that_are_for_it(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], columns: dict[str, int], links: Any
) -> None:
    header = '<header><button action="win" invisible="share == 100"/><button action="approve"/></header>'
    put(write("shop", f'<board group="stage">{header}{CARD}</board>', type="board", name="acting", priority=1))
    view = store.view(env, "shop.deal", "board")
    page = boards.page(env, view, State(), DEALS)
    without = {record["name"]: record["_without"] for column in page.columns for record in column.records}
    assert without == {"New 0": [], "New 1": [], "New 2": [], "New 3": [], "New 4": [], "Won 0": ["win"]}
    shown = view.render(env, page, links)
    assert shown.count('data-without="win"') == 1
    assert shown.count('data-action="win"') == 1 and "Win</button></form>" in shown


# Columns of time

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
FORECAST = (
    '<board group="deadline:month" sum="amount" weighted="weighted" readonly="urgent" quick_create="name" order="name">'
    f"{CARD}</board>"
)


@pytest.fixture
def forecast(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> ComposedView:
    """A board by months on the last day of November."""
    monkeypatch.setattr(env.runtime, "clock", lambda: NOW)
    put(write("shop", FORECAST, type="board"))
    for name in ("deadline:day", "deadline:week", "deadline:quarter", "deadline:year", "seen:month"):
        arch = f'<board group="{name}">{CARD}</board>'
        put(write("shop", arch, type="board", name=name.replace(":", "_"), priority=20))
    days = {
        "Long ago": date(2025, 2, 1),
        "Just over": date(2026, 10, 31),
        "First": date(2026, 11, 1),
        "Last": date(2026, 11, 30),
        "Next year": date(2027, 10, 31),
        "Far": date(2027, 11, 1),
    }
    for name, day in days.items():
        env["shop.deal"].create(name=name, deadline=day, amount=Decimal(10), share=50.0)
    return store.view(env, "shop.deal", "board")


def named(page: BoardPage) -> dict[str, list[str]]:
    """The names on the cards of each column that has some."""
    return {
        column.choice.label: [record["name"] for record in column.records] for column in page.columns if column.records
    }


def test_months_in_a_row_with_everything_else_on_both_sides(
    env: Environment, forecast: ComposedView, links: Any
) -> None:
    page = boards.page(env, forecast, State(), DEALS)
    assert [column.key for column in page.columns] == [
        "earlier",
        *("2026-11", "2026-12"),
        *(f"2027-{month:02}" for month in range(1, 11)),
        "later",
    ]
    assert named(page) == {
        "Earlier": ["Just over", "Long ago"],
        "Nov 2026": ["First", "Last"],
        "Oct 2027": ["Next year"],
        "Later": ["Far"],
    }
    assert [column.key for column in page.columns if column.current] == ["2026-11"]
    assert [(column.sum, column.weighted) for column in page.columns[:2]] == [(20, 10), (20, 10)]
    shown = forecast.render(env, page, links)
    assert 'data-key="earlier" data-beyond' in shown
    assert '<input type="hidden" name="deadline" value="2027-02-28">' in shown
    assert 'id="quick-later"' not in shown


def test_the_numbers_of_all_months_in_one_query(env: Environment, forecast: ComposedView, links: Any) -> None:
    env["shop.deal"].create(name="Some day", amount=Decimal(7))
    with env.database.counting() as counter:
        page = boards.totals(env, forecast, State(), DEALS)
    assert len(counter.statements) == 1
    assert {column.key: (column.count, column.sum) for column in page.columns if column.count} == {
        "": (1, 7),
        "earlier": (2, 20),
        "2026-11": (2, 20),
        "2027-10": (1, 10),
        "later": (1, 10),
    }
    assert "€20" in forecast.part(env, page, links, "heads")


def test_the_cards_of_all_months_in_one_query(env: Environment, forecast: ComposedView, links: Any) -> None:
    forecast.render(env, boards.page(env, forecast, State(), DEALS), links)
    with env.database.counting() as counter:
        forecast.render(env, boards.page(env, forecast, State(), DEALS), links)
    assert len(counter.statements) == 2  # cards, links of tags


def test_cards_without_a_date_come_first(env: Environment, forecast: ComposedView) -> None:
    env["shop.deal"].create(name="Some day")
    page = boards.page(env, forecast, State(), DEALS)
    assert (page.columns[0].choice.label, page.columns[0].value) == ("No date", "")
    assert [record["name"] for record in page.columns[0].records] == ["Some day"]
    assert env["shop.deal"].count(page.columns[0].only.where) == 1


def test_what_is_beyond_leads_to_its_months(env: Environment, forecast: ComposedView) -> None:
    page = boards.page(env, forecast, State(), DEALS)
    later = boards.page(env, forecast, page.columns[-1].unfolded, DEALS)
    assert [column.key for column in later.columns][1:3] == ["2027-11", "2027-12"]
    assert named(later)["Nov 2027"] == ["Far"]
    assert later.columns[-1].folded
    assert [column.current for column in later.columns][:2] == [True, False]
    back = boards.page(env, forecast, later.columns[0].unfolded, DEALS)
    assert [column.key for column in back.columns] == [column.key for column in page.columns]
    earlier = boards.page(env, forecast, page.columns[0].unfolded, DEALS)
    assert [column.key for column in earlier.columns][1:2] == ["2025-11"]
    assert named(earlier)["Earlier"] == ["Long ago"]


@pytest.mark.parametrize("after", ["0001-01", "9999-12", "2026-13", "nonsense"])
def test_an_address_may_name_any_month(env: Environment, forecast: ComposedView, links: Any, after: str) -> None:
    page = boards.page(env, forecast, State(after=after, totals="1"), DEALS)
    assert sum(column.count for column in page.columns) == 6
    assert "Long ago" in forecast.render(env, page, links)


def test_every_column_leads_to_the_list_of_its_cards(env: Environment, forecast: ComposedView) -> None:
    page = boards.page(env, forecast, State(totals="1"), DEALS)
    assert [env["shop.deal"].count(column.only.where) for column in page.columns] == [
        column.count for column in page.columns
    ]


def test_a_card_that_stays_has_no_handle_and_says_why(env: Environment, forecast: ComposedView, links: Any) -> None:
    id_ = env["shop.deal"].create(name="Urgent one", deadline=date(2026, 12, 24), urgent=True).id
    page, record = boards.card(env, forecast, State(), DEALS, id_)
    assert record["_stays"]
    shown = forecast.part(env, page, links, "card", record)
    assert 'data-stays="Cannot be moved: Urgent is yes"' in shown
    assert "data-move" not in shown
    with pytest.raises(Refusal, match="Urgent one cannot be moved: Urgent is yes"):
        boards.require_movable(page, record, "Urgent one")
    page, record = boards.card(env, forecast, State(), DEALS, id_ - 1)
    boards.require_movable(page, record, "Far")
    assert "data-move" in forecast.part(env, page, links, "card", record)


@pytest.mark.parametrize(
    ("unit", "first", "label", "last"),
    [
        ("day", "2026-11-30", "30 Nov 2026", "2026-11-30"),
        ("week", "2026-W49", "30 Nov 2026 to 6 Dec 2026", "2026-12-06"),
        ("quarter", "2026-Q4", "Q4 2026", "2026-12-31"),
        ("year", "2026", "2026", "2026-12-31"),
    ],
)
def test_columns_of_other_units(
    env: Environment, forecast: ComposedView, store: ViewStore, unit: str, first: str, label: str, last: str
) -> None:
    used = store.view(env, "shop.deal", "board", f"shop.deadline_{unit}")
    page = boards.page(env, used, State(totals="1"), DEALS)
    column = page.columns[1]
    assert (column.key, column.choice.label, column.value) == (first, label, last)
    assert "Last" in named(page)[label]
    assert [column.count for column in page.columns if not column.more] == [
        len(column.records) for column in page.columns if not column.more
    ]


def test_columns_of_instants_are_those_of_the_users_zone(
    env: Environment, forecast: ComposedView, store: ViewStore, links: Any
) -> None:
    used = store.view(env, "shop.deal", "board", "shop.seen_month")
    env["shop.deal"].create(name="At midnight", seen=datetime(2026, 12, 31, 12, tzinfo=UTC))
    there = replace(env, profile=replace(env.profile, tz="Pacific/Auckland"))
    page = boards.page(there, used, State(totals="1"), DEALS)
    assert page.columns[2].key == "2026-12"  # it is December there already; those never seen come first
    assert [(column.key, column.count) for column in page.columns if column.count] == [("", 6), ("2027-01", 1)]
    assert [record["name"] for record in page.columns[3].records] == ["At midnight"]
    assert not page.may_move
    assert "data-movable" not in used.render(there, page, links)
    assert [there["shop.deal"].count(column.only.where) for column in page.columns[2:4]] == [0, 1]


def test_months_are_called_in_the_users_language(env: Environment, forecast: ComposedView) -> None:
    there = replace(env, profile=replace(env.profile, lang="fr"))
    labels = [column.choice.label for column in boards.page(there, forecast, State(), DEALS).columns]
    assert labels[1:3] == ["Nov. 2026", "Déc. 2026"]


def test_a_view_that_is_named_and_gone_gives_way_to_the_usual_one(
    env: Environment, forecast: ComposedView, store: ViewStore
) -> None:
    assert store.view(env, "shop.deal", "board", "shop.gone") is forecast
    assert store.view(env, "shop.deal", "list", "shop.deal_board").type == "list"
