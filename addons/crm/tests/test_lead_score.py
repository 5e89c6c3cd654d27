"""Learned probabilities of leads: counting what is closed, scoring what is open, and what a person says."""

import random

from addons.crm.models.learning import SCORING, SCORING_START
from addons.crm.models.scoring import FREQUENCIES, count_closed
from addons.crm.scoring.formula import SMOOTHING
from core import Link


def counts(env):
    """What is counted, by team, field and value."""
    rows = env[FREQUENCIES].read("", ["team", "variable", "value", "won_count", "lost_count"])
    return {
        (row["team"], row["variable"], row["value"]): (round(row["won_count"], 6), round(row["lost_count"], 6))
        for row in rows
    }


def counted_anew(env):
    """The same, from the leads themselves."""
    found = {
        key: (round(count.won + SMOOTHING, 6), round(count.lost + SMOOTHING, 6))
        for key, count in count_closed(env).items()
    }
    return {key: pair for key, pair in found.items() if pair != (SMOOTHING, SMOOTHING)}


def without_nothing(found):
    return {key: pair for key, pair in found.items() if pair != (SMOOTHING, SMOOTHING)}


def test_nothing_is_counted_while_scoring_is_off(env, leads, stored):
    lead, other = leads.create_many([{"name": "One"}, {"name": "Two"}])
    leads.call([lead], "mark_won")
    assert env[FREQUENCIES].count() == 0
    assert stored(other, "probability", "automated_probability", "learned_probability") == (10, 10, None)


def test_won_and_lost_leads_are_counted(env, closed, stage, sources, team):
    found = counts(env)
    stages = {name: found[team, "stage", str(stage(name).id)] for name in ("new", "qualified", "proposition", "won")}
    assert stages == {"new": (4.1, 5.1), "qualified": (4.1, 3.1), "proposition": (4.1, 0.1), "won": (4.1, 0.1)}
    shop, fair = (found[team, "source", str(source)] for source in sources)
    assert (shop, fair) == ((3.1, 1.1), (1.1, 4.1))
    assert len(found) == 6


def test_open_leads_are_scored_by_hand_computed_numbers(leads, closed, stage, sources, team, stored):
    shop, fair = sources
    good = leads.create(name="Good", team=team, source=shop, stage=stage("qualified"))
    bad = leads.create(name="Bad", team=team, source=fair)
    assert stored(good, "probability", "learned_probability", "automated_probability") == (82.19, 82.19, 82.19)
    assert stored(bad, "probability", "is_automated_probability") == (21.08, True)


def test_the_probability_follows_what_the_lead_becomes(env, leads, closed, stage, sources, team, stored):
    shop, fair = sources
    lead = leads.create(name="Deal", team=team, source=shop)
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "probability") == (82.19,)
    leads.write(lead, source=fair, stage=stage("new"))
    assert stored(lead, "probability") == (21.08,)
    leads.write(lead, stage=None)
    assert stored(lead, "probability", "learned_probability") == (0, 0)
    leads.write(lead, stage=stage("won"))
    assert stored(lead, "probability", "automated_probability") == (100, 100)


def test_quality_of_addresses_and_tags_count(env, leads, closed, team):
    vip = env["crm.tag"].create(name="VIP").id
    lead = leads.create(name="Deal", team=team, email_from="no address", tags=[vip])
    leads.call([lead], "mark_lost")
    assert counts(env)[team, "email_state", "incorrect"] == (0.1, 1.1)
    assert counts(env)[team, "tags", str(vip)] == (0.1, 1.1)
    leads.write(lead, tags=[], email_from="a@b.example")
    assert without_nothing(counts(env)) == counted_anew(env)
    assert counts(env)[team, "tags", str(vip)] == (0.1, 0.1)


def test_a_team_that_closed_nothing_uses_the_numbers_of_all(env, leads, closed, stage, sources, stored):
    other = env["crm.team"].create(name="Other")
    lead = leads.create(name="Deal", team=other, source=sources[0], stage=stage("qualified"))
    nobodys = leads.create(name="Deal", team=None, source=sources[0], stage=stage("qualified"))
    assert stored(lead, "probability") == stored(nobodys, "probability") == (82.19,)


def test_without_anything_closed_the_stage_decides(env, leads, stage, stored, switch):
    switch(env)
    lead = leads.create(name="Deal")
    assert stored(lead, "probability", "learned_probability") == (10, None)
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "probability") == (30,)


def test_where_nothing_can_be_learned_any_more_the_value_stays(env, leads, closed, stage, team, stored):
    lead = leads.create(name="Deal", team=team)
    before = stored(lead, "probability", "learned_probability")
    env.sudo()[FREQUENCIES].delete([row["id"] for row in env[FREQUENCIES].read("", ["id"])])
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, "probability", "learned_probability") == before


