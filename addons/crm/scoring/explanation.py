"""Why the probability of a lead is what it is, in words: what it comes from, and what speaks for and against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.crm.merging import MODEL
from addons.crm.models.learning import Learning
from addons.crm.models.scoring import FREQUENCIES, read_frequencies
from addons.crm.scoring.formula import SMOOTHING, STAGE, Reason, best, worst
from addons.crm.words import value_in_words
from core import NotFound, _
from core.pages import kit_of

if TYPE_CHECKING:
    from core import EnvironmentProtocol

NOTICED = 0.05  # percents are shown to a tenth


@dataclass(frozen=True, slots=True)
class Argument:
    """One value of a lead: `score` from 0 (speaks for losing) to 1 (for winning), `text` says how it comes about."""

    field: str
    label: str
    value: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`origin` is one of won, lost, archived, manual, learned, stage; `text` says it in sentences."""

    probability: float
    automated: float | None
    origin: str
    text: tuple[str, ...]
    best: tuple[Argument, ...] = ()
    worst: tuple[Argument, ...] = ()


def explain(env: EnvironmentProtocol, lead: int) -> Explanation:
    """Explain the probability of a lead that the user may see, by the numbers of this moment.

    :raises NotFound: there is no such lead, or the user may not see it.
    """
    learning = env.cached(Learning.read)
    names = [*learning.reads, "won_status", "stage.name", "team.name", "automated_probability"]
    row = env.sudo()[MODEL].read_ids([lead], names).get(lead)
    if row is None or not env.permits("read", f"{MODEL},{lead}"):
        raise NotFound(_("There is no lead {id}, or you may not see it.", id=lead))
    told = _Told(env, learning, row)
    reasons = told.reasons() if learning.on and row["won_status"] == "pending" else []
    return Explanation(
        row["probability"],
        row["automated_probability"],
        told.origin,
        tuple(told.sentences()),
        tuple(told.arguments(best(reasons))),
        tuple(told.arguments(worst(reasons))),
    )


class _Told:
    """A lead, asked for what its probability comes from."""

    def __init__(self, env: EnvironmentProtocol, learning: Learning, row: Mapping[str, Any]) -> None:
        self.env, self.learning, self.row = env, learning, row
        self.percent, self.number = kit_of(env).percent, kit_of(env).number
        self.pairs = learning.pairs(row)
        self.table = read_frequencies(env, self.pairs).table(row["team"]) if learning.on else None

    @property
    def origin(self) -> str:
        row = self.row
        if row["won_status"] != "pending":
            return str(row["won_status"])
        if not row["active"]:
            return "archived"
        if row["manual_probability"] is not None:
            return "manual"
        return "stage" if row["learned_probability"] is None else "learned"

    def reasons(self) -> list[Reason]:
        """What the values say; not the first stage, which every lead has passed, and nothing without any stage."""
        if not self.table or not self.table.closed.whole or self.row["stage"] is None:
            return []
        first = (STAGE, self.learning.first_stage)
        return self.table.reasons(pair for pair in self.pairs if pair != first)

    def sentences(self) -> Iterable[str]:
        row, origin = self.row, self.origin
        if origin == "won":
            yield _("It is won: that is certain.")
            return
        if origin == "lost":
            yield self._restored()
            return
        if origin == "archived":
            yield _("It is archived: until it is restored, its probability stays as it is.")
        if origin == "manual" or (origin == "archived" and row["manual_probability"] is not None):
            yield _("{value} was typed by hand and stays.", value=self.percent(row["manual_probability"]))
            yield _("Automated it would be {value}.", value=self.percent(row["automated_probability"] or 0.0))
        yield from self._automated()

    def _restored(self) -> str:
        """What a lost lead would have: that is learned without itself, so not known before it is restored."""
        value = self.row["manual_probability"]
        if value is None and self.table is not None:
            return _("It is lost. Restored, its probability is learned anew.")
        if value is None:
            value = self.row["automated_probability"] or 0.0
        return _("It is lost. Restored it would have {value}.", value=self.percent(value))

    def _automated(self) -> Iterable[str]:
        """Where the automated probability comes from."""
        row, learned = self.row, self.row["learned_probability"]
        if row["stage"] is None:
            yield _("It is in no stage: without one the automated probability is 0%.")
            return
        now = self.table.probability(self.pairs) if self.table else None
        if self.table and now is None:
            yield _("Nothing can be learned yet: that needs leads that were won and leads that were lost.")
        if learned is None:
            stage = self.learning.stages[row["stage"]]["probability"]
            yield _("The stage {stage} brings {value}.", stage=row["stage.name"], value=self.percent(stage))
        elif now is not None:
            yield self._basis()
        if now is not None and (learned is None or abs(now - learned) >= NOTICED):
            value = self.percent(now)
            if not row["active"]:
                yield _("By what is known now it would be {value}.", value=value)
                return
            yield _("Others were closed since it was worked out: the next night makes it {value}.", value=value)

    def _basis(self) -> str:
        """How many leads it was learned from."""
        where, team = "variable == v and value == first", self.row["team"]
        table, names = self.env.sudo()[FREQUENCIES], {"v": STAGE, "first": self.learning.first_stage}
        own = bool(team) and table.count(f"{where} and team == t", **names, t=team) > 0
        measures = ["won_count:sum", "lost_count:sum", "id:count"]
        if own:
            where, names = f"{where} and team == t", {**names, "t": team}
        (sums,) = table.aggregate(where, measures=measures, **names)
        won, lost = (self.number(round(sums[name] - SMOOTHING * sums["id:count"])) for name in measures[:2])
        if own:
            name = self.row["team.name"]
            return _("Learned from {won} won and {lost} lost leads of the team {team}.", won=won, lost=lost, team=name)
        return _("Learned from {won} won and {lost} lost leads of all teams.", won=won, lost=lost)

    def arguments(self, reasons: Iterable[Reason]) -> Iterable[Argument]:
        fields = self.env.registry.schema[MODEL].fields
        for each in reasons:
            info = fields[each.variable]
            value = int(each.value) if info.target else each.value
            words = str(value_in_words(self.env, each.variable, value)) or f"#{each.value}"
            yield Argument(each.variable, _(info.label or each.variable), words, round(each.score, 4), self._text(each))

    def _text(self, reason: Reason) -> str:
        if reason.variable == STAGE:
            return _("{share} of the lost leads did not get this far", share=self.percent(100 * reason.score))
        more, less = sorted((reason.won_share, reason.lost_share), reverse=True)
        times = self.number(round(more / less, 1))
        if reason.won_share > reason.lost_share:
            return _("{times} times as common among won leads as among lost ones", times=times)
        return _("{times} times as common among lost leads as among won ones", times=times)
