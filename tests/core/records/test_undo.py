"""Undo: whatever was done comes back exactly, or nothing changes and the conflicts are named."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from core.errors import Invalid, NotFound
from core.model.change import Link
from core.records.deletion import StillReferenced
from core.records.environment import Environment
from core.records.links import stored_links
from core.records.present import current_values
from core.records.undo import UndoConflict, undo

Opener = Callable[..., AbstractContextManager[Environment]]
MODELS = ("t.team", "t.tag", "t.deal", "t.line")


def snapshot(env: Environment) -> dict[str, Any]:
    """All rows and links, without what is never compared: version and write stamps."""
    found: dict[str, Any] = {}
    for model in MODELS:
        info = env.registry.schema[model]
        ids = [id_ for (id_,) in env.database.fetch(f"SELECT id FROM {info.table} ORDER BY id")]
        found[model] = current_values(env, model, ids)
        for values in found[model].values():
            for name in ("version", "write_date", "write_uid", "token"):
                values.pop(name, None)
        for name, field in info.fields.items():
            if field.link:
                found[f"{model}.{name}"] = stored_links(env, model, name, ids)
    return found


def difference(found: Any, expected: Any, path: str = "") -> list[str]:
    """Where two states differ, one line for each place."""
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = sorted({*found, *expected}, key=str)
        return [line for key in keys for line in difference(found.get(key), expected.get(key), f"{path}/{key}")]
    return [] if found == expected else [f"{path}: {found!r} instead of {expected!r}"]


def done(open_env: Opener, act: Callable[[Environment], object]) -> int:
    with open_env() as env:
        act(env)
        assert env.change_set is not None
        return env.change_set


def test_undo_and_redo_of_each_operation(open_env: Opener) -> None:
    with open_env() as env:
        tags = [row.id for row in env["t.tag"].create_many([{"name": "a"}, {"name": "b"}])]
        deal = env["t.deal"].create(name="x", amount=1, tags=tags[:1], lines=[{"name": "one"}]).id
        states = [snapshot(env)]
    acts: list[Callable[[Environment], object]] = [
        lambda env: env["t.deal"].write(deal, name="y", amount=None, tags=Link(add=[tags[1]], remove=[tags[0]])),
        lambda env: env["t.deal"].create(name="new", tags=tags),
        lambda env: env["t.tag"].delete(tags[0]),
        lambda env: env["t.deal"].delete(deal),
    ]
    sets = []
    for act in acts:
        sets.append(done(open_env, act))
        with open_env() as env:
            states.append(snapshot(env))
    redo = []
    for position in reversed(range(len(acts))):
        with open_env(kind="undo") as env:
            report = undo(env, sets[position])
            assert not report.conflicts
            redo.append(report.change_set)
        with open_env() as env:
            assert difference(snapshot(env), states[position]) == []
    for position, change_set in enumerate(reversed(redo)):
        with open_env(kind="undo") as env:
            undo(env, change_set)
        with open_env() as env:
            assert difference(snapshot(env), states[position + 1]) == []


def test_a_newer_value_is_a_conflict_and_nothing_changes(open_env: Opener) -> None:
    with open_env() as env:
        one, two = (row.id for row in env["t.deal"].create_many([{"name": "a"}, {"name": "b"}]))
    bulk = done(open_env, lambda env: env["t.deal"].write([one, two], name="bulk", amount=5))
    done(open_env, lambda env: env["t.deal"].write(one, name="newer"))
    with open_env() as env:
        before = snapshot(env)
        with pytest.raises(UndoConflict) as refused:
            undo(env, bulk)
        (conflict,) = refused.value.report.conflicts
        assert (conflict.model, conflict.id, conflict.field, conflict.label) == ("t.deal", one, "name", "newer")
        assert conflict.by
        assert conflict.at is not None
        assert difference(snapshot(env), before) == []
    with open_env() as env:
        report = undo(env, bulk, skip_conflicts=True)
        assert report.undone == 2
        found = env["t.deal"].read("", ["name", "amount"], order="id")
        assert found == [{"name": "newer", "amount": None}, {"name": "b", "amount": None}]


def test_a_dry_run_changes_nothing(open_env: Opener) -> None:
    made = done(open_env, lambda env: env["t.deal"].create(name="a"))
    with open_env() as env:
        report = undo(env, made, dry_run=True)
        assert (report.deleted, report.undone, report.change_set) == (1, 1, None)
        assert env["t.deal"].count() == 1


def test_a_created_record_that_others_use_is_a_conflict(open_env: Opener) -> None:
    with open_env() as env:
        team = env["t.team"].create(name="North").id
        made = env.change_set
    done(open_env, lambda env: env["t.deal"].create(name="x", team=team))
    with open_env() as env, pytest.raises(UndoConflict) as refused:
        undo(env, made)
    assert "refer to it" in refused.value.report.conflicts[0].reason


def test_a_restored_record_needs_what_it_referred_to(open_env: Opener) -> None:
    with open_env() as env:
        team = env["t.team"].create(name="North").id
        deal = env["t.deal"].create(name="x", team=team).id
    gone = done(open_env, lambda env: env["t.deal"].delete(deal))
    done(open_env, lambda env: env["t.team"].delete(team))
    with open_env() as env, pytest.raises(UndoConflict) as refused:
        undo(env, gone)
    assert refused.value.report.conflicts[0].field == "team"


def test_undoing_twice_finds_nothing_left(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="x").id
    changed = done(open_env, lambda env: env["t.deal"].write(deal, name="y"))
    done(open_env, lambda env: undo(env, changed))
    with open_env() as env:
        assert undo(env, changed).undone == 0
        assert env["t.deal"].get(deal).name == "x"


def test_an_unknown_change_set_is_named(open_env: Opener) -> None:
    with open_env() as env, pytest.raises(NotFound, match="change set 999"):
        undo(env, 999)


def test_two_people_adding_tags_never_conflict(open_env: Opener) -> None:
    with open_env() as env:
        tags = [row.id for row in env["t.tag"].create_many([{"name": name} for name in "abc"])]
        deal = env["t.deal"].create(name="x", tags=tags[:1]).id
    first = done(open_env, lambda env: env["t.deal"].write(deal, tags=Link(add=[tags[1]])))
    done(open_env, lambda env: env["t.deal"].write(deal, tags=Link(add=[tags[2]])))
    done(open_env, lambda env: undo(env, first))
    with open_env() as env:
        assert env["t.deal"].read("", ["tags"]) == [{"tags": [tags[0], tags[2]]}]


def test_derived_fields_are_kept_up(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="x", lines=[{"name": "one"}]).id
    added = done(open_env, lambda env: env["t.line"].create(name="two", deal=deal))
    with open_env() as env:
        assert env["t.deal"].get(deal).line_count == 2
        undo(env, added)
    with open_env() as env:
        assert env["t.deal"].get(deal).line_count == 1


class History:
    """Random work on the sample: each step is one change set."""

    def __init__(self, open_env: Opener, seed: int) -> None:
        self.open_env = open_env
        self.chance = random.Random(seed)
        self.states: list[dict[str, Any]] = []
        self.sets: list[int] = []

    def ids(self, env: Environment, model: str) -> list[int]:
        table = env.registry.schema[model].table
        return [id_ for (id_,) in env.database.fetch(f"SELECT id FROM {table} ORDER BY id")]

    def pick(self, env: Environment, model: str) -> int | None:
        ids = self.ids(env, model)
        return self.chance.choice(ids) if ids and self.chance.random() < 0.8 else None

    def values(self, env: Environment, model: str) -> dict[str, Any]:
        chance, name = self.chance, self.chance.choice("abcdef")
        if model == "t.team":
            return {"name": name, "parent": self.pick(env, "t.team")}
        if model == "t.tag":
            return {"name": f"{name}{chance.randint(0, 999)}", "deals": self.some(env, "t.deal")}
        if model == "t.line":
            return {"name": name, "deal": self.pick(env, "t.deal"), "replaces": self.pick(env, "t.line")}
        return {
            "name": name,
            "amount": chance.choice([None, 1, "2.25"]),
            "active": chance.random() < 0.7,
            "team": self.pick(env, "t.team"),
            "tags": self.some(env, "t.tag"),
        }

    def some(self, env: Environment, model: str) -> list[int]:
        ids = self.ids(env, model)
        return self.chance.sample(ids, self.chance.randint(0, min(3, len(ids))))

    def step(self) -> None:
        """One to three operations; a refused one ends the change set without trace."""
        try:
            with self.open_env() as env:
                for _ in range(self.chance.randint(1, 3)):
                    self.operate(env)
                change_set = env.change_set
        except (Invalid, StillReferenced):
            return
        if change_set is not None:
            self.sets.append(change_set)
            with self.open_env() as env:
                self.states.append(snapshot(env))

    def operate(self, env: Environment) -> None:
        model = self.chance.choice(MODELS)
        ids = self.ids(env, model)
        kind = self.chance.random()
        if kind < 0.45 or not ids:
            env[model].create(**self.values(env, model))
        elif kind < 0.8:
            values = self.values(env, model)
            chosen = self.chance.sample(sorted(values), self.chance.randint(1, len(values)))
            env[model].write(self.chance.choice(ids), **{name: values[name] for name in chosen})
        else:
            env[model].delete(self.chance.choice(ids))


@pytest.mark.parametrize("seed", range(12))
def test_undoing_newest_first_hits_every_former_state(open_env: Opener, seed: int) -> None:
    history = History(open_env, seed)
    with open_env() as env:
        history.states.append(snapshot(env))
    for _ in range(14):
        history.step()
    assert len(history.sets) > 4
    for position in reversed(range(len(history.sets))):
        with open_env() as env:
            report = undo(env, history.sets[position])
            assert report.conflicts == []
        with open_env() as env:
            assert difference(snapshot(env), history.states[position]) == []


@pytest.mark.parametrize("seed", range(100, 118))
def test_undoing_any_set_applies_and_can_be_redone_or_changes_nothing(open_env: Opener, seed: int) -> None:
    history = History(open_env, seed)
    for _ in range(12):
        history.step()
    before = history.states[-1]
    try:
        with open_env() as env:
            report = undo(env, history.chance.choice(history.sets))
    except UndoConflict:
        with open_env() as env:
            assert difference(snapshot(env), before) == []
        return
    if report.change_set is not None:
        with open_env() as env:
            undo(env, report.change_set)
    with open_env() as env:
        assert difference(snapshot(env), before) == []


@pytest.mark.parametrize("seed", range(200, 230))
def test_what_conflicts_can_always_be_left_out(open_env: Opener, seed: int) -> None:
    history = History(open_env, seed)
    for _ in range(12):
        history.step()
    before = history.states[-1]
    with open_env() as env:
        report = undo(env, history.chance.choice(history.sets), skip_conflicts=True)
    if report.change_set is not None:
        with open_env() as env:
            again = undo(env, report.change_set)
            assert again.conflicts == []
    with open_env() as env:
        assert difference(snapshot(env), before) == []


def test_what_only_followed_since_is_no_conflict(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="x", rank=1).id
    set_by_hand = done(open_env, lambda env: env["t.deal"].write(deal, rank=2))
    with open_env() as env:
        env["t.deal"].follow([(deal, {"rank": 3})])
    undone = done(open_env, lambda env: undo(env, set_by_hand))
    with open_env() as env:
        assert env["t.deal"].get(deal).rank == 1
    done(open_env, lambda env: undo(env, undone))
    done(open_env, lambda env: env["t.deal"].write(deal, rank=7))
    with open_env() as env, pytest.raises(UndoConflict):
        undo(env, undone)


def test_what_follows_does_not_keep_a_new_record(open_env: Opener) -> None:
    made: list[int] = []
    created = done(open_env, lambda env: made.append(env["t.deal"].create(name="x").id))
    with open_env() as env:
        before = env["t.deal"].read("", ["write_date", "write_uid"])
        env["t.deal"].follow([(made[0], {"rank": 3})])
        assert env.change_set is None
        assert env["t.deal"].read("", ["write_date", "write_uid"]) == before
        assert env["t.deal"].get(made[0]).version == 2
    done(open_env, lambda env: undo(env, created))
    with open_env() as env:
        assert env["t.deal"].count() == 0


def test_only_fields_declared_so_follow(env: Environment) -> None:
    deal = env["t.deal"].create(name="x").id
    with pytest.raises(ValueError, match="name is not declared follows"):
        env["t.deal"].follow([(deal, {"name": "y"})])
