"""Leads that come in by themselves go to the leader of their team while there are no rules for it."""

import pytest

from addons.crm.assignment.arrivals import arrived


@pytest.fixture
def team(env, user):
    return env["crm.team"].create(name="North & co", user=user("owner")).id


@pytest.fixture
def incoming(leads):
    """A function that makes a lead as a gateway would."""
    return lambda **values: leads.create(**{"name": "Request", "type": "lead", "user": None, **values})


def test_the_leader_gets_it_with_a_note(env, team, incoming, stored, user, clock):
    first, second = incoming(team=team), incoming(team=team)
    arrived(env, [first.id, second.id])
    for lead in (first, second):
        assert stored(lead, "user", "team", "date_open", "type") == (user("owner"), team, clock.instant, "lead")
        (note,) = env["crm.lead"].get(lead.id).messages
        assert (note.kind, note.author, note.body) == ("note", None, "<p>Given to Owner, who leads North &amp; co.</p>")


def test_who_sent_it_needs_no_rights(env, team, incoming, stored, user):
    lead = incoming(team=team)
    nobody = env["res.users"].create(login="nobody", name="Nobody")
    arrived(env.as_user(nobody.id), [lead.id])
    assert stored(lead, "user") == (user("owner"),)


@pytest.mark.parametrize("mode", ["manual", "scheduled"])
def test_rules_come_before_the_leader(env, team, incoming, stored, mode):
    env["core.setting"].create(key="crm.assignment", value=mode)
    lead = incoming(team=team)
    arrived(env, [lead.id])
    assert stored(lead, "user") == (None,)


def test_what_somebody_has_or_nobody_leads_stays(env, team, incoming, stored, user):
    taken, teamless = incoming(team=team, user=user("boss")), incoming(team=None)
    leaderless, other = incoming(team=env["crm.team"].create(name="South")), incoming(team=team)
    arrived(env, [taken.id, teamless.id, leaderless.id])
    assert [stored(lead, "user") for lead in (taken, teamless, leaderless, other)] == [
        (user("boss"),),
        (None,),
        (None,),
        (None,),
    ]
    assert not any(env["crm.lead"].get(lead.id).messages for lead in (taken, teamless, leaderless, other))


def test_leaders_who_left_or_work_elsewhere_get_nothing(env, team, incoming, stored, user):
    other = env["res.company"].create(name="Other", currency=env.ref("base.currency_eur"))
    lead = incoming(team=team)
    theirs = env.sudo()["crm.lead"].create(name="Theirs", user=None, team=team, company=other)
    arrived(env, [theirs.id])
    env["res.users"].write(user("owner"), active=False)
    arrived(env, [lead.id, theirs.id])
    assert stored(lead, "user") == (None,)
    assert env.sudo()["crm.lead"].read_ids([theirs.id], ["user"])[theirs.id]["user"] is None
