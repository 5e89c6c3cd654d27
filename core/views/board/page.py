"""The records of a board page: the cards of all columns in one query; sums where they need none, else on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import NotFound, Refusal
from core.i18n import _
from core.records.environment import Environment
from core.views import looks as looks_module
from core.views.board.arch import BoardArch
from core.views.board.cards import first_cards
from core.views.board.columns import Column, Columns
from core.views.kit import Kit
from core.views.list.page import judge, to_read
from core.views.looks import Looks, load_choices
from core.views.modifiers import evaluate
from core.views.nodes import FieldNode
from core.views.opening import Opening
from core.views.paths import needed
from core.views.search.arch import SearchArch
from core.views.search.narrowing import Chip, Narrowing, narrow
from core.views.state import State
from core.views.view import ComposedView
from core.views.wording import condition_in_words, worded


@dataclass(slots=True)
class BoardPage:
    """One page of a board. `fixed` are values that a card created here gets; `blank` a record without values;
    `hinted` the fields that hints depend on.

    `reason` says why a card whose `_stays` holds cannot be moved.
    """

    title: str
    help: str
    state: State
    columns: list[Column]
    may_move: bool
    may_create: bool
    chips: tuple[Chip, ...]
    fixed: dict[str, Any]
    blank: Mapping[str, Any]
    reason: str
    hinted: tuple[str, ...]
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


def card(
    env: Environment, view: ComposedView, state: State, opening: Opening, id_: int
) -> tuple[BoardPage, dict[str, Any]]:
    """One card as it is now, and a page of nothing else to show it on.

    :raises NotFound: there is no such record, or the user may not know that there is.
    """
    boarding = _Boarding(env, view, state, opening, Narrowing())
    record = env[view.model].read_ids([id_], boarding.wanted()).get(id_)
    if record is None:
        raise NotFound(_("There is no such card, or you may not see it."))
    boarding.judge([record])
    page = boarding.page([])
    looks_module.load(env, boarding.arch.cards, [record], page.looks)
    return page, record


def require_movable(page: BoardPage, record: Mapping[str, Any], name: str) -> None:
    """Refuse to move a card that stays where it is.

    :raises Refusal: the condition of the board that holds it there.
    """
    if record["_stays"]:
        raise Refusal(_("{name} cannot be moved: {reason}.", name=name, reason=page.reason))


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
        may_create = bool(columns and arch.quick) and records.may("create")
        if may_create:
            load_choices(self.env, looks, arch.quick)
        visible = [column for column in columns if not column.folded]
        if visible and not any(column.current for column in visible):
            visible[0].current = True
        quick = {node.path for node in arch.quick} | {arch.group.path}
        kit = self.view.kit(self.env)
        return BoardPage(
            title=self.opening.name,
            help=self.opening.help,
            state=self.state,
            columns=columns,
            may_move=records.may("update") and arch.movable,
            may_create=may_create,
            chips=worded(self.env, kit, self.narrowing.chips),
            fixed={name: value for name, value in self.opening.defaults.items() if name not in quick},
            blank=self._blank() if may_create else {},
            reason=condition_in_words(self.env, kit, arch.readonly) if arch.readonly else "",
            hinted=self.env.registry.hinted(self.view.model),
            kit=kit,
            looks=looks,
        )

    def _blank(self) -> dict[str, Any]:
        """What the inputs of a new card begin with."""
        quick, defaults = self.arch.quick, self.opening.defaults
        record = looks_module.blank(quick)
        for node in quick:
            value = record[node.path] = defaults.get(node.path)
            if node.label_path and isinstance(value, int):
                record[node.label_path] = self.env.labels(str(node.info.target), [value]).get(value)
        return record

    def columns(self) -> list[Column]:
        """All columns in their order, without cards."""
        return self._maker.all()

    @property
    def _maker(self) -> Columns:
        return Columns(self.env, self.arch, self.state, self.view.kit(self.env))

    def wanted(self) -> list[str]:
        """Everything to read of a card."""
        arch, conditions = self.arch, self.arch.conditions
        nodes = [*arch.cards, *arch.totals]
        known = needed(self.env.registry, self.view.model, [path for each in conditions for path in each.paths])
        read = to_read(self.env, self.view.model, nodes)
        return list(dict.fromkeys([*read, "version", arch.group.path, *sorted(known)]))

    def fill(self, columns: list[Column]) -> None:
        """Read the first cards of every column that is not folded; a nameless column without cards is dropped."""
        arch, shown = self.arch, [column for column in columns if not column.folded]
        order = self.state.order or self.opening.order or arch.order or None
        found = first_cards(
            self.env,
            self.view.model,
            self.narrowing,
            [column.branch for column in shown],
            self.wanted(),
            order,
            arch.limit + 1,
        )
        for column, records in zip(shown, found, strict=True):
            column.more = len(records) > arch.limit
            column.records = records[: arch.limit]
            if not column.more:
                _count(column, arch)
            column.folded = column.beyond and not records
        columns[:] = [column for column in columns if column.key or column.records]
        self.judge([record for column in shown for record in column.records])

    def judge(self, records: Sequence[dict[str, Any]]) -> None:
        """Note in every record what of it is not shown, whether it cannot be moved (`_stays`), and the actions that are
        not for it (`_without`)."""
        arch, variant = self.arch, self.view.variant(self.env)
        judge(self.env, self.view.model, arch.cards, records, variant)
        stays = {"stays": variant.predicates[arch.readonly]} if arch.readonly else {}
        hidden = {each.action: variant.predicates[each.invisible] for each in arch.buttons if each.invisible}
        for record in records:
            record["_without"] = sorted(evaluate(self.env, self.view.model, record, hidden))
            record["_stays"] = bool(stays and evaluate(self.env, self.view.model, record, stays))

    def sum_up(self, columns: list[Column]) -> None:
        """Ask for the numbers of all columns in one query."""
        arch = self.arch
        amounts = [f"{node.path}:sum" for node in arch.totals]
        rows = self.env[self.view.model].aggregate(
            self.narrowing.where, [arch.by], ["id:count", *dict.fromkeys(amounts)], **self.narrowing.bound
        )
        key = self._maker.key
        sorted_rows: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            sorted_rows.setdefault(key(row[arch.by]), []).append(row)
        for column in columns:
            found = sorted_rows.get(column.key, [])
            column.known, column.count = True, sum(row["id:count"] for row in found)
            column.sum = _total(arch.sum, found, ":sum")
            column.weighted = _total(arch.weighted, found, ":sum")
            column.also = _total(arch.also, found, ":sum")
        columns[:] = [column for column in columns if column.key or column.count]


def _count(column: Column, arch: BoardArch) -> None:
    """The numbers of a column whose cards are all there."""
    column.known, column.count = True, len(column.records)
    column.sum = _total(arch.sum, column.records)
    column.weighted = _total(arch.weighted, column.records)
    column.also = _total(arch.also, column.records)


def _total(node: FieldNode | None, rows: Iterable[Mapping[str, Any]], measure: str = "") -> Any:  # noqa: ANN401  # of the field's type
    if node is None:
        return None
    values = (row[f"{node.path}{measure}"] for row in rows)
    return sum(value for value in values if value is not None)
