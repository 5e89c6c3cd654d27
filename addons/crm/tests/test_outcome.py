"""Stages, probabilities, and deals that are won, lost and restored."""

from datetime import UTC, datetime

import pytest

from core import Invalid, Refusal

LONG_AGO = datetime(2020, 5, 1, tzinfo=UTC)


@pytest.fixture
def lead(leads):
    return leads.create(name="Deal")


def test_a_new_lead_is_in_the_first_stage(leads, lead, stage, clock):
    assert lead.stage.id == stage("new").id
    assert (lead.probability, lead.active, lead.won_status) == (10, True, "pending")
    assert (lead.date_last_stage_update, lead.date_closed) == (clock.instant, None)


def test_the_first_stage_is_not_a_folded_one(leads, env, stage):
    env["crm.stage"].write(stage("new"), fold=True)
    assert leads.create(name="Deal").stage.id == stage("qualified").id


def test_the_first_stage_is_one_of_the_team(leads, env, stage):
    other = env["crm.team"].create(name="Other")
    own = env["crm.stage"].create(name="Own", sequence=0, teams=[other], probability=5)
    assert leads.create(name="Deal", team=other).stage.id == own.id
    assert leads.create(name="Deal", team=env.ref("crm.team_sales")).stage.id == stage("new").id


def test_no_stage_is_a_value(leads):
    lead = leads.create(name="Deal", stage=None)
    assert (lead.stage, lead.probability, lead.date_last_stage_update) == (None, 0, None)


def test_entering_a_stage_brings_its_probability(leads, lead, stage, stored, clock):
    later = clock.advance(days=3)
    leads.write(lead, stage=stage("proposition"))
    assert stored(lead, "probability", "date_last_stage_update") == (60, later)


def test_the_same_stage_again_changes_nothing(leads, lead, stage, stored, clock):
    before = stored(lead, "version", "date_last_stage_update")
    clock.advance(days=3)
    leads.write(lead, stage=stage("new"))
    assert stored(lead, "version", "date_last_stage_update") == before


def test_a_probability_typed_by_hand_survives_stages(leads, lead, stage, stored):
    leads.write(lead, probability=42)
    leads.write(lead, stage=stage("proposition"))
    assert stored(lead, "probability", "manual_probability", "is_automated_probability") == (42, 42, False)


def test_a_probability_given_at_creation_is_typed_by_hand(leads, stage, stored):
    lead = leads.create(name="Deal", probability=42)
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "probability") == (42,)


def test_the_probability_of_the_stage_is_used_again_on_request(leads, lead, stored):
    leads.write(lead, probability=42)
    leads.call([lead], "use_automated_probability")
    assert stored(lead, "probability", "manual_probability", "automated_probability") == (10, None, 10)


def test_typing_the_probability_of_the_stage_is_no_choice_of_ones_own(leads, lead, stage, stored):
    leads.write(lead, probability=42)
    leads.write(lead, probability=10)
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "probability") == (30,)


@pytest.mark.parametrize("probability", [-1, 100.5])
def test_a_probability_lies_between_0_and_100(leads, probability):
    with pytest.raises(Invalid, match="between 0 and 100"):
        leads.create(name="Deal", probability=probability)


def test_creating_in_a_won_stage_closes(leads, stage, clock):
    lead = leads.create(name="Deal", stage=stage("won"))
    assert (lead.probability, lead.won_status, lead.date_closed) == (100, "won", clock.instant)


def test_moving_to_a_won_stage_closes(leads, lead, stage, stored, clock):
    later = clock.advance(days=2)
    leads.write(lead, stage=stage("won"))
    assert stored(lead, "probability", "date_closed", "won_status") == (100, later, "won")


def test_a_given_closing_date_wins(leads, stage, stored):
    lead = leads.create(name="Deal", stage=stage("won"), date_closed=LONG_AGO)
    assert stored(lead, "date_closed") == (LONG_AGO,)
    other = leads.create(name="Deal")
    leads.write(other, stage=stage("won"), date_closed=LONG_AGO)
    assert stored(other, "date_closed") == (LONG_AGO,)
    unknown = leads.create(name="Deal", stage=stage("won"), date_closed=None)
    assert stored(unknown, "date_closed") == (None,)


def test_from_one_won_stage_to_another_keeps_the_closing_date(leads, env, stage, stored, clock):
    second = env["crm.stage"].create(name="Delivered", sequence=80, is_won=True)
    lead = leads.create(name="Deal", stage=stage("won"))
    closed = clock.instant
    clock.advance(days=2)
    leads.write(lead, stage=second)
    assert stored(lead, "probability", "date_closed") == (100, closed)


def test_leaving_a_won_stage_opens(leads, stage, stored):
    lead = leads.create(name="Deal", stage=stage("won"))
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "probability", "date_closed", "won_status") == (30, None, "pending")


def test_a_won_stage_and_another_probability_contradict(leads, lead, stage):
    with pytest.raises(Invalid, match="won stage"):
        leads.write(lead, stage=stage("won"), probability=50)


def test_full_probability_in_an_open_stage_closes_but_does_not_win(leads, lead, stored, clock):
    later = clock.advance(hours=1)
    leads.write(lead, probability=100)
    assert stored(lead, "date_closed", "won_status") == (later, "pending")
    leads.write(lead, probability=50)
    assert stored(lead, "date_closed") == (None,)


