"""The job that learns anew and scores all open leads: every night, and when settings or stages change.

Counting is one step, since leads may be won meanwhile; scoring goes on in steps of some thousand leads. While scoring
is off it takes back what was learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from addons.crm.merging import MODEL
from addons.crm.models.lead_score import score
from addons.crm.models.learning import Learning
from addons.crm.models.scoring import FREQUENCIES, SCORE_LEADS, read_frequencies
from core import Job, Step

if TYPE_CHECKING:
    from core import EnvironmentProtocol

BATCH = 2_000
WHEN = "30 2 * * *"


def score_leads(env: EnvironmentProtocol, marker: Any) -> Step | None:  # noqa: ANN401  # what the last step gave
    """One step: counting, or scoring the next leads."""
    learning = env.cached(Learning.read)
    if not learning.on:
        return _forget(env)
    leads = env[MODEL]
    if marker is None:
        env.registry.models[FREQUENCIES].rebuild()
        return Step({"last": 0, "done": 0, "total": leads.count("active")}, done=0, total=leads.count("active"))
    rows = leads.read("active and id > last", learning.reads, order="id", limit=BATCH, last=marker["last"])
    if not rows:
        return None
    score(env, {row["id"]: row for row in rows}, read_frequencies(env))
    done = marker["done"] + len(rows)
    return Step({**marker, "last": rows[-1]["id"], "done": done}, done=done, total=max(done, marker["total"]))


def _forget(env: EnvironmentProtocol) -> Step | None:
    """Give leads the probability of their stage again, those that are open and have none typed by hand."""
    learning, leads = env.cached(Learning.read), env[MODEL]
    where = "learned_probability != none and (active or not active)"
    rows = leads.read(where, learning.reads, order="id", limit=BATCH)
    news = []
    for row in rows:
        follow: dict[str, object] = {"learned_probability": None}
        if row["active"] and row["manual_probability"] is None and not learning.outcome(row):
            follow["probability"] = learning.stages.get(row["stage"], {}).get("probability", 0.0)
        news.append((row["id"], follow))
    leads.follow(news)
    return Step("forgotten") if rows else None


SCORE = Job(SCORE_LEADS, score_leads, label="Score leads", cron=WHEN, stepwise=True, superuser=True)
