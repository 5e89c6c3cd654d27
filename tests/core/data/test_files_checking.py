"""Checking data files against the models, and loading them: names, values, references, order."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.data.checking import check
from core.data.files import read_addon
from core.data.loading import load
from core.records.environment import Environment

KNOWN = {
    "base.internal": "res.groups",
    "base.admin": "res.groups",
    "base.user_admin": "res.users",
    "other.x": "res.groups",
}
DEPENDS = {"base": frozenset[str](), "shop": frozenset({"base"}), "other": frozenset({"base"})}
Write = Callable[..., list[str]]


@pytest.fixture
def problems(env: Environment, tmp_path: Path) -> Write:
    """The problems of one file of the addon `shop`, as they are printed."""

    def run(body: str, name: str = "a.xml") -> list[str]:
        content = body if name.endswith(".csv") else f"<tessera>\n{body}\n</tessera>"
        (tmp_path / name).write_text(content)
        files = read_addon("shop", tmp_path, [name])
        assert files.problems == ()
        found = check(files.entries, env.registry, KNOWN, DEPENDS, files.broken)
        return [str(problem).removeprefix("addons/shop/") for problem in found]

    return run


def category(*fields: str, model: str = "res.partner.category", id: str = "c") -> str:
    return f'<record id="{id}" model="{model}">{"".join(fields)}</record>'


NAME = '<field name="name">x</field>'
BROKEN = {
    "unknown model": (
        category(NAME, model="res.partner.categry"),
        ["a.xml:2:1 D016 there is no model 'res.partner.categry'; did you mean 'res.partner.category'?"],
    ),
    "unknown field": (
        category(NAME, '<field name="colour">1</field>'),
        ["a.xml:2:73 D017 field 'colour' is not on res.partner.category; did you mean 'color'?"],
    ),
    "a value of another type": (
        category(NAME, '<field name="color">red</field>', '<field name="active">perhaps</field>'),
        [
            "a.xml:2:73 D018 field 'color': 'red' is not a whole number",
            "a.xml:2:104 D018 field 'active': 'perhaps' is not true or false",
        ],
    ),
    "no such record": (
        category(NAME, '<field name="parent" ref="nope"/>'),
        ["a.xml:2:73 D019 there is no record 'shop.nope' yet"],
    ),
    "a record that comes later": (
        category(NAME, '<field name="parent" ref="later"/>') + category(NAME, id="later"),
        ["a.xml:2:73 D019 there is no record 'shop.later' yet"],
    ),
    "a record of an addon one does not need": (
        '<menu id="m" name="M" groups="other.x"/>',
        ["a.xml:2:1 D020 'other.x' belongs to addon 'other', which 'shop' does not depend on"],
    ),
    "a record of another model": (
        category(NAME, '<field name="parent" ref="base.internal"/>'),
        ["a.xml:2:73 D021 'base.internal' is a record of res.groups, this field needs one of res.partner.category"],
    ),
    "two records for one": (
        category(NAME, id="a") + category(NAME, '<field name="parent" ref="a, a"/>', id="b"),
        ["D021 field 'parent' names exactly one record, not 2"],
    ),
    "text for a relation": (
        category(NAME, '<field name="parent">x</field>'),
        ["a.xml:2:73 D021 field 'parent' names records: give them with ref="],
    ),
    "a reference for text": (
        category('<field name="name" ref="base.internal"/>'),
        ["a.xml:2:45 D021 field 'name' of res.partner.category is no relation and takes no ref="],
    ),
    "an expression that cannot be read": (
        category(NAME, '<field name="color" expr="1 +"/>'),
        ["a.xml:2:73 D022 expr= of 'color': column "],
    ),
    "a condition that cannot be read": (
        '<rule id="r" model="res.partner" condition="nme == \'x\'"/>',
        ["a.xml:2:1 D022 condition: column 1: "],
    ),
    "a condition on a group that is not there": (
        '<rule id="r" model="res.partner" condition="has_group(\'base.intrenal\') or not active"/>',
        ["a.xml:2:1 D019 there is no record 'base.intrenal' yet; did you mean 'base.internal'?"],
    ),
    "a condition on a group of a stranger": (
        '<rule id="r" model="res.partner" condition="has_group(\'crm.manager\')"/>',
        ["a.xml:2:1 D020 'crm.manager' belongs to addon 'crm', which "],
    ),
    "a condition that is a value": (
        '<rule id="r" model="res.partner" condition="name"/>',
        ["a.xml:2:1 D022 condition: this gives a value, not yes or no"],
    ),
    "a field of the system": (
        category(NAME, '<field name="version">3</field>'),
        ["a.xml:2:73 D023 field 'version' of res.partner.category is kept by the system"],
    ),
    "a date of creation that is none": (
        category(NAME, '<field name="create_date">yesterday</field>'),
        ["a.xml:2:73 D018 field 'create_date': 'yesterday' is not an instant such as "],
    ),
    "one id twice": (
        category(NAME) + category(NAME),
        ["D024 'shop.c' is shipped twice, first at addons/shop/a.xml:2:1"],
    ),
    "a record of somebody else": (
        category(NAME, id="base.c"),
        ["a.xml:2:1 D025 'base.c' belongs to addon 'base'; an addon ships records under its own name"],
    ),
    "no name": (
        category(model="res.groups"),
        ["a.xml:2:1 D026 field 'name' of res.groups must be filled in"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_message_of_what_cannot_be(name: str, problems: Write) -> None:
    body, expected = BROKEN[name]
    found = problems(body)
    assert len(found) == len(expected)
    for line, wanted in zip(found, expected, strict=True):
        assert wanted in line
        if wanted.startswith("a.xml"):
            assert line.startswith(wanted)


def test_what_is_right_has_no_problems(problems: Write) -> None:
    body = (
        category(NAME, '<field name="color" expr="2 + 3"/>', id="a")
        + category(NAME, '<field name="parent" ref="a"/>', id="b")
        + '<menu id="m" name="M" groups="base.internal, base.admin"/>'
        + '<rule id="r" model="res.partner" condition="name == \'x\' or create_uid == me" groups="base.internal"/>'
    )
    assert problems(body) == []
    assert problems("id,model,group,can_read\na,res.partner,base.internal,1\n", "access.csv") == []
    assert problems("id,model\na,res.partnr\n", "access.csv") == [
        "access.csv:2:2 D016 there is no model 'res.partnr'; did you mean 'res.partner'?"
    ]


def test_records_are_written_with_their_ids_and_what_they_were_shipped_as(env: Environment, tmp_path: Path) -> None:
    body = (
        category('<field name="name">Goods</field>', '<field name="color" expr="2 + 3"/>', id="goods")
        + category('<field name="name">Steel</field>', '<field name="parent" ref="goods"/>', id="steel")
        + '<menu id="m" name="M" groups="base.internal, base.admin"/>'
    )
    load_body(env, tmp_path, body)
    steel, menu = env.ref("shop.steel"), env.ref("shop.m")
    assert (steel.name, steel.parent.name, steel.parent.color) == ("Steel", "Goods", 5)
    assert {group.id for group in menu.groups} == {env.ref("base.internal").id, env.ref("base.admin").id}
    shipped = env.sudo()["core.shipped"].read("external.addon == 'shop'", ["external.name", "field", "source", "value"])
    assert [(row["external.name"], row["field"], row["source"]) for row in shipped] == [
        ("goods", "name", "Goods"),
        ("goods", "color", "2 + 3"),
        ("steel", "name", "Steel"),
        ("steel", "parent", "goods"),
        ("m", "name", "M"),
        ("m", "groups", "base.internal, base.admin"),
    ]
    values = {row["field"]: row["value"] for row in shipped if row["external.name"] == "goods"}
    assert "5" in values["color"]
    assert sorted(json.loads([row["value"] for row in shipped][-1])) == sorted(group.id for group in menu.groups)


def test_loading_again_changes_what_changed_and_creates_nothing(env: Environment, tmp_path: Path) -> None:
    load_body(env, tmp_path, category('<field name="name">Goods</field>', id="goods"))
    first = env.ref("shop.goods").id
    load_body(env, tmp_path, category('<field name="name">Wares</field>', id="goods") + category(NAME, id="more"))
    assert env.ref("shop.goods").id == first
    assert env.ref("shop.goods").name == "Wares"
    assert env.ref("shop.more").name == "x"
    assert env.sudo()["core.shipped"].count("external.name == 'goods'") == 1


def test_what_an_addon_no_longer_ships_is_deleted(env: Environment, tmp_path: Path) -> None:
    load_body(env, tmp_path, category(NAME, id="goods"))
    id_ = env.ref("shop.goods").id
    load_body(env, tmp_path, '<delete id="goods" model="res.partner.category"/>')
    load_body(env, tmp_path, '<delete id="goods" model="res.partner.category"/>')
    assert env["res.partner.category"].read_ids([id_], ["name"]) == {}
    assert env.sudo()["core.external_id"].count("addon == 'shop'") == 0


def test_views_are_loaded_with_their_source_and_place(env: Environment, tmp_path: Path) -> None:
    arch = '<list>\n  <field name="name"/>\n</list>'
    load_body(env, tmp_path, f'<view id="v" model="res.partner" type="list">{arch}</view>')
    view = env.ref("shop.v")
    assert (view.name, view.model, view.type, view.arch, view.addon) == ("shop.v", "res.partner", "list", arch, "shop")
    assert (view.file, view.line, view.column, view.priority) == ("addons/shop/a.xml", 2, 46, 16)


def test_moments_of_expressions_are_those_of_loading(env: Environment, tmp_path: Path) -> None:
    load_body(
        env,
        tmp_path,
        '<record id="k" model="core.migration"><field name="addon">shop</field>'
        '<field name="number">1</field><field name="name">x</field>'
        '<field name="applied_at" expr="now() - days(3)"/></record>',
    )
    assert env.ref("shop.k").applied_at == env.now() - timedelta(days=3)


def load_body(env: Environment, folder: Path, body: str) -> None:
    (folder / "a.xml").write_text(f"<tessera>\n{body}\n</tessera>")
    files = read_addon("shop", folder, ["a.xml"])
    assert files.problems == ()
    load(env, files.entries)
