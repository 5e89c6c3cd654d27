"""The address of a page holds its whole state, and nothing else does."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.views.state import State

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8).map(str.strip)
FULL = TEXT.filter(bool)


@given(
    st.builds(
        State,
        view=TEXT,
        q=TEXT,
        terms=st.lists(st.tuples(FULL, FULL), max_size=2).map(tuple),
        filters=st.none() | st.lists(FULL, max_size=2, unique=True).map(tuple),
        where=TEXT,
        order=TEXT,
        group=TEXT,
        stack=TEXT,
        measure=TEXT,
        chart=TEXT,
        after=TEXT,
        open=st.lists(FULL, max_size=2, unique=True).map(tuple),
        page=TEXT,
        totals=TEXT,
    )
)
def test_a_state_survives_its_address(state: State) -> None:
    assert State.parse(parse_qsl(state.query(), keep_blank_values=True)) == state


def test_no_filter_means_those_of_the_action_and_an_empty_one_none() -> None:
    assert State.parse([]).filters is None
    assert State.parse([("filter", "")]).filters == ()
    assert State(filters=()).query() == "filter="
    assert State(filters=("won", "mine")).query() == "filter=won&filter=mine"


@pytest.mark.parametrize("change", [{"q": "x"}, {"order": "name"}, {"group": "stage"}, {"where": "a"}, {"filters": ()}])
def test_what_changes_the_rows_goes_back_to_the_first_page(change: dict[str, object]) -> None:
    changed = State(after="cursor", totals="1").but(**change)
    assert (changed.after, changed.totals) == ("", "")
    assert State(after="cursor").but(view="board").after == "cursor"


def test_filters_are_switched_on_and_off() -> None:
    on = State().toggled("won", ["mine"])
    assert on.filters == ("mine", "won")
    assert on.toggled("mine", on.filters or ()).filters == ("won",)


def test_strange_names_in_an_address_mean_nothing() -> None:
    assert State.parse([("evil", "1"), ("find.", "x"), ("q", " a ")]) == State(q="a", terms=(("", "x"),))


def test_one_more_condition() -> None:
    assert State().narrowed("a > 1", view="list") == State(view="list", where="a > 1")
    assert State(where="a or b", after="x").narrowed("c") == State(where="(a or b) and c")
