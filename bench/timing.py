"""Timing two things against each other: interleaved, so that whatever else the machine does meets both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: medians in microseconds, their ratio, and what the ratio may be."""

    name: str
    ours: float
    raw: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the raw time ours takes."""
        return self.ours / self.raw

    @property
    def kept(self) -> bool:
        """Whether the ratio keeps its limit."""
        return self.limit is None or self.ratio <= self.limit


@dataclass(frozen=True, slots=True)
class Quality:
    """How good something is: a share that must not be less than `least`; None where it could not be measured."""

    name: str
    share: float | None
    least: float
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether it is good enough, as far as that is known."""
        return self.share is None or self.share >= self.least


def compare(name: str, ours: Work, raw: Work, *, rounds: int, limit: float | None = None) -> Figure:
    """The medians of `rounds` runs of each, one after the other; both have run before."""
    ours(), raw()
    ours_times, raw_times = [], []
    for _ in range(rounds):
        ours_times.append(_timed(ours))
        raw_times.append(_timed(raw))
    return Figure(name, statistics.median(ours_times), statistics.median(raw_times), limit)


def _timed(work: Work) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e6
