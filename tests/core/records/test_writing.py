"""Create, write, delete: what goes through, what is refused, what is rolled back."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.errors import AccessDenied, Invalid, NotFound, Refusal, StaleVersion
from core.model.change import Link
from core.records.environment import Environment

Opener = Callable[..., AbstractContextManager[Environment]]


def test_create_applies_defaults_unless_null_is_given(env: Environment) -> None:
    deal = env["t.deal"].create(name="x")
    assert (deal.probability, deal.kind, deal.priority, deal.owner_id) == (10.0, "new", 0, env.user)
    explicit = env["t.deal"].create(name="y", probability=None, owner=None)
    stored = env["t.deal"].get(explicit.id)
    assert (stored.probability, stored.owner) == (None, None)


def test_values_are_checked_all_at_once(env: Environment) -> None:
    with pytest.raises(Invalid) as refused:
        env["t.deal"].create_many(
            [
                {"name": "fine"},
                {
                    "name": "x",
                    "amuont": 3,
                    "probability": math.nan,
                    "kind": "wno",
                    "id": 5,
                    "weighted": 3,
                    "tags": "vip",
                },
            ]
        )
    found = {error.field: error for error in refused.value.errors}
    assert set(found) == {"amuont", "probability", "kind", "id", "weighted", "tags"}
    assert found["amuont"].suggestion == "amount"
    assert {error.row for error in refused.value.errors} == {1}
    assert env["t.deal"].count() == 0


def test_required_fields_and_constraints_name_field_and_row(env: Environment) -> None:
    with pytest.raises(Invalid) as refused:
        env["t.deal"].create_many([{"name": None}, {"name": "b", "probability": 101}])
    assert [(error.field, error.row) for error in refused.value.errors] == [("name", 0), ("probability", 1)]
    deal = env["t.deal"].create(name="x")
    with pytest.raises(Invalid, match="between 0 and 100"):
        env["t.deal"].write(deal, probability=-1)
    with pytest.raises(Invalid, match="must be filled in"):
        env["t.deal"].write(deal, name="")
    assert env["t.deal"].get(deal.id).name == "x"


def test_references_must_exist(env: Environment) -> None:
    with pytest.raises(Invalid, match="There is no Team 77"):
        env["t.deal"].create(name="x", team=77)
    with pytest.raises(Invalid, match="There is no Tag 78"):
        env["t.deal"].create(name="x", tags=[78])
    deal = env["t.deal"].create(name="x")
    with pytest.raises(Invalid, match="There is no Team 77"):
        deal.team_id = 77
        deal.save()


def test_a_taken_unique_key_names_its_field(open_env: Opener) -> None:
    with open_env() as env:
        env["t.tag"].create(name="vip")
    with pytest.raises(Invalid, match="already") as refused, open_env() as env:
        env["t.tag"].create(name="vip")
    assert refused.value.errors[0].field == "name"


def test_what_is_given_wins_over_hooks(env: Environment) -> None:
    assert env["t.deal"].create(name="x", kind="won").probability == 100.0
    assert env["t.deal"].create(name="x", kind="won", probability=60).probability == 60.0
    deal = env["t.deal"].create(name="x")
    env["t.deal"].write(deal, kind="won")
    assert deal.probability == 100.0


def test_write_refreshes_rows_and_raises_the_version(env: Environment) -> None:
    deal = env["t.deal"].create(name="x")
    env["t.deal"].write(deal, amount="3.5", team_id=None)
    assert (deal.amount, deal.version) == (Decimal("3.5"), 2)
    env["t.deal"].write(deal, amount=Decimal("3.50"))
    assert deal.version == 2, "equal values are left alone"
    deal.name = "y"
    deal.save()
    assert env["t.deal"].get(deal.id).name == "y"
    assert deal.version == 3


def test_a_stale_version_is_refused(env: Environment) -> None:
    deal = env["t.deal"].create(name="x")
    env["t.deal"].write(deal.id, version=1, name="y")
    with pytest.raises(StaleVersion) as refused:
        env["t.deal"].write(deal.id, version=1, name="z")
    assert refused.value.current == {deal.id: 2}
    env["t.deal"].write(deal.id, name="z")


def test_links_are_replaced_added_and_removed(env: Environment) -> None:
    a, b, c = env["t.tag"].create_many([{"name": name} for name in "abc"])
    deal = env["t.deal"].create(name="x", tags=[a, b])
    assert [tag.name for tag in env["t.deal"].get(deal.id).tags] == ["a", "b"]
    env["t.deal"].write(deal.id, tags=Link(add=[c.id], remove=[a.id]))
    assert [tag.name for tag in env["t.deal"].get(deal.id).tags] == ["b", "c"]
    env["t.deal"].write(deal.id, tags=[a.id])
    assert [tag.name for tag in env["t.deal"].get(deal.id).tags] == ["a"]
    assert env["t.deal"].get(deal.id).version == 3
    env["t.tag"].write(b.id, deals=[deal.id])
    assert env["t.deal"].read("", ["tags"]) == [{"tags": [a.id, b.id]}]


def test_children_are_created_with_their_owner(env: Environment) -> None:
    deal = env["t.deal"].create(name="x", lines=[{"name": "one"}, {"name": "two", "quantity": 3}])
    assert [(line.name, line.quantity) for line in env["t.deal"].get(deal.id).lines] == [("one", 1), ("two", 3)]
    env["t.deal"].write(deal.id, lines=[{"name": "three"}])
    assert env["t.line"].count("deal == d", d=deal.id) == 3


def test_constraints_that_query_see_the_new_rows(env: Environment) -> None:
    deal = env["t.deal"].create(name="x")
    with pytest.raises(Invalid, match="1,000 pieces"):
        env["t.line"].create_many(
            [{"name": "a", "deal": deal, "quantity": 600}, {"name": "b", "deal": deal, "quantity": 600}]
        )


def test_html_is_cleaned(env: Environment) -> None:
    deal = env["t.deal"].create(name="x", text="<p onclick='x()'>hi<script>alert(1)</script></p>")
    assert "script" not in deal.text
    assert "onclick" not in deal.text


def test_instants_come_back_aware_and_in_utc(env: Environment) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    deal = env["t.deal"].create(name="x", met=moment)
    assert env["t.deal"].get(deal.id).met == moment
    assert env["t.deal"].get(deal.id).met.utcoffset().total_seconds() == 0
    with pytest.raises(Invalid, match="met"):
        env["t.deal"].create(name="x", met=datetime(2026, 1, 1))


def test_deleting_follows_the_references(env: Environment) -> None:
    team = env["t.team"].create(name="North")
    child = env["t.team"].create(name="Fjord", parent=team)
    tag = env["t.tag"].create(name="vip")
    deal = env["t.deal"].create(name="x", team=child, tags=[tag], lines=[{"name": "one"}])
    with pytest.raises(Refusal, match=r"1 record\(s\) of 'Deal' still refer"):
        env["t.team"].delete(child)
    env["t.team"].delete(team)
    assert env["t.team"].get(child.id).parent is None
    env["t.tag"].delete(tag)
    assert env["t.deal"].get(deal.id).tags == ()
    env["t.deal"].delete(deal)
    assert env["t.line"].count() == 0
    with pytest.raises(NotFound):
        env["t.deal"].delete(deal.id)


def test_ids_are_never_used_again(env: Environment) -> None:
    first = env["t.deal"].create(name="x")
    env["t.deal"].delete(first.id)
    assert env["t.deal"].create(name="y").id > first.id


def test_a_failing_unit_of_work_leaves_nothing(open_env: Opener) -> None:
    def logged(env: Environment) -> int:
        return env.database.fetch("SELECT count(*) FROM core_change")[0][0]

    with open_env() as env:
        before = logged(env)
    with pytest.raises(Invalid), open_env() as env:
        env["t.deal"].create(name="x")
        env["t.deal"].create(name=None)
    with open_env() as env:
        assert env["t.deal"].count() == 0
        assert logged(env) == before


def test_effects_happen_after_commit_only(open_env: Opener) -> None:
    done: list[str] = []
    with open_env() as env:
        env.after_commit(lambda: done.append("first"))
        assert done == []
    with pytest.raises(RuntimeError), open_env() as env:
        env.after_commit(lambda: done.append("never"))
        raise RuntimeError
    assert done == ["first"]


def test_only_actions_can_be_called(env: Environment) -> None:
    deal = env["t.deal"].create(name="x")
    assert env["t.deal"].call(deal, "win", bonus=2) == deal.id + 2
    assert env["t.deal"].get(deal.id).kind == "won"
    assert env["t.deal"].call([deal.id], "raise_all") == 1
    for name in ("not_an_action", "save", "delete_instance", "__init__", "wni"):
        with pytest.raises(NotFound, match="has no action"):
            env["t.deal"].call(deal, name)


def test_what_core_keeps_is_not_written_by_people(open_env: Opener) -> None:
    with open_env(superuser=False) as env, pytest.raises(AccessDenied, match="kept by the system"):
        env["core.change_set"].create(kind="x")


def test_hooks_that_come_after_hear_of_links(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    deals, tags = env["t.deal"], [row.id for row in env["t.tag"].create_many([{"name": name} for name in "ab"])]
    monkeypatch.setattr(
        env.registry.models["t.deal"], "derive", lambda changes: heard.extend(change["tags"] for change in changes)
    )
    deal = deals.create(name="x", tags=tags[:1]).id
    deals.write(deal, tags=tags[1:])
    deals.write(deal, name="y")
    deals.delete(deal)
    assert heard == [Link(add=tags[:1]), Link(add=tags[1:], remove=tags[:1]), None, Link(add=tags[1:])]
