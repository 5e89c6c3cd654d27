"""Learned probabilities: how often leads with the same values were won and lost before. Pure computation, no database.

    S_won  = p_won  · Π won(v) / won_total(variable of v)       over the values v of the lead that are known
    S_lost = p_lost · Π lost(v) / lost_total(variable of v)     probability = 100 · S_won / (S_won + S_lost)

This is a naive Bayes classifier. The totals of a variable are the sums over its values; those of the stage are the
counts of the first stage, which every closed lead passed: `p_won` is its share of won ones. A value that was never
seen, a tag that is rare, and a variable that nobody won or lost with say nothing. It is added up in logarithms, so that
many tags do not end at 0 / 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

STAGE, TAGS = "stage", "tags"
SMOOTHING = 0.1  # what every count begins with, and never falls below
COMMON_TAG = 50  # won and lost together: a tag with less is left out
LEAST, MOST = 0.01, 99.99  # only what is won is certain
SHOWN = 3

Pair = tuple[str, str]  # variable and value: ("country", "21")


@dataclass(slots=True)
class Count:
    """How often something was won and lost."""

    won: float = 0.0
    lost: float = 0.0

    def add(self, won: float, lost: float) -> None:
        """Count some more."""
        self.won += won
        self.lost += lost

    @property
    def whole(self) -> bool:
        """Whether there are both won and lost ones."""
        return self.won > 0 and self.lost > 0


@dataclass(frozen=True, slots=True)
class Reason:
    """What one value of a lead says: from 0 (speaks for losing) to 1 (for winning); the shares are those of all won and
    of all lost leads that have it."""

    variable: str
    value: str
    won_share: float
    lost_share: float

    @property
    def score(self) -> float:
        """Of a stage the share of the lost ones that did not come so far, of all others how much they speak for it."""
        if self.variable == STAGE:
            return 1 - self.lost_share
        return self.won_share / (self.won_share + self.lost_share)


@dataclass(frozen=True, slots=True)
class Table:
    """The counts of one team, or of all: those of values, of all values of each variable, of all closed leads."""

    values: Mapping[Pair, Count]
    totals: Mapping[str, Count]
    closed: Count

    def reasons(self, pairs: Iterable[Pair]) -> list[Reason]:
        """What each value that is known says."""
        found = []
        for variable, value in pairs:
            count = self.values.get((variable, value))
            total = self.closed if variable == STAGE else self.totals.get(variable)
            if count is None or total is None or not total.whole:
                continue
            won, lost = max(count.won, SMOOTHING), max(count.lost, SMOOTHING)
            if variable != TAGS or won + lost >= COMMON_TAG:
                found.append(Reason(variable, value, won / total.won, lost / total.lost))
        return found

    def probability(self, pairs: Iterable[Pair]) -> float | None:
        """The probability in percent, from 0.01 to 99.99; None where nothing was won yet, or nothing lost."""
        if not self.closed.whole:
            return None
        balance = math.log(self.closed.won / self.closed.lost)
        balance += sum(math.log(each.won_share / each.lost_share) for each in self.reasons(pairs))
        return min(max(rounded(_percent(balance)), LEAST), MOST)


def _percent(balance: float) -> float:
    """100 · S_won / (S_won + S_lost) of the logarithm of S_won / S_lost."""
    if balance < 0:
        share = math.exp(max(balance, -700.0))  # what is less is 0 after rounding, and no number any more for exp
        return 100 * share / (1 + share)
    return 100 / (1 + math.exp(-balance))


def rounded(value: float) -> float:
    """To two decimals, half upwards."""
    return math.floor(value * 100 + 0.5) / 100


@dataclass(frozen=True, slots=True)
class Frequencies:
    """The tables of the teams that closed something, and that of all leads for everybody else."""

    teams: Mapping[int, Table]
    everybody: Table

    def table(self, team: object) -> Table:
        """The table that holds for leads of a team."""
        found = self.teams.get(team) if isinstance(team, int) else None
        return self.everybody if found is None else found


def frequencies(
    counts: Iterable[tuple[int | None, str, str, float, float]],
    totals: Iterable[tuple[int | None, str, float, float]],
    first_stage: str,
) -> Frequencies:
    """The tables, from counts (team, variable, value, won, lost) and sums (team, variable, won, lost).

    Counts may be those of some values only, always with those of the first stage.
    """
    values: dict[int | None, dict[Pair, Count]] = {}
    sums: dict[int | None, dict[str, Count]] = {}
    for team, variable, value, won, lost in counts:
        for key in {team, None}:  # none stands for everybody
            values.setdefault(key, {}).setdefault((variable, value), Count()).add(won, lost)
    for team, variable, won, lost in totals:
        for key in {team, None}:
            sums.setdefault(key, {}).setdefault(variable, Count()).add(won, lost)

    def table(team: int | None) -> Table:
        found = values.get(team, {})
        return Table(found, sums.get(team, {}), found.get((STAGE, first_stage), Count()))

    return Frequencies({team: table(team) for team in sums if team is not None}, table(None))


def best(reasons: Iterable[Reason]) -> list[Reason]:
    """The three that speak most for winning."""
    found = sorted(reasons, key=lambda each: each.score, reverse=True)
    return [each for each in found if each.score > 0.5][:SHOWN]


def worst(reasons: Iterable[Reason]) -> list[Reason]:
    """The three that speak most for losing."""
    found = sorted(reasons, key=lambda each: each.score)
    return [each for each in found if each.score < 0.5][:SHOWN]


def pairs_of(values: Mapping[str, object], variables: Iterable[str]) -> list[Pair]:
    """The values of a lead that are known, the stage first, as texts; each tag is one of its own."""
    found = []
    for variable in (STAGE, *variables):
        value = values.get(variable)
        several: Sequence[object] = value if isinstance(value, (list, tuple)) else (value,)
        found += [(variable, str(each)) for each in several if each is not None and each is not False]
    return found
