"""What the probability of a lead is without anybody's word: learned from leads that were closed, else the stage's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from addons.crm.merging import MODEL
from addons.crm.models.learning import Counts, Learning, sides
from addons.crm.models.scoring import FREQUENCIES, read_frequencies
from addons.crm.scoring.explanation import explain
from core import Model, action, fields

if TYPE_CHECKING:
    from addons.crm.scoring.formula import Frequencies
    from core import Change, EnvironmentProtocol

DECIDING = frozenset({"stage", "team", "active", "probability", "manual_probability"})


class LeadScore(Model):
    """The part of a lead that scoring keeps up. See `addons.crm.scoring.formula` for the formula."""

    learned_probability = fields.Float(
        label="Learned probability",
        digits=2,
        readonly=True,
        copy=False,
        follows=True,
        help="What leads with the same values came to; empty where scoring is off or has nothing to learn from",
    )
    automated_probability = fields.Computed(
        fields.Float,
        "100 if stage.is_won else stage.probability if learned_probability == none else learned_probability",
        label="Automated probability",
    )
    is_automated_probability = fields.Computed(
        fields.Boolean, "manual_probability == none", label="Probability is automated"
    )

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Nobody says what is learned."""
        for change in changes:
            change.values.pop("learned_probability", None)
        super().before_write(changes)

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Count what was won or lost or no longer is, and score what is open; after an undo, too."""
        super().derive(changes)
        learning = cls.env.cached(Learning.read)
        if not learning.on:
            return
        moved = [change for change in changes if _decides(change, learning)]
        if not moved:
            return
        linked = _linked(cls.env, moved, learning)
        both = list(sides(moved, learning, linked))
        counts, since = Counts(), learning.since(cls.env)
        for before, after in both:
            learning.count(counts, before, since, -1)
            learning.count(counts, after, since, 1)
        cls.env.registry.models[FREQUENCIES].add(counts)
        score(cls.env, {change.id: after for change, (_before, after) in zip(moved, both, strict=True) if after})

    @action(label="Use the automated probability", icon="undo")
    @classmethod
    def use_automated_probability(cls, leads: Sequence[LeadScore]) -> None:
        """Forget probabilities typed by hand."""
        cls.env[MODEL].write([lead.id for lead in leads], manual_probability=None)

    @action(label="Explain the probability", icon="info")
    def explain_probability(self) -> dict[str, object]:
        """Where the probability comes from: the fields of `Explanation`.

        `origin` is won, lost, archived, manual, learned or stage; `text` has sentences; `best` and `worst` up to three
        values, each with `field`, `label`, `value`, `score` (from 0, for losing, to 1, for winning) and `text`.
        """
        return asdict(explain(self.env, self.id))


def score(env: EnvironmentProtocol, leads: Mapping[int, Mapping[str, Any]], tables: Frequencies | None = None) -> None:
    """Let the probabilities of leads that are open follow what is learned; values by id, `learning.reads` of each.

    Those typed by hand stay. Where nothing can be learned yet all stay as they are.
    """
    learning = env.cached(Learning.read)
    open_ones = {id_: values for id_, values in leads.items() if values["active"] and not learning.outcome(values)}
    if not open_ones:
        return
    pairs = {id_: learning.pairs(values) for id_, values in open_ones.items()}
    tables = tables or read_frequencies(env, [pair for several in pairs.values() for pair in several])
    news = []
    for id_, values in open_ones.items():
        learned = tables.table(values["team"]).probability(pairs[id_]) if values["stage"] else 0.0
        if learned is not None:
            follow = {"learned_probability": learned}
            if values["manual_probability"] is None:
                follow["probability"] = learned
            if any(values[name] != value for name, value in follow.items()):
                news.append((id_, follow))
    env.sudo()[MODEL].follow(news)


def _decides(change: Change, learning: Learning) -> bool:
    """Whether a change says anything to scoring; what scoring wrote itself does not."""
    if change.operation != "write":
        return True
    return "learned_probability" not in change.values and not DECIDING.union(learning.reads, learning.links).isdisjoint(
        change.values
    )


def _linked(env: EnvironmentProtocol, changes: Sequence[Change], learning: Learning) -> Mapping[int, Mapping[str, Any]]:
    written = [change.id for change in changes if change.operation == "write"]
    return env.sudo()[MODEL].read_ids(written, learning.links) if learning.links else {}
