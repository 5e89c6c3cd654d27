"""The records of a list page: rows in one query, a capped count, groups with totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.lang.tree import Expression
from core.records.environment import Environment
from core.views import looks as looks_module
from core.views.kit import Kit
from core.views.list.arch import ListArch
from core.views.list.groups import Group, read_groups
from core.views.looks import Looks
from core.views.modifiers import evaluate
from core.views.nodes import FieldNode, paths
from core.views.opening import Opening
from core.views.paths import needed
from core.views.search.arch import SearchArch
from core.views.search.narrowing import Chip, Narrowing, narrow
from core.views.state import State
from core.views.view import ComposedView, Variant
from core.views.wording import worded

COUNTED = 1_000
UNGROUPED = "none"


@dataclass(slots=True)
class ListPage:
    """One page of a list. `groups` is None where rows are not grouped, `totals` where they are yet to be asked for.

    `count` is exact unless `capped`; `next` is the cursor of the following page.
    """

    title: str
    help: str
    state: State
    order: str
    group: str
    records: list[dict[str, Any]]
    count: int
    capped: bool
    next: str | None
    groups: list[Group] | None
    totals: dict[str, Any] | None
    chips: tuple[Chip, ...]
    kit: Kit
    looks: Looks

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.records and not self.groups

    @property
    def count_text(self) -> str:
        """The number of records: `1,000+` where there are more than were counted."""
        return self.kit.count(self.count, capped=self.capped)

    @property
    def cleared(self) -> State:
        """The state with nothing that narrows."""
        return self.state.but(q="", terms=(), filters=(), where="")

    @property
    def following(self) -> State | None:
        """The state of the following page, None on the last."""
        return self.state.but(after=self.next) if self.next else None

    def sorted(self, path: str) -> str:
        """How the rows are ordered by a column: `ascending`, `descending` or not at all."""
        first = self.order.partition(",")[0].strip()
        if first.lstrip("-") != path:
            return ""
        return "descending" if first.startswith("-") else "ascending"

    def sort(self, path: str) -> State:
        """The state with the rows ordered by a column, the other way round where they are already."""
        return self.state.but(order=f"-{path}" if self.sorted(path) == "ascending" else path)


def page(
    env: Environment, view: ComposedView, state: State, opening: Opening, search: SearchArch | None = None
) -> ListPage:
    """The page in this state, of what the action opens.

    :raises Refusal: the state names a condition, order, grouping or cursor that cannot be.
    """
    return _Paging(env, view, state, opening, narrow(env, opening, search, state)).run()


def totals(
    env: Environment, view: ComposedView, state: State, opening: Opening, search: SearchArch | None = None
) -> ListPage:
    """A page without rows, with totals over everything: what the part `totals_row` is made from."""
    paging = _Paging(env, view, state, opening, narrow(env, opening, search, state))
    summed = paging.all_totals()
    found = paging.bare()
    return replace(found, totals=summed, count=int(summed["id:count"]), capped=False)


@dataclass(slots=True)
class _Paging:
    env: Environment
    view: ComposedView
    state: State
    opening: Opening
    narrowing: Narrowing

    @property
    def variant(self) -> Variant:
        return self.view.variant(self.env)

    @property
    def arch(self) -> ListArch:
        arch: ListArch = self.variant.arch
        return arch

    @property
    def group(self) -> str:
        chosen = self.state.group or self.opening.group or self.arch.group
        return "" if chosen == UNGROUPED else chosen

    @property
    def order(self) -> str:
        return self.state.order or self.opening.order or self.arch.order

    def bare(self) -> ListPage:
        kit = self.view.kit(self.env)
        return ListPage(
            title=self.opening.name,
            help=self.opening.help,
            state=self.state,
            order=self.order or self.env.registry.schema[self.view.model].order,
            group=self.group,
            records=[],
            count=0,
            capped=False,
            next=None,
            groups=None,
            totals=None,
            chips=worded(self.env, kit, self.narrowing.chips),
            kit=kit,
            looks=Looks(),
        )

    def run(self) -> ListPage:
        found = self._grouped(self.bare()) if self.group else self._plain(self.bare())
        shown = found.records if found.groups is None else [row for group in found.groups for row in group.records]
        judge(self.env, self.view.model, self.arch.columns, shown, self.variant)
        looks = looks_module.load(self.env, self.arch.columns, shown)
        self._dress(found.groups or [], looks)
        if self.state.totals and found.totals is None:
            summed = self.all_totals()
            found = replace(found, totals=summed, count=int(summed["id:count"]), capped=False)
        return replace(found, looks=looks)

    def _dress(self, groups: Sequence[Group], looks: Looks) -> None:
        """Give groups of stages the glyphs that their column has."""
        shown = {
            node.path: looks.stages.get(str(node.info.target), {}) for node in self.arch.columns if node.label_path
        }
        for group in groups:
            if isinstance(group.value, int):
                group.choice = shown.get(self.group, {}).get(group.value)

    def _plain(self, bare: ListPage) -> ListPage:
        records, names = self.env[self.view.model], self.narrowing.bound
        wanted = to_read(self.env, self.view.model, [*self.arch.columns, *self.arch.unseen])
        after = self.state.after or None
        found = records.page(
            self.narrowing.where, wanted, order=self.order or None, limit=self.arch.limit, after=after, **names
        )
        whole = found.next is None and after is None
        count = len(found.records) if whole else records.count(self.narrowing.where, limit=COUNTED + 1, **names)
        return replace(
            bare,
            records=found.records,
            next=found.next,
            count=min(count, COUNTED) if count > COUNTED else count,
            capped=count > COUNTED,
            totals=row_totals(self.arch.sums, found.records) if whole else None,
        )

    def _grouped(self, bare: ListPage) -> ListPage:
        wanted = to_read(self.env, self.view.model, [*self.arch.columns, *self.arch.unseen])
        groups = read_groups(self.env, self.arch, self.narrowing, self.state, self.group, self.order, wanted, bare.kit)
        return replace(bare, groups=groups, count=sum(group.count for group in groups))

    def all_totals(self) -> dict[str, Any]:
        return self.env[self.view.model].aggregate(
            self.narrowing.where, measures=measures(self.arch.sums), **self.narrowing.bound
        )[0]


def measures(nodes: Sequence[FieldNode]) -> list[str]:
    """The measures of the summed columns, and the number of records."""
    return ["id:count", *dict.fromkeys(f"{node.path}:{node.sum}" for node in nodes)]


def row_totals(nodes: Sequence[FieldNode], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Totals worked out from rows that are there already."""
    found: dict[str, Any] = {"id:count": len(records)}
    for node in nodes:
        values = [record[node.path] for record in records if record[node.path] is not None]
        found[f"{node.path}:{node.sum}"] = _measure(node.sum, values)
    return found