def test_a_value_typed_by_hand_survives_scoring_and_stages(env, leads, closed, stage, team, stored, work):
    lead = leads.create(name="Deal", team=team, probability=42)
    leads.write(lead, stage=stage("qualified"))
    work(env)
    learned = 56.94
    wanted = ("probability", "manual_probability", "automated_probability", "is_automated_probability")
    assert stored(lead, *wanted) == (42, 42, learned, False)
    leads.call([lead], "mark_lost")
    assert stored(lead, "probability") == (0,)
    leads.call([lead], "restore")
    assert stored(lead, *wanted) == (42, 42, learned, False)
    leads.call([lead], "mark_won")
    leads.write(lead, stage=stage("qualified"))
    assert stored(lead, *wanted) == (42, 42, learned, False)
    leads.call([lead], "use_automated_probability")
    assert stored(lead, *wanted) == (learned, None, learned, True)


def test_typing_the_learned_probability_is_no_choice_of_ones_own(leads, closed, stage, team, stored):
    lead = leads.create(name="Deal", team=team, stage=stage("qualified"))
    leads.write(lead, probability=42)
    leads.write(lead, probability=56.94)
    assert stored(lead, "is_automated_probability") == (True,)
    leads.write(lead, probability=30)
    assert stored(lead, "manual_probability") == (30,)


def test_restoring_brings_the_learned_probability_back(leads, closed, stage, team, stored):
    lead = leads.create(name="Deal", team=team, stage=stage("qualified"))
    leads.call([lead], "mark_lost")
    leads.call([lead], "restore")
    assert stored(lead, "probability", "learned_probability") == (56.94, 56.94)


def test_a_stage_that_is_no_won_one_any_more_leaves_leads_automated(env, leads, closed, stage, team, stored):
    lead = leads.create(name="Deal", team=team, stage=stage("qualified"))
    env["crm.stage"].write(stage("qualified"), is_won=True)
    assert stored(lead, "probability") == (100,)
    env["crm.stage"].write(stage("qualified"), is_won=False)
    assert stored(lead, "is_automated_probability", "manual_probability") == (True, None)
    assert stored(lead, "probability")[0] == stored(lead, "learned_probability")[0] < 100


def test_leads_from_before_the_start_do_not_count(env, leads, stage, team, clock, switch, work):
    switch(env, **{SCORING_START: "2026-03-10"})
    early = leads.create(name="Early", team=team)
    clock.advance(days=20)
    late = leads.create(name="Late", team=team)
    leads.call([early, late], "mark_won")
    assert counts(env)[team, "stage", str(stage("new").id)] == (1.1, 0.1)
    assert without_nothing(counts(env)) == counted_anew(env)
    switch(env, **{SCORING_START: "30"})
    work(env)
    assert counts(env)[team, "stage", str(stage("new").id)] == (2.1, 0.1)
    clock.advance(days=15)
    work(env)
    assert counts(env)[team, "stage", str(stage("new").id)] == (1.1, 0.1)


def test_the_counts_of_a_deleted_team_become_those_of_no_team(env, leads, closed, stage, team):
    new = str(stage("new").id)
    env["crm.team"].delete(team)
    assert counts(env)[None, "stage", new] == (4.1, 5.1)
    assert {key[0] for key in counts(env)} == {None}


def test_counts_are_those_of_the_leads_whatever_happens(env, leads, stage, sources, switch):
    switch(env)
    chance = random.Random(11)
    tags = [row.id for row in env["crm.tag"].create_many([{"name": name} for name in "abc"])]
    teams = [None, *(row.id for row in env["crm.team"].create_many([{"name": "One"}, {"name": "Two"}]))]
    rows = leads.create_many([{"name": "Deal", "team": chance.choice(teams)} for _each in range(12)])
    ids = [row.id for row in rows]
    for _round in range(40):
        some = chance.sample(ids, 3)
        step = chance.randrange(7)
        if step < 3:
            open_ones = [lead["id"] for lead in leads.read("won_status != 'won'", ["id"])]
            action = ("mark_won", "mark_lost", "restore")[step]
            leads.call([id_ for id_ in some if action != "mark_lost" or id_ in open_ones], action)
        elif step == 3:
            leads.write(some, tags=Link(add=[chance.choice(tags)], remove=[chance.choice(tags)]))
        elif step == 4:
            leads.write(some, source=chance.choice([None, *sources]), team=chance.choice(teams))
        elif step == 5:
            leads.write(some, email_from=chance.choice([None, "a@b.example", "nonsense"]))
        else:
            made = leads.create(name="Short", tags=[chance.choice(tags)], stage=stage("won"))
            leads.delete(made)
        assert without_nothing(counts(env)) == counted_anew(env)


def test_undo_takes_counts_and_probabilities_back(instance, undoing, work_off, switch):
    with instance.environment() as env:
        switch(env)
        shop = env["utm.source"].create(name="Shop").id
        rows = env["crm.lead"].create_many([{"name": f"Deal {n}", "source": shop} for n in range(6)])
        ids = [row.id for row in rows]
        env["crm.lead"].call(ids[:2], "mark_won")
        env["crm.lead"].call(ids[2:4], "mark_lost")
    work_off()
    with instance.environment() as env:
        before = counts(env), env["crm.lead"].read_ids(ids, ["probability", "stage", "active", "learned_probability"])
        env["crm.lead"].call(ids[4:], "mark_won")
        won = env.change_set
    with instance.environment() as env:
        assert counts(env) != before[0]
        env["crm.lead"].write(ids[2], tags=[env["crm.tag"].create(name="Late").id])
    assert undoing(won).conflicts == []
    with instance.environment() as env:
        env["crm.lead"].write(ids[2], tags=[])
        now = without_nothing(counts(env)), env["crm.lead"].read_ids(ids, list(before[1][ids[0]]))
        assert now == (without_nothing(before[0]), before[1])
        assert now[0] == counted_anew(env)


