"""From a page's state to the condition its records meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import ExpressionError, Refusal
from core.records.environment import Environment
from core.views.opening import Opening
from core.views.search.arch import SearchArch, SearchField
from core.views.search.narrowing import Narrowing, narrow
from core.views.state import State
from core.views.store import ViewStore

ARCH = """
<search>
  <field name="name" paths="name,category.name"/>
  <field name="category" operator="within"/>
  <field name="tags"/>
  <field name="stage" operator="equals"/>
  <field name="email" operator="startswith"/>
  <filter name="urgent" label="Urgent" condition="urgent"/>
  <filter name="large" label="Large" condition="amount &gt; 500"/>
  <separator/>
  <filter name="renewal" label="Renewals" condition="kind == 'renewal'"/>
  <filter name="margin" label="Margin" condition="margin &gt; 1" groups="shop.boss"/>
  <group_by name="stage" label="Stage" field="stage"/>
</search>
"""


@pytest.fixture
def search(env: Environment, store: ViewStore, write: Any, put: Callable[..., None]) -> SearchArch:
    put(write("shop", ARCH, type="search"))
    found = store.search(env, "shop.deal")
    assert found is not None
    return found


@pytest.fixture
def deals(env: Environment) -> None:
    root = env["shop.category"].create(name="Goods")
    inner = env["shop.category"].create(name="Steel", parent=root)
    stage, tag = env["shop.stage"].create(name="New"), env["shop.tag"].create(name="Großkunde")
    env["shop.deal"].create(name="Fleet renewal", urgent=True, amount=100, kind="renewal", category=root)
    env["shop.deal"].create(name="Ürümqi fleet", amount=900, stage=stage, tags=[tag], email="ines@x.example")
    env["shop.deal"].create(name="Robots", amount=900, kind="renewal", category=inner)


def names(env: Environment, search: SearchArch, state: State, opening: Opening | None = None) -> set[str]:
    found = narrow(env, opening or Opening("shop.deal"), search, state)
    return {record["name"] for record in env["shop.deal"].read(found.where, ["name"], **found.bound)}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State(q="fleet"), {"Fleet renewal", "Ürümqi fleet"}),
        (State(q="fleet URUMQI"), {"Ürümqi fleet"}),
        (State(q="steel"), {"Robots"}),
        (State(q='"fleet renewal"'), {"Fleet renewal"}),
        (State(q='"renewal fleet"'), set()),
        (State(q="100%_'\""), set()),
        (State(terms=(("category", "Goods"),)), {"Fleet renewal", "Robots"}),
        (State(terms=(("category", "oods"),)), {"Fleet renewal"}),
        (State(terms=(("category", "STEEL"),)), {"Robots"}),
        (State(terms=(("tags", "grosskunde"),)), {"Ürümqi fleet"}),
        (State(terms=(("stage", "New"),)), {"Ürümqi fleet"}),
        (State(terms=(("stage", "Ne"),)), set()),
        (State(terms=(("email", "ines"),)), {"Ürümqi fleet"}),
        (State(terms=(("unknown", "x"),)), {"Fleet renewal", "Ürümqi fleet", "Robots"}),
        (State(filters=("urgent", "large")), {"Fleet renewal", "Ürümqi fleet", "Robots"}),
        (State(filters=("urgent", "renewal")), {"Fleet renewal"}),
        (State(filters=("large", "renewal")), {"Robots"}),
        (State(where="amount < 500"), {"Fleet renewal"}),
        (State(where="amount < 500 or amount > 500", filters=("urgent",), q="fleet"), {"Fleet renewal"}),
    ],
)
def test_what_is_found(state: State, expected: set[str], env: Environment, search: SearchArch, deals: None) -> None:
    assert names(env, search, state) == expected


def test_the_action_narrows_first(env: Environment, search: SearchArch, deals: None) -> None:
    opening = Opening("shop.deal", condition="amount > 500 or name == 'x'", filters=("renewal",))
    assert names(env, search, State(), opening) == {"Robots"}
    assert names(env, search, State(filters=()), opening) == {"Robots", "Ürümqi fleet"}
    assert names(env, search, State(filters=(), where="amount < 500"), opening) == set()


def test_what_narrows_can_be_taken_away_one_by_one(env: Environment, search: SearchArch, deals: None) -> None:
    state = State(q="fleet", terms=(("tags", "x"),), filters=("urgent", "renewal"), where="amount > 1")
    found = narrow(env, Opening("shop.deal"), search, state)
    assert [(chip.label, chip.value) for chip in found.chips] == [
        ("Urgent", ""),
        ("Renewals", ""),
        ("Deal", "fleet"),
        ("Tags", "x"),
        ("Condition", "amount > 1"),
    ]
    assert [chip.without for chip in found.chips] == [
        state.but(filters=("renewal",)),
        state.but(filters=("urgent",)),
        state.but(q=""),
        state.but(terms=()),
        state.but(where=""),
    ]


def test_typed_text_is_bound_and_never_part_of_the_expression(env: Environment, search: SearchArch) -> None:
    found = narrow(env, Opening("shop.deal"), search, State(q="') or true or contains(name, '"))
    assert found.expression is not None
    assert "true" not in found.expression.source
    assert "')" in found.names.values()


def test_nothing_narrows_where_nothing_is_asked(env: Environment, search: SearchArch) -> None:
    assert narrow(env, Opening("shop.deal"), search, State()) == Narrowing()
    assert narrow(env, Opening("shop.deal"), None, State(q="x")).where == ""


def test_a_condition_that_cannot_be_read_is_refused(env: Environment, search: SearchArch) -> None:
    with pytest.raises(ExpressionError) as refused:
        narrow(env, Opening("shop.deal"), search, State(where="amont > 1"))
    assert refused.value.suggestion == "amount"
    assert refused.value.source == "amont > 1"


def test_text_cannot_be_looked_for_in_numbers(env: Environment) -> None:
    info = env.registry.schema["shop.deal"].fields["amount"]
    arch = SearchArch((SearchField("amount", "Amount", "contains", ("amount",), info),), (), ())
    with pytest.raises(Refusal, match="cannot be searched by text"):
        narrow(env, Opening("shop.deal"), arch, State(q="1"))


def test_a_filter_is_for_its_groups(env: Environment, store: ViewStore, search: SearchArch) -> None:
    assert [filter_.name for group in search.filters for filter_ in group] == ["urgent", "large", "renewal", "margin"]
    user = env["res.users"].create(login="tomas", name="Tomas", company=env.company)
    plain = store.search(env.as_user(user.id), "shop.deal")
    assert plain is not None
    assert [filter_.name for group in plain.filters for filter_ in group] == ["urgent", "large", "renewal"]
