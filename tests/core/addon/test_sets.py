"""Every shipped addon alone, with each other one, all of them, and random sets: what was installed leaves no trace."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from itertools import combinations

import pytest

from core.addon.discovery import BASE, discover
from core.addon.graph import closure, dependents
from core.addon.install import install
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.database import Database
from core.records.history import timeline
from tests.core.addon.conftest import EXTRA_ADDONS

pytestmark = pytest.mark.slow

Make = Callable[..., Instance]
Dump = Callable[[Database], str]

CATALOG = discover([EXTRA_ADDONS])
NAMES = [name for name in CATALOG.names if name != BASE]
SETS = [
    *((name,) for name in NAMES),
    *combinations(NAMES, 2),
    *([tuple(NAMES)] if len(NAMES) > 2 else []),
]
# Another run tries other sets; the seed of a failed one is in its message.
SEED = int(os.environ.get("TESSERA_SEED") or random.SystemRandom().randrange(10**6))
RANDOM_SETS = 20


def purge(instance: Instance, chance: random.Random) -> None:
    """Purge everything but base, in any order in which nothing is needed any more."""
    while free := [
        name for name in instance.installed if name != BASE and not dependents(CATALOG, name, instance.installed)
    ]:
        uninstall(instance, chance.choice(free), purge=True)


@pytest.mark.parametrize("names", SETS, ids="+".join)
def test_install_then_purge_leaves_no_trace(make_instance: Make, canonical: Dump, names: tuple[str, ...]) -> None:
    instance = make_instance()
    before = canonical(instance.database)
    install(instance, names)
    assert set(instance.installed) == set(closure(CATALOG, names))
    purge(instance, random.Random(0))
    assert canonical(instance.database) == before


def test_a_purged_addon_begins_with_an_empty_history(make_instance: Make) -> None:
    instance = make_instance("crm")
    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Former").id
        env["crm.lead"].write([lead], name="Changed")
    uninstall(instance, "crm", purge=True)
    install(instance, ["crm"])
    with instance.environment() as env:
        again = env["crm.lead"].create(name="New").id
        entries = timeline(env, "crm.lead", again)
    assert [entry.operation for entry in entries] == ["create"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_random_sets_in_random_orders_leave_no_trace(make_instance: Make, canonical: Dump) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    instance = make_instance()
    before = canonical(instance.database)
    for number in range(RANDOM_SETS):
        chosen = chance.sample(NAMES, chance.randint(1, len(NAMES)))
        for name in chosen:
            if name not in instance.installed:
                install(instance, [name])
        purge(instance, chance)
        assert canonical(instance.database) == before, f"TESSERA_SEED={SEED}, set {number}: {chosen}"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_new_column_neither_rewrites_nor_reads_the_table(make_instance: Make) -> None:
    """The lock that ALTER TABLE takes is as short for a million rows as for none: no row is touched."""
    instance = make_instance("crm")
    with instance.environment(superuser=True) as env:
        env["crm.lead"].create_many([{"name": f"Lead {number}"} for number in range(2_000)])
    database = instance.database
    with database.transaction(write=True):
        found = []
        for column in ("n bigint", "b boolean DEFAULT false", "r bigint REFERENCES crm_stage (id) DEFERRABLE"):
            before = _touched(database)
            database.execute(f"ALTER TABLE crm_lead ADD COLUMN x_{column}")
            found.append(_touched(database) == before)
    assert found == [True, True, True]
    files = _touched(database)[0]
    install(instance, ["crm_extra"])
    assert _touched(database)[0] == files


def _touched(database: Database) -> tuple[int, int]:
    """The file that holds the rows of crm_lead, and how often it was read from end to end in this transaction."""
    ((file, scans),) = database.fetch(
        "SELECT pg_relation_filenode('crm_lead'), pg_stat_get_xact_numscans('crm_lead'::regclass)"
    )
    return int(file), int(scans or 0)
