"""Rehearsals refuse what the pipeline would refuse, and leave nothing behind."""

from __future__ import annotations

import pytest

from core.errors import AccessDenied, Invalid, NotFound
from core.records.environment import Environment
from core.records.rehearsal import rehearse_create, rehearse_write


def test_a_create_is_checked_and_not_done(env: Environment) -> None:
    change_set = env.change_set
    rehearse_create(env, "t.deal", [{"name": "A", "kind": "won"}, {"name": "B"}])
    rehearse_create(env, "t.deal", [])
    with pytest.raises(Invalid) as caught:
        rehearse_create(env, "t.deal", [{"name": "A"}, {"probability": 5}, {"name": "C", "probability": 101}])
    assert [(error.row, error.field) for error in caught.value.errors] == [(1, "name"), (2, "probability")]
    with pytest.raises(Invalid):
        rehearse_create(env, "t.deal", [{"name": "A", "team": 99}])
    assert env["t.deal"].count() == 0
    assert env.change_set == change_set
    assert env["t.deal"].create(name="A").id == 1


def test_what_hooks_store_is_taken_back(env: Environment) -> None:
    partners, change_set = env["res.partner"].count(), env.change_set
    rehearse_create(env, "res.users", [{"login": "x", "name": "X"}, {"login": "y", "name": "Y"}])
    assert (env["res.partner"].count(), env["res.users"].count(), env.change_set) == (partners, 1, change_set)


def test_a_write_is_checked_and_not_done(env: Environment) -> None:
    deal = env["t.deal"].create(name="A")
    rehearse_write(env, "t.deal", [(deal.id, {"name": "B"})])
    rehearse_write(env, "t.deal", [])
    with pytest.raises(Invalid):
        rehearse_write(env, "t.deal", [(deal.id, {"probability": -1})])
    with pytest.raises(NotFound):
        rehearse_write(env, "t.deal", [(deal.id + 1, {"name": "B"})])
    assert env["t.deal"].get(deal.id).name == "A"


def test_rights_are_asked_for(env: Environment) -> None:
    nobody = env["res.users"].create(login="nobody", name="Nobody").id
    with pytest.raises(AccessDenied):
        rehearse_create(env.as_user(nobody), "t.deal", [{"name": "A"}])
    with pytest.raises(AccessDenied):
        rehearse_write(env.as_user(nobody), "t.deal", [(1, {"name": "A"})])
