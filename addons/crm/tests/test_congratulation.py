"""What is said of a deal that was won: each rule at its edge, and the first that holds."""

from datetime import UTC, datetime, timedelta

import pytest

from addons.crm.congratulation import MANY_MESSAGES, congratulation

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def owner(as_user, clock):
    clock.instant = NOON
    return as_user("owner")


@pytest.fixture
def won(env, user, stage, clock):
    """Makes a deal that was won some days ago, after some days, and gives its id; it is plain unless told otherwise."""
    between = env["crm.stage"].create(name="Between", sequence=0, fold=True)

    def make(*, ago=0.0, took=50.0, login="owner", revenue=0, **values):
        closed = NOON - timedelta(days=ago)
        clock.instant = closed - timedelta(days=took)
        given = {"name": "Deal", "user": user(login), "stage": between.id, "expected_revenue": revenue, "team": None}
        lead = env.sudo()["crm.lead"].create(**{**given, **values})
        clock.instant = closed
        env["crm.lead"].write(lead.id, stage=stage("won").id)
        clock.instant = NOON
        return lead.id

    return make


@pytest.fixture
def usual(won):
    """An earlier deal of the same person and one in the year, so that the plain rules do not hold."""
    return won(ago=100, took=40), won(ago=20, took=1)


def test_nothing_remarkable_is_nothing_said(owner, usual, won):
    assert congratulation(owner, won()) == ""


def test_only_of_deals_that_were_won(owner, leads, usual, user):
    lead = leads.create(name="Open", user=user("owner"))
    assert congratulation(owner, lead.id) == "" and congratulation(owner, 10**6) == ""


@pytest.mark.parametrize(("number", "said"), [(MANY_MESSAGES - 1, False), (MANY_MESSAGES, True)])
def test_much_written(owner, env, usual, won, number, said):
    lead = won(revenue=10, team=env.ref("crm.team_sales").id)
    with owner:
        for _ in range(number):
            owner["crm.lead"].get(lead).post("Called", kind="note")
    env["crm.lead"].get(lead).post("Somebody else's")
    assert congratulation(owner, lead) == ("All that writing was worth it!" if said else "")


@pytest.mark.parametrize(("ago", "said"), [(160.6, True), (160.4, False)])  # either side of New Year, in UTC
def test_the_first_deal_of_the_year(owner, won, ago, said):
    assert NOON - timedelta(days=160.5) == datetime(2026, 1, 1, tzinfo=UTC)
    won(ago=ago, took=1)
    won(ago=2, took=1, login="colleague")
    assert congratulation(owner, won()) == ("Your first deal of the year!" if said else "")


def test_what_a_colleague_won_is_not_the_users(owner, won):
    assert congratulation(owner, won(login="colleague")) == ""


@pytest.mark.parametrize(
    ("ago", "revenue", "said"),
    [
        (29.9, 99, "The team's best deal in 30 days!"),
        (29.9, 100, ""),
        (30.1, 99, ""),
        (6.9, 99, "The team's best deal in 30 days!"),
    ],
)
def test_the_teams_best_in_a_month(owner, env, usual, won, ago, revenue, said):
    team = env.ref("crm.team_sales").id
    won(ago=ago, login="colleague", revenue=revenue, team=team)
    assert congratulation(owner, won(revenue=100, team=team)) == said


@pytest.mark.parametrize(("ago", "said"), [(6.9, "The team's best deal in 7 days!"), (7.1, "")])
def test_the_teams_best_in_a_week(owner, env, usual, won, ago, said):
    team = env.ref("crm.team_sales").id
    won(ago=15, login="colleague", revenue=1000, team=team)
    won(ago=ago, login="colleague", revenue=50, team=team)
    assert congratulation(owner, won(revenue=100, team=team)) == said


