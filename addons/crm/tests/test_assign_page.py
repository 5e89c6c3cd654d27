"""The page that previews an assignment: who would get what and why, and that what was shown is what is done."""

import re

import pytest

from addons.crm.assignment import carrying_out

PAGE = "/crm/assign"
DRAWN = f"{PAGE}?seed=1"  # North draws the lead that South would take, too


@pytest.fixture
def teams(instance):
    """Two teams that take leads, and one that does not; their ids."""
    with instance.environment() as env:
        env["core.setting"].create(key="crm.assignment", value="manual")
        made = env["crm.team"].create_many(
            [
                {"name": "North", "assignment_domain": "city == 'Oslo'"},
                {"name": "South"},
                {"name": "Closed", "assignment_optout": True},
            ]
        )
        north, south, closed = (team.id for team in made)
        members = env["crm.team.member"]
        members.create(team=north, user=instance.user_id("owner"), assignment_max=60)
        preferred = "priority == '3'"
        members.create(team=south, user=instance.user_id("colleague"), assignment_domain_preferred=preferred)
        members.create(team=closed, user=instance.user_id("everybody"))
        return north, south, closed


@pytest.fixture
def leads(instance, teams):
    north, south, _closed = teams
    items = [
        {"name": "Pumps & pipes", "city": "Oslo", "team": north},
        {"name": "Valves", "team": south, "priority": "3"},
        {"name": "Gauges", "team": south},
        {"name": "Pumps again", "city": "Oslo", "email_from": "eve@x.example"},
        {"name": "Pumps once more", "city": "Oslo", "email_from": "eve@x.example"},
    ]
    with instance.environment() as env:
        rows = env["crm.lead"].create_many([{"type": "lead", "user": None, "team": None, **item} for item in items])
        return [row.id for row in rows]


def form_of(text):
    """What the button of the page would send."""
    form = text[text.index('action="/crm/assign"') :].partition("</form>")[0]
    found = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    del found["csrf_token"]
    return found


