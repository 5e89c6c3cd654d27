"""How long leads were in their stages: from the history, as if what was undone had never been; and rotting."""

from datetime import timedelta

import pytest

from addons.crm.stage_times import in_words, stage_times
from core import field_history


def days(env, lead):
    """Names of stages and the days in each."""
    names = {row["id"]: row["name"] for row in env["crm.stage"].read("", ["id", "name"])} | {None: None}
    return [(names[each.stage], each.time / timedelta(days=1), each.current) for each in stage_times(env, lead)]


@pytest.fixture
def move(instance, clock):
    """Writes to a lead after some days, as a unit of work of its own; gives the change set."""

    def write(lead, *, after, action="", **values):
        clock.advance(days=after)
        with instance.environment() as env:
            if action:
                env["crm.lead"].call([lead], action)
            else:
                env["crm.lead"].write(lead, **values)
            return env.change_set

    return write


@pytest.fixture
def lead(instance):
    with instance.environment() as env:
        return env["crm.lead"].create(name="Deal").id


@pytest.fixture
def ids(instance):
    with instance.environment() as env:
        return {name: env.ref(f"crm.stage_{name}").id for name in ("new", "qualified", "proposition", "won")}


def test_each_stage_has_its_time(instance, lead, ids, move, clock):
    move(lead, after=3, stage=ids["qualified"])
    move(lead, after=2, name="Another change")
    move(lead, after=2, stage=ids["proposition"])
    move(lead, after=1, stage=ids["qualified"])
    clock.advance(days=5)
    with instance.environment() as env:
        assert days(env, lead) == [("New", 3, False), ("Qualified", 9, True), ("Proposition", 1, False)]


def test_a_lead_that_never_moved_is_in_its_stage_since_it_was_created(instance, lead, clock):
    clock.advance(days=2)
    with instance.environment() as env:
        assert days(env, lead) == [("New", 2, True)]


def test_what_was_undone_never_was_and_what_was_redone_was(instance, lead, ids, move, clock, undoing):
    moved = move(lead, after=3, stage=ids["qualified"])
    clock.advance(days=2)
    undone = undoing(moved).change_set
    clock.advance(days=1)
    with instance.environment() as env:
        assert days(env, lead) == [("New", 6, True)]
        assert field_history(env, "crm.lead", [lead], "stage") == {lead: []}
    undoing(undone)
    with instance.environment() as env:
        assert days(env, lead) == [("New", 3, False), ("Qualified", 3, True)]


def test_the_time_ends_when_a_lead_is_closed(instance, lead, ids, move, clock):
    move(lead, after=4, stage=ids["proposition"])
    move(lead, after=6, action="mark_lost")
    clock.advance(days=30)
    with instance.environment() as env:
        assert days(env, lead) == [("New", 4, False), ("Proposition", 6, True)]


def test_a_given_date_of_the_last_move_is_believed(instance, ids, clock):
    with instance.environment() as env:
        since = clock.instant - timedelta(days=8)
        lead = env["crm.lead"].create(name="Imported", stage=ids["qualified"], date_last_stage_update=since).id
        assert days(env, lead) == [("Qualified", 8, True)]


def test_a_lead_without_a_stage_has_a_time_too(instance, lead, ids, move, clock):
    move(lead, after=1, stage=None)
    clock.advance(days=1)
    with instance.environment() as env:
        assert days(env, lead) == [("New", 1, False), (None, 1, True)]


def test_many_leads_are_looked_up_at_once(instance, ids):
    with instance.environment() as env:
        leads = [row.id for row in env["crm.lead"].create_many([{"name": str(number)} for number in range(50)])]
        env["crm.lead"].write(leads, stage=ids["qualified"])
    with instance.environment() as env, env.database.counting() as counter:
        found = field_history(env, "crm.lead", leads, "stage")
    assert {len(steps) for steps in found.values()} == {1}
    assert len([statement for statement in counter.statements if "core_change" in statement]) == 1


def test_the_page_tells_the_time(browser_of, lead, ids, move, clock):
    move(lead, after=3, stage=ids["qualified"])
    clock.advance(hours=5)
    text = browser_of("admin").get(f"/app/crm.lead/{lead}/panel/crm.stage_times").text
    assert "3 days" in text and "5 hours" in text


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(minutes=59), "less than an hour"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(days=1, hours=20), "1 day"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_times_in_words(time, words):
    assert in_words(time) == words


def test_how_many_days_too_long(instance, lead, ids, move, clock):
    with instance.environment() as env:
        env["crm.stage"].write(ids["qualified"], rotting_threshold_days=0)
    seen = []
    for pause in (13.9, 0.2, 0.8, 0.2):
        clock.advance(days=pause)
        with instance.environment() as env:
            seen.append(tuple(env["crm.lead"].read_ids([lead], ["is_rotting", "rotting_days"])[lead].values()))
    assert [each[-2:] for each in seen] == [(False, 0), (True, 14), (True, 14), (True, 15)]
    move(lead, after=0, stage=ids["qualified"])
    with instance.environment() as env:
        row = env["crm.lead"].get(lead)
        assert (row.is_rotting, row.rotting_days) == (False, 0)


def test_only_open_opportunities_rot(instance, ids, clock):
    with instance.environment() as env:
        names = ("Deal", "Lead", "Won", "Lost", "Archived")
        values = [{"name": name, "type": "lead" if name == "Lead" else "opportunity"} for name in names]
        rows = {row.name: row for row in env["crm.lead"].create_many(values)}
        env["crm.lead"].call([rows["Won"]], "mark_won")
        env["crm.lead"].call([rows["Lost"]], "mark_lost")
        env["crm.lead"].archive([rows["Archived"].id])
    clock.advance(days=100)
    with instance.environment() as env:
        assert [row.name for row in env["crm.lead"].search("is_rotting and (active or not active)")] == ["Deal"]


def test_a_card_and_a_record_warn_of_it(browser_of, lead, clock):
    browser = browser_of("admin")
    for path in ("/app/crm.lead?view=board", f"/app/crm.lead/{lead}"):
        assert 'class="warning nowrap"' not in browser.get(path).text
    clock.advance(days=20)
    browser = browser_of("admin")
    for path in ("/app/crm.lead?view=board", f"/app/crm.lead/{lead}"):
        assert 'title="Too long: since' in browser.get(path).text
