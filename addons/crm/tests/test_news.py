"""Who hears of what happens to leads: followers of a lead and of its team, by what they chose."""

import re

import pytest


@pytest.fixture
def news(instance):
    """What a user was told: texts, oldest first; they are read then."""

    def told(login):
        with instance.environment(superuser=True) as env:
            rows = env["mail.notification"].search("user == u and not read", order="id", u=instance.user_id(login))
            texts = [re.sub("<[^>]+>", " ", row.message.body).split() for row in rows]
            env["mail.notification"].write([row.id for row in rows], read=True)
        return [" ".join(words) for words in texts]

    return told


@pytest.fixture
def follow(instance):
    """Lets a user follow a record, and hear of the kinds named besides, or of those chosen at first."""

    def following(login, record, *kinds):
        with instance.environment(superuser=True) as env:
            partner = env["res.users"].get(instance.user_id(login)).partner_id
            row = env["mail.followers"].create(record=record, partner=partner)
            if kinds:
                ids = [env.ref(f"crm.subtype_{kind}").id for kind in kinds]
                env["mail.followers"].write(row, subtypes=ids)

    return following


@pytest.fixture
def lead(instance):
    with instance.environment("owner") as env:
        return env["crm.lead"].create(name="Fleet", team=env.ref("crm.team_sales")).id


@pytest.fixture
def team(instance):
    with instance.environment() as env:
        return f"crm.team,{env.ref('crm.team_sales').id}"


def do(instance, login, lead, action="", **values):
    with instance.environment(login) as env:
        if action:
            env["crm.lead"].call([lead], action, **values)
        else:
            env["crm.lead"].write(lead, **values)
        return env.change_set


def go_through_everything(instance, lead):
    with instance.environment() as env:
        qualified, won = env.ref("crm.stage_qualified").id, env.ref("crm.stage_won").id
    do(instance, "owner", lead, stage=qualified)
    do(instance, "owner", lead, priority="2")
    do(instance, "owner", lead, "mark_lost")
    do(instance, "owner", lead, "restore")
    do(instance, "owner", lead, stage=won)


def test_followers_of_a_lead_hear_of_what_they_chose(instance, news, follow, lead):
    follow("everybody", f"crm.lead,{lead}", "stage", "won", "lost", "restored")
    follow("boss", f"crm.lead,{lead}")
    follow("colleague", f"crm.lead,{lead}", "stage", "won", "lost", "restored")
    follow("owner", f"crm.lead,{lead}", "stage", "won", "lost", "restored")
    go_through_everything(instance, lead)
    assert news("everybody") == ["Stage: New → Qualified", "Lost.", "Restored.", "Won."]
    assert news("boss") == ["Lost.", "Won."]  # chosen at first
    assert news("owner") == []  # who did it
    assert news("colleague") == []  # may not see it


def test_followers_of_a_team_hear_of_its_leads(instance, news, follow, team):
    follow("everybody", team, "team_created", "team_stage", "team_won", "team_lost", "team_restored")
    follow("boss", team)
    with instance.environment("owner") as env:
        sales = env.ref("crm.team_sales").id
        lead = env["crm.lead"].create(name="Fleet", team=sales).id
        other = env["crm.lead"].create(name="Of no team", team=None).id
    go_through_everything(instance, lead)
    go_through_everything(instance, other)
    created = "A new lead has been created for the team Sales."
    assert news("everybody") == [created, "Stage: New → Qualified", "Lost.", "Restored.", "Won."]
    assert news("boss") == [created, "Won."]


def test_what_nobody_hears_of_leaves_no_message(instance, lead):
    go_through_everything(instance, lead)
    with instance.environment() as env:
        assert env["mail.message"].count() == 0


def test_news_stand_in_no_conversation_but_a_comment_does(instance, browser_of, news, follow, lead):
    follow("boss", f"crm.lead,{lead}")
    do(instance, "owner", lead, "mark_won")
    with instance.environment() as env:
        first = env.ref("crm.stage_new").id
    do(instance, "owner", lead, stage=first)
    do(instance, "owner", lead, "mark_lost", feedback="No <budget>")
    assert news("boss") == ["Won.", "Lost comment No &lt;budget&gt;"]
    history = browser_of("owner").get(f"/app/crm.lead/{lead}/history").text
    assert "No &lt;budget&gt;" in history and "Won." not in history
    with instance.environment() as env:
        assert sorted(env["mail.message"].read("", ["kind"]), key=str)[0]["kind"] == "event"


def test_undoing_takes_the_news_back(instance, news, follow, lead, undoing):
    follow("boss", f"crm.lead,{lead}")
    undoing(do(instance, "owner", lead, "mark_won"))
    assert news("boss") == []
    with instance.environment() as env:
        assert env["mail.message"].count() == 0


def test_telling_takes_few_statements(instance, follow, team):
    follow("everybody", team)
    follow("boss", team)
    counts = []
    for number in (3, 100):
        with instance.environment("owner") as env, env.database.counting() as counter:
            env["crm.lead"].create_many([{"name": str(each)} for each in range(number)])
        counts.append(len(counter.statements))
    assert counts[1] - counts[0] <= 6


def test_a_follower_chooses_on_a_page(instance, browser_of, lead):
    browser, address = browser_of("boss"), f"/mail/crm.lead/{lead}/hear"
    assert f'href="{address}' not in browser.get(f"/app/crm.lead/{lead}").text
    assert browser.get(address).status_code == 404
    browser.post(f"/mail/crm.lead/{lead}/follow")
    assert f'href="{address}' in browser.get(f"/app/crm.lead/{lead}").text
    text = browser.get(address).text
    offered = re.findall(r'name="kinds" value="(\d+)"( checked)?>([^<]+)', text)
    assert [(name, bool(checked)) for _id, checked, name in offered] == [
        ("Stage changed", False),
        ("Opportunity won", True),
        ("Opportunity lost", True),
        ("Opportunity restored", False),
    ]
    with instance.environment() as env:
        foreign = env.ref("crm.subtype_team_won").id
    answer = browser.post(address, {"kinds": [offered[0][0], str(foreign), "x"]})
    assert (answer.status_code, answer.location) == (303, f"/app/crm.lead/{lead}")
    with instance.environment() as env:
        (row,) = env["mail.followers"].read("", ["subtypes"])
        assert row["subtypes"] == [int(offered[0][0])]


def test_a_team_can_be_followed(instance, browser_of, team, follow):
    browser, id_ = browser_of("owner"), team.partition(",")[2]
    browser.get(f"/app/crm.team/{id_}")
    browser.post(f"/mail/crm.team/{id_}/follow")
    assert "Opportunity created" in browser.get(f"/mail/crm.team/{id_}/hear").text


def test_the_page_is_for_those_who_see_the_record(instance, browser_of, lead):
    assert browser_of("colleague").get(f"/mail/crm.lead/{lead}/hear").status_code == 404
