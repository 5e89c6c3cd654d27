"""Salespeople, teams and companies of leads, and since when."""

from datetime import timedelta

import pytest

from addons.crm.team_hint import hint
from core import Invalid


@pytest.fixture
def teams(env):
    return env["crm.team"]


@pytest.fixture
def north(teams, env, user):
    team = teams.create(name="North", sequence=20)
    env["crm.team.member"].create(team=team, user=user("owner"))
    return team


@pytest.fixture
def south(teams, user):
    return teams.create(name="South", sequence=30, user=user("colleague"))


def test_a_lead_is_the_creators(leads, as_user, user, clock):
    lead = as_user("owner")["crm.lead"].create(name="Deal")
    assert (lead.user.id, lead.date_open) == (user("owner"), clock.instant)


def test_nobody_is_a_value(leads):
    lead = leads.create(name="Deal", user=None)
    assert (lead.user, lead.date_open, lead.team) == (None, None, None)


def test_a_new_user_dates_the_assignment(leads, user, stored, clock):
    lead = leads.create(name="Deal", user=user("owner"))
    first = clock.instant
    clock.advance(days=1)
    leads.write(lead, user=user("owner"), name="Same")
    assert stored(lead, "date_open") == (first,)
    second = clock.advance(days=1)
    leads.write(lead, user=user("colleague"))
    assert stored(lead, "date_open") == (second,)
    leads.write(lead, user=None)
    assert stored(lead, "date_open") == (None,)


def test_a_given_assignment_date_wins(leads, user, stored, clock):
    given = clock.instant.replace(year=2020)
    lead = leads.create(name="Deal", user=user("owner"), date_open=given)
    leads.write(lead, user=user("colleague"), date_open=given)
    assert stored(lead, "date_open") == (given,)


def test_a_lead_goes_to_the_users_team(leads, user, north, south):
    assert leads.create(name="Deal", user=user("owner")).team.id == north.id
    assert leads.create(name="Deal", user=user("colleague")).team.id == south.id


def test_a_user_without_team_gets_the_first_one(leads, env, user):
    assert leads.create(name="Deal", user=user("everybody")).team.id == env.ref("crm.team_sales").id


def test_a_given_team_wins(leads, user, north, south):
    assert leads.create(name="Deal", user=user("owner"), team=south).team.id == south.id
    assert leads.create(name="Deal", user=user("owner"), team=None).team is None


def test_another_user_of_the_team_keeps_it(leads, env, user, north, south, stored):
    env["core.setting"].create(key="crm.multi_team", value="true")
    env["crm.team.member"].create(team=south, user=user("owner"))
    lead = leads.create(name="Deal", user=user("colleague"))
    leads.write(lead, user=user("owner"))
    assert stored(lead, "team") == (south.id,)


def test_a_user_of_another_team_takes_the_lead_along(leads, user, north, south, stored):
    lead = leads.create(name="Deal", user=user("colleague"))
    leads.write(lead, user=user("owner"))
    assert stored(lead, "team") == (north.id,)


def test_taking_the_user_away_keeps_the_team(leads, user, north, stored):
    lead = leads.create(name="Deal", user=user("owner"))
    leads.write(lead, user=None)
    assert stored(lead, "team", "user") == (north.id, None)


def test_a_lead_belongs_to_the_company_of_its_team(leads, env, teams):
    other = env["res.company"].create(name="Other", currency=env.ref("base.currency_eur"))
    env["res.users"].write(env.user, companies=[env.company, other.id])
    team = teams.create(name="Theirs", company=other)
    env = env.sudo()
    assert env["crm.lead"].create(name="Deal").company.id == env.company
    assert env["crm.lead"].create(name="Deal", team=team.id).company.id == other.id
    assert env["crm.lead"].create(name="Deal", team=team.id, company=None).company is None


def test_joining_a_second_team_ends_the_first_membership(env, user, north, south, stored):
    members = env["crm.team.member"]
    first = members.search("user == owner", owner=user("owner"))[0]
    members.create(team=south, user=user("owner"))
    assert stored(first, "active") == (False,)
    assert members.count("user == owner", owner=user("owner")) == 1


