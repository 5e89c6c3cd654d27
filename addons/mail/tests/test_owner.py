"""Overdue, today and planned are told in the zone of whose the activity is, wherever one looks from."""

from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

import cli

AUCKLAND, LOS_ANGELES = "Pacific/Auckland", "America/Los_Angeles"
DUE = ("due_zone", "due_from", "due_until")


@pytest.fixture
def owner(env):
    """Tomas, in Auckland."""
    found = env["res.users"].search("login == 'tomas'")[0]
    env["res.users"].write(found, tz=AUCKLAND)
    return found.id


@pytest.fixture
def viewer(env, as_user):
    """Ines, in Los Angeles."""
    env["res.users"].write(env["res.users"].search("login == 'ines'")[0], tz=LOS_ANGELES)
    return as_user("ines")


@pytest.fixture
def plan(env, halden, owner):
    """Plan something on the contact; gives the id."""

    def run(day, user=owner):
        return env["mail.activity"].create(record=f"res.partner,{halden.id}", date_deadline=day, user=user).id

    return run


def instants(env, id_):
    """The kept instants of an activity, as people of the test read them."""
    row = env["mail.activity"].read_ids([id_], DUE)[id_]
    return row["due_zone"], *(f"{row[name]:%d %H:%M}" for name in DUE[1:])


def told(env, id_):
    """What is told of one activity: by the row, by a condition, and by its record."""
    row = env["mail.activity"].get(id_)
    found = env["mail.activity"].search("state == wanted", wanted=row.state)
    assert [each.id for each in found] == [id_]
    model, record = row.record.split(",")
    assert env[model].get(int(record)).activity_state == row.state
    return row.state


# Auckland is 13 hours ahead of UTC in its summer, 12 in its winter; Los Angeles 8 and 7 hours behind.
@pytest.mark.parametrize(
    ("instant", "state"),
    [
        ("2026-03-02T10:59:59", "planned"),  # 2 March in both places, and one second to go in Auckland
        ("2026-03-02T11:00:00", "today"),  # the 3rd begins in Auckland; 3 in the morning of the 2nd in Los Angeles
        ("2026-03-03T10:59:59", "today"),
        ("2026-03-03T11:00:00", "overdue"),  # still the 3rd in Los Angeles
        ("2026-03-04T09:00:00", "overdue"),
    ],
)
def test_everybody_is_told_the_day_of_the_owner(plan, viewer, as_user, clock, instant, state):
    id_ = plan("2026-03-03")
    clock.instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert told(viewer, id_) == told(as_user("tomas"), id_) == told(as_user("mira"), id_) == state


@pytest.mark.parametrize(
    ("zone", "day", "first", "following"),
    [
        (AUCKLAND, "2026-04-05", "04 11:00", "05 12:00"),  # summer time ends: 25 hours
        (AUCKLAND, "2026-09-27", "26 12:00", "27 11:00"),  # summer time begins: 23 hours
        (LOS_ANGELES, "2026-03-08", "08 08:00", "09 07:00"),
        (LOS_ANGELES, "2026-11-01", "01 07:00", "02 08:00"),
        ("Asia/Beirut", "2026-03-29", "28 22:00", "29 21:00"),  # the clock jumps at midnight: the day begins at one
        ("UTC", "2026-03-03", "03 00:00", "04 00:00"),
    ],
)
def test_a_day_begins_and_ends_where_the_owner_is(env, plan, owner, zone, day, first, following):
    env["res.users"].write(owner, tz=zone)
    assert instants(env, plan(day)) == (zone, first, following)


@pytest.mark.parametrize(("day", "state"), [("0001-01-01", "overdue"), ("9999-12-31", "planned")])
def test_days_at_the_ends_of_the_calendar(env, plan, day, state):
    assert told(env, plan(day)) == state


def test_another_day_or_owner_has_other_instants(env, plan, viewer):
    id_ = plan("2026-03-03")
    assert instants(env, id_) == (AUCKLAND, "02 11:00", "03 11:00")
    env["mail.activity"].write([id_], date_deadline="2026-03-05")
    assert instants(env, id_) == (AUCKLAND, "04 11:00", "05 11:00")
    env["mail.activity"].write([id_], user=viewer.user)
    assert instants(env, id_) == (LOS_ANGELES, "05 08:00", "06 08:00")


def test_nobody_sets_the_instants(env, plan):
    id_ = plan("2026-03-03")
    env["mail.activity"].write([id_], due_until="2030-01-01T00:00:00Z", due_zone="UTC")
    assert instants(env, id_) == (AUCKLAND, "02 11:00", "03 11:00")


def test_an_owner_who_moves_takes_the_days_along(env, plan, owner):
    done, open_, other = plan("2026-03-02"), plan("2026-03-03"), plan("2026-03-03", user=env.user)
    env["mail.activity"].call([done], "mark_done")
    env["res.users"].write(owner, tz=LOS_ANGELES)
    assert instants(env, done) == (LOS_ANGELES, "02 08:00", "03 08:00")
    assert instants(env, open_) == (LOS_ANGELES, "03 08:00", "04 08:00")
    assert instants(env, other) == ("UTC", "03 00:00", "04 00:00")