def test_what_scoring_did_since_stands_in_no_undos_way(instance, undoing, work_off, stage_ids, switch):
    with instance.environment() as env:
        switch(env)
        rows = env["crm.lead"].create_many([{"name": f"Deal {n}"} for n in range(4)])
        ids = [row.id for row in rows]
        env["crm.lead"].call(ids[:1], "mark_won")
        env["crm.lead"].call(ids[1:2], "mark_lost")
    with instance.environment() as env:
        env["crm.lead"].write(ids[2], probability=42)
    with instance.environment() as env:
        env["crm.lead"].call(ids[2:3], "use_automated_probability")
        freed = env.change_set
    with instance.environment() as env:
        made = env["crm.lead"].create(name="New").id
        created = env.change_set
    with instance.environment() as env:
        env["crm.lead"].write(ids[3], stage=stage_ids["proposition"])
        moved = env.change_set
    with instance.environment() as env:
        was = env["crm.lead"].get(ids[2]).probability
        env["crm.lead"].call(ids[:1], "mark_won")
        env["crm.lead"].delete(ids[1])
        env["core.setting"].write(env["core.setting"].search("key == k", k=SCORING)[0].id, value="")
    work_off()
    with instance.environment() as env:
        assert env["crm.lead"].get(ids[2]).probability == 10 != was
    for change_set in (moved, created, freed):
        assert undoing(change_set).conflicts == []
    with instance.environment() as env:
        assert not env["crm.lead"].browse([made])
        assert env["crm.lead"].get(ids[2]).probability == 42
        assert env["crm.lead"].get(ids[3]).stage_id == stage_ids["new"]


def test_salespeople_read_what_is_counted_and_change_nothing(as_user, closed):
    table = as_user("owner")[FREQUENCIES]
    assert table.count() == 6
    assert not any(table.may(operation) for operation in ("create", "update", "delete"))


def test_many_leads_need_no_more_statements(env, leads, closed, team, sources):
    def statements(count):
        rows = leads.create_many([{"name": "Deal", "team": team, "source": sources[0]} for _each in range(count)])
        with env.database.counting() as counter:
            leads.write([row.id for row in rows], source=sources[1], active=False, probability=0)
        return len(counter.statements)

    statements(1)
    assert statements(1) == statements(40)


def test_whoever_closes_a_lead_has_it_counted(env, as_user, closed, stage, team):
    own = as_user("owner")["crm.lead"]
    own.call([own.create(name="Deal", team=team)], "mark_won")
    assert counts(env)[team, "stage", str(stage("new").id)] == (5.1, 5.1)


def test_a_lost_lead_without_a_stage_passed_the_first(env, leads, closed, stage, team):
    lead = leads.create(name="Deal", team=team, stage=None)
    leads.call([lead], "mark_lost")
    found = counts(env)
    assert found[team, "stage", str(stage("new").id)] == (4.1, 6.1)
    assert found[team, "stage", str(stage("qualified").id)] == (4.1, 3.1)
    assert without_nothing(found) == counted_anew(env)


def test_nobody_says_what_is_learned(leads, closed, team, stored):
    lead = leads.create(name="Deal", team=team, learned_probability=99)
    leads.write(lead, learned_probability=99)
    assert stored(lead, "learned_probability", "probability") == (44.57, 44.57)


def test_the_quality_of_a_telephone_number(leads, stored):
    good, bad, none = leads.create_many(
        [{"name": "A", "phone": "+33 6 12 34 56 78"}, {"name": "B", "phone": "?"}, {"name": "C"}]
    )
    assert [stored(each, "phone_state")[0] for each in (good, bad, none)] == ["correct", "incorrect", None]


def test_a_value_that_is_counted_no_more_says_nothing(env, leads, closed, sources, team, stored, undoing, instance):
    country = env["res.country"].read("code == 'FR'", ["id"])[0]["id"]
    watched = leads.create(name="Watched", team=team, source=sources[0], country=country)
    before = stored(watched, "learned_probability", "probability")
    lost = leads.create(name="Lost", team=team, country=country)
    leads.call([lost], "mark_lost")
    leads.write(watched, priority="1", source=sources[0])
    leads.call([lost], "restore")
    leads.write(watched, source=sources[1])
    leads.write(watched, source=sources[0])
    assert stored(watched, "learned_probability", "probability") == before
    env.registry.models[FREQUENCIES].rebuild()
    leads.write(watched, source=sources[1])
    leads.write(watched, source=sources[0])
    assert stored(watched, "learned_probability", "probability") == before
