"""Carrying out a plan, at once and in steps: what is written is what was planned, and can be taken back."""

from random import Random

import pytest

from addons.crm.assignment import carrying_out
from addons.crm.assignment.carrying_out import assign, carry_out
from addons.crm.assignment.plan import plan_assignment
from core import AccessDenied, Invalid, Refusal, StaleVersion

CITIES = ("Oslo", "Rome", "Paris")


@pytest.fixture
def on(env):
    """Leads are assigned by rules, when somebody asks for it."""
    env["core.setting"].create(key="crm.assignment", value="manual")


def make_team(env, name, members, **values):
    """The id of a team with members, given by login with the values of their memberships."""
    team = env["crm.team"].create(name=name, **values).id
    for login, given in members.items():
        (row,) = env["res.users"].read("login == wanted", ["id"], wanted=login)
        env["crm.team.member"].create(team=team, user=row["id"], **given)
    return team


def make_leads(env, *items):
    values = [{"name": "Lead", "type": "lead", "user": None, "team": None, **item} for item in items]
    return [row.id for row in env["crm.lead"].create_many(values)]


def dump(env):
    """The stored values of all leads."""
    rows = env["crm.lead"].search("active or not active", order="id")
    return [
        (row.id, row.name, row.type, row.user and row.user.id, row.team and row.team.id, row.date_open, row.active)
        for row in rows
    ]


def test_a_lead_is_handed_over_as_an_opportunity(env, on, user, stored, clock):
    north = make_team(env, "North", {"owner": {"assignment_max": 60}})
    partner = env["res.partner"].create(name="Acme")
    lead, deal, waiting = make_leads(
        env, {"partner": partner.id, "probability": 50}, {"type": "opportunity", "probability": 40}, {}
    )
    assert assign(env, [north]) == {"assigned": 2, "waiting": 1, "merged": 0}
    names = ("id", "type", "user", "team", "partner", "date_open", "date_conversion")
    rows = env["crm.lead"].read_ids([lead, deal, waiting], names)
    now = clock.instant
    assert tuple(rows[lead].values())[1:] == ("opportunity", user("owner"), north, partner.id, now, now)
    assert tuple(rows[deal].values())[1:] == ("opportunity", user("owner"), north, None, now, None)
    assert tuple(rows[waiting].values())[1:] == ("lead", None, north, None, None, None)
    assert assign(env, [north]) == {"assigned": 0, "waiting": 0, "merged": 0}
    clock.advance(days=1)
    assert assign(env, [north]) == {"assigned": 1, "waiting": 0, "merged": 0}


def test_duplicates_are_merged_and_the_one_that_stays_is_assigned(env, on, user):
    north = make_team(env, "North", {"owner": {"assignment_max": 300}})
    mine = env["crm.lead"].create(name="Mine", email_from="ann@x.example", user=user("boss"), team=None).id
    first, *_others, late = make_leads(
        env,
        *[{"email_from": "eve@x.example", "city": city} for city in ("", *CITIES, *CITIES)],
        {"email_from": "ann@x.example"},
    )
    assert assign(env, [north]) == {"assigned": 1, "waiting": 0, "merged": 7}
    rows = {row["id"]: row for row in env["crm.lead"].read("", ["id", "user", "team", "city"])}
    assert rows[first] == {"id": first, "user": user("owner"), "team": north, "city": "Oslo"}
    assert rows.keys() == {mine, first} and late not in rows
    assert rows[mine]["user"] == user("boss")


@pytest.mark.parametrize("seed", range(12))
def test_what_is_planned_is_done(env, seed):
    random = Random(seed)
    env["core.setting"].create(key="crm.multi_team", value="true")
    teams = [make_team(env, f"Team {number}", _some_members(random), **_some_team(random)) for number in range(3)]
    leads = make_leads(env, *[_some_lead(random, teams) for _number in range(60)])
    before = dump(env)
    plan = plan_assignment(env, teams, seed=seed)
    assert dump(env) == before
    counts = carry_out(env, plan)
    named = [id_ for each in plan.placements for id_ in (each.lead, *each.merged)]
    assert len(named) == len(set(named))
    handed = {each.lead: each for each in plan.handovers}
    assert len(handed) == len(plan.handovers) == counts["assigned"]
    members = {member.id: member for side in plan.sides.values() for member in side.members}
    for member in members.values():
        assert sum(each.member == member.id for each in plan.handovers) <= member.left
    rows = env["crm.lead"].read_ids(leads, ["user", "team", "type"])
    gone = {id_ for each in plan.placements for id_ in each.merged}
    assert rows.keys() == set(leads) - gone
    for id_, row in rows.items():
        if id_ in handed:
            each = handed[id_]
            assert (row["user"], row["team"]) == (members[each.member].user, each.team)
            assert row["type"] == "opportunity"
        else:
            assert row["user"] is None
    for each in plan.placements:
        assert rows[each.lead]["team"] == each.team
    assert not plan.stays.keys() & handed.keys()


