"""How well scoring tells who buys, on real prospects; and how long it takes to score many leads, against SQL by hand.

The prospects are those of `examples/bank_prospects`, whose file lies in the folder that TESSERA_DATA names, or in
../shared/data. Scoring learns from 70 of 100 of them and is asked about the others; what it is measured by is the area
under the ROC curve: how often of one who bought and one who did not it gives the higher probability to the first.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from addons.crm.models.lead_score import score
from addons.crm.models.learning import SCORING, Counts, Learning
from addons.crm.models.scoring import FREQUENCIES, read_frequencies
from addons.crm.scoring.formula import SMOOTHING, frequencies
from bench.timing import Figure, Quality, compare
from core.addon.instance import Instance, create_instance
from core.data.importing.run import run_recipe
from core.records.environment import Environment

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TESSERA_DATA") or ROOT.parent / "shared" / "data") / "bank_calls"
RECIPE = ROOT / "examples" / "bank_prospects" / "recipe.toml"
LEAST_AREA = 0.70
SPLITS = range(10)
LEARNED = 0.7
LEADS, BATCH = 20_000, 2_000
ALL = "active or not active"


class _Measured(Exception):
    """Rolls back what was written for measuring."""


def prospects() -> Quality:
    """The mean area of ten fixed splits; without the file a line that says so."""
    name = "area under ROC, bank prospects"
    if not (DATA / "bank-additional.csv").is_file():
        return Quality(name, None, LEAST_AREA, f"{DATA} is not there: set TESSERA_DATA")
    with tempfile.TemporaryDirectory() as folder:
        instance = create_instance(
            f"sqlite:///{folder}/bank.db", ["crm"], demo=False, admin_password="only for measuring"
        )
        with instance.environment("admin", kind="import", label="bank") as env:
            run_recipe(env, RECIPE, DATA)
            found = areas(env, SPLITS)
        instance.close()
    return Quality(
        name, sum(found) / len(found), LEAST_AREA, f"{len(found)} splits, {min(found):.3f} to {max(found):.3f}"
    )


def areas(env: Environment, seeds: Iterable[int]) -> list[float]:
    """The area of each split of the closed leads of a database, with the settings of scoring in force."""
    learning = env.cached(Learning.read)
    rows = env["crm.lead"].read(ALL, learning.reads, order="id")
    first = next(iter(learning.stages))
    found = []
    for seed in seeds:
        learned, asked = split(rows, seed)
        counts = Counts()
        for row in learned:
            learning.count(counts, row, None, 1)
        tables = frequencies(*as_kept(counts), learning.first_stage)
        answers = []
        for row in asked:
            probability = tables.table(row["team"]).probability(learning.pairs({**row, "stage": first}))
            answers.append((probability or 0.0, learning.outcome(row) == "won"))
        found.append(area(answers))
    return found


def split(rows: Sequence[Mapping[str, Any]], seed: int) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The leads to learn from, and those to ask about; always the same for a seed."""
    order = list(rows)
    random.Random(seed).shuffle(order)
    cut = round(len(order) * LEARNED)
    return order[:cut], order[cut:]


def as_kept(counts: Counts) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Counts and totals as the table of frequencies holds them."""
    kept = [(*key, each.won + SMOOTHING, each.lost + SMOOTHING) for key, each in counts.items()]
    sums: dict[tuple[Any, str], list[float]] = {}
    for team, variable, _value, won, lost in kept:
        total = sums.setdefault((team, variable), [0.0, 0.0])
        total[0] += won
        total[1] += lost
    return kept, [(*key, *total) for key, total in sums.items()]


def area(answers: Sequence[tuple[float, bool]]) -> float:
    """The area under the ROC curve of (score, whether it was one): ties count half (Mann and Whitney's U)."""
    ordered = sorted(answers)
    ranks, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        ranks += (place + end + 1) / 2 * sum(one for _score, one in ordered[place:end])
        place = end
    ones = sum(one for _score, one in answers)
    return (ranks - ones * (ones + 1) / 2) / (ones * (len(answers) - ones))


def measure(instance: Instance) -> list[Figure]:
    """Scoring many open leads anew, each of which gets another probability."""
    try:
        with instance.environment(superuser=True) as env:
            found = _scoring(env)
            raise _Measured
    except _Measured:
        return [found]


def _scoring(env: Environment) -> Figure:
    database = env.database
    won = env.ref("crm.stage_won").id
    database.execute(env.runtime.text("UPDATE crm_lead SET probability = 100 WHERE stage_id = ?"), (won,))
    database.execute("UPDATE crm_lead SET probability = 0 WHERE NOT active")
    env["core.setting"].create(key=SCORING, value="true")
    env.registry.models[FREQUENCIES].rebuild()
    learning = env.cached(Learning.read)
    ids = [row["id"] for row in env["crm.lead"].read("active and not stage.is_won", ["id"], order="id", limit=LEADS)]
    raise_all = "UPDATE crm_lead_scoring_frequency SET won_count = won_count * 1.01 WHERE variable = 'stage'"
    update = env.runtime.text(
        "UPDATE crm_lead SET learned_probability = ?, probability = ?, version = version + 1 WHERE id = ?"
    )
    steps = count(1)

    def ours() -> None:
        database.execute(raise_all)
        for start in range(0, len(ids), BATCH):
            score(env, env["crm.lead"].read_ids(ids[start : start + BATCH], learning.reads), read_frequencies(env))

    def raw() -> None:
        value = next(steps) / 100
        for start in range(0, len(ids), BATCH):
            database.executemany(update, [(value, value, id_) for id_ in ids[start : start + BATCH]])

    return compare(f"score {len(ids):,} leads anew", ours, raw, rounds=3)
