"""Grouped lists: the groups with their totals in one query, and the rows of those that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n import _
from core.lang.bound import Bound
from core.lang.joining import conjunction
from core.records.environment import Environment
from core.views.kit import Kit
from core.views.list.arch import ListArch
from core.views.looks import Choice
from core.views.search.narrowing import Narrowing
from core.views.state import State
from core.views.terms import Term, term

MOST_GROUPS = 200
MOST_OPEN = 5
_KEY = "group_key"
_END = "group_end"


@dataclass(slots=True)
class Group:
    """One group. `key` names it in the address, `value` is what its records have in common.

    `choice` is how a stage looks, where the groups are stages.
    """

    key: str
    value: object
    label: str
    count: int
    totals: dict[str, Any]
    open: bool
    toggled: State
    only: State
    kit: Kit
    records: list[dict[str, Any]]
    choice: Choice | None = None

    @property
    def count_text(self) -> str:
        """The number of its records, and how many of them are shown."""
        if self.open and len(self.records) < self.count:
            return _("{shown} of {count}", shown=len(self.records), count=self.kit.number(self.count))
        return self.kit.number(self.count)


def read_groups(
    env: Environment,
    arch: ListArch,
    narrowing: Narrowing,
    state: State,
    group: str,
    order: str,
    wanted: Sequence[str],
    kit: Kit,
) -> list[Group]:
    """The groups of a list; all are open where all their rows fit on a page."""
    return _Grouping(env, arch, narrowing, state, term(env, arch.model, group), order, wanted, kit).run()


@dataclass(slots=True)
class _Grouping:
    env: Environment
    arch: ListArch
    narrowing: Narrowing
    state: State
    term: Term
    order: str
    wanted: Sequence[str]
    kit: Kit

    def run(self) -> list[Group]:
        by = [self.term.label_path, self.term.text] if self.term.label_path else [self.term.text]
        measures = ["id:count", *dict.fromkeys(f"{node.path}:{node.sum}" for node in self.arch.sums)]
        found = self.env[self.arch.model].aggregate(
            self.narrowing.where, by, measures, limit=MOST_GROUPS, **self.narrowing.bound
        )
        groups = self._ordered([self._group(row) for row in found])
        if sum(group.count for group in groups) <= self.arch.limit:
            self._open_all(groups)
        else:
            for group in [each for each in groups if each.key in self.state.open][:MOST_OPEN]:
                group.records = self._rows(group)
                group.open = True
        return groups

    def _group(self, row: dict[str, Any]) -> Group:
        value = row[self.term.text]
        key = "" if value is None else str(value)
        shown = (*self.state.open, key) if key not in self.state.open else ()
        rest = tuple(each for each in self.state.open if each != key)
        return Group(
            key=key,
            value=value,
            label=self.term.label(self.kit, row),
            count=row["id:count"],
            totals=row,
            open=False,
            toggled=self.state.but(open=shown or rest),
            only=self.state.narrowed(self.term.condition(self.kit, value), group="none", open=()),
            kit=self.kit,
            records=[],
        )

    def _ordered(self, groups: list[Group]) -> list[Group]:
        """Records in the order of their model, options in that of the selection, everything else as it came."""
        if self.term.info.options:
            places: dict[object, int] = {key: place for place, (key, _label) in enumerate(self.term.info.options)}
        elif self.term.label_path:
            target = self.env[str(self.term.info.target)]
            known = target.read("", ["id"], limit=MOST_GROUPS) if target.may("read") else []
            places = {record["id"]: place for place, record in enumerate(known)}
        else:
            return groups
        return sorted(groups, key=lambda group: (group.value is None, places.get(group.value, len(places))))

    def _open_all(self, groups: list[Group]) -> None:
        rows = self._read(self.narrowing)
        for group in groups:
            group.open = True
            group.records = [row for row in rows if self.term.bucket(self.kit, row[self.term.path]) == group.value]

    def _rows(self, group: Group) -> list[dict[str, Any]]:
        """The first rows of one group."""
        model = self.arch.model
        if self.term.unit and group.value is not None:
            first, last = self.term.span(self.kit, group.value)
            kind = self.term.info.kind
            test = f"{self.term.path} >= {_KEY} and {self.term.path} < {_END}"
            expression = self.env.registry.parse(test, model, {_KEY: kind, _END: kind})
            names: dict[str, object] = {_KEY: first, _END: last}
        elif group.value is None:
            expression, names = self.env.registry.parse(f"{self.term.path} == none", model), {}
        else:
            bound = Bound(self.term.info.kind, target=self.term.info.target)
            expression = self.env.registry.parse(f"{self.term.path} == {_KEY}", model, {_KEY: bound})
            names = {_KEY: group.value}
        parts = [self.narrowing.expression, expression] if self.narrowing.expression else [expression]
        return self._read(Narrowing(conjunction(parts), {**self.narrowing.bound, **names}))

    def _read(self, narrowing: Narrowing) -> list[dict[str, Any]]:
        wanted = list(dict.fromkeys([*self.wanted, self.term.path]))
        return self.env[self.arch.model].read(
            narrowing.where, wanted, order=self.order or None, limit=self.arch.limit, **narrowing.bound
        )
