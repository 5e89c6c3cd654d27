"""Leads as a whole: batches, defaults, order, history, tags."""

import pytest

from core import Invalid


def test_leads_are_ordered_by_priority_then_newest(leads):
    values = [{"name": str(number), "priority": priority} for number, priority in enumerate("0130")]
    leads.create_many(values)
    assert [row.name for row in leads.search("")] == ["2", "1", "3", "0"]


def test_a_batch_is_settled_like_single_leads(leads, env, stage, user):
    rows = leads.create_many(
        [
            {"name": "One"},
            {"name": "Two", "stage": stage("won")},
            {"name": "Three", "user": None, "probability": 42},
            {"name": "Four", "active": False, "probability": 0},
        ]
    )
    assert [row.won_status for row in rows] == ["pending", "won", "pending", "lost"]
    assert [row.probability for row in rows] == [10, 100, 42, 0]
    assert [row.user.id if row.user else None for row in rows] == [env.user, env.user, None, env.user]


def test_a_bad_row_of_a_batch_is_named(leads, stage):
    with pytest.raises(Invalid) as refused:
        leads.create_many([{"name": "One"}, {"name": "Two", "stage": stage("won"), "probability": 5}])
    assert [(error.row, error.field) for error in refused.value.errors] == [(1, "stage")]


def test_a_batch_needs_few_statements(leads, env, stage):
    with env.database.counting() as few:
        leads.create_many([{"name": str(number)} for number in range(3)])
    with env.database.counting() as many:
        leads.create_many([{"name": str(number)} for number in range(200)])
    assert len(many.statements) - len(few.statements) <= 3


def test_a_write_that_moves_nothing_asks_nothing_more(leads, env):
    lead = leads.create(name="Deal")
    with env.database.counting() as counter:
        leads.write(lead.id, priority="1")
    touched = [statement for statement in counter.statements if "crm_stage" in statement or "crm_team" in statement]
    assert touched == []


def test_a_deal_that_was_lost_can_be_undone(instance, undoing):
    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Deal", probability=42)
    with instance.environment() as env:
        env["crm.lead"].call([lead.id], "mark_lost", feedback="Too late")
        lost = env.change_set
    undoing(lost)
    with instance.environment() as env:
        row = env["crm.lead"].get(lead.id)
        assert (row.active, row.probability, row.lost_feedback, row.date_closed) == (True, 42, None, None)


def test_undoing_a_customers_new_address_restores_the_leads_too(instance, undoing):
    with instance.environment() as env:
        partner = env["res.partner"].create(name="Joe", email="joe@acme.com")
        lead = env["crm.lead"].create(name="Deal", partner=partner)
    with instance.environment() as env:
        env["res.partner"].write(partner.id, email="new@acme.com")
        renamed = env.change_set
    undoing(renamed)
    with instance.environment() as env:
        assert env["crm.lead"].get(lead.id).email_normalized == "joe@acme.com"


def test_tags_have_a_tone_of_their_own(env):
    tags = env["crm.tag"]
    first = tags.create(name="Software")
    assert 1 <= first.color <= 11
    assert tags.create(name="Training", color=7).color == 7
    with pytest.raises(Invalid):
        tags.create(name="Odd", color=12)
    tags.delete(first)
    assert tags.create(name="Software").color == first.color


def test_notes_lose_what_acts(leads):
    lead = leads.create(name="Deal", description="<p>Fine</p><script>alert(1)</script>")
    assert lead.description == "<p>Fine</p>"


def test_the_number_of_statements_of_a_page_does_not_grow(leads, env):
    leads.create_many([{"name": str(number)} for number in range(50)])
    fields = ["name", "partner.name", "stage.name", "user.name", "expected_revenue", "weighted_revenue", "won_status"]
    with env.database.counting() as counter:
        assert len(leads.read("", fields, limit=40)) == 40
    assert len(counter.statements) == 1
