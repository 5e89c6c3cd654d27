"""The records of a board page: the cards of all columns in one query; sums where they need none, else on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.i18n import _
from core.lang.bound import Bound
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.views import looks as looks_module
from core.views.board.arch import BoardArch
from core.views.board.cards import first_cards
from core.views.kit import Kit
from core.views.list.page import judge, to_read
from core.views.looks import Choice, Looks, load_choices
from core.views.nodes import FieldNode
from core.views.opening import Opening
from core.views.search.arch import SearchArch
from core.views.search.narrowing import Chip, Narrowing, narrow
from core.views.state import State
from core.views.view import ComposedView
from core.views.wording import worded

NONE = Choice(0, "", "stone", "stage-0")


@dataclass(slots=True)
class Column:
    """One column. `known` says whether `count`, `sum` and `weighted` are over all its records."""

    key: str
    value: object
    choice: Choice
    only: State
    unfolded: State
    kit: Kit
    folded: bool = False
    current: bool = False
    more: bool = False
    known: bool = False
    count: int = 0
    sum: Any = None
    weighted: Any = None
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


@dataclass(slots=True)
class BoardPage:
    """One page of a board. `fixed` are values that a card created here gets; `blank` a record without values."""

    title: str
    help: str
    state: State
    columns: list[Column]
    may_move: bool
    may_create: bool
    chips: tuple[Chip, ...]
    fixed: dict[str, Any]
    blank: Mapping[str, Any]
    kit: Kit
    looks: Looks

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show; folded columns may hold something unless they were counted."""
        return not any(column.records or column.count or not column.known for column in self.columns)

    @property
    def totals_missing(self) -> bool:
        """Whether some column's numbers are yet to be asked for."""
        return any(not column.known for column in self.columns)

    @property
    def cleared(self) -> State:
        """The state with nothing that narrows."""
        return self.state.but(q="", terms=(), filters=(), where="")


def page(
    env: Environment, view: ComposedView, state: State, opening: Opening, search: SearchArch | None = None
) -> BoardPage:
    """The board in this state; with `state.totals` the numbers of all columns too.

    :raises Refusal: the state names a condition or order that cannot be.
    """
    boarding = _Boarding(env, view, state, opening, narrow(env, opening, search, state))
    columns = boarding.columns()
    boarding.fill(columns)
    if state.totals:
        boarding.sum_up(columns)
    return boarding.page(columns)


def totals(
    env: Environment, view: ComposedView, state: State, opening: Opening, search: SearchArch | None = None
) -> BoardPage:
    """A board without cards, with the numbers of all columns: what the part `heads` is made from."""
    boarding = _Boarding(env, view, state, opening, narrow(env, opening, search, state))
    columns = boarding.columns()
    boarding.sum_up(columns)
    return boarding.page(columns)


