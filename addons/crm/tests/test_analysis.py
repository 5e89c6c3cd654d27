"""The analyses of sales: what they count, for whom, and that their numbers lead to the records behind them."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

ANALYSES = {
    "pipeline_analysis": "Expected revenue by stage",
    "lead_analysis": "Count by created on (month) and source",
    "outcome_analysis": "Count by closed on (month) and outcome",
    "times_analysis": "Days to close (average) by closed on (month)",
}


def days(env, count):
    return env.now() - timedelta(days=count)


@pytest.fixture
def closed(env, leads, user, stage):
    """Two won deals and one lost of the owner, a lost one and an open one of a colleague."""
    common = {"type": "opportunity", "user": user("owner"), "date_open": env.now() + timedelta(hours=6)}
    price = env["crm.lost.reason"].search("name == 'Too expensive'")[0]
    lost = {"active": False, "probability": 0, "lost_reason": price}
    return leads.create_many(
        [
            {
                **common,
                "name": "Won fast",
                "stage": stage("won"),
                "date_closed": days(env, -2),
                "expected_revenue": 100,
            },
            {
                **common,
                "name": "Won slowly",
                "stage": stage("won"),
                "date_closed": days(env, -4),
                "expected_revenue": 50,
            },
            {**common, "name": "Lost", **lost, "date_closed": days(env, -9)},
            {**common, "name": "Theirs", **lost, "user": user("colleague"), "date_closed": days(env, -1)},
            {"type": "opportunity", "name": "Open", "user": user("colleague"), "expected_revenue": 7},
            {"type": "opportunity", "name": "Put away", "active": False, "probability": 30, "user": user("owner")},
        ]
    )


def test_days_are_those_between_the_instants(env, leads, closed):
    fast = leads.get(closed[0].id)
    assert (fast.day_open, fast.day_close, fast.day_convert) == (0.25, 2.0, None)
    found = leads.read("active or not active", ["name", "day_open", "day_close"], order="id")
    assert [row["day_close"] for row in found if row["name"] != "Put away"] == [2.0, 4.0, 9.0, 1.0, None]
    lead = leads.create(name="Converted", type="lead", user=None, date_conversion=days(env, 3))
    assert (lead.day_open, lead.day_convert) == (None, 3.0)
    assert leads.count("day_convert > 2 and day_close == none") == 1


def test_shares_are_averages_over_what_is_decided(env, leads, closed):
    everything = "active or not active"
    (found,) = leads.aggregate(everything, measures=["won_share:avg", "won_share:count", "day_close:avg"])
    assert (found["won_share:avg"], found["won_share:count"]) == (50.0, 4)
    leads.create_many(
        [
            {"name": "Raw", "type": "lead"},
            {"name": "Once a lead", "type": "opportunity", "date_conversion": env.now()},
            {"name": "Converted, then lost", "type": "opportunity", "date_conversion": env.now(), "active": False},
        ]
    )
    (found,) = leads.aggregate(everything, measures=["converted_share:avg", "converted_share:count"])
    assert (round(found["converted_share:avg"], 2), found["converted_share:count"]) == (66.67, 3)


@pytest.fixture
def page(instance, browser_of):
    """What a user's browser gets of an analysis, and the list behind a number of a row of its table."""

    def get(login, name, state=""):
        with instance.environment() as env:
            address = f"/app/crm.lead?action={env.ref(f'crm.{name}_action').id}{state}"
        answer = browser_of(login).get(address)
        assert answer.status_code == 200
        return answer.text

    return get


def figures(text):
    """The texts of the table by row."""
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', text, re.DOTALL)
    return {html.unescape(name): re.findall(r">([^<>\s][^<>]*)</(?:a|span)>", cells) for name, cells in rows}


def behind(text, row, column):
    """The address that a number of the table leads to."""
    cells = re.search(rf'<tr><th scope="row">{row}</th>(.*?)</tr>', text, re.DOTALL)[1].split("</td>")
    return html.unescape(re.search(r'href="([^"]+)"', cells[column])[1])


@pytest.mark.parametrize("name", ANALYSES)
def test_each_analysis_opens_empty_and_with_something(page, instance, name):
    assert "No match" in page("boss", name)
    with instance.environment() as env:
        env["crm.lead"].create(name="Deal", type="opportunity", date_conversion=env.now())
        env["crm.lead"].create(name="Done", type="opportunity", stage=env.ref("crm.stage_won"))
    assert ANALYSES[name] in page("boss", name)


