"""Planning who gets which lead: shares, conditions, the draw, duplicates, and why leads stay."""

from datetime import timedelta

import pytest

from addons.crm.assignment import plan as planning
from addons.crm.assignment.plan import Scope, plan_assignment
from addons.crm.assignment.takers import daily_share


@pytest.fixture
def team(env, user):
    """A function that makes a team with members: `{login: values of the membership}`."""

    def make(name, members, **values):
        team = env["crm.team"].create(name=name, **values)
        for login, given in members.items():
            env["crm.team.member"].create(team=team, user=user(login), **given)
        return team.id

    return make


@pytest.fixture
def lead(leads):
    """A function that makes a lead of nobody; its id."""

    def make(name="Lead", **values):
        return leads.create(**{"name": name, "type": "lead", "user": None, "team": None, **values}).id

    return make


@pytest.fixture
def planned(env, user):
    """A function that plans for teams: who gets what, by login, and why the others stay."""
    logins = {user(login): login for login in ("owner", "colleague", "everybody", "boss")}

    def plan(*teams, seed=1, **scope):
        found = plan_assignment(env, teams, seed=seed, scope=Scope(**scope))
        users = {member.id: logins.get(member.user) for side in found.sides.values() for member in side.members}
        given = {}
        for each in found.handovers:
            given.setdefault(users[each.member], []).append(each.lead)
        return given, dict(found.stays)

    return plan


@pytest.mark.parametrize(("capacity", "share"), [(0, 0), (14, 0), (15, 1), (30, 1), (44, 1), (45, 2), (74, 2), (75, 3)])
def test_a_share_is_rounded_half_up(capacity, share):
    assert daily_share(capacity) == share


def test_the_share_of_a_day_is_what_somebody_gets(team, lead, planned):
    north = team("North", {"owner": {"assignment_max": 45}})
    first, second, third = (lead(probability=probability) for probability in (10, 30, 20))
    assert planned(north) == ({"owner": [second, third]}, {first: planning.USED_UP})


def test_what_was_received_in_the_last_day_counts(team, lead, leads, planned, user, clock):
    north = team("North", {"owner": {"assignment_max": 60}})
    leads.create(name="Had", user=user("owner"), team=north)
    leads.create(name="Lost", user=user("owner"), team=north, active=False, probability=0)
    leads.create(name="Elsewhere", user=user("owner"), team=team("South", {}))
    waiting = lead()
    assert planned(north) == ({}, {waiting: planning.USED_UP})
    assert planned(north, force=True) == ({"owner": [waiting]}, {})
    clock.advance(hours=24)
    assert planned(north) == ({"owner": [waiting]}, {})


def test_members_take_turns_beginning_with_the_one_who_takes_most(team, lead, planned):
    north = team("North", {"owner": {"assignment_max": 30}, "colleague": {"assignment_max": 90}})
    first, second, third, fourth, fifth = (lead() for _number in range(5))
    assert planned(north) == ({"colleague": [first, third, fourth], "owner": [second]}, {fifth: planning.USED_UP})


def test_preferred_leads_come_first(team, lead, planned):
    north = team(
        "North",
        {
            "owner": {"assignment_domain_preferred": "city == 'Oslo'"},
            "colleague": {"assignment_max": 60, "assignment_domain": "city != 'Turku'"},
        },
    )
    likely, oslo, turku = lead(probability=90), lead(city="Oslo"), lead(city="Turku")
    assert planned(north) == ({"owner": [oslo], "colleague": [likely]}, {turku: planning.USED_UP})


def test_a_preference_is_narrowed_by_the_members_condition(team, lead, planned):
    members = {"owner": {"assignment_domain": "priority == '3'", "assignment_domain_preferred": "city == 'Oslo'"}}
    north = team("North", members)
    usual, high = lead(city="Oslo"), lead(city="Oslo", priority="3")
    assert planned(north) == ({"owner": [high]}, {usual: planning.NOT_WANTED})


def test_who_opted_out_is_left_out(team, lead, planned, env, user):
    north = team("North", {"owner": {"assignment_optout": True}, "colleague": {"assignment_max": 0}, "boss": {}})
    env["res.users"].write(user("boss"), active=False)
    waiting = lead()
    assert planned(north) == ({}, {waiting: planning.NO_TEAM})
    env["crm.team.member"].write(env["crm.team.member"].search("user == owner", owner=user("owner"))[0], active=False)
    assert env["crm.team"].get(north).assignment_max == 30  # the boss's
    lead(team=north)
    assert planned(north) == ({}, {waiting: planning.NO_TEAM})


def test_who_could_not_see_a_lead_gets_none(team, lead, planned, env):
    env["res.users"].create(login="guest", name="Guest")
    north = team("North", {"owner": {}})
    env["crm.team.member"].create(team=north, user=env["res.users"].search("login == 'guest'")[0], assignment_max=300)
    first, second = lead(), lead()
    assert planned(north) == ({"owner": [first]}, {second: planning.USED_UP})


def test_a_team_that_opted_out_gets_nothing_and_hands_out_nothing(team, lead, planned):
    north = team("North", {"owner": {}}, assignment_optout=True)
    waiting = lead()
    lead(team=north)
    assert planned(north) == ({}, {waiting: planning.NO_TEAM})


def test_teams_take_what_meets_their_conditions(team, lead, planned):
    north = team("North", {"owner": {"assignment_max": 300}}, assignment_domain="city == 'Oslo'")
    south = team("South", {"colleague": {"assignment_max": 300}}, assignment_domain="city == 'Rome'")
    oslo, rome, paris = (lead(city=city) for city in ("Oslo", "Rome", "Paris"))
    assert planned(north, south) == ({"owner": [oslo], "colleague": [rome]}, {paris: planning.NO_TEAM})
    assert planned(south) == ({"colleague": [rome]}, {oslo: planning.NO_TEAM, paris: planning.NO_TEAM})