def test_several_teams_are_a_setting(env, user, north, south):
    env["core.setting"].create(key="crm.multi_team", value="true")
    env["crm.team.member"].create(team=south, user=user("owner"))
    assert env["crm.team.member"].count("user == owner", owner=user("owner")) == 2


def test_nobody_is_twice_in_a_team(env, user, north):
    with pytest.raises(Invalid, match="member of the team already"):
        env["crm.team.member"].create(team=north, user=user("owner"))


def test_an_ended_membership_can_be_taken_up_again(env, user, north):
    members = env["crm.team.member"]
    first = members.search("user == owner", owner=user("owner"))[0]
    members.archive(first)
    members.create(team=north, user=user("owner"))
    assert members.count("user == owner", owner=user("owner")) == 1


def test_teams_stand_below_each_other(teams, leads, north, south):
    teams.write(north, parent=south)
    lead = leads.create(name="Deal", team=north)
    assert [row.id for row in leads.search("within(team, 'South')")] == [lead.id]
    with pytest.raises(Invalid, match="own parent"):
        teams.write(south, parent=north)


def test_a_deleted_team_leaves_its_leads(teams, leads, north, stored):
    lead = leads.create(name="Deal", team=north)
    teams.delete(north)
    assert stored(lead, "team") == (None,)


@pytest.fixture
def qualifying(env, as_user, user):
    """The leads of somebody for whom the feature Leads is on."""
    env["res.users"].write(user("owner"), groups=[env.ref("crm.own").id, env.ref("crm.leads_menu").id])
    return as_user("owner")["crm.lead"]


def test_what_comes_to_a_team_without_leads_is_an_opportunity(qualifying, teams, north):
    assert qualifying.create(name="One").type == "lead"
    teams.write(north, use_leads=False)
    assert qualifying.create(name="Two").type == "opportunity"
    assert qualifying.create(name="Three", type="lead").type == "lead"
    assert qualifying.create(name="Four", team=None).type == "lead"


def test_a_lead_goes_to_a_team_that_works_on_its_type(qualifying, env, teams, user, north):
    env["core.setting"].create(key="crm.multi_team", value="true")
    second = teams.create(name="Second", sequence=40)
    env["crm.team.member"].create(team=second, user=user("owner"))
    teams.write(north, use_leads=False)
    teams.write(second, use_opportunities=False)
    assert qualifying.create(name="One", type="lead").team.id == second.id
    assert qualifying.create(name="Two", type="opportunity").team.id == north.id
    teams.write(second, use_leads=False)
    assert qualifying.create(name="Three", type="lead").team.id == north.id


def test_without_the_feature_everything_is_an_opportunity(leads, as_user, north):
    assert as_user("owner")["crm.lead"].create(name="Deal").type == "opportunity"


def test_days_until_a_lead_was_assigned_and_closed(leads, user, stored, clock):
    lead = leads.create(name="Deal", user=None)
    assert stored(lead, "day_open", "day_close") == (None, None)
    clock.advance(days=2, hours=12)
    leads.write(lead, user=user("owner"))
    clock.advance(days=1)
    leads.call([lead], "mark_lost")
    assert stored(lead, "day_open", "day_close") == (2.5, 3.5)
    given = clock.instant - timedelta(days=10)
    early = leads.create(name="Imported", user=user("owner"), date_open=given, date_closed=given)
    assert stored(early, "day_open", "day_close") == (10, 10)


def test_a_form_tells_that_a_membership_ends_another(env, user, north, south):
    mine = env["crm.team.member"].search("user == owner", owner=user("owner"))[0].id
    told = hint(env, None, {"user": user("owner"), "team": south.id})
    assert told.text == "Owner is in North. Saving ends that."
    assert hint(env, mine, {"user": user("owner"), "team": south.id}) is None  # this membership moves
    assert hint(env, None, {"user": user("owner"), "team": north.id}) is None
    assert hint(env, None, {"user": user("boss"), "team": south.id}) is None
    assert hint(env, None, {"user": user("owner")}) is None
    env["core.setting"].create(key="crm.multi_team", value="true")
    assert hint(env, None, {"user": user("owner"), "team": south.id}) is None
