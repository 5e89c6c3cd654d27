"""How often leads with a value were won and lost: what the probability of the others is learned from.

Kept up whenever a lead is won or lost, or no longer is, and counted anew by the job `crm.score_leads`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from addons.crm.merging import MODEL
from addons.crm.models.learning import Counts, Learning
from addons.crm.models.team import Team
from addons.crm.scoring.formula import SMOOTHING, Frequencies, Pair, frequencies
from core import Model, enqueue, fields

if TYPE_CHECKING:
    from core import EnvironmentProtocol

FREQUENCIES = "crm.lead.scoring.frequency"
CLOSED = "stage.is_won and probability == 100 or not active and probability == 0"
COUNTED = f"(won_count > {SMOOTHING + 0.5} or lost_count > {SMOOTHING + 0.5})"
BATCH = 5_000
SCORE_LEADS = "crm.score_leads"


class ScoringFrequency(
    Model,
    name="crm.lead.scoring.frequency",
    label="Scoring frequency",
    plural="Scoring frequencies",
    order="variable, value, team, id",
    label_field="variable",
    history=False,
    indexes=[("value", "variable")],
):
    """The closed leads of a team, or of none, that have a value. Counts begin with 0.1."""

    variable = fields.Char(label="Field", required=True, size=64)
    value = fields.Char(label="Value", required=True, size=120, help="A record's id, or what the field holds")
    won_count = fields.Float(label="Won", required=True, default=SMOOTHING)
    lost_count = fields.Float(label="Lost", required=True, default=SMOOTHING)
    team = fields.Many2one(Team, label="Sales team", on_delete="cascade", index=True)

    @classmethod
    def add(cls, counts: Counts) -> None:
        """Count some leads more, or less."""
        wanted = {key: count for key, count in counts.items() if count.won or count.lost}
        if not wanted:
            return
        table = cls.env.sudo()[FREQUENCIES]
        where = "variable in variables and value in texts"
        names = {"variables": sorted({key[1] for key in wanted}), "texts": sorted({key[2] for key in wanted})}
        found = _by_key(table.read(where, ["id", "team", "variable", "value"], **names))
        ids = {key: found[key][0]["id"] for key in wanted if key in found}
        # What is equal already is only locked by this: nobody else counts there until this is committed.
        table.write_many([(id_, {"value": key[2]}) for key, id_ in ids.items()])
        stored = table.read_ids(list(ids.values()), ["won_count", "lost_count"])
        updates, items = [], []
        for key, count in wanted.items():
            row = stored.get(ids.get(key, 0), {"won_count": SMOOTHING, "lost_count": SMOOTHING})
            values = {
                "won_count": max(row["won_count"] + count.won, SMOOTHING),
                "lost_count": max(row["lost_count"] + count.lost, SMOOTHING),
            }
            if key in ids:
                updates.append((ids[key], values))
            else:
                items.append({**_named(key), **values})
        table.write_many(updates)
        table.create_many(items)

    @classmethod
    def rebuild(cls) -> None:
        """Count all closed leads anew; only what differs is written."""
        table = cls.env.sudo()[FREQUENCIES]
        found = _by_key(table.read("", ["id", "team", "variable", "value"]))
        # What is equal already is only locked: who closes leads meanwhile is counted afterwards.
        table.write_many([(row["id"], {"value": row["value"]}) for rows in found.values() for row in rows])
        counts, kept = count_closed(cls.env), {}
        for key, rows in found.items():
            if key in counts:
                kept[key] = rows.pop(0)["id"]
            table.delete([row["id"] for row in rows])
        values = {
            key: {"won_count": count.won + SMOOTHING, "lost_count": count.lost + SMOOTHING}
            for key, count in counts.items()
        }
        table.write_many([(id_, values[key]) for key, id_ in kept.items()])
        table.create_many([{**_named(key), **values[key]} for key in counts if key not in kept])


def request_scoring(env: EnvironmentProtocol) -> None:
    """Have everything counted and scored anew soon; once, whoever asks meanwhile."""
    enqueue(env, SCORE_LEADS, key=SCORE_LEADS)  # type: ignore[arg-type]


def count_closed(env: EnvironmentProtocol) -> Counts:
    """All leads that were won or lost, counted from the leads themselves."""
    learning = env.cached(Learning.read)
    since, counts, last = learning.since(env), Counts(), 0
    leads = env.sudo()[MODEL]
    while rows := leads.read(f"id > last and ({CLOSED})", learning.reads, order="id", limit=BATCH, last=last):
        for row in rows:
            learning.count(counts, row, since, 1)
        last = rows[-1]["id"]
    return counts


def read_frequencies(env: EnvironmentProtocol, pairs: Iterable[Pair] | None = None) -> Frequencies:
    """The tables with the counts of these values, or of all: two statements."""
    table, first = env.sudo()[FREQUENCIES], env.cached(Learning.read).first_stage
    where, names = "", dict[str, object]()
    if pairs is not None:
        where, names = "value in texts", {"texts": sorted({first, *(value for _variable, value in pairs)})}
    # What was closed and is open again leaves a row that counts nothing: until it is deleted, it says nothing.
    where = f"({where}) and {COUNTED}" if where else COUNTED
    counts = table.read(where, ["team", "variable", "value", "won_count", "lost_count"], order="id", **names)
    measures = ["won_count:sum", "lost_count:sum"]
    sums = table.aggregate(COUNTED, by=["team", "variable"], measures=measures)
    return frequencies(
        [(row["team"], row["variable"], row["value"], row["won_count"], row["lost_count"]) for row in counts],
        [(row["team"], row["variable"], *(row[measure] for measure in measures)) for row in sums],
        first,
    )


def _by_key(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[int | None, str, str], list[Mapping[str, Any]]]:
    """Rows by what they count; two processes that met a new value at once may have made two of it."""
    found: dict[tuple[int | None, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["team"], row["variable"], row["value"]), []).append(row)
    return found


def _named(key: tuple[int | None, str, str]) -> dict[str, object]:
    team, variable, value = key
    return {"team": team, "variable": variable, "value": value}
