"""Stages: what changes for their leads when they do."""

import pytest

from core import Invalid, Refusal


@pytest.fixture
def stages(env):
    return env["crm.stage"]


def test_the_shipped_stages_are_in_order(stages):
    shipped = [(row.name, row.probability, row.is_won) for row in stages.search("")]
    assert shipped == [("New", 10, False), ("Qualified", 30, False), ("Proposition", 60, False), ("Won", 100, True)]


def test_a_stage_that_becomes_a_won_one_wins_its_leads(stages, leads, stage, stored, clock):
    lead = leads.create(name="Deal", stage=stage("proposition"))
    lost = leads.create(name="Lost", stage=stage("proposition"))
    leads.call([lost], "mark_lost")
    later = clock.advance(days=1)
    stages.write(stage("proposition"), is_won=True)
    assert stored(lead, "probability", "won_status", "date_closed") == (100, "won", later)
    assert stored(lost, "won_status") == ("lost",)


def test_a_stage_that_is_no_won_one_any_more_opens_its_leads(stages, leads, stage, stored):
    lead, typed = leads.create_many([{"name": "One"}, {"name": "Two", "probability": 42}])
    leads.write([lead, typed], stage=stage("proposition"))
    stages.write(stage("proposition"), is_won=True)
    stages.write(stage("proposition"), is_won=False)
    assert stored(lead, "probability", "won_status", "date_closed", "is_automated_probability") == (
        60,
        "pending",
        None,
        True,
    )
    assert stored(typed, "probability", "won_status", "is_automated_probability") == (42, "pending", False)


def test_a_new_won_stage_is_certain(stages):
    assert stages.create(name="Delivered", is_won=True).probability == 100


def test_another_default_probability_leaves_leads_alone(stages, leads, stage, stored):
    lead = leads.create(name="Deal")
    stages.write(stage("new"), probability=20)
    assert stored(lead, "probability") == (10,)


def test_a_stage_with_leads_is_not_deleted(stages, leads, stage):
    leads.create(name="Deal")
    with pytest.raises(Refusal, match="still refer"):
        stages.delete(stage("new"))
    lost = leads.create(name="Lost", stage=stage("proposition"))
    leads.call([lost], "mark_lost")
    with pytest.raises(Refusal, match="still refer"):
        stages.delete(stage("proposition"))
    stages.delete(stage("qualified"))


@pytest.mark.parametrize("values", [{"probability": 101}, {"rotting_threshold_days": -1}])
def test_values_that_do_not_fit_are_refused(stages, values):
    with pytest.raises(Invalid):
        stages.create(name="Odd", **values)