@dataclass(slots=True)
class _Boarding:
    env: Environment
    view: ComposedView
    state: State
    opening: Opening
    narrowing: Narrowing

    @property
    def arch(self) -> BoardArch:
        arch: BoardArch = self.view.variant(self.env).arch
        return arch

    def page(self, columns: list[Column]) -> BoardPage:
        records, arch = self.env[self.view.model], self.arch
        shown = [record for column in columns for record in column.records]
        looks = looks_module.load(self.env, arch.cards, shown)
        may_create = bool(arch.quick) and records.may("create")
        if may_create:
            load_choices(self.env, looks, arch.quick)
        visible = [column for column in columns if not column.folded]
        if visible:
            visible[0].current = True
        quick = {node.path for node in arch.quick} | {arch.group.path}
        kit = self.view.kit(self.env)
        return BoardPage(
            title=self.opening.name,
            help=self.opening.help,
            state=self.state,
            columns=columns,
            may_move=records.may("update") and bool(arch.group.edit),
            may_create=may_create,
            chips=worded(self.env, kit, self.narrowing.chips),
            fixed={name: value for name, value in self.opening.defaults.items() if name not in quick},
            blank=looks_module.blank(arch.quick),
            kit=kit,
            looks=looks,
        )

    def columns(self) -> list[Column]:
        """All columns in their order, without cards; one for records that have no value comes first."""
        info, kit = self.arch.group.info, self.view.kit(self.env)
        if info.kind is Kind.REFERENCE:
            choices = {choice.id: choice for choice in looks_module.stages(self.env, str(info.target))}
            return [self._column(None, None, kit), *(self._column(id_, choice, kit) for id_, choice in choices.items())]
        options = {key: Choice(place, _(label)) for place, (key, label) in enumerate(info.options, 1)}
        return [self._column(None, None, kit), *(self._column(key, choice, kit) for key, choice in options.items())]

    def _column(self, value: int | str | None, choice: Choice | None, kit: Kit) -> Column:
        key = "" if value is None else str(value)
        path = self.arch.group.path
        test = f"{path} == none" if value is None else f"{path} == {value!r}"
        return Column(
            key=key,
            value=value,
            choice=choice or Choice(0, _("None")),
            only=self.state.but(view="list", group="none", where=_both(self.state.where, test), open=()),
            unfolded=self.state.but(open=(*self.state.open, key)),
            kit=kit,
            folded=bool(choice and choice.folded and key not in self.state.open),
        )

    def fill(self, columns: list[Column]) -> None:
        """Read the first cards of every column that is not folded; a nameless column without cards is dropped."""
        arch, shown = self.arch, [column for column in columns if not column.folded]
        nodes = [*arch.cards, *(node for node in (arch.sum, arch.weighted) if node)]
        wanted = list(dict.fromkeys([*to_read(self.env, self.view.model, nodes), "version", arch.group.path]))
        bound = Bound(arch.group.info.kind, target=arch.group.info.target)
        order = self.state.order or self.opening.order or arch.order or None
        found = first_cards(
            self.env,
            self.view.model,
            self.narrowing,
            (arch.group.path, bound, [column.value for column in shown]),
            wanted,
            order,
            arch.limit + 1,
        )
        for column, records in zip(shown, found, strict=True):
            column.more = len(records) > arch.limit
            column.records = records[: arch.limit]
            if not column.more:
                _count(column, arch)
        columns[:] = [column for column in columns if column.value is not None or column.records]
        judge(
            self.env,
            self.view.model,
            arch.cards,
            [record for column in shown for record in column.records],
            self.view.variant(self.env),
        )

    def sum_up(self, columns: list[Column]) -> None:
        """Ask for the numbers of all columns in one query."""
        arch = self.arch
        amounts = [f"{node.path}:sum" for node in (arch.sum, arch.weighted) if node]
        rows = self.env[self.view.model].aggregate(
            self.narrowing.where, [arch.group.path], ["id:count", *dict.fromkeys(amounts)], **self.narrowing.bound
        )
        found = {row[arch.group.path]: row for row in rows}
        for column in columns:
            row = found.get(column.value, {})
            column.known, column.count = True, row.get("id:count", 0)
            column.sum = row.get(f"{arch.sum.path}:sum", 0) if arch.sum else None
            column.weighted = row.get(f"{arch.weighted.path}:sum", 0) if arch.weighted else None
        columns[:] = [column for column in columns if column.value is not None or column.count]


def _count(column: Column, arch: BoardArch) -> None:
    """The numbers of a column whose cards are all there."""
    column.known, column.count = True, len(column.records)
    column.sum = _sum(arch.sum, column.records)
    column.weighted = _sum(arch.weighted, column.records)


def _sum(node: FieldNode | None, records: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401  # of the field's type
    if node is None:
        return None
    return sum(record[node.path] for record in records if record[node.path] is not None)


def _both(where: str, test: str) -> str:
    return f"({where}) and {test}" if where else test