def _some_members(random):
    logins = random.sample(("owner", "colleague", "everybody", "boss"), random.randrange(4))
    return {
        login: {
            "assignment_max": random.choice((0, 30, 45, 90, 300)),
            "assignment_domain": random.choice(("", "city != 'Rome'", "probability > 20")),
            "assignment_domain_preferred": random.choice(("", "city == 'Oslo'")),
            "assignment_optout": random.random() < 0.2,
        }
        for login in logins
    }


def _some_team(random):
    return {
        "assignment_domain": random.choice(("", "city == 'Oslo'", "city in ['Rome', 'Paris']")),
        "assignment_optout": random.random() < 0.2,
    }


def _some_lead(random, teams):
    return {
        "city": random.choice(CITIES),
        "probability": random.randrange(100),
        "team": random.choice([None, None, None, *teams]),
        "email_from": random.choice(("", "", f"{random.randrange(20)}@x.example")),
    }


def test_a_plan_that_is_out_of_date_is_refused(env, on):
    north = make_team(env, "North", {"owner": {"assignment_max": 300}})
    (lead, other) = make_leads(env, {}, {})
    plan = plan_assignment(env, [north], seed=3)
    env["crm.lead"].write(other, active=False)
    with pytest.raises(Refusal, match="have changed"):
        env["crm.team"].call([north], "assign_leads", seed=3, digest=plan.digest)
    assert env["crm.lead"].get(lead).user is None
    seen = plan_assignment(env, [north], seed=3).digest
    counts = env["crm.team"].call([north], "assign_leads", seed=3, digest=seen)
    assert counts == {"assigned": 1, "waiting": 0, "merged": 0}


def test_nothing_is_assigned_while_rules_are_off(env):
    north = make_team(env, "North", {"owner": {}})
    with pytest.raises(Refusal, match="Assignment by rules is off"):
        env["crm.team"].call([north], "assign_leads")


def test_a_seed_is_a_number(env, on):
    north = make_team(env, "North", {"owner": {}})
    with pytest.raises(Invalid, match="seed: Expected a whole number"):
        env["crm.team"].call([north], "assign_leads", seed=["1"])


def test_only_administrators_of_sales_assign(env, on, as_user):
    north = make_team(env, "North", {"owner": {}})
    make_leads(env, {})
    with pytest.raises(AccessDenied):
        as_user("everybody")["crm.team"].call([north], "assign_leads")
    assert as_user("boss")["crm.team"].call([north], "assign_leads")["assigned"] == 1


def test_undoing_brings_everything_back(instance, undoing):
    with instance.environment() as env:
        env["core.setting"].create(key="crm.assignment", value="manual")
        north = make_team(env, "North", {"owner": {"assignment_max": 300}})
        make_leads(env, {"email_from": "eve@x.example"}, {"email_from": "eve@x.example", "city": "Oslo"}, {})
        before = dump(env)
    with instance.environment() as env:
        assert assign(env, [north]) == {"assigned": 2, "waiting": 0, "merged": 1}
        assert dump(env) != before
        change_set = env.change_set
    undoing(change_set)
    with instance.environment() as env:
        assert dump(env) == before


# In steps


def run_scheduled(instance, clock, work_off):
    """Switch the schedule on and let a day pass."""
    with instance.environment() as env:
        env["core.setting"].create(key="crm.assignment", value="scheduled")
    work_off()
    clock.advance(days=1)
    work_off()


def test_the_scheduled_job_works_in_steps_that_are_one_change_set(instance, clock, work_off, undoing, monkeypatch):
    monkeypatch.setattr(carrying_out, "STEP", 4)
    with instance.environment() as env:
        make_team(env, "North", {"owner": {"assignment_max": 150}, "colleague": {"assignment_max": 150}})
        make_leads(env, *[{"email_from": f"{number // 2}@x.example"} for number in range(26)])
        before = dump(env)
    run_scheduled(instance, clock, work_off)
    with instance.environment() as env:
        (job,) = env["core.job"].search("name == 'crm.assign'")
        assert (job.state, job.steps_done, job.error) == ("done", 23, None)
        assert job.told == "Assigned: 10, merged: 13"
        assert env["crm.lead"].count("user == none and team.name == 'North'") == 3
        by_user = env["crm.lead"].aggregate("user != none", by=["user"], measures=["id:count"])
        assert [group["id:count"] for group in by_user] == [5, 5]
        change_set = job.change_set.id
    undoing(change_set)
    with instance.environment() as env:
        assert dump(env) == before


def test_the_scheduled_job_leaves_what_is_older_than_a_week(instance, clock, work_off):
    with instance.environment() as env:
        make_team(env, "North", {"owner": {}})
        make_leads(env, {})
    clock.advance(days=7)
    run_scheduled(instance, clock, work_off)
    with instance.environment() as env:
        assert env["crm.lead"].count("team == none") == 1
        (job,) = env["core.job"].search("name == 'crm.assign'")
        assert (job.state, job.told) == ("done", "No new leads")