def _measure(function: str, values: Sequence[Decimal | int | float]) -> Decimal | int | float | None:
    if function == "sum":
        return sum(values)
    if not values:
        return None
    if function == "avg":
        return sum(values) / len(values)
    return min(values) if function == "min" else max(values)


def to_read(env: Environment, model: str, nodes: Sequence[FieldNode]) -> list[str]:
    """Everything to read for the nodes; `id` is always among it."""
    conditions = [path for node in nodes for each in (node.invisible, node.settled) if each for path in each.paths]
    return list(dict.fromkeys(["id", *paths(nodes), *sorted(needed(env.registry, model, conditions))]))


def judge(
    env: Environment, model: str, nodes: Sequence[FieldNode], records: Sequence[dict[str, Any]], variant: Variant
) -> None:
    """Note in every record which of its cells are not to be shown (`_hidden`), which days are settled (`_settled`)."""
    hidden: dict[str, Expression] = {node.key: node.invisible for node in nodes if node.invisible}
    settled: dict[str, Expression] = {node.key: node.settled for node in nodes if node.settled}
    for name, conditions in (("_hidden", hidden), ("_settled", settled)):
        functions = {key: variant.predicates[expression] for key, expression in conditions.items()}
        for record in records:
            record[name] = evaluate(env, model, record, functions) if functions else ()
