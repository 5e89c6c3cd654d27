"""Planned activities: what the type says, overdue or not, done with what came of it, who may change them."""

from datetime import timedelta

import pytest

from core import AccessDenied, Invalid, NotFound, Refusal, StaleVersion


def plan(env, record, **values):
    """Plan something on a contact, as the user of an environment."""
    return env["mail.activity"].create(record=f"res.partner,{record}", **values)


def test_the_type_says_when_and_for_whom(env, ines, tomas, halden):
    call = env.ref("mail.activity_call")
    env["mail.activity.type"].write(call, summary="Call back", user=tomas.user)
    activity = plan(ines, halden.id, type=call.id)
    assert (activity.name, activity.summary, activity.user.login) == ("Call back", "Call back", "tomas")
    assert activity.date_deadline == ines.today() + timedelta(days=2)
    usual = plan(ines, halden.id)
    assert (usual.type.name, usual.name, usual.user.login) == ("To-do", "To-do", "ines")
    assert usual.date_deadline == ines.today() + timedelta(days=5)
    given = plan(ines, halden.id, type=call.id, summary="Now", user=ines.user, date_deadline="2026-03-02")
    assert (given.summary, given.user.login, str(given.date_deadline)) == ("Now", "ines", "2026-03-02")


def test_who_only_sees_a_record_finishes_what_was_planned_for_them(env, ines, tomas, halden):
    call = env.ref("mail.activity_call")
    env["mail.activity.type"].write(call, chaining="trigger", next_type=call.id)
    activity = plan(ines, halden.id, type=call.id, user=tomas.user)
    with pytest.raises(AccessDenied):
        tomas["res.partner"].write(halden.id, name="Other")
    told = tomas["mail.message"].get(tomas["mail.activity"].call([activity.id], "mark_done", feedback="They will buy"))
    assert (told.author.name, told.kind, "They will buy" in told.body) == ("Tomas Okafor", "done", True)
    (following,) = tomas["mail.activity"].search("record == r", r=f"res.partner,{halden.id}")
    assert (following.type.id, following.user.login) == (call.id, "tomas")


def test_two_who_finish_it_at_once_tell_of_it_once(ines, halden):
    activity = plan(ines, halden.id)
    first, second = (ines["mail.activity"].get(activity.id) for _ in range(2))
    first.mark_done()
    with pytest.raises((StaleVersion, Refusal)):
        second.mark_done()
    assert ines["mail.message"].count("kind == 'done'") == 1


def test_months_end_where_the_month_does(env):
    kind = env["mail.activity.type"].create(name="Review", delay_count=1, delay_unit="months")
    assert str(kind.due(env.today().replace(month=1, day=31))) == "2026-02-28"
    with pytest.raises(Invalid, match="An activity is due today or later"):
        env["mail.activity.type"].create(name="Past", delay_count=-1)


def test_overdue_today_planned(ines, halden, clock):
    today = ines.today()
    days = {"overdue": today - timedelta(days=1), "today": today, "planned": today + timedelta(days=1)}
    for day in days.values():
        plan(ines, halden.id, date_deadline=day)
    found = ines["mail.activity"].search()
    assert [row.state for row in found] == list(days)
    assert ines["mail.activity"].count("state == 'overdue'") == 1
    (partner,) = ines["res.partner"].read("id == wanted", ["activity_state"], wanted=halden.id)
    assert partner["activity_state"] == "overdue"
    ines["mail.activity"].call([found[0].id], "mark_done")
    assert ines["res.partner"].get(halden.id).activity_state == "today"


def test_done_is_noted_with_what_came_of_it(ines, halden):
    activity = plan(ines, halden.id, summary="Call about the quote")
    message = ines["mail.activity"].call([activity.id], "mark_done", feedback="They will <sign> on Monday")
    told = ines["mail.message"].get(message)
    assert (told.kind, told.subject) == ("done", "Call about the quote")
    assert told.body == "<p>They will &lt;sign&gt; on Monday</p>"
    done = ines["mail.activity"].get(activity.id)
    assert (done.active, done.state, done.date_done) == (False, "done", ines.today())
    assert ines["mail.activity"].count() == 0
    with pytest.raises(Refusal, match="is done already"):
        ines["mail.activity"].call([activity.id], "mark_done")


