"""Rights, record rules and field groups on every road; conditions and orders must not show what may not be read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.errors import AccessDenied, Invalid, NotFound, Refusal
from core.lang.accessor import Row
from core.lang.python import predicate
from core.records.environment import Environment

Opener = Callable[..., AbstractContextManager[Environment]]


@pytest.fixture
def world(env: Environment) -> dict[str, int]:
    return populate(env)


def populate(env: Environment) -> dict[str, int]:
    """Two salespeople with their own deals, a boss with all, a stranger with no right; only the boss sees teams."""
    groups = {name: env["res.groups"].create(name=name).id for name in ("seller", "boss", "stranger")}
    env["res.groups"].write(groups["boss"], implies=[groups["seller"]])
    for name, id_ in groups.items():
        env["core.external_id"].create(addon="t", name=name, model="res.groups", record=id_)
    users = {}
    for login, group in (("ann", "seller"), ("bob", "seller"), ("cleo", "boss"), ("dan", "stranger")):
        users[login] = env["res.users"].create(login=login, name=login, groups=[groups[group]]).id
    rights = {"can_read": True, "can_update": True, "can_create": True}
    env["core.access"].create_many(
        [
            {"name": "deals", "model": "t.deal", "group": groups["seller"], **rights, "can_delete": False},
            {"name": "deals", "model": "t.deal", "group": groups["boss"], **rights, "can_delete": True},
            {"name": "tags", "model": "t.tag", "group": groups["seller"], **rights, "can_delete": False},
            {"name": "teams", "model": "t.team", "group": groups["boss"], **rights, "can_delete": True},
            {"name": "users", "model": "res.users", "group": None, "can_read": True},
        ]
    )
    own = {"name": "own", "model": "t.deal", "condition": "owner == me or owner == none", "groups": [groups["seller"]]}
    every = {"name": "all", "model": "t.deal", "condition": "true", "groups": [groups["boss"]]}
    env["core.rule"].create_many([own, every])
    team = env["t.team"].create(name="Secret team").id
    deals = env["t.deal"].create_many(
        [
            {"name": "hers", "owner": users["ann"], "team": team, "amount": 10, "note": "n1"},
            {"name": "his", "owner": users["bob"], "team": team, "amount": 200, "note": "n2"},
            {"name": "nobody's", "owner": None, "amount": 3000},
        ]
    )
    return {**users, "team": team, "hers": deals[0].id, "his": deals[1].id, "free": deals[2].id}


def test_no_right_is_no_access(env: Environment, world: dict[str, int]) -> None:
    dan = env.as_user(world["dan"])
    calls = [
        lambda: dan["t.deal"].read("", ["name"]),
        lambda: list(dan["t.deal"].search("")),
        lambda: dan["t.deal"].count(),
        lambda: dan["t.deal"].aggregate(""),
        lambda: dan["t.deal"].create(name="x"),
        lambda: dan["t.deal"].write(world["free"], name="x"),
        lambda: dan["t.deal"].delete(world["free"]),
    ]
    for call in calls:
        with pytest.raises(AccessDenied, match="You may not"):
            call()
    with pytest.raises(NotFound):
        dan["t.deal"].get(world["free"])


def test_all_roads_see_the_same_records(env: Environment, world: dict[str, int]) -> None:
    expected = {"ann": {"hers", "free"}, "bob": {"his", "free"}, "cleo": {"hers", "his", "free"}}
    for login, names in expected.items():
        reader = env.as_user(world[login])
        ids = {world[name] for name in names}
        deals = reader["t.deal"]
        assert {row["id"] for row in deals.read("", ["id"])} == ids
        assert {row.id for row in deals.search("")} == ids
        assert deals.count() == len(ids)
        assert deals.aggregate("")[0]["id:count"] == len(ids)
        assert {row["owner"]: row["id:count"] for row in deals.aggregate("", by=["owner"])}.keys() == {
            row["owner"] for row in deals.read("", ["owner"])
        }
        assert deals.permitted(world[name] for name in ("hers", "his", "free")) == ids
        assert {row.id for row in deals.browse([world[name] for name in ("hers", "his", "free")])} == ids
        rule = reader.policy.rule("t.deal") if reader.policy else None
        holds = predicate(rule, env.registry.schema)
        rows = env.sudo()["t.deal"].search("")
        schema = env.registry.schema
        assert {row.id for row in rows if holds(Row(row, "t.deal", schema), reader.implicit())} == ids


def test_writing_goes_through_the_rule_before_and_after(env: Environment, world: dict[str, int]) -> None:
    ann = env.as_user(world["ann"])
    ann["t.deal"].write(world["hers"], name="still hers")
    with pytest.raises(NotFound):
        ann["t.deal"].write(world["his"], owner=world["ann"])
    with pytest.raises(AccessDenied, match="out of your reach"):
        ann["t.deal"].write(world["hers"], owner=world["bob"])
    with pytest.raises(AccessDenied, match="out of your reach"):
        ann["t.deal"].create(name="x", owner=world["bob"])
    with pytest.raises(AccessDenied, match="You may not delete"):
        ann["t.deal"].delete(world["hers"])
    env.as_user(world["cleo"])["t.deal"].delete(world["hers"])


def test_a_rule_for_writing_only_explains_itself(env: Environment, world: dict[str, int]) -> None:
    env["core.rule"].create(
        name="frozen", model="t.deal", condition="amount < 1000", on_read=False, on_create=False, on_delete=False
    )
    cleo = env.as_user(world["cleo"])
    assert cleo["t.deal"].get(world["free"]).name == "nobody's"
    with pytest.raises(AccessDenied, match=r"You may see .* but not change it"):
        cleo["t.deal"].write(world["free"], name="x")


def test_a_closed_field_is_refused_and_unseen(env: Environment, world: dict[str, int]) -> None:
    ann, cleo = env.as_user(world["ann"]), env.as_user(world["cleo"])
    with pytest.raises(AccessDenied, match="note"):
        ann["t.deal"].read("", ["note"])
    with pytest.raises(AccessDenied, match="note"):
        ann["t.deal"].create(name="x", note="n")
    with pytest.raises(AccessDenied, match="note"):
        ann["t.deal"].aggregate("", by=["note"])
    assert cleo["t.deal"].read("note == 'n1'", ["note"]) == [{"note": "n1"}]
    assert ann["t.deal"].count("note == 'n1'") == 0


def test_unreadable_records_show_their_label_only(env: Environment, world: dict[str, int]) -> None:
    ann, cleo = env.as_user(world["ann"]), env.as_user(world["cleo"])
    fields = ["team.name", "team.version"]
    assert ann["t.deal"].read("id == d", fields, d=world["hers"]) == [
        {"team.name": "Secret team", "team.version": None}
    ]
    assert cleo["t.deal"].read("id == d", fields, d=world["hers"]) == [{"team.name": "Secret team", "team.version": 1}]
    assert ann["t.deal"].count("team.version == 1") == 0
    with ann, pytest.raises(AccessDenied, match="leads to"):
        assert ann["t.deal"].get(world["hers"]).team.version


@pytest.mark.parametrize("path", ["team.version", "team.create_date"])
def test_orders_and_conditions_are_no_oracle(env: Environment, world: dict[str, int], path: str) -> None:
    other = env["t.team"].create(name="Other").id
    env["t.deal"].write(world["free"], team=other)
    ann = env.as_user(world["ann"])

    def answers() -> list[object]:
        with ann:
            order = [row["id"] for row in ann["t.deal"].read("", ["id"], order=path)]
            return [order, ann["t.deal"].count(f"{path} != none"), ann["t.deal"].aggregate("", by=[path])]

    before = answers()
    env["t.team"].write(world["team"], name="Changed")
    env["t.team"].write(world["team"], name="Twice")
    assert answers() == before


def test_one_may_not_refer_to_what_one_may_not_read(env: Environment, world: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="or you may not see it"):
        env.as_user(world["ann"])["t.deal"].create(name="x", team=world["team"])


def test_actions_for_other_groups_are_refused(env: Environment, world: dict[str, int]) -> None:
    with pytest.raises(AccessDenied, match="not for your groups"):
        env.as_user(world["ann"])["t.deal"].call(world["hers"], "raise_all")
    assert env.as_user(world["cleo"])["t.deal"].call([world["hers"], world["his"]], "raise_all") == 2


def test_a_changed_rule_holds_at_once_everywhere(open_env: Opener, env: Environment, world: dict[str, int]) -> None:
    ann = world["ann"]
    assert env.as_user(ann)["t.deal"].count() == 2
    rule = env["core.rule"].read("name == 'own'", ["id"])[0]["id"]
    env["core.rule"].write(rule, condition="true")
    assert env.as_user(ann)["t.deal"].count() == 3


def test_rules_reach_other_requests_through_the_generation(open_env: Opener) -> None:
    with open_env() as env:
        ann = populate(env)["ann"]
    with open_env(user=ann, superuser=False) as env:
        assert env["t.deal"].count() == 2
    with open_env() as env:
        env["core.rule"].write(env["core.rule"].read("name == 'own'", ["id"])[0]["id"], condition="owner == none")
    with open_env(user=ann, superuser=False) as env:
        assert env["t.deal"].count() == 1


def test_two_users_of_the_same_groups_share_statements(env: Environment, world: dict[str, int]) -> None:
    env.as_user(world["ann"])["t.deal"].read("", ["name"])
    before = len(env.runtime.statements)
    assert env.as_user(world["bob"])["t.deal"].count() == 2
    env.as_user(world["bob"])["t.deal"].read("", ["name"])
    assert len(env.runtime.statements) == before + 1, "only the count is new"


def test_an_archived_model_right_does_not_open_history(env: Environment, world: dict[str, int]) -> None:
    with pytest.raises(Refusal):
        env.as_user(world["ann"])["core.change"].read("", ["before"])


@pytest.mark.parametrize("name", ["me", "company", "groups", "today"])
def test_a_caller_cannot_bind_what_rules_mean(env: Environment, world: dict[str, int], name: str) -> None:
    with pytest.raises(ValueError, match="cannot be bound"):
        env.as_user(world["ann"])["t.deal"].count("", **{name: world["bob"]})


def test_which_of_many_users_may(env: Environment, world: dict[str, int]) -> None:
    users = [world[login] for login in ("ann", "bob", "cleo", "dan")]
    for name in ("hers", "his", "free"):
        reference = f"t.deal,{world[name]}"
        for operation in ("read", "update", "delete"):
            expected = {user for user in users if env.as_user(user).permits(operation, reference)}
            assert env.permitted_users(operation, reference, users) == expected
    assert env.permitted_users("read", f"t.deal,{world['hers']}", users) == {world["ann"], world["cleo"]}
    assert env.permitted_users("read", "t.deal,999999", users) == set()
    assert env.permitted_users("read", "no.such,1", users) == set()
