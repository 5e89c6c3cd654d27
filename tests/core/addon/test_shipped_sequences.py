"""A sequence in an addon's data files: loaded, brought up to date three-way, and never counted from the start again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.addon.install import install
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.addon.upgrade import Upgraded, upgrade
from core.data.threeway import Finding

Write = Callable[..., Path]
Ship = Callable[..., Path]
SEQUENCE = """<tessera>
  <record id="orders" model="core.sequence">
    <field name="name">{name}</field>
    <field name="prefix">{prefix}</field>
    <field name="padding">{padding}</field>
    <field name="start">{start}</field>
    <field name="gapless">{gapless}</field>
  </record>
</tessera>
"""
FIRST = {"name": "Orders", "prefix": "O-", "padding": 4, "start": 1, "gapless": "true"}


@pytest.fixture
def ship(write_addon: Write) -> Iterator[Ship]:
    """Write a version of the addon; without values its file ships nothing."""

    def write(version: str, **values: object) -> Path:
        data = SEQUENCE.format(**{**FIRST, **values}) if values else "<tessera/>"
        manifest = f'title = "Depot"\nversion = "{version}"\ndata = ["data/orders.xml"]\n'
        return write_addon("depot", manifest=manifest, files={"data/orders.xml": data}).parent

    yield write
    for name in [name for name in sys.modules if name.startswith("addons.depot")]:
        del sys.modules[name]


@pytest.fixture
def shop(ship: Ship, make_instance: Callable[..., Instance]) -> Instance:
    """A database in which three orders were numbered, and the prefix is the users' own."""
    instance = make_instance("depot", addons_path=[ship("1.0.0", **FIRST)])
    assert take(instance, 2) == ["O-0001", "O-0002"]
    with instance.environment() as env:
        env["core.sequence"].write([env.ref("depot.orders").id], prefix="MINE-")
    assert take(instance) == ["MINE-0003"]
    return instance


def take(instance: Instance, count: int = 1) -> list[str]:
    with instance.environment() as env:
        return env.next_numbers("depot.orders", count)


def upgraded(instance: Instance, folder: Path) -> Upgraded:
    done = upgrade(instance.database.url, addons_path=[folder])
    instance.refresh()
    return done


@pytest.mark.parametrize("gapless", ["true", "false"])
def test_an_upgrade_keeps_the_users_prefix_and_the_counter(shop: Instance, ship: Ship, gapless: str) -> None:
    before = shop.database.fetch("SELECT id, key, value FROM core_sequence_counter")
    done = upgraded(shop, ship("1.1.0", prefix="X-", padding=6, start=100, gapless=gapless))
    assert [(each.kind, each.external_id, each.field) for each in done.findings] == [
        ("conflict", "depot.orders", "prefix")
    ]
    changed = [step.detail for step in done.plan.steps if step.name == "depot.orders"]
    assert changed == ["padding, start" if gapless == "true" else "padding, start, gapless"]
    assert shop.database.fetch("SELECT id, key, value FROM core_sequence_counter") == before
    assert take(shop, 2) == ["MINE-000004", "MINE-000005"]
    assert upgraded(shop, ship("1.2.0", prefix="X-", padding=6, start=100, gapless=gapless)).findings == [
        Finding("edited", "depot.orders", "core.sequence", "prefix", '{"value":"MINE-"}', '{"value":"X-"}')
    ]
    assert take(shop) == ["MINE-000006"]


def test_what_nobody_changed_arrives(ship: Ship, make_instance: Callable[..., Instance]) -> None:
    instance = make_instance("depot", addons_path=[ship("1.0.0", **FIRST)])
    assert take(instance) == ["O-0001"]
    assert upgraded(instance, ship("1.1.0", prefix="X-%(y)s-")).findings == []
    (number,) = take(instance)
    assert number.startswith("X-") and number.endswith("-0002")


def test_a_sequence_that_is_shipped_no_more_stays_where_it_gave_numbers(shop: Instance, ship: Ship) -> None:
    with shop.environment() as env:
        env["core.sequence"].write([env.ref("depot.orders").id], prefix="O-")  # as it was shipped
    done = upgraded(shop, ship("1.1.0"))
    assert [each.kind for each in done.findings] == ["retired"]
    assert take(shop) == ["O-0004"]
    upgraded(shop, ship("1.2.0", **FIRST))
    assert take(shop) == ["O-0005"]


def test_a_sequence_that_gave_no_number_goes(ship: Ship, make_instance: Callable[..., Instance]) -> None:
    instance = make_instance("depot", addons_path=[ship("1.0.0", **FIRST)])
    upgraded(instance, ship("1.1.0"))
    assert instance.database.fetch("SELECT id FROM core_sequence WHERE name = 'Orders'") == []


def test_numbers_go_on_after_the_addon_was_away(shop: Instance) -> None:
    kept = [step.name for step in uninstall(shop, "depot").steps if step.action == "keep"]
    assert "depot.orders" in kept
    install(shop, ["depot"])
    assert take(shop) == ["MINE-0004"]


def test_a_purge_takes_the_sequence_and_its_counters(shop: Instance) -> None:
    uninstall(shop, "depot", purge=True)
    assert shop.database.fetch("SELECT id FROM core_sequence WHERE name = 'Orders'") == []
    assert shop.database.fetch("SELECT id FROM core_sequence_counter") == []
    install(shop, ["depot"])
    assert take(shop) == ["O-0001"]
