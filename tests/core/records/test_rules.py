"""Rules answered without a statement: the same answers as the database's, and the database where a relation decides."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.errors import AccessDenied, NotFound
from core.records.environment import Environment

Opener = Callable[..., AbstractContextManager[Environment]]


def seller(env: Environment, condition: str) -> Environment:
    """A user whose deals a rule limits."""
    group = env["res.groups"].create(name="seller").id
    rights = {"can_read": True, "can_update": True, "can_create": True, "can_delete": True}
    for model in ("t.deal", "t.team", "res.users"):
        env["core.access"].create(name=model, model=model, group=group, **rights)
    env["core.rule"].create(name="limit", model="t.deal", condition=condition, groups=[group])
    return env.as_user(env["res.users"].create(login="ann", name="ann", groups=[group]).id)


@pytest.mark.parametrize(
    ("condition", "asks"),
    [
        ("owner == me or owner == none", False),
        ("priority in [1, 2] and amount < 100", False),
        ("weighted < 10", False),
        ("team.name == 'North'", True),
        ("any(tags, name == 'x') or priority == 1", True),
        ("within(team, 'North')", True),
    ],
)
def test_a_result_out_of_reach_is_refused_whoever_answers(env: Environment, condition: str, asks: bool) -> None:
    ann = seller(env, condition)
    north, south = (env["t.team"].create(name=name).id for name in ("North", "South"))
    inside = {"name": "a", "owner": ann.user, "priority": 1, "amount": 50, "team": north}
    outside = {"name": "b", "owner": env.user, "priority": 5, "amount": 500, "team": south}
    deal = ann["t.deal"].create(**inside)
    with pytest.raises(AccessDenied, match="out of your reach"):
        ann["t.deal"].create(**outside)
    with pytest.raises(AccessDenied, match="out of your reach"):
        ann["t.deal"].write(deal, **outside)
    other = env["t.deal"].create(**outside)
    with pytest.raises(NotFound):
        ann["t.deal"].write(other, **inside)
    with ann.database.counting() as counter:
        ann["t.deal"].create(**inside)
    results = [text for text in counter.statements if text.startswith("SELECT t.id FROM t_deal t")]
    assert any("WHERE t.id IN" not in text for text in results) is asks, "a statement that holds more than the ids"


def test_a_rule_that_a_relation_decides_for_some_records_only(env: Environment) -> None:
    ann = seller(env, "priority == 1 or team.name == 'North'")
    north, south = (env["t.team"].create(name=name).id for name in ("North", "South"))
    near, far, hers = (
        env["t.deal"].create(name=name, priority=priority, team=team).id
        for name, priority, team in (("a", 1, None), ("b", 5, south), ("c", 5, north))
    )
    ann["t.deal"].write([near], name="x")
    ann["t.deal"].write([near, hers], name="y")
    with pytest.raises(NotFound):
        ann["t.deal"].write([near, far], name="z")
    assert [row.name for row in env["t.deal"].browse([near, far, hers])] == ["y", "b", "y"]