def test_a_run_some_minutes_late_does_not_cost_the_next_day(instance, clock, work_off):
    with instance.environment() as env:
        make_team(env, "North", {"owner": {}})
        make_leads(env, {}, {})
        env["core.setting"].create(key="crm.assignment", value="scheduled")
    work_off()
    clock.instant = clock.instant.replace(hour=5, minute=20)
    for day in (1, 2):
        clock.advance(days=1 if day == 1 else 0.99)
        work_off()
        with instance.environment() as env:
            assert env["crm.lead"].count("user != none") == day


def schedule(env):
    (row,) = env["core.schedule"].read("name == 'crm.assign' and (active or not active)", ["id", "active"])
    return row


def test_setting_and_switch_are_one(instance, work_off):
    work_off()
    with instance.environment() as env:
        row = schedule(env)
        assert row["active"] is False
        env["core.schedule"].write(row["id"], active=True)
        assert carrying_out.mode(env) == "scheduled"
        env["core.schedule"].write(row["id"], active=False)
        assert carrying_out.mode(env) == "manual"
        (setting,) = env["core.setting"].search("key == 'crm.assignment'")
        env["core.setting"].write(setting, value="scheduled")
        assert schedule(env)["active"] is True
        env["core.setting"].write(setting, value="off")
        assert schedule(env)["active"] is False and carrying_out.mode(env) == "off"
        env["core.setting"].write(setting, value="scheduled")
        env["core.setting"].delete(setting)
        assert schedule(env)["active"] is False and carrying_out.mode(env) == "off"


@pytest.mark.parametrize(("key", "value"), [("crm.assignment", "always"), ("crm.assignment_delay", "-1")])
def test_settings_that_are_none_are_refused(env, key, value):
    with pytest.raises(Invalid, match=r"value: (Choose one of off, manual, scheduled|Give a whole number of hours)"):
        env["core.setting"].create(key=key, value=value)


# What teams and members say


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"assignment_domain": "citty == 'Oslo'"}, "assignment_domain: D022 column 1"),
        ({"assignment_domain": "city"}, "not yes or no"),
        ({"assignment_domain": "city == "}, "assignment_domain"),
    ],
)
def test_a_condition_with_a_mistake_is_refused(env, values, message):
    with pytest.raises(Invalid, match=message) as caught:
        env["crm.team"].create(name="North", **values)
    assert caught.value.errors[0].suggestion in ("city", "")


def test_members_say_it_rightly(env, user):
    north = env["crm.team"].create(name="North").id
    with pytest.raises(Invalid, match="assignment_domain_preferred: D022 column 1"):
        env["crm.team.member"].create(team=north, user=user("owner"), assignment_domain_preferred="nam == 'x'")
    with pytest.raises(Invalid, match="from 0 to 100,000"):
        env["crm.team.member"].create(team=north, user=user("owner"), assignment_max=-1)
    member = env["crm.team.member"].create(team=north, user=user("owner"))
    assert (member.assignment_max, env["crm.team"].get(north).assignment_max) == (30, 30)
    env["crm.team.member"].create(team=north, user=user("boss"), assignment_optout=True)
    assert env["crm.team"].read_ids([north], ["assignment_max"])[north]["assignment_max"] == 30


def test_statements_do_not_grow_with_the_leads(instance):
    with instance.environment() as env:
        env["core.setting"].create(key="crm.assignment", value="manual")
        members = {login: {"assignment_max": 3000} for login in ("owner", "colleague")}
        north = make_team(env, "North", members, assignment_domain="city != 'Rome'")
    counts = []
    for number in (4, 40):
        with instance.environment() as env:
            make_leads(env, *[{"city": CITIES[each % 3]} for each in range(number)])
        with instance.environment() as env, instance.database.counting() as counter:
            given = assign(env, [north])["assigned"]
        counts.append((given, len(counter)))
    assert [given for given, _count in counts] == [3, 27]
    assert counts[1][1] <= counts[0][1] <= 60, counts


def test_a_lead_that_was_changed_since_is_not_merged_over(env, on, user):
    north = make_team(env, "North", {"owner": {"assignment_max": 60}})
    _first, second = make_leads(env, {"email_from": "a@x.com"}, {"email_from": "a@x.com"})
    plan = plan_assignment(env, [north], seed=1)
    assert plan.merged == 1
    env["crm.lead"].write(second, user=user("colleague"))
    with pytest.raises(StaleVersion):
        carry_out(env, plan)
    assert env["crm.lead"].read_ids([second], ["user"])[second]["user"] == user("colleague")


def test_leads_that_became_one_since_are_planned_again(env, on, monkeypatch):
    north = make_team(env, "North", {"owner": {"assignment_max": 60}})
    leads = make_leads(env, {"email_from": "a@x.com"}, {"email_from": "a@x.com"})
    plan = plan_assignment(env, [north], seed=1)
    env["crm.lead"].call(leads, "merge")
    monkeypatch.setattr(carrying_out, "plan_assignment", lambda *_arguments, **_named: plan)
    with pytest.raises(carrying_out.Outdated):
        assign(env, [north], seed=1)
