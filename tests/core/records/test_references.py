"""References to records of any model: what they take, who may follow them, what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.errors import AccessDenied, Invalid, NotFound
from core.model.reference import referred
from core.records.deletion import StillReferenced
from core.records.environment import Environment
from core.records.undo import UndoConflict, undo

from .test_access import populate

Opener = Callable[..., AbstractContextManager[Environment]]


@pytest.fixture
def world(env: Environment) -> dict[str, int]:
    """Remarks on every record of the little sales model: what is said of a record is as open as the record."""
    found = populate(env)
    rights = {"can_create": True, "can_read": True, "can_update": True, "can_delete": True}
    env["core.access"].create(name="remarks", model="t.remark", group=None, **rights)
    seen = {"name": "seen", "model": "t.remark", "condition": "readable(about)", "on_read": True}
    changed = {"name": "changed", "model": "t.remark", "condition": "writable(about)", "on_read": False}
    for values in (seen, changed):
        others = dict.fromkeys(("on_create", "on_update", "on_delete"), not values["on_read"])
        env["core.rule"].create(**values, **others)
    for name in ("hers", "his", "free"):
        env["t.remark"].create(name=f"on {name}", about=f"t.deal,{found[name]}")
    env["t.remark"].create(name="on the team", about=f"t.team,{found['team']}")
    return found


def names(env: Environment) -> list[str]:
    return [row.name for row in env["t.remark"].search()]


def test_a_row_or_its_name_is_taken(env: Environment, world: dict[str, int]) -> None:
    row = env["t.remark"].create(name="more", about=env["t.deal"].get(world["hers"]))
    assert row.about == f"t.deal,{world['hers']}"
    assert referred(row.about) == ("t.deal", world["hers"])
    row.about = f"t.team,{world['team']}"
    row.save()
    assert env["t.remark"].get(row.id).about == f"t.team,{world['team']}"
    assert env["t.remark"].count("also == none") == 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("t.deal", "Expected a record such as"),
        ("t.deal,0", "Expected a record such as"),
        ("t.deal,99999999999999999999", "Expected a record such as"),
        ("T.Deal,1", "Expected a record such as"),
        (7, "Expected a record such as"),
        ("t.deal,4000", "There is no Deal 4000"),
        ("t.tag,1", "Records of 'Tag' cannot be named here."),
        ("t.remark,1", "Records of 'Remark' cannot be named here."),
        ("core.job,1", "Records of 'Job' cannot be named here."),
        ("no.such,1", "Records of 'no.such' cannot be named here."),
    ],
)
def test_what_names_no_record_is_refused(env: Environment, world: dict[str, int], value: object, text: str) -> None:
    with pytest.raises(Invalid, match=text):
        env["t.remark"].create(name="wrong", about=value)


def test_a_remark_is_as_open_as_its_record(env: Environment, world: dict[str, int]) -> None:
    assert names(env.as_user(world["ann"])) == ["on hers", "on free"]
    assert names(env.as_user(world["cleo"])) == ["on hers", "on his", "on free", "on the team"]
    assert names(env.as_user(world["dan"])) == []
    ann = env.as_user(world["ann"])
    assert ann["t.remark"].count() == 2
    assert ann["t.remark"].aggregate("")[0]["id:count"] == 2
    (hidden,) = env["t.remark"].search("name == 'on his'")
    with pytest.raises(NotFound):
        ann["t.remark"].get(hidden.id)


def test_writing_takes_the_right_to_change_the_record(env: Environment, world: dict[str, int]) -> None:
    ann = env.as_user(world["ann"])
    made = ann["t.remark"].create(name="mine", about=f"t.deal,{world['hers']}")
    with pytest.raises((AccessDenied, Invalid)):
        ann["t.remark"].create(name="mine", about=f"t.deal,{world['his']}")
    with pytest.raises((AccessDenied, Invalid)):
        ann["t.remark"].write(made, about=f"t.deal,{world['his']}")
    ann["t.remark"].delete(made)


def test_a_mixin_gives_the_remarks_of_a_record(env: Environment, world: dict[str, int]) -> None:
    hers = env["t.deal"].get(world["hers"])
    assert [remark.name for remark in hers.remarks] == ["on hers"]
    team = env["t.team"].create(name="New team", remarks=[{"name": "first"}, {"name": "second"}])
    assert [remark.about for remark in team.remarks] == [f"t.team,{team.id}"] * 2
    found = env["t.deal"].read("any(remarks, name == 'on his')", ["id", "remarks"])
    assert [row["id"] for row in found] == [world["his"]]
    assert env["t.deal"].count("count(remarks) == 0") == 0
    ann = env.as_user(world["ann"])
    assert ann["t.deal"].read("any(remarks, name != none)", ["remarks"], order="id")[0]["remarks"]


def test_remarks_go_and_come_back_with_their_record(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="gone soon", remarks=[{"name": "one"}, {"name": "two"}]).id
        other = env["t.remark"].create(name="elsewhere", about=f"t.deal,{env['t.deal'].create(name='x').id}")
        env["t.remark"].write(other, also=f"t.deal,{deal}")
    with open_env() as env:
        env["t.deal"].delete(deal)
        change_set = env.change_set
        assert names(env) == ["elsewhere"]
        assert env["t.remark"].get(other.id).also is None
    with open_env() as env:
        undo(env, change_set)
        assert names(env) == ["one", "two", "elsewhere"]
        assert env["t.remark"].get(other.id).also == f"t.deal,{deal}"
        assert [remark.name for remark in env["t.deal"].get(deal).remarks] == ["one", "two"]


def test_undoing_what_others_name_since_is_a_conflict(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="named since").id
        change_set = env.change_set
    with open_env() as env:
        env["t.remark"].create(name="since", about=f"t.deal,{deal}")
    with open_env() as env:
        report = undo(env, change_set, dry_run=True)
        assert [conflict.reason for conflict in report.conflicts] == ["Records of 'Remark' refer to it."]


def test_a_required_reference_refuses_the_deletion_unless_it_goes_too(env: Environment) -> None:
    declaration = env.registry.declarations["t.remark"]["about"]
    deal = env["t.deal"].create(name="held", remarks=[{"name": "holds"}])
    declaration.on_delete = "restrict"
    with pytest.raises(StillReferenced, match="1 record\\(s\\) of 'Remark' still refer to it"):
        env["t.deal"].delete(deal)


def test_an_undo_tells_of_a_record_that_is_gone(open_env: Opener) -> None:
    with open_env() as env:
        deal = env["t.deal"].create(name="named").id
        row = env["t.remark"].create(
            name="A", about=f"t.team,{env['t.team'].create(name='T').id}", also=f"t.deal,{deal}"
        )
    with open_env() as env:
        env["t.remark"].write([row.id], also=None)
        change_set = env.change_set
    with open_env() as env:
        env["t.deal"].delete([deal])
    with pytest.raises(UndoConflict) as refused, open_env() as env:
        undo(env, change_set)
    (conflict,) = refused.value.report.conflicts
    assert (conflict.field, conflict.reason) == ("also", "The record it referred to is gone.")