@pytest.fixture
def deals(instance):
    """Deals won and lost, of the owner, of a colleague and of nobody."""
    with instance.environment() as env:
        ids = {
            login: env["res.users"].search("login == wanted", wanted=login)[0].id for login in ("owner", "colleague")
        }
        won, price = env.ref("crm.stage_won").id, env["crm.lost.reason"].search("name == 'Too expensive'")[0].id
        lost = {"active": False, "probability": 0, "lost_reason": price}
        made = [
            ("Mine", ids["owner"], {"stage": won, "expected_revenue": 100}),
            ("My loss", ids["owner"], lost),
            ("Theirs", ids["colleague"], {"stage": won, "expected_revenue": 50}),
            ("Nobody's loss", None, lost),
            ("Put away", ids["owner"], {"active": False, "probability": 30}),
            ("Open", ids["colleague"], {"expected_revenue": 7}),
        ]
        common = {"type": "opportunity", "date_conversion": env.now()}
        env["crm.lead"].create_many([{**common, "name": name, "user": user, **more} for name, user, more in made])


def listed(text):
    """The names in a list page."""
    return sorted(re.findall(r"<td data-card=\"title\"[^>]*><a [^>]*>([^<]+)", html.unescape(text)))


def test_wins_and_losses_are_those_of_the_archive_too(page, browser_of, deals):
    text = page("boss", "outcome_analysis", "&stack=none&group=won_status")
    assert figures(text) == {
        "Won": ["2", "100%", "€150", "€75"],
        "Lost": ["2", "0%", "€0", "–"],
        "Total": ["4", "50%", "€150", "€75"],
    }
    lost = browser_of("boss").get(behind(text, "Lost", 0)).text
    assert listed(lost) == ["My loss", "Nobody's loss"]
    by_reason = page("boss", "outcome_analysis", "&stack=won_status&group=lost_reason&measure=id:count")
    assert figures(by_reason)["Too expensive"] == ["0", "2", "2"]
    share = page("boss", "outcome_analysis", "&group=user&stack=none&measure=won_share:avg")
    assert figures(share)["Owner"][:2] == ["2", "50%"]


@pytest.mark.parametrize(
    ("login", "won", "lost", "everything"),
    [("owner", "1", "2", "3"), ("everybody", "2", "2", "4"), ("boss", "2", "2", "4")],
)
def test_figures_are_of_what_the_reader_may_see(page, browser_of, deals, login, won, lost, everything):
    """One's own and those of nobody, for users who see their own documents only."""
    text = page(login, "outcome_analysis", "&group=won_status&stack=none")
    counted = {name: cells[0] for name, cells in figures(text).items()}
    assert counted == {"Won": won, "Lost": lost, "Total": everything}
    assert len(listed(browser_of(login).get(behind(text, "Total", 0)).text)) == int(everything)
    if login == "owner":
        assert "Colleague" not in page(login, "outcome_analysis", "&group=user")


def test_the_pipeline_is_what_is_under_way(page, deals):
    text = page("boss", "pipeline_analysis")
    assert {name: cells[:3] for name, cells in figures(text).items()} == {
        "New": ["€7", "€1", "1"],
        "Total": ["€7", "€1", "1"],
    }


def test_leads_are_followed_to_what_became_of_them(page, deals, instance):
    with instance.environment() as env:
        env["crm.lead"].create(name="Raw", type="lead")
    text = page("boss", "lead_analysis", "&group=type&stack=none")
    assert [cells[:2] for cells in figures(text).values()] == [["1", "0%"], ["6", "100%"], ["7", "85.7%"]]


def test_times_are_averages_of_those_that_have_one(page, browser_of, deals, instance, clock):
    clock.advance(days=3)
    with instance.environment() as env:
        env["crm.lead"].write(env["crm.lead"].search("name == 'Open'"), stage=env.ref("crm.stage_won").id)
    text = page("boss", "times_analysis", "&group=stage&stack=none")
    assert figures(text)["Won"][:3] == ["1.0", "0.0", "0.0"]  # 0, 0 and 3 days to close
    assert listed(browser_of("boss").get(behind(text, "Won", 0)).text) == ["Mine", "Open", "Theirs"]


@pytest.mark.parametrize("what", ["created", "closed"])
@pytest.mark.parametrize(
    ("span", "first"),
    [("month", "2026-03-01"), ("quarter", "2026-01-01"), ("year", "2026-01-01"), ("twelve", "2025-04-01")],
)
def test_periods_begin_with_their_first_day(env, leads, clock, what, span, first):
    """The clock of the tests shows the 2nd of March 2026; the user's zone is UTC."""
    view = env.sudo()["core.view"].search("name == 'crm.lead_search'")[0]
    condition = html.unescape(re.search(rf'name="{what}_{span}"[^>]*condition="([^"]+)"', view.arch)[1])
    now = clock.instant
    for step in (timedelta(0), timedelta(microseconds=-1)):
        clock.instant = datetime.fromisoformat(first).replace(tzinfo=UTC) + step
        leads.create(name=f"At {step}", date_closed=clock.instant)
    clock.instant = now
    assert [row["name"] for row in leads.read(condition, ["name"])] == ["At 0:00:00"]
