"""Boards: all cards in one query whatever the number of columns, numbers of a column where they are known."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from core.records.environment import Environment
from core.views.board import page as boards
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
    '<board group="stage" sum="amount" weighted="weighted" quick_create="name,category" order="name" limit="3">'
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
    assert [(column.count, column.sum, column.weighted) for column in whole.columns] == [
        (5, Decimal(500), Decimal(250)),
        (0, 0, 0),
        (1, Decimal(70), Decimal(70)),
    ]
    heads = view.part(env, boards.totals(env, view, State(), DEALS), links, "heads")
    assert "€500" in heads
    assert "weighted €250" in heads


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
