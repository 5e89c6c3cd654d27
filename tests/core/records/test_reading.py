"""Search, read, count, paging: conditions, orders, paths, what is left out."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest

from core.errors import AccessDenied, ExpressionError, NotFound, Refusal
from core.records.environment import Environment


def fill(env: Environment) -> dict[str, int]:
    north = env["t.team"].create(name="North").id
    fjord = env["t.team"].create(name="Fjord", parent=north).id
    vip, old = (row.id for row in env["t.tag"].create_many([{"name": "vip"}, {"name": "old"}]))
    ids = {"north": north, "fjord": fjord, "vip": vip, "old": old}
    rows = env["t.deal"].create_many(
        [
            {"name": "Ärger", "amount": "12.50", "team": fjord, "tags": [vip], "closing": date(2026, 3, 1)},
            {"name": "beta", "amount": 7, "priority": 2, "tags": [vip, old]},
            {"name": "gone", "active": False},
        ]
    )
    ids.update({"a": rows[0].id, "b": rows[1].id, "gone": rows[2].id})
    return ids


def test_read_gives_each_asked_path_in_one_statement(env: Environment) -> None:
    ids = fill(env)
    fields = ["name", "amount", "team", "team.name", "team.parent.name", "closing", "weighted", "team_id"]
    with env.database.counting() as counter:
        found = env["t.deal"].read("id == deal", fields, deal=ids["a"])
    assert len(counter.statements) == 1
    assert found == [
        {
            "name": "Ärger",
            "amount": Decimal("12.5"),
            "team": ids["fjord"],
            "team.name": "Fjord",
            "team.parent.name": "North",
            "closing": date(2026, 3, 1),
            "weighted": Decimal("1.25"),
            "team_id": ids["fjord"],
        }
    ]


def test_fields_with_several_records_are_lists_of_ids(env: Environment) -> None:
    ids = fill(env)
    env["t.line"].create_many([{"name": "one", "deal": ids["b"]}, {"name": "two", "deal": ids["b"]}])
    found = {row["name"]: row for row in env["t.deal"].read("", ["name", "tags", "lines"])}
    assert found["beta"]["tags"] == [ids["vip"], ids["old"]]
    assert len(found["beta"]["lines"]) == 2
    assert found["Ärger"] == {"name": "Ärger", "tags": [ids["vip"]], "lines": []}


def test_archived_records_are_left_out_unless_the_condition_names_active(env: Environment) -> None:
    ids = fill(env)
    assert env["t.deal"].count() == 2
    assert env["t.deal"].count("active == false") == 1
    assert env["t.deal"].count("active or not active") == 3
    assert env["t.deal"].get(ids["gone"]).name == "gone"


def test_conditions_bind_names_and_rows(env: Environment) -> None:
    ids = fill(env)
    team = env["t.team"].get(ids["fjord"])
    assert [row.id for row in env["t.deal"].search("team == wanted", wanted=team)] == [ids["a"]]
    assert env["t.deal"].search("id in wanted", wanted=[ids["a"], ids["b"]], order="id").ids == [ids["a"], ids["b"]]
    assert env["t.deal"].search("id in wanted", wanted=[]).ids == []
    assert env["t.deal"].search("within(team, 'North')").ids == [ids["a"]]
    assert env["t.deal"].search("tags in ['old']").ids == [ids["b"]]
    assert env["t.deal"].search("contains(name, 'ARG')").ids == [ids["a"]]
    assert env["t.deal"].search("owner == me").ids == [ids["b"], ids["a"]]


def test_a_search_is_read_once_and_relations_of_all_rows_together(env: Environment) -> None:
    fill(env)
    with env.database.counting() as counter:
        rows = env["t.deal"].search("", order="name")
        assert not counter.statements
        teams = [row.team.name if row.team else None for row in rows]
        assert [row.tags for row in rows]
    assert teams == ["Fjord", None]
    assert len(counter.statements) == 5, "deals, teams, deals' links in two, tags"


def test_an_unknown_field_is_refused_with_the_nearest(env: Environment) -> None:
    with pytest.raises(Refusal, match="Did you mean 'amount'"):
        env["t.deal"].read("", ["amuont"])
    with pytest.raises(ExpressionError, match="column 1") as refused:
        env["t.deal"].count("amuont > 3")
    assert refused.value.suggestion == "amount"
    with pytest.raises(NotFound, match="There is no model"):
        env["t.none"]


def test_an_order_ends_in_id_and_none_sorts_last(env: Environment) -> None:
    ids = fill(env)
    assert [row["id"] for row in env["t.deal"].read("", ["id"], order="closing")] == [ids["a"], ids["b"]]
    assert [row["id"] for row in env["t.deal"].read("", ["id"], order="-closing")] == [ids["a"], ids["b"]]
    assert [row["id"] for row in env["t.deal"].read("", ["id"], order="-name")] == [ids["b"], ids["a"]]
    assert [row["id"] for row in env["t.deal"].read("", ["id"], order="team.name")] == [ids["a"], ids["b"]]


@pytest.mark.parametrize(
    "order", ["-priority, -id", "closing", "-closing, name", "team.name, -amount", "name, -priority"]
)
def test_pages_together_are_the_whole_order(env: Environment, order: str) -> None:
    chance = random.Random(7)
    teams = [row.id for row in env["t.team"].create_many([{"name": name} for name in ("b", "a", "É", "z")])]
    env["t.deal"].create_many(
        [
            {
                "name": chance.choice(["x", "X", "é", "y"]),
                "priority": chance.randint(0, 2),
                "closing": chance.choice([None, date(2026, 1, 1), date(2025, 5, 5)]),
                "team": chance.choice([None, *teams]),
                "amount": chance.choice([None, 1, "2.5"]),
            }
            for _ in range(57)
        ]
    )
    whole = [row["id"] for row in env["t.deal"].read("", ["id"], order=order)]
    assert len(set(whole)) == 57
    paged: list[int] = []
    after = None
    while True:
        page = env["t.deal"].page("", ["id"], order=order, limit=10, after=after)
        paged += [row["id"] for row in page.records]
        after = page.next
        if after is None:
            break
    assert paged == whole


def test_a_count_stops_at_its_limit(env: Environment) -> None:
    fill(env)
    assert env["t.deal"].count(limit=1) == 1
    assert env["t.deal"].count(limit=9) == 2


def test_one_shape_is_compiled_once(env: Environment) -> None:
    fill(env)
    env["t.deal"].read("amount > 1 and name == 'x'", ["name"])
    before = len(env.runtime.statements)
    env["t.deal"].read("amount > 99 and name == 'y'", ["name"])
    assert len(env.runtime.statements) == before


def test_secrets_are_never_read(env: Environment) -> None:
    fill(env)
    with pytest.raises(AccessDenied, match="token"):
        env["t.deal"].read("", ["token"])


def test_labels(env: Environment) -> None:
    ids = fill(env)
    assert env["t.team"].label([ids["north"], 999_999]) == {ids["north"]: "North"}
    with pytest.raises(NotFound, match="999999"):
        env["t.team"].get(999_999)
