"""The columns of a board: one for each record, option or span of time that its cards are sorted into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.i18n import _
from core.lang.bound import Bound
from core.lang.kinds import Kind
from core.records.aggregates import bucket_name
from core.records.environment import Environment
from core.views import looks as looks_module
from core.views.board.arch import BoardArch
from core.views.board.cards import Branch
from core.views.formats import bucket_start
from core.views.kit import Kit
from core.views.looks import Choice
from core.views.periods import boundary, first_day, following, last_day
from core.views.state import State

PERIODS = 12
EARLIER, LATER = "earlier", "later"
_ICON = "calendar"
# Addresses may say anything; beyond these years there is nothing to plan.
_FIRST, _LAST = date(1900, 1, 1), date(2999, 1, 1)
_KEY, _END = "column_key", "column_end"


@dataclass(slots=True)
class Column:
    """One column; `value` is what its cards have, as text, and `branch` how they are found.

    `known` says whether `count`, `sum`, `weighted` and `also` are over all its records. One `beyond` the others holds
    several spans of time: no card can be put there, and `unfolded` shows those spans as columns.
    """

    key: str
    value: str
    choice: Choice
    branch: Branch
    only: State
    unfolded: State
    kit: Kit
    beyond: bool = False
    folded: bool = False
    current: bool = False
    more: bool = False
    known: bool = False
    count: int = 0
    sum: Any = None
    weighted: Any = None
    also: Any = None
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """The key as ids of elements take it."""
        return self.key or "none"

    @property
    def count_text(self) -> str:
        """The number of cards; with a plus where there are more than are shown and they were not counted."""
        if self.known:
            return self.kit.number(self.count)
        return "" if self.folded else self.kit.count(len(self.records), capped=self.more)


@dataclass(frozen=True, slots=True)
class Columns:
    """Makes the columns of one board in one state."""

    env: Environment
    arch: BoardArch
    state: State
    kit: Kit

    def all(self) -> list[Column]:
        """All columns in their order, without cards; one for records that have no value comes first."""
        return [self._nameless(), *(self._periods() if self.arch.unit else self._values())]

    def key(self, value: object) -> str:
        """The key of the column of a group, as an aggregate names it."""
        if value is None or not self.arch.unit:
            return "" if value is None else str(value)
        start = bucket_start(str(value), self.arch.unit)
        assert start is not None  # the aggregate names every span so
        if start < self._start():
            return EARLIER
        return str(value) if start < self._end() else LATER

    def _nameless(self) -> Column:
        path = self.arch.group.path
        choice = Choice(0, _("No date"), icon=_ICON) if self.arch.unit else Choice(0, _("None"))
        return self._column("", choice, self._branch(f"{path} == none"), f"{path} == none")

    def _values(self) -> Iterator[Column]:
        info, path = self.arch.group.info, self.arch.group.path
        choices: dict[int | str, Choice] = {}
        if info.kind is Kind.REFERENCE:
            choices.update((choice.id, choice) for choice in looks_module.stages(self.env, str(info.target)))
        else:
            choices.update((key, Choice(place, _(label))) for place, (key, label) in enumerate(info.options, 1))
        for value, choice in choices.items():
            branch = self._branch(f"{path} == {_KEY}", {_KEY: value})
            column = self._column(str(value), choice, branch, f"{path} == {value!r}")
            column.folded = choice.folded and column.key not in self.state.open
            yield column

    def _periods(self) -> Iterator[Column]:
        """The present span and those after it, or those after the one that the address names; all others together."""
        path, unit = self.arch.group.path, self.arch.unit
        start, end = self._start(), self._end()
        today = first_day(self.kit.today, unit)
        yield self._beyond(EARLIER, _("Earlier"), f"{path} < {_KEY}", start, following(start, unit, -PERIODS - 1))
        for place in range(PERIODS):
            first, after = following(start, unit, place), following(start, unit, place + 1)
            names = {_KEY: self._bound(first), _END: self._bound(after)}
            test = f"{path} >= {_KEY} and {path} < {_END}"
            written = f"{path} >= {_text(names[_KEY])} and {path} < {_text(names[_END])}"
            label = self.kit.bucket(first, unit)
            choice = Choice(0, label[:1].upper() + label[1:], "lapis" if first == today else "stone", _ICON)
            column = self._column(bucket_name(first, unit), choice, self._branch(test, names), written)
            column.value = last_day(first, unit).isoformat()
            column.current = first == today
            yield column
        yield self._beyond(LATER, _("Later"), f"{path} >= {_KEY}", end, following(end, unit, -1))

    def _beyond(self, key: str, label: str, test: str, first: date, after: date) -> Column:
        """All spans on one side of those that are columns; `after` is the span before the first of the next page."""
        bound = self._bound(first)
        column = self._column(
            key, Choice(0, label, icon=_ICON), self._branch(test, {_KEY: bound}), test.replace(_KEY, _text(bound))
        )
        column.value, column.beyond = "", True
        column.unfolded = self.state.but(after=bucket_name(after, self.arch.unit), totals="")
        return column

    def _start(self) -> date:
        """The first day of the first span that has a column of its own."""
        unit = self.arch.unit
        before = bucket_start(self.state.after, unit) if self.state.after else None
        if before is None:
            return first_day(self.kit.today, unit)
        return following(first_day(min(max(before, _FIRST), _LAST), unit), unit)

    def _end(self) -> date:
        return following(self._start(), self.arch.unit, PERIODS)

    def _bound(self, first: date) -> date:
        return boundary(first, self.arch.group.info.kind, self.kit.tz)

    def _branch(self, test: str, names: dict[str, Any] | None = None) -> Branch:
        info = self.arch.group.info
        kinds = {name: Bound(info.kind, target=info.target) for name in names or {}}
        return Branch(self.env.registry.parse(test, self.arch.model, kinds), names or {})

    def _column(self, key: str, choice: Choice, branch: Branch, written: str) -> Column:
        """A column; `written` is its condition as people read it."""
        return Column(
            key=key,
            value=key,
            choice=choice,
            branch=branch,
            only=self.state.narrowed(written, view="list", group="none", open=()),
            unfolded=self.state.but(open=(*self.state.open, key)),
            kit=self.kit,
        )


def _text(bound: date) -> str:
    return repr(bound.isoformat())
