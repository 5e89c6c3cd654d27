"""Groups with totals, equal on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.errors import ExpressionError, Refusal
from core.records.aggregates import bucket_name
from core.records.environment import Environment


@pytest.fixture
def deals(env: Environment) -> dict[str, int]:
    team = env["t.team"].create(name="North").id
    env["t.deal"].create_many(
        [
            {"name": "a", "amount": "1.10", "team": team, "closing": date(2017, 3, 31), "priority": 1},
            {"name": "b", "amount": "2.20", "team": team, "closing": date(2017, 4, 1), "priority": 2},
            {"name": "c", "met": datetime(2017, 3, 31, 22, 30, tzinfo=UTC)},
            {"name": "d", "amount": 9, "active": False},
        ]
    )
    return {"team": team}


def test_one_group_without_by(env: Environment, deals: dict[str, int]) -> None:
    measures = [
        "id:count",
        "amount:sum",
        "amount:avg",
        "amount:min",
        "amount:max",
        "team:count_distinct",
        "priority:avg",
    ]
    assert env["t.deal"].aggregate("", measures=measures) == [
        {
            "id:count": 3,
            "amount:sum": Decimal("3.3"),
            "amount:avg": Decimal("1.65"),
            "amount:min": Decimal("1.1"),
            "amount:max": Decimal("2.2"),
            "team:count_distinct": 1,
            "priority:avg": 1.0,
        }
    ]


def test_groups_are_named_as_asked(env: Environment, deals: dict[str, int]) -> None:
    found = env["t.deal"].aggregate("", by=["team.name", "closing:month"], measures=["amount:sum"])
    assert found == [
        {"team.name": "North", "closing:month": "2017-03", "amount:sum": Decimal("1.1")},
        {"team.name": "North", "closing:month": "2017-04", "amount:sum": Decimal("2.2")},
        {"team.name": None, "closing:month": None, "amount:sum": Decimal(0)},
    ]
    assert env["t.deal"].aggregate("", by=["team"])[0] == {"team": deals["team"], "id:count": 2}


def test_a_sum_over_nothing_is_zero_and_an_average_none(env: Environment) -> None:
    assert env["t.deal"].aggregate("", measures=["amount:sum", "amount:avg", "priority:sum", "id:count"]) == [
        {"amount:sum": Decimal(0), "amount:avg": None, "priority:sum": 0, "id:count": 0}
    ]


def test_computed_fields_are_summed(env: Environment, deals: dict[str, int]) -> None:
    assert env["t.deal"].aggregate("", measures=["weighted:sum"]) == [{"weighted:sum": Decimal("0.33")}]


def test_instants_fall_into_days_of_the_zone(env: Environment, deals: dict[str, int]) -> None:
    assert env["t.deal"].aggregate("name == 'c'", by=["met:day"])[0]["met:day"] == "2017-03-31"
    env["res.users"].write(env.user, tz="Europe/Berlin")
    berlin = env.as_user(env.user).sudo()
    assert berlin["t.deal"].aggregate("name == 'c'", by=["met:day"])[0]["met:day"] == "2017-04-01"
    assert berlin["t.deal"].aggregate("name == 'c'", by=["met:quarter"])[0]["met:quarter"] == "2017-Q2"


@pytest.mark.parametrize(
    ("by", "measures", "text"),
    [
        (["closing:fortnight"], ["id:count"], "unknown unit"),
        (["name:month"], ["id:count"], "no dates"),
        ([], ["amount:total"], "not a measure"),
        ([], ["amount"], "not a measure"),
        ([], ["name:sum"], "no numbers"),
        ([], ["active:min"], "yes or no"),
    ],
)
def test_what_cannot_be_grouped_is_refused(env: Environment, by: list[str], measures: list[str], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        env["t.deal"].aggregate("", by=by, measures=measures)


def test_an_unknown_path_is_refused(env: Environment) -> None:
    with pytest.raises((ExpressionError, Refusal), match="stagee"):
        env["t.deal"].aggregate("", by=["stagee"])


@pytest.mark.parametrize(
    ("unit", "name"),
    [("day", "2026-01-01"), ("week", "2026-W01"), ("month", "2026-01"), ("quarter", "2026-Q1"), ("year", "2026")],
)
def test_bucket_names(unit: str, name: str) -> None:
    assert bucket_name(date(2026, 1, 1), unit) == name