def test_archiving_is_not_losing(leads, lead, stored, clock):
    leads.write(lead, probability=40)
    later = clock.advance(hours=1)
    leads.archive(lead)
    assert stored(lead, "probability", "won_status", "date_closed") == (40, "pending", later)
    leads.unarchive(lead)
    assert stored(lead, "probability", "date_closed") == (40, None)


def test_lost_with_reason_and_comment(leads, env, stored, clock):
    rows = leads.create_many([{"name": "One"}, {"name": "Two"}])
    reason = env.ref("crm.lost_reason_price")
    later = clock.advance(days=1)
    leads.call(rows, "mark_lost", lost_reason=reason.id, feedback="Too late")
    for row in rows:
        assert stored(row, "active", "probability", "won_status") == (False, 0, "lost")
        assert stored(row, "lost_reason", "lost_feedback", "date_closed") == (reason.id, "Too late", later)
    assert leads.count("name in ['One', 'Two']") == 0
    assert leads.count("active == false and won_status == 'lost'") == 2


def test_a_won_deal_cannot_be_lost(leads, stage):
    lead = leads.create(name="Deal", stage=stage("won"))
    open_ = leads.create(name="Fleet")
    with pytest.raises(Refusal, match="'Deal' is won"):
        leads.call([lead, open_], "mark_lost")
    with pytest.raises(Invalid, match="move it to another stage first"):
        leads.write(lead, active=False, probability=0)


def test_restoring_brings_the_stages_probability_back(leads, lead, env, stage, stored):
    leads.write(lead, stage=stage("proposition"))
    leads.call([lead], "mark_lost", lost_reason=env.ref("crm.lost_reason_price").id, feedback="Too late")
    leads.call([lead], "restore")
    assert stored(lead, "active", "probability", "date_closed") == (True, 60, None)
    assert stored(lead, "lost_reason", "lost_feedback", "won_status") == (None, None, "pending")


def test_restoring_brings_a_probability_typed_by_hand_back(leads, lead, stored):
    leads.write(lead, probability=42)
    leads.call([lead], "mark_lost")
    leads.call([lead], "restore")
    assert stored(lead, "probability", "is_automated_probability") == (42, False)


def test_a_lost_lead_stays_lost_when_its_stage_changes(leads, lead, stage, stored):
    leads.call([lead], "mark_lost")
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "active", "probability", "won_status") == (False, 0, "lost")


def test_a_lost_lead_moved_to_a_won_stage_is_won(leads, lead, stage, stored, clock):
    leads.call([lead], "mark_lost")
    later = clock.advance(days=1)
    leads.write(lead, stage=stage("won"))
    assert stored(lead, "active", "probability", "won_status", "date_closed") == (True, 100, "won", later)


def test_winning_moves_to_the_next_won_stage(leads, lead, stage, stored):
    leads.call([lead], "mark_won")
    assert stored(lead, "stage", "probability", "won_status") == (stage("won").id, 100, "won")


def test_winning_takes_the_next_won_stage_else_the_last(leads, env, stage, stored):
    early = env["crm.stage"].create(name="Quick win", sequence=2, is_won=True)
    late = env["crm.stage"].create(name="Late", sequence=90)
    first = leads.create(name="First")
    last = leads.create(name="Last", stage=late)
    leads.call([first, last], "mark_won")
    assert stored(first, "stage") == (early.id,)
    assert stored(last, "stage") == (stage("won").id,)


def test_winning_stays_inside_the_team(leads, env, stage, stored):
    other = env["crm.team"].create(name="Other")
    env["crm.stage"].create(name="Theirs", sequence=5, is_won=True, teams=[other])
    lead = leads.create(name="Deal", team=env.ref("crm.team_sales"))
    leads.call([lead], "mark_won")
    assert stored(lead, "stage") == (stage("won").id,)


def test_winning_revives_and_leaves_won_deals_alone(leads, lead, stage, stored):
    leads.call([lead], "mark_lost")
    won = leads.create(name="Won", stage=stage("won"))
    before = stored(won, "version")
    leads.call([lead, won], "mark_won")
    assert stored(lead, "active", "won_status") == (True, "won")
    assert stored(won, "version") == before


def test_winning_needs_a_won_stage(leads, lead, env, stage):
    env["crm.stage"].write(stage("won"), is_won=False)
    with pytest.raises(Refusal, match="won stage"):
        leads.call([lead], "mark_won")


def test_leads_are_won_and_lost_without_conversion(leads, stored):
    won, lost = leads.create_many([{"name": "One", "type": "lead"}, {"name": "Two", "type": "lead"}])
    leads.call([won], "mark_won")
    leads.call([lost], "mark_lost")
    assert stored(won, "type", "won_status") == ("lead", "won")
    assert stored(lost, "type", "won_status") == ("lead", "lost")


def test_too_long_in_a_stage(leads, lead, clock):
    assert leads.count("is_rotting") == 0
    clock.advance(days=15)
    assert [row.name for row in leads.search("is_rotting")] == ["Deal"]
    leads.write(lead, priority="1")
    assert lead.is_rotting


def test_weighted_revenue(leads, stored):
    lead = leads.create(name="Deal", expected_revenue=1000, probability=33.33)
    assert str(stored(lead, "weighted_revenue")[0]) in ("333.3", "333.30")
    assert leads.create(name="Deal").weighted_revenue is None
