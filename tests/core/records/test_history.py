"""The change log and the timeline: what is kept, what never is, and how people read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.errors import NotFound
from core.model.change import Link
from core.records.environment import Environment
from core.records.history import timeline

Opener = Callable[..., AbstractContextManager[Environment]]


def test_one_unit_of_work_is_one_change_set(open_env: Opener) -> None:
    with open_env(kind="import", label="Leads of March") as env:
        assert env.change_set is None
        deal = env["t.deal"].create(name="x").id
        env["t.deal"].write(deal, name="y")
        first = env.change_set
    with open_env() as env:
        env["t.deal"].write(deal, amount=3)
        assert env.change_set != first
    with open_env() as env:
        entries = timeline(env, "t.deal", deal)
        found = [(entry.operation, entry.kind, entry.label) for entry in entries]
        assert found == [
            ("write", "command", ""),
            ("write", "import", "Leads of March"),
            ("create", "import", "Leads of March"),
        ]
        assert entries[0].user == env.user
        assert [(c.name, c.old_text, c.new_text) for c in entries[1].changes] == [("name", "x", "y")]


def test_reading_and_writing_equal_values_logs_nothing(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="x", amount=3).id
    with open_env() as env:
        env["t.deal"].write(deal, name="x", amount="3.00")
        assert env.change_set is None


def test_the_timeline_reads_like_a_sentence(env: Environment) -> None:
    tag = env["t.tag"].create(name="vip").id
    team = env["t.team"].create(name="North").id
    deal = env["t.deal"].create(name="x").id
    env["t.deal"].write(deal, team=team, kind="won", tags=Link(add=[tag]), active=False)
    changes = {change.name: (change.old_text, change.new_text) for change in timeline(env, "t.deal", deal)[0].changes}
    assert changes == {
        "team": ("", "North"),
        "kind": ("New", "Won"),
        "probability": ("10.0", "100.0"),
        "tags": ("", "vip"),
        "active": ("yes", "no"),
    }


def test_secrets_and_derived_fields_are_never_logged(env: Environment) -> None:
    deal = env["t.deal"].create(name="x", token="hush").id
    env["t.deal"].write(deal, token="hush hush", name="y")
    env["t.line"].create(name="one", deal=deal)
    env["t.deal"].delete(deal)
    images = env.database.fetch("SELECT before, after FROM core_change")
    assert "hush" not in json.dumps(images)
    assert "line_count" not in json.dumps(images)


def test_closed_fields_are_left_out_of_the_timeline(env: Environment) -> None:
    group = env["res.groups"].create(name="seller").id
    user = env["res.users"].create(login="ann", name="Ann", groups=[group]).id
    env["core.access"].create(name="deals", model="t.deal", group=group, can_read=True)
    deal = env["t.deal"].create(name="x", note="secret").id
    env["t.deal"].write(deal, note="other", name="y")
    reader = env.as_user(user)
    assert [[change.name for change in entry.changes] for entry in timeline(reader, "t.deal", deal)] == [["name"], []]


def test_a_timeline_needs_the_right_to_read_the_record(env: Environment) -> None:
    user = env["res.users"].create(login="ann", name="Ann").id
    deal = env["t.deal"].create(name="x").id
    with pytest.raises(NotFound):
        timeline(env.as_user(user), "t.deal", deal)
    with pytest.raises(NotFound):
        timeline(env, "t.deal", 10**9)


def test_a_deleted_record_keeps_its_timeline(env: Environment) -> None:
    deal = env["t.deal"].create(name="x").id
    env["t.deal"].delete(deal)
    entries = timeline(env, "t.deal", deal)
    assert [entry.operation for entry in entries] == ["delete", "create"]
    assert ("name", "x", "") in [(change.name, change.old_text, change.new_text) for change in entries[0].changes]


def test_a_long_timeline_is_read_in_pages(env: Environment) -> None:
    deal = env["t.deal"].create(name="0").id
    for number in range(1, 8):
        env["t.deal"].write(deal, name=str(number))
    first = timeline(env, "t.deal", deal, limit=3)
    rest = timeline(env, "t.deal", deal, limit=9, before=first[-1].id)
    assert [entry.changes[0].new_text for entry in first] == ["7", "6", "5"]
    assert len(rest) == 5