def test_who_has_no_zone_has_that_of_the_company(env, plan, owner):
    id_ = plan("2026-03-03")
    env["res.company"].write(env.company, tz="Asia/Kolkata")
    assert instants(env, id_) == (AUCKLAND, "02 11:00", "03 11:00")
    env["res.users"].write(owner, tz=None)
    assert instants(env, id_) == ("Asia/Kolkata", "02 18:30", "03 18:30")
    env["res.company"].write(env.company, tz=None)
    assert instants(env, id_) == ("UTC", "03 00:00", "04 00:00")
    currency = env["res.company"].get(env.company).currency_id
    there = env["res.company"].create(name="Other", currency=currency, tz=LOS_ANGELES).id
    env["res.users"].write(owner, company=there)
    assert instants(env, id_) == (LOS_ANGELES, "03 08:00", "04 08:00")


def test_an_undone_move_takes_the_days_back(instance, undoing):
    with instance.environment() as env:
        tomas = env["res.users"].search("login == 'tomas'")[0].id
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        id_ = env["mail.activity"].create(record=halden, date_deadline="2026-03-03", user=tomas).id
    with instance.environment() as env:
        env["res.users"].write(tomas, tz=AUCKLAND)
        moved = env.change_set
    assert undoing(moved).conflicts == []
    with instance.environment() as env:
        assert instants(env, id_) == ("UTC", "03 00:00", "04 00:00")
        env["mail.activity"].delete(id_)
        deleted = env.change_set
    assert undoing(deleted).conflicts == []
    with instance.environment() as env:
        assert instants(env, id_) == ("UTC", "03 00:00", "04 00:00")


def test_days_are_counted_from_the_owners_today(env, plan, owner, clock):
    clock.instant = datetime(2026, 3, 2, 22, tzinfo=UTC)  # 3 March in Auckland
    call = env.ref("mail.activity_call").id
    record = env["mail.activity"].get(plan("2026-03-09")).record
    usual = env["mail.activity"].create(record=record, type=call, user=owner)
    assert usual.date_deadline == date(2026, 3, 5)
    for action, day in (("to_today", 3), ("to_tomorrow", 4), ("to_next_week", 9)):
        env["mail.activity"].call([usual.id], action)
        assert env["mail.activity"].get(usual.id).date_deadline == date(2026, 3, day)
    assert instants(env, usual.id) == (AUCKLAND, "08 11:00", "09 11:00")


def test_pages_tell_the_day_of_the_owner(instance, browser_of, clock):
    with instance.environment() as env:
        env["res.users"].write(env["res.users"].search("login == 'tomas'")[0], tz=AUCKLAND)
        env["res.users"].write(env["res.users"].search("login == 'ines'")[0], tz=LOS_ANGELES)
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        tomas = instance.user_id("tomas")
        env["mail.activity"].create(record=halden, date_deadline="2026-03-02", user=tomas, summary="Call Signe")
        page = f"/app/res.partner/{halden.id}"
    clock.instant = datetime(2026, 3, 2, 22, tzinfo=UTC)  # the 2nd is over in Auckland alone
    viewer, owner = browser_of("ines"), browser_of("tomas")
    for browser in (viewer, owner):
        assert '<span class="due overdue">' in browser.get(page).text and "1 day late" in browser.get(page).text
        assert "1 day late" in browser.get("/app/mail.activity").text
        assert "Call Signe" in browser.get("/app/mail.activity?filter=overdue").text
        assert "Call Signe" not in browser.get("/app/mail.activity?filter=today").text
        assert "Call Signe" not in browser.get("/app/mail.activity?filter=later").text
    assert "0 unread, 1 overdue, 0 due today" in owner.get("/mail/news/count").text
    assert "1 overdue, 0 today, 0 later" in owner.get("/mail/news").text


def test_an_upgrade_fills_in_what_is_there(instance):
    with instance.environment() as env:
        tomas = env["res.users"].search("login == 'tomas'")[0].id
        env["res.users"].write(tomas, tz=AUCKLAND)
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        given = {"record": halden, "date_deadline": "2026-03-03", "user": tomas}
        open_, done = (env["mail.activity"].create(**given).id for _count in range(2))
        env["mail.activity"].call([done], "mark_done")
        env["res.users"].write(tomas, active=False)
    with instance.database.transaction(write=True):
        for name in DUE:
            instance.database.execute(f"ALTER TABLE mail_activity DROP COLUMN {name}")
            instance.database.execute(f"DELETE FROM core_owned WHERE kind = 'column' AND name = 'mail_activity.{name}'")
        instance.database.execute("ALTER TABLE res_users DROP COLUMN activity_mails")
        instance.database.execute("DELETE FROM core_owned WHERE kind = 'column' AND name = 'res_users.activity_mails'")
        instance.database.execute("DELETE FROM core_migration WHERE addon = 'mail'")
    instance.close()
    result = CliRunner().invoke(cli.main, ["addon", "upgrade", "--db", instance.database.url])
    assert result.exit_code == 0, result.output
    with instance.environment() as env:
        for id_ in (open_, done):
            assert instants(env, id_) == (AUCKLAND, "02 11:00", "03 11:00")
        assert env["res.users"].count("not activity_mails and (active or not active)") == 0
