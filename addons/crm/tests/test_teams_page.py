"""The teams as cards: every number is that of the records it leads to, for everybody who looks."""

import html
import re
from datetime import timedelta

import pytest


@pytest.fixture
def teams(instance):
    """Ids of teams and what they have: North below Sales with the owner as its leader, South without anything."""
    with instance.environment(superuser=True) as env:
        sales = env.ref("crm.team_sales")
        north, south, gone = env["crm.team"].create_many(
            [
                {"name": "North", "parent": sales, "user": instance.user_id("owner"), "sequence": 20},
                {"name": "South", "sequence": 30},
                {"name": "Gone", "active": False, "sequence": 40},
            ]
        )
        env["crm.team.member"].create(team=south, user=instance.user_id("colleague"))
        past, owner, colleague = (
            env.today() - timedelta(days=2),
            instance.user_id("owner"),
            instance.user_id("colleague"),
        )
        common = {"team": north, "type": "opportunity", "expected_revenue": 100, "probability": 50}
        env["crm.lead"].create_many(
            [
                {**common, "name": "Mine", "user": owner},
                {**common, "name": "Late", "user": owner, "date_deadline": past},
                {**common, "name": "Theirs", "user": colleague, "expected_revenue": 1000},
                {**common, "name": "Nobody's", "user": None},
                {"name": "A lead of nobody", "type": "lead", "team": north, "user": None},
                {
                    **common,
                    "name": "Won",
                    "user": owner,
                    "probability": 100,
                    "stage": env.ref("crm.stage_won"),
                    "date_deadline": past,
                },
                {**common, "name": "Lost", "user": owner, "active": False, "probability": 0, "date_deadline": past},
                {**common, "name": "Of a former team", "user": owner, "team": gone},
                {**common, "name": "Without a team", "user": owner, "team": None},
            ]
        )
        return {"Sales": sales.id, "North": north.id, "South": south.id, "Gone": gone.id}


def cards(text):
    """The numbers of each card with the addresses they lead to, in the order of the page, by the name of the team."""
    found = {}
    for card in re.findall(r"<article.*?</article>", text, re.DOTALL):
        (name,) = re.findall(r"<h3 [^>]*>(?:<a [^>]*>)?([^<]+)", card)
        numbers = re.findall(r'<dt>([^<]+)</dt><dd><a href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?([^<]+)', card, re.DOTALL)
        found[name] = {label: (text, html.unescape(address)) for label, address, text in numbers}
    return found


def texts(card):
    return [text for text, _address in card.values()]


def test_ones_own_teams_come_first(browser_of, instance, teams):
    text = browser_of("owner").get("/crm/teams").text
    assert re.findall(r"<h2 id=\"teams-\d\">([^<]+)", text) == ["Your teams", "Other teams"]
    assert list(cards(text)) == ["North", "Sales", "South", "Gone", "No team"]
    assert "Part of Sales" in text and "without those of the teams below it" in text
    assert next(iter(cards(browser_of("colleague").get("/crm/teams").text))) == "South"
    with instance.environment() as env:
        env["crm.team.member"].archive(env["crm.team.member"].search("user.login == 'colleague'"))
    assert "Your teams" not in browser_of("colleague").get("/crm/teams").text


def test_each_team_has_its_own_numbers(browser_of, teams):
    found = cards(browser_of("everybody").get("/crm/teams").text)
    assert list(found["North"]) == [
        "Open opportunities",
        "Expected revenue",
        "Weighted",
        "Unassigned",
        "Overdue closings",
    ]
    assert texts(found["North"]) == ["4", "€1,300", "€650", "2", "1"]
    assert texts(found["Sales"]) == texts(found["South"]) == ["0", "€0", "€0", "0", "0"]  # nothing of the teams below
    assert texts(found["Gone"]) == texts(found["No team"]) == ["1", "€100", "€50", "0", "0"]


def test_everybody_sees_what_they_may_read(browser_of, teams):
    found = cards(browser_of("owner").get("/crm/teams").text)
    assert texts(found["North"]) == ["3", "€300", "€150", "2", "1"]
    found = cards(browser_of("colleague").get("/crm/teams").text)
    assert texts(found["North"]) == ["2", "€1,100", "€550", "2", "0"]
    assert "Gone" not in found and "No team" not in found


@pytest.mark.parametrize("login", ["owner", "everybody"])
def test_a_number_leads_to_what_it_counts(browser_of, teams, login):
    browser = browser_of(login)
    for card in cards(browser.get("/crm/teams").text).values():
        for label, (text, address) in card.items():
            if label in ("Open opportunities", "Unassigned", "Overdue closings"):
                (count,) = re.findall(r'<span class="count">([^<]+)</span>', browser.get(address).text)[:1]
                assert (label, count) == (label, text)


def test_the_statements_do_not_grow_with_the_teams(browser_of, instance, teams, monkeypatch):
    browser = browser_of("everybody")

    def statements():
        asked = []
        real = type(instance.database).fetch
        with monkeypatch.context() as patch:
            patch.setattr(
                type(instance.database), "fetch", lambda self, *given: (asked.append(given[0]), real(self, *given))[1]
            )
            assert browser.get("/crm/teams").status_code == 200
        return len(asked)

    statements()
    before = statements()
    with instance.environment(superuser=True) as env:
        many = env["crm.team"].create_many([{"name": f"Team {number}"} for number in range(20)])
        env["crm.lead"].create_many([{"name": team.name, "team": team, "type": "opportunity"} for team in many])
    browser.get("/crm/teams")
    assert statements() == before


def test_without_a_team_the_page_says_what_one_is(browser_of, instance):
    with instance.environment(superuser=True) as env:
        env["crm.team"].write(list(env["crm.team"].search("")), active=False)
    text = browser_of("owner").get("/crm/teams").text
    assert "Teams are created by the administrators of sales." in text and "New sales team" not in text
    text = browser_of("boss").get("/crm/teams").text
    assert "No teams yet" in text and 'href="/app/crm.team/new"' in text


def test_the_page_is_for_those_who_work_on_leads(browser_of, instance):
    with instance.environment(superuser=True) as env:
        env["res.users"].create(login="clerk", name="Clerk", groups=[env.ref("base.internal")])
    assert browser_of("clerk").get("/crm/teams").status_code == 403


def test_the_menu_leads_to_the_cards_and_the_list_is_one_step_away(browser_of, teams):
    browser = browser_of("boss")
    text = browser.get("/crm/teams").text
    assert '<a href="/crm/teams" aria-current="page">' in text
    (rows,) = re.findall(r'<a class="btn" href="([^"]+)"', text)
    assert "North" in browser.get(html.unescape(rows)).text
