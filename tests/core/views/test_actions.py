"""Actions are checked against the views they open; they come out of the database as values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.data.files import read_addon
from core.records.environment import Environment
from core.views.actions import check_actions
from core.views.checks import Scope
from core.views.compose import Composition
from core.views.opening import FIELDS, Opening

SEARCH = '<search><field name="name"/><filter name="large" label="Large" condition="amount &gt; 5"/></search>'
BOARD = '<board group="kind"><card><field name="name"/></card></board>'
Check = Callable[[str], list[str]]


@pytest.fixture
def problems(tmp_path: Path, scope: Scope, write: Any, composed: Callable[..., Composition]) -> Check:
    """The problems of an action with these attributes."""
    boards = (write("shop", BOARD, type="board", name="plan"), write("other", BOARD, type="board", name="theirs"))
    composition = composed(write("shop", SEARCH, type="search"), *boards).require()

    def run(attributes: str) -> list[str]:
        (tmp_path / "a.xml").write_text(f'<tessera><action id="a" name="A" {attributes}/></tessera>')
        files = read_addon("shop", tmp_path, ["a.xml"])
        assert files.problems == ()
        return [
            str(problem).removeprefix("addons/shop/a.xml:1:10 ")
            for problem in check_actions(files.entries, composition, scope)
        ]

    return run


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('model="shop.deal" views="list,board,form" filters="large" group_by="stage" order="-amount,name"', []),
        ('model="shop.tag" filters="archived"', []),
        ('model="shop.nope" views="x"', []),  # the model is reported with the data files
        ('model="shop.deal" views="list,from"', ["V007 views: there is no view type 'from'; did you mean 'form'?"]),
        (
            'model="shop.tag" views="board"',
            ["V037 views: there is no view of type 'board' of shop.tag, and none can be made"],
        ),
        ('model="shop.deal" views="board:shop.plan,list"', []),
        (
            'model="shop.deal" views="board:shop.plna,list"',
            ["V037 views: there is no view 'shop.plna' of type 'board' of shop.deal; did you mean 'shop.plan'?"],
        ),
        (
            'model="shop.deal" views="list:shop.plan"',
            ["V037 views: there is no view 'shop.plan' of type 'list' of shop.deal"],
        ),
        (
            'model="shop.deal" views="board:other.theirs"',
            ["V032 views: view 'other.theirs' belongs to addon 'other', which 'shop' does not depend on"],
        ),
        (
            'model="shop.deal" filters="larg"',
            ["V037 filters: the search of shop.deal has no filter 'larg'; did you mean 'large'?"],
        ),
        ('model="shop.deal" order="amont"', ["V012 field 'amont' is not on shop.deal; did you mean 'amount'?"]),
        ('model="shop.deal" group_by="deadline"', ["V030 grouping by 'deadline' needs a unit, as in 'date:month'"]),
        (
            'model="shop.deal" group_by="note"',
            ["V032 field 'note' of shop.deal belongs to addon 'other', which 'shop' does not depend on"],
        ),
        (
            'model="shop.deal" defaults="{kind: 1}"',
            ["V038 defaults is not JSON: Expecting property name enclosed in double quotes at character 2"],
        ),
        ('model="shop.deal" defaults="[]"', ["V038 defaults is not a JSON object of fields and values"]),
        (
            'model="shop.deal" defaults=\'{"knd": "new"}\'',
            ["V012 defaults: field 'knd' is not on shop.deal; did you mean 'kind'?"],
        ),
    ],
)
def test_what_an_action_may_say(attributes: str, expected: list[str], problems: Check) -> None:
    assert problems(attributes) == expected


def test_an_action_opens_with_what_its_row_says(env: Environment) -> None:
    row = env["core.action"].create(
        name="Deals",
        record_name="Trade",
        model="shop.deal",
        views="board:shop.plan, list",
        condition="amount > 1",
        filters="large",
        defaults='{"kind": "renewal"}',
    )
    (record,) = env["core.action"].read("id == x", list(FIELDS), x=row.id)
    assert Opening.from_row(record) == Opening(
        "shop.deal",
        "Deals",
        "Trade",
        ("board", "list"),
        "amount > 1",
        ("large",),
        "",
        "",
        {"kind": "renewal"},
        "",
        {"board": "shop.plan"},
    )
    bare = env["core.action"].create(name="Bare", model="shop.deal")
    (record,) = env["core.action"].read("id == x", list(FIELDS), x=bare.id)
    assert Opening.from_row(record).views[0] == "list"
