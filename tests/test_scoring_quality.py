"""How well scoring tells who buys: real prospects, learned from 70 of 100 and asked about the others.

The file is not part of the project; it lies in the folder that TESSERA_DATA names, or in ../shared/data.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from addons.crm.models.learning import SCORING, Learning
from bench.scoring import ALL, DATA, LEAST_AREA, RECIPE, area, areas, split
from core.addon.instance import Instance
from core.data.importing.run import run_recipe
from core.jobs.worker import Worker
from core.records.environment import Environment
from core.testbed.installed import installed
from core.testing import Databases

pytestmark = pytest.mark.slow


def bring_in(address: str) -> None:
    instance = Instance.open(address)
    with instance.environment("admin", kind="import", label="prospects") as env:
        assert run_recipe(env, RECIPE, DATA).refused == 0
    instance.close()


@pytest.fixture
def bank(databases: Databases, engine: str) -> Iterator[Instance]:
    if not (DATA / "bank-additional.csv").is_file():
        reason = f"{DATA} is not there: set TESSERA_DATA to the folder that holds it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    address = databases.copy(
        engine, "prospects to score", bring_in, begin=lambda: installed(databases, engine, ["crm"])
    )
    instance = Instance.open(address)
    yield instance
    instance.close()
    databases.drop(address)


def test_the_area_under_the_curve(bank: Instance) -> None:
    with bank.environment("admin") as env:
        found = areas(env, range(5))
    assert sum(found) / len(found) >= LEAST_AREA
    assert min(found) < max(found) < 0.9, "or something gave the outcome away"


def test_the_job_gives_open_leads_the_same_probabilities(bank: Instance) -> None:
    with bank.environment("admin") as env:
        (expected,) = areas(env, [3])
        bought = reopened(env, 3)
        env["core.setting"].create(key=SCORING, value="true")
    assert Worker(bank).work_off() == 1
    with bank.environment("admin") as env:
        rows = env["crm.lead"].read_ids(list(bought), ["won_status", "probability", "learned_probability"])
        assert {row["won_status"] for row in rows.values()} == {"pending"}
        assert all(row["probability"] == row["learned_probability"] for row in rows.values())
        found = area([(rows[id_]["learned_probability"], one) for id_, one in bought.items()])
    assert found == pytest.approx(expected, abs=1e-4)


def reopened(env: Environment, seed: int) -> dict[int, bool]:
    """Leads that scoring is asked about, back in the first stage; whether they were won, by id."""
    learning = env.cached(Learning.read)
    _learned, asked = split(env["crm.lead"].read(ALL, learning.reads, order="id"), seed)
    bought = {row["id"]: learning.outcome(row) == "won" for row in asked}
    env["crm.lead"].write(list(bought), stage=env.ref("crm.stage_new").id, active=True)
    return bought


def test_the_area_is_how_often_the_buyer_has_the_higher_score() -> None:
    assert area([(0.1, False), (0.4, False), (0.35, True), (0.8, True)]) == 0.75
    assert area([(1.0, True), (0.0, False)]) == 1.0
    assert area([(0.5, True), (0.5, False), (0.5, False)]) == 0.5
