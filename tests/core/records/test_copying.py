"""Duplicating records: what is taken over, what begins anew, and who may."""

import pytest

from core.errors import Invalid, NotFound
from core.records.copying import copyable


@pytest.fixture
def deal(env):
    tag = env["t.tag"].create(name="vip")
    team = env["t.team"].create(name="North")
    deal = env["t.deal"].create(
        name="Fleet", amount=5, note="for the boss", tags=[tag], team=team, extra={"a": [1]}, kind="won", rank=3
    )
    env["t.line"].create(deal=deal, name="Bus")
    env["t.remark"].create(name="Good", about=deal)
    env["t.deal"].archive(deal)
    return env["t.deal"].get(deal.id)


def test_a_copy_has_the_values_and_none_of_what_belongs_to_the_record(env, deal):
    (copy,) = env["t.deal"].copy(deal)
    assert copy.id != deal.id
    assert (copy.name, copy.amount, copy.note, copy.extra) == ("Fleet (copy)", 5, "for the boss", {"a": [1]})
    assert (copy.tags, copy.team_id) == (deal.tags, deal.team_id)
    assert (copy.active, copy.kind, copy.rank, copy.lines, copy.remarks) == (True, "won", None, (), ())
    assert copy.line_count == 0 and deal.line_count == 1


def test_several_are_copied_in_their_order_and_given_values_win(env, deal):
    other = env["t.deal"].create(name="Boats", amount=7)
    copies = env["t.deal"].copy([other, deal], amount=1, name="Same")
    assert [(copy.name, copy.amount, len(copy.tags)) for copy in copies] == [("Same", 1, 0), ("Same", 1, 1)]
    assert env["t.deal"].copy([]) == []


def test_only_the_side_that_keeps_a_link_takes_it_over(env, deal):
    with pytest.raises(Invalid):
        env["t.tag"].copy(deal.tags[0])  # its name is the only one of its kind, so it is not taken over
    assert env["t.tag"].copy(deal.tags[0], name="other")[0].deals == ()


def test_a_name_stays_as_long_as_names_may_be(env):
    deal = env["t.deal"].create(name="x" * 1000)
    (copy,) = env["t.deal"].copy(deal.id)
    assert len(copy.name) == 1000 and copy.name.endswith("x (copy)")


def test_what_can_be_copied(env):
    assert copyable(env, "t.deal") and copyable(env, "t.line")
    assert not copyable(env, "t.tag")  # its name must be filled in, and is the only one of its kind
    assert not copyable(env, "core.change_set")


def test_a_record_that_is_not_there_is_refused(env):
    with pytest.raises(NotFound):
        env["t.deal"].copy(10**6)
