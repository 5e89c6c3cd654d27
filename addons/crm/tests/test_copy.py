"""Duplicating leads: the pipeline begins anew, nobody who left gets work, closed fields stay closed."""

import pytest

from core import AccessDenied, Link, NotFound


@pytest.fixture
def lead(leads, env, stage, user, partners, clock):
    partner = partners.create(name="Acme", is_company=True, email="office@acme.com", city="Oslo")
    lead = leads.create(
        name="Fleet",
        partner=partner,
        user=user("owner"),
        expected_revenue=500,
        probability=42,
        tags=[env["crm.tag"].create(name="vip").id],
        stage=stage("proposition"),
        date_deadline="2026-12-01",
    )
    lead.post("Called them")
    clock.advance(days=3)
    return lead


def test_a_copy_begins_in_the_first_stage(leads, lead, stage, clock, user):
    (copy,) = leads.copy(lead)
    assert (copy.name, copy.stage.id, copy.probability, copy.manual_probability) == (
        "Fleet (copy)",
        stage("new").id,
        10,
        None,
    )
    assert (copy.partner_id, copy.city, copy.email_from) == (lead.partner_id, "Oslo", "office@acme.com")
    assert (copy.expected_revenue, copy.date_deadline, copy.tags) == (500, lead.date_deadline, lead.tags)
    assert (copy.user.id, copy.team, copy.type) == (user("owner"), lead.team, "opportunity")
    assert (copy.date_open, copy.date_last_stage_update, copy.date_closed) == (clock.instant, clock.instant, None)
    assert (copy.messages, copy.followers, copy.date_conversion) == ((), (), None)


@pytest.mark.parametrize("action", ["mark_lost", "mark_won"])
def test_a_copy_of_a_closed_one_is_open(leads, lead, env, action):
    given = {"lost_reason": env.ref("crm.lost_reason_price").id, "feedback": "No"} if action == "mark_lost" else {}
    leads.call([lead], action, **given)
    (copy,) = leads.copy(lead.id)
    assert (copy.active, copy.won_status, copy.probability, copy.lost_reason) == (True, "pending", 10, None)
    assert (copy.lost_feedback, copy.date_closed) == (None, None)


def test_a_copied_lead_was_assigned_to_nobody(leads, user):
    lead = leads.create(name="Raw", type="lead", user=user("owner"))
    (copy,) = leads.copy(lead)
    assert (copy.type, copy.user.id, copy.date_open) == ("lead", user("owner"), None)


def test_who_left_gets_no_copies(leads, lead, env, user):
    env["res.users"].archive(user("owner"))
    (copy,) = leads.copy(lead)
    assert (copy.user, copy.date_open, copy.team) == (None, None, lead.team)


def test_recurring_revenues_are_copied_by_those_who_see_them(leads, env, as_user, user):
    plan = env.ref("crm.plan_yearly").id
    lead = env.sudo()["crm.lead"].create(name="Rent", recurring_revenue=1200, recurring_plan=plan, user=user("owner"))
    (plain,) = as_user("owner")["crm.lead"].copy(lead.id)
    env["res.users"].write(user("owner"), groups=Link(add=[env.ref("crm.recurring").id]))
    (whole,) = as_user("owner")["crm.lead"].copy(lead.id)
    rows = env.sudo()["crm.lead"].read_ids([plain.id, whole.id], ["recurring_revenue", "recurring_plan"])
    assert (rows[plain.id]["recurring_revenue"], rows[plain.id]["recurring_plan"]) == (None, None)
    assert (rows[whole.id]["recurring_revenue"], rows[whole.id]["recurring_plan"]) == (1200, plan)


def test_the_menu_of_a_record_duplicates_it(browser_of, instance):
    with instance.environment("owner") as env:
        lead = env["crm.lead"].create(name="Fleet").id
    browser = browser_of("owner")
    assert f'action="/app/crm.lead/{lead}/copy"' in browser.get(f"/app/crm.lead/{lead}").text
    answer = browser.post(f"/app/crm.lead/{lead}/copy")
    text = browser.get(answer.location).text
    assert "Fleet (copy)" in text and "Duplicated Fleet" in text and 'action="/undo/' in text
    with instance.environment() as env:
        assert env["crm.lead"].count() == 2
        stage = env.ref("crm.stage_new").id
    assert "/copy" not in browser.get(f"/app/crm.stage/{stage}").text
    assert browser.post(f"/app/crm.stage/{stage}/copy").status_code == 403


def test_nobody_copies_what_he_may_not_see_or_create(leads, lead, as_user, stage, user):
    theirs = as_user("colleague")
    with pytest.raises(NotFound):
        theirs["crm.lead"].copy(lead.id)
    with pytest.raises(AccessDenied):
        theirs["crm.stage"].copy(stage("new").id)
    assert as_user("everybody")["crm.lead"].copy(lead.id)[0].name == "Fleet (copy)"