def test_done_without_a_word_tells_only_that(ines, halden):
    activity = plan(ines, halden.id, summary="Send papers")
    told = ines["mail.message"].get(ines["mail.activity"].call([activity.id], "mark_done", feedback="  "))
    assert (told.kind, told.subject, told.body) == ("done", "Send papers", None)


def test_the_next_one_is_planned_where_the_type_says_so(env, ines, halden):
    meeting, call = env.ref("mail.activity_meeting"), env.ref("mail.activity_call")
    env["mail.activity.type"].write(meeting, next_type=call.id, chaining="trigger")
    first = plan(ines, halden.id, type=meeting.id)
    ines["mail.activity"].call([first.id], "mark_done")
    (following,) = ines["mail.activity"].search()
    assert (following.type.name, following.user.login) == ("Call", "ines")
    assert following.date_deadline == ines.today() + timedelta(days=2)
    ines["mail.activity"].call([following.id], "mark_done")
    assert ines["mail.activity"].count() == 0


def test_moved_to_another_day(ines, halden):
    activity = plan(ines, halden.id)
    monday = ines.today() + timedelta(days=7)  # the clock of tests shows a Monday
    for action, day in (("to_tomorrow", 1), ("to_today", 0), ("to_next_week", 7)):
        ines["mail.activity"].call([activity.id], action)
        assert ines["mail.activity"].get(activity.id).date_deadline == ines.today() + timedelta(days=day)
    assert ines["mail.activity"].get(activity.id).date_deadline == monday
    ines["mail.activity"].call([activity.id], "reschedule", date_deadline="2026-05-05")
    assert str(ines["mail.activity"].get(activity.id).date_deadline) == "2026-05-05"


def test_whoever_is_given_work_follows_the_record(ines, tomas, halden):
    plan(ines, halden.id, user=tomas.user)
    plan(ines, halden.id, user=tomas.user)
    plan(ines, halden.id)
    assert [row.partner.name for row in ines["res.partner"].get(halden.id).followers] == ["Tomas Okafor"]


def test_nobody_is_given_work_on_what_they_may_not_see(env, ines, tomas):
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    env.sudo()["res.users"].write(ines.user, companies=[env.company, other.id])
    ines = env.as_user(ines.user)
    secret = env.sudo()["res.partner"].create(name="Secret", company=other.id)
    with pytest.raises(Invalid, match="Tomas Okafor may not see this record"):
        plan(ines, secret.id, user=tomas.user)
    plan(ines, secret.id)
    assert tomas["mail.activity"].count("active or not active") == 0


def test_who_may_change_an_activity(ines, tomas, as_user, halden):
    activity = plan(ines, halden.id, user=tomas.user)
    tomas["mail.activity"].call([activity.id], "to_tomorrow")
    mira = as_user("mira")
    assert mira["mail.activity"].count() == 1
    for attempt in (
        lambda: mira["mail.activity"].call([activity.id], "to_today"),
        lambda: mira["mail.activity"].delete(activity.id),
        lambda: plan(mira, halden.id, user=ines.user) and mira["mail.activity"].delete(activity.id),
    ):
        with pytest.raises((AccessDenied, NotFound)), mira.savepoint():
            attempt()


def test_done_can_be_undone(instance, undoing):
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        activity = plan(env, halden.id, summary="Visit").id
    with instance.environment("ines") as env:
        env["mail.activity"].call([activity], "mark_done", feedback="A slip")
        done = env.change_set
    assert undoing(done).conflicts == []
    with instance.environment("ines") as env:
        again = env["mail.activity"].get(activity)
        assert (again.active, again.feedback, again.date_done) == (True, None, None)
        assert env["mail.message"].count() == 0


def test_a_database_without_types_says_so(env, halden):
    env["mail.activity.type"].write([row.id for row in env["mail.activity.type"].search()], active=False)
    with pytest.raises(Invalid, match="There is no type of activity yet"):
        plan(env, halden.id)


def test_programs_plan_by_an_action(ines, halden):
    id_ = ines["res.partner"].call([halden.id], "plan_activity", summary="By a program", date_deadline="2026-04-01")
    activity = ines["mail.activity"].get(id_)
    assert (activity.name, str(activity.date_deadline)) == ("By a program", "2026-04-01")