def cells(text, name):
    """The words in the row of a table that begins with a name."""
    row = next(
        row for row in re.findall(r"<tr>.*?</tr>", text, re.S) if f">{name}</a>" in row or f">{name}</span>" in row
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()


def test_the_button_of_a_team_leads_to_the_page(browser_of, teams):
    browser = browser_of("boss")
    assert 'value="act:assign_leads"' in browser.get("/app/crm.team").text
    browser.get(f"/app/crm.team/{teams[0]}")
    answer = browser.post(f"/app/crm.team/{teams[0]}/do/assign_leads")
    assert answer.location == f"{PAGE}?ids={teams[0]}&next=%2Fapp%2Fcrm.team%2F{teams[0]}"
    assert f'href="{PAGE}"' in browser.get("/app/crm.stage").text
    assert 'do/assign_leads"' not in browser_of("everybody").get(f"/app/crm.team/{teams[0]}").text


def test_the_preview_says_who_gets_what_and_why(browser_of, teams, leads):
    text = browser_of("boss").get(DRAWN).text
    assert cells(text, "Pumps &amp; pipes").endswith("Owner In the team already. Next in turn, 2 of 2 left.")
    assert "Preferred: Priority is Very high. Next in turn, 1 of 1 left." in cells(text, "Valves")
    assert "Takes: City is “Oslo”" in text and "It takes no leads by rules." in text
    assert "Whoever takes them has had the share of the day." in text and ">Gauges</a>" in text
    assert "had 0 of 2" in cells(text, "Owner") and cells(text, "Owner").endswith("+2")
    assert "Merged with &#39;Pumps once more&#39;. Drawn among North, South." in cells(text, "Pumps again")
    assert "Assign 3 leads" in text and "Draw again" in text


def test_what_was_shown_is_what_is_done(browser_of, instance, teams, leads):
    browser = browser_of("boss")
    form = form_of(browser.get(f"{DRAWN}&next=/app/crm.lead").text)
    answer = browser.post(PAGE, form)
    assert (answer.status_code, answer.location) == (303, "/app/crm.lead")
    text = browser.get(answer.location).text
    assert "Assigned: 3, merged: 1" in text and "Undo" in text
    with instance.environment() as env:
        rows = env["crm.lead"].read_ids(leads, ["user", "team", "type"])
        owner, colleague = instance.user_id("owner"), instance.user_id("colleague")
        assert [row["user"] for row in rows.values()] == [owner, colleague, None, owner]
    again = browser.get(PAGE).text
    assert "No new leads" in again and 'class="btn btn-primary"' not in again


def test_a_plan_that_is_out_of_date_is_shown_anew(browser_of, instance, teams, leads):
    browser = browser_of("boss")
    form = form_of(browser.get(PAGE).text)
    with instance.environment() as env:
        env["crm.lead"].write(leads[0], active=False)
    answer = browser.post(PAGE, form)
    assert answer.status_code == 409 and "Nothing was assigned" in answer.text
    with instance.environment() as env:
        assert env["crm.lead"].count("user != none") == 0
    assert browser.post(PAGE, form_of(answer.text)).status_code == 303


def test_leads_that_somebody_changes_at_that_moment_are_left_alone(browser_of, instance, teams, leads, monkeypatch):
    browser = browser_of("boss")
    form = form_of(browser.get(DRAWN).text)
    carry_out = carrying_out.carry_out

    def interrupted(env, plan):
        env.sudo()["crm.lead"].write(leads[0], city="Bergen")
        return carry_out(env, plan)

    monkeypatch.setattr(carrying_out, "carry_out", interrupted)
    answer = browser.post(PAGE, form)
    assert answer.status_code == 409 and "Nothing was assigned" in answer.text
    with instance.environment() as env:
        assert env["crm.lead"].count("user != none") == 0 and env["crm.lead"].count() == len(leads)


def test_what_was_received_can_be_ignored(browser_of, instance, teams, leads):
    browser = browser_of("boss")
    browser.post(PAGE, form_of(browser.get(DRAWN).text))
    text = browser.get(f"{PAGE}?force=1").text
    assert "Assign 1 lead<" in text and "Count what they received" in text
    browser.post(PAGE, form_of(text))
    with instance.environment() as env:
        assert env["crm.lead"].count("user == none") == 0


def test_while_rules_are_off_the_page_only_shows(browser_of, instance, teams, leads):
    browser = browser_of("boss")
    form = form_of(browser.get(PAGE).text)
    with instance.environment() as env:
        (setting,) = env["core.setting"].search("key == 'crm.assignment'")
        env["core.setting"].write(setting, value="off")
    text = browser.get(PAGE).text
    assert "Assignment by rules is off" in text and 'href="/crm/settings"' in text
    assert 'class="btn btn-primary"' not in text
    answer = browser.post(PAGE, form)
    assert answer.status_code == 422 and "Assignment by rules is off" in answer.text


def test_many_leads_are_counted_and_the_first_listed(browser_of, instance, teams, monkeypatch):
    monkeypatch.setattr("addons.crm.pages.assign_parts.LISTED", 3)
    with instance.environment() as env:
        (member,) = env["crm.team.member"].search("team.name == 'North'")
        env["crm.team.member"].write(member, assignment_max=3000)
        values = {"type": "lead", "user": None, "team": teams[0]}
        env["crm.lead"].create_many([{"name": f"Lead {number}", **values} for number in range(12)])
    text = browser_of("boss").get(PAGE).text
    assert "Assign 12 leads" in text and "9 more are not listed" in text
    assert text.count(">Lead ") == 3


def test_leads_join_what_somebody_works_on(browser_of, instance, teams, leads):
    with instance.environment() as env:
        env["crm.lead"].create(name="Deal", email_from="eve@x.example", user=instance.user_id("everybody"))
    text = browser_of("boss").get(PAGE).text
    assert "Somebody works on these already" in text
    assert "Everybody Has the same e-mail address: &#39;Pumps again&#39;, &#39;Pumps once more&#39;." in cells(
        text, "Deal"
    )


def test_a_condition_that_broke_is_told(browser_of, instance, teams, leads):
    with instance.environment() as env:
        env.database.execute("UPDATE crm_team SET assignment_domain = 'town == 1' WHERE name = 'North'")
    text = browser_of("boss").get(PAGE).text
    assert "Its condition cannot be read" in text and "&#39;town&#39;" in text


def test_others_see_nothing_of_it(browser_of, teams, leads):
    browser = browser_of("everybody")
    assert PAGE not in browser.get("/app/crm.lead").text
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {"seed": "1", "digest": ""}).status_code == 403


def test_a_team_that_is_gone_or_archived(browser_of, instance, teams):
    browser = browser_of("boss")
    with instance.environment() as env:
        env["crm.team"].archive(teams[1])
    for ids in ("9999", "x", teams[1]):
        assert browser.get(f"{PAGE}?ids={ids}").status_code == 404


def test_beside_a_team_stands_what_it_takes(browser_of, instance, teams, leads):
    boss = browser_of("boss")
    boss.post(PAGE, form_of(boss.get(DRAWN).text))
    browser = browser_of("owner")
    text = browser.get(f"/app/crm.team/{teams[0]}").text
    assert "Leads by rules" in text and "Takes: City is “Oslo”" in text
    assert "Last 24 hours: 2 of 2 · last 30 days: 2 of 60" in text
    with instance.environment() as env:
        (member,) = env["crm.team.member"].search("team.name == 'South'")
        env["res.users"].create(login="guest", name="Guest", groups=[env.ref("base.internal")])
    text = browser.get(f"/app/crm.team.member/{member.id}").text
    assert "preferred: Priority is Very high" in text and "Last 24 hours: 1 of 1" in text
    assert "It takes no leads by rules." in browser.get(f"/app/crm.team/{teams[2]}").text
    assert "Leads by rules" not in browser_of("guest").get(f"/app/crm.team/{teams[0]}").text


def test_the_form_says_what_was_meant(browser_of, instance, teams):
    browser = browser_of("boss")
    with instance.environment() as env:
        version = env["crm.team"].get(teams[0]).version
    browser.get(f"/app/crm.team/{teams[0]}/edit")
    form = {"version": str(version), "name": "North", "assignment_domain": "citty == 'Oslo'"}
    answer = browser.post(f"/app/crm.team/{teams[0]}", form)
    assert answer.status_code == 422
    assert "column 1: &#39;citty&#39;" in answer.text and "; did you mean &#39;city&#39;?" in answer.text
