"""Why a probability is what it is: in sentences, over the API, and beside the value on the form."""

import json
import re

import pytest

from addons.crm.models.scoring import FREQUENCIES
from addons.crm.scoring.explanation import explain
from core import AccessDenied, NotFound


@pytest.fixture
def lead(leads, closed, stage, sources, team):
    return leads.create(name="Deal", team=team, source=sources[0], stage=stage("qualified"))


def said(env, lead):
    return " ".join(explain(env, lead.id).text)


def test_a_learned_probability_names_what_speaks_for_and_against_it(env, leads, lead, stage):
    found = explain(env, lead.id)
    assert (found.probability, found.automated, found.origin) == (82.19, 82.19, "learned")
    assert found.text == ("Learned from 4 won and 5 lost leads of the team Sales.",)
    (best,) = found.best
    assert (best.field, best.label, best.value, best.score) == ("source", "Source", "Shop", 0.7772)
    assert best.text == "3.5 times as common among won leads as among lost ones"
    (worst,) = found.worst
    assert (worst.field, worst.value, worst.score) == ("stage", "Qualified", 0.3922)
    assert worst.text == "39.2% of the lost leads did not get this far"


def test_the_three_best_and_the_three_worst(env, leads, lead, team):
    tags = [row.id for row in env["crm.tag"].create_many([{"name": f"Tag {number}"} for number in range(8)])]
    table = [
        {"team": team, "variable": "tags", "value": str(tag), "won_count": 20.1 + 10 * n, "lost_count": 90.1 - 10 * n}
        for n, tag in enumerate(tags)
    ]
    env.sudo()[FREQUENCIES].create_many(table)
    leads.write(lead, tags=tags)
    found = explain(env, lead.id)
    assert [each.value for each in found.best] == ["Tag 7", "Shop", "Tag 6"]
    assert [each.value for each in found.worst] == ["Tag 0", "Tag 1", "Tag 2"]
    assert {each.label for each in found.worst} == {"Tags"}


def test_a_team_without_numbers_is_told_those_of_all(env, leads, closed, sources):
    other = env["crm.team"].create(name="Other")
    assert said(env, leads.create(name="Deal", team=other)) == "Learned from 4 won and 5 lost leads of all teams."


def test_a_value_typed_by_hand_says_what_the_automated_one_would_be(env, leads, lead):
    leads.write(lead, probability=42)
    assert said(env, lead).startswith(
        "42% was typed by hand and stays. Automated it would be 82.2%. Learned from 4 won"
    )
    assert explain(env, lead.id).origin == "manual"
    assert explain(env, lead.id).best


def test_closed_archived_and_stageless_leads_say_so(env, leads, lead):
    leads.call([lead], "mark_lost")
    assert said(env, lead) == "It is lost. Restored, its probability is learned anew."
    typed = leads.create(name="Typed", probability=42)
    leads.call([typed], "mark_lost")
    assert said(env, typed) == "It is lost. Restored it would have 42%."
    leads.call([lead], "mark_won")
    assert said(env, lead) == "It is won: that is certain."
    assert explain(env, lead.id).best == ()
    stageless, archived = leads.create_many([{"name": "A", "stage": None}, {"name": "B"}])
    assert said(env, stageless) == "It is in no stage: without one the automated probability is 0%."
    assert explain(env, stageless.id).best == explain(env, stageless.id).worst == ()
    leads.archive(archived)
    assert said(env, archived).startswith("It is archived: until it is restored, its probability stays as it is.")
    assert explain(env, archived.id).origin == "archived"
    leads.call([leads.create(name="Late")], "mark_lost")
    assert "By what is known now it would be" in said(env, archived) and "next night" not in said(env, archived)


def test_while_scoring_is_off_or_has_no_data_the_stage_is_named(env, leads, switch):
    lead = leads.create(name="Deal")
    assert said(env, lead) == "The stage New brings 10%."
    assert explain(env, lead.id).origin == "stage"
    switch(env)
    assert said(env, lead).startswith("Nothing can be learned yet") and said(env, lead).endswith("brings 10%.")


def test_a_lost_lead_would_have_that_of_its_stage_while_scoring_is_off(env, leads, stage):
    lead = leads.create(name="Deal", stage=stage("qualified"))
    leads.call([lead], "mark_lost")
    assert said(env, lead) == "It is lost. Restored it would have 30%."


def test_the_first_stage_says_nothing_since_every_lead_passed_it(env, leads, closed, sources, team):
    found = explain(env, leads.create(name="Deal", team=team, source=sources[1]).id)
    assert [each.field for each in (*found.best, *found.worst)] == ["source"]


def test_numbers_that_moved_since_are_told(env, leads, lead, team, sources):
    leads.call([leads.create(name="Late", team=team, source=sources[0])], "mark_lost")
    assert "the next night makes it" in said(env, lead)
    assert leads.get(lead.id).probability == 82.19


def test_the_action_gives_plain_data_to_whoever_may_read_the_lead(env, leads, lead, as_user, user):
    found = json.loads(
        json.dumps(
            as_user("owner")["crm.lead"].call([leads.create(name="Mine", user=user("owner"))], "explain_probability")
        )
    )
    assert found["origin"] == "learned" and found["text"]
    assert set(json.loads(json.dumps(leads.call([lead], "explain_probability")))["best"][0]) == {
        *("field", "label", "value", "score", "text"),
    }
    theirs = leads.create(name="Theirs", user=user("colleague"))
    with pytest.raises(NotFound):
        explain(as_user("owner"), theirs.id)
    with pytest.raises((NotFound, AccessDenied)):
        as_user("owner")["crm.lead"].call([theirs.id], "explain_probability")


def test_a_button_beside_the_value_opens_the_reasons(browser_of, instance, switch, work_off):
    with instance.environment() as env:
        switch(env)
        shop = env["utm.source"].create(name="Shop & more").id
        qualified = env.ref("crm.stage_qualified").id
        rows = env["crm.lead"].create_many([{"name": f"Deal {n}", "source": shop} for n in range(3)])
        env["crm.lead"].write(rows[2].id, stage=qualified)
        env["crm.lead"].call(rows[:1], "mark_won")
        env["crm.lead"].write(rows[1].id, source=None)
        env["crm.lead"].call(rows[1:2], "mark_lost")
        id_ = rows[2].id
    assert work_off() == 1
    browser = browser_of("admin")
    text = browser.get(f"/app/crm.lead/{id_}").text
    address = f"/app/crm.lead/{id_}/panel/crm.probability"
    (key,) = re.findall(r'popovertarget="(why-\w+)" aria-label="Why this probability"', text)
    assert f'id="{key}" popover hx-get="{address}" hx-trigger="toggle once"' in text
    assert f'<a href="{address}">Why this probability</a>' in text
    part = browser.get(address, HX_Request="true").text
    assert "Learned from 1 won and 1 lost" in part and "<nav" not in part
    assert "Speaks for winning" in part and "Stage: Qualified" in part and "Stage: New" not in part
    whole = browser.get(address).text
    assert "<nav" in whole and "<h1>Deal 2</h1>" in whole
    assert browser.get("/app/crm.lead/99999/panel/crm.probability").status_code == 404
    assert 'popovertarget="why-' not in browser.get("/app/crm.lead/new").text