@pytest.mark.parametrize(
    ("ago", "revenue", "said"),
    [(29.9, 99, "Your best deal in 30 days!"), (29.9, 100, ""), (30.1, 99, "")],
)
def test_ones_own_best_in_a_month(owner, won, ago, revenue, said):
    won(ago=100, took=1)
    won(ago=1, took=1, login="colleague", revenue=5000)
    won(ago=ago, revenue=revenue)
    assert congratulation(owner, won(revenue=100)) == said


@pytest.mark.parametrize(("ago", "said"), [(6.9, "Your best deal in 7 days!"), (7.1, "")])
def test_ones_own_best_in_a_week(owner, usual, won, ago, said):
    won(ago=15, revenue=1000)
    won(ago=ago, revenue=50)
    assert congratulation(owner, won(revenue=100)) == said


@pytest.mark.parametrize(("before", "said"), [(3, ""), (4, "Your fifth deal today!"), (5, "")])
def test_the_fifth_deal_of_a_day(owner, usual, won, before, said):
    for _ in range(before):
        won(ago=0.49)
    won(ago=0.51)
    won(ago=0.1, login="colleague")
    assert congratulation(owner, won()) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((1, 2), "A deal on 3 days in a row!"),
        ((1.4, 2.4), "A deal on 3 days in a row!"),
        ((1, 3), ""),
        ((1,), ""),
        ((0.1, 1, 2), ""),  # said with the first deal of the day
    ],
)
def test_days_in_a_row(owner, usual, won, days, said):
    for ago in days:
        won(ago=ago)
    assert congratulation(owner, won()) == said


@pytest.mark.parametrize(
    ("took", "ago", "said"),
    [(9, 29.9, "The fastest deal in 30 days!"), (10, 29.9, ""), (9, 30.1, "")],
)
def test_the_fastest(owner, won, took, ago, said):
    won(ago=100, took=1)
    won(ago=ago, took=10, login="colleague")
    assert congratulation(owner, won(took=took)) == said


def test_straight_from_the_first_stage(owner, env, usual, user, stage, clock):
    clock.instant = NOON - timedelta(days=50)
    straight, in_steps = env["crm.lead"].create_many([{"name": "Deal", "user": user("owner")}] * 2)
    env["crm.lead"].write(in_steps, stage=stage("qualified"))
    clock.instant = NOON
    env["crm.lead"].write([straight.id, in_steps.id], stage=stage("won"))
    assert congratulation(owner, straight.id) == "From the first stage straight to the goal!"
    assert congratulation(owner, in_steps.id) == ""


def test_the_first_in_a_country(owner, env, usual, won):
    norway, sweden = env.ref("base.country_no").id, env.ref("base.country_se").id
    won(ago=300, login="colleague", country=sweden)
    assert congratulation(owner, won(country=norway)) == "The first deal in Norway!"
    assert congratulation(owner, won(country=sweden)) == ""


def test_the_first_from_a_source(owner, env, usual, won):
    fair, news = env.ref("crm.source_fair").id, env.ref("crm.source_newsletter").id
    won(ago=300, login="colleague", source=news)
    assert congratulation(owner, won(source=fair)) == "The first deal from Trade fair!"
    assert congratulation(owner, won(source=news)) == ""


def test_the_first_rule_that_holds_wins(owner, env, won):
    norway = env.ref("base.country_no").id
    assert congratulation(owner, won(country=norway, took=1)) == "Your first deal of the year!"


def test_the_message_after_marking_says_it(browser_of, instance, clock):
    clock.instant = NOON
    with instance.environment("owner") as env:
        lead = env["crm.lead"].create(name="Fleet").id
        several = [row.id for row in env["crm.lead"].create_many([{"name": "One"}, {"name": "Two"}])]
    browser = browser_of("owner")
    browser.get(f"/app/crm.lead/{lead}")
    answer = browser.post(f"/app/crm.lead/{lead}/do/mark_won")
    text = browser.get(answer.location).text
    assert "Mark as won: Fleet. Your first deal of the year!" in text and 'action="/undo/' in text
    with instance.environment("owner") as env:
        assert env["crm.lead"].call(several, "mark_won") is None
        assert env["crm.lead"].call([lead], "mark_won") is None