def test_what_is_not_open_or_not_nobodys_is_left_alone(team, lead, leads, stage, planned, user):
    north = team("North", {"owner": {"assignment_max": 300}})
    lead(stage=stage("won"))
    lead(active=False)
    lead(user=user("boss"), team=None)
    lead(team=team("South", {}))
    before = lead(team=north, date_open="2026-01-01T00:00:00Z")
    there = lead(team=north)
    assert planned(north) == ({"owner": [there]}, {before: planning.BEFORE})


def test_the_window_is_for_what_goes_to_teams(team, lead, planned, clock):
    north = team("North", {"owner": {"assignment_max": 300}})
    old, waiting = lead(), lead(team=north)
    clock.advance(days=7, hours=1)
    new = lead()
    assert planned(north) == ({"owner": [old, waiting, new]}, {})
    assert planned(north, since=timedelta(days=7)) == ({"owner": [waiting, new]}, {})


def test_young_leads_wait(team, lead, planned, env, clock):
    env["core.setting"].create(key="crm.assignment_delay", value="4")
    north = team("North", {"owner": {}})
    waiting = lead()
    clock.advance(hours=3)
    assert planned(north) == ({}, {waiting: planning.TOO_YOUNG})
    clock.advance(hours=1)
    assert planned(north) == ({"owner": [waiting]}, {})


def test_the_draw_follows_capacities_and_can_be_repeated(team, lead, env):
    north = team("North", {"owner": {"assignment_max": 90}})
    south = team("South", {"colleague": {"assignment_max": 30}})
    for _number in range(200):
        lead()
    plan = plan_assignment(env, [north, south], seed=7)
    again, other = (plan_assignment(env, [north, south], seed=seed) for seed in (7, 8))
    assert (plan.digest, plan.placements) == (again.digest, again.placements)
    assert plan.digest != other.digest
    assert 120 <= sum(each.team == north for each in plan.placements) <= 180
    assert {each.teams for each in plan.placements} == {(north, south)}


def test_duplicates_become_one_that_is_assigned(team, lead, env, planned):
    north = team("North", {"owner": {"assignment_max": 300}})
    first, second = lead(email_from="Eve@x.example"), lead(email_from="eve@x.example")
    deal = lead(email_from="eve@x.example", type="opportunity")
    alone = lead(email_from="nobody")
    plan = plan_assignment(env, [north])
    assert [(each.lead, each.merged) for each in plan.placements] == [(deal, (first, second)), (alone, ())]
    assert plan.merged == 2
    assert planned(north) == ({"owner": [deal, alone]}, {})


def test_a_duplicate_that_somebody_works_on_stays_with_him(team, lead, leads, env, user):
    north = team("North", {"owner": {"assignment_max": 300}})
    mine = leads.create(name="Mine", email_from="eve@x.example", user=user("colleague"), type="opportunity").id
    other = leads.create(name="Other", email_from="eve@x.example", user=user("boss"), type="opportunity").id
    new = lead(email_from="eve@x.example")
    plan = plan_assignment(env, [north])
    ((placement,), handovers) = plan.placements, plan.handovers
    assert (placement.lead, placement.merged, placement.user) == (mine, (new,), user("colleague"))
    assert handovers == () and other not in (placement.lead, *placement.merged)


def test_the_team_of_a_duplicate_stays(team, lead, env, planned):
    north, south = team("North", {"owner": {}}), team("South", {"colleague": {}}, assignment_domain="city == 'Rome'")
    there = lead(email_from="eve@x.example", team=south)
    lead(email_from="eve@x.example")
    assert planned(north, south) == ({"colleague": [there]}, {})
    assert plan_assignment(env, [north]).placements[0].team == south


def test_what_a_duplicate_meets_the_merged_lead_meets(team, lead, planned):
    north = team("North", {"owner": {"assignment_domain": "city == 'Oslo'"}})
    first = lead(email_from="eve@x.example")
    lead(email_from="eve@x.example", city="Oslo")
    assert planned(north) == ({"owner": [first]}, {})


def test_nobody_gets_leads_of_a_company_he_does_not_work_for(team, lead, env, user, planned):
    other = env["res.company"].create(name="Other", currency=env.ref("base.currency_eur"))
    env["res.users"].write(env.user, companies=[env.company, other.id])
    env["res.users"].write(user("colleague"), companies=[env.company, other.id])
    north = team("North", {"owner": {"assignment_max": 300}, "colleague": {}})
    south = team("South", {"boss": {}}, company=env.company)
    with_sudo = env.sudo()
    theirs = with_sudo["crm.lead"].create(name="Theirs", user=None, team=None, company=other).id
    found = plan_assignment(with_sudo, [north, south], seed=1)
    assert [(each.lead, found.sides[each.team].name) for each in found.handovers] == [(theirs, "North")]
    assert plan_assignment(with_sudo, [south]).stays == {theirs: planning.NO_TEAM}


def test_a_condition_that_broke_is_no_condition(team, lead, env, planned):
    north = team("North", {"owner": {}})
    env.database.execute("UPDATE crm_team SET assignment_domain = 'town == 1'")
    waiting = lead()
    assert planned(north) == ({}, {waiting: planning.NO_TEAM})
    plan = plan_assignment(env, [north])
    assert "'town'" in plan.sides[north].mistake and not plan.sides[north].takes_part
