"""In which format each column writes dates and numbers: as a recipe says, else as the cells of the whole file show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, tzinfo

from core.data.importing import dates
from core.data.importing.convert import Format
from core.data.importing.dates import OrderProfile
from core.data.importing.numbers import SignProfile
from core.data.importing.problems import ImportRefused
from core.data.importing.reading import Source
from core.data.importing.recipe import Writing
from core.i18n import _
from core.lang.kinds import Kind

NUMBERS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.MONEY})
DATES = frozenset({Kind.DATE, Kind.INSTANT})


@dataclass(frozen=True, slots=True)
class Asked:
    """A column whose format is wanted: its place, name and kind, what is said about it, how its cells are mended."""

    place: int
    name: str
    kind: Kind
    said: Writing
    mend: Mapping[str, str]


def find_formats(source: Source, columns: Sequence[Asked], file: Writing, zone: tzinfo) -> list[Format]:
    """The format of each column, in their order. Reads the file once where something has to be found out.

    :raises ImportRefused: a column of dates that can be read in two ways.
    """
    merged = [_merged(column.said, file) for column in columns]
    open_ = [column for column, said in zip(columns, merged, strict=True) if _unsaid(column, said)]
    signs, orders = _profile(source, open_)
    all_signs, all_orders = SignProfile(), OrderProfile()
    for sign_profile in signs.values():
        all_signs.add(sign_profile)
    for order_profile in orders.values():
        all_orders.add(order_profile)
    found = []
    for column, said in zip(columns, merged, strict=True):
        decimal = said.decimal
        if decimal is None and column.place in signs:
            decimal = signs[column.place].decide(all_signs, whole=column.kind is not Kind.FLOAT)
        order = said.order
        if order is None and column.place in orders:
            order = _order(source, column, orders[column.place], all_orders)
        found.append(Format(decimal or ".", order or "YMD", zone, said.clock or time(0)))
    return found


def describe(kind: Kind, form: Format) -> str:
    """The format in words, for the report; empty where there is nothing to say."""
    if kind in DATES:
        return dates.spelt(form.order)
    return _("decimal '{sign}'", sign=form.decimal) if kind in NUMBERS else ""


def _merged(column: Writing, file: Writing) -> Writing:
    return Writing(column.order or file.order, column.clock or file.clock, column.decimal or file.decimal)


def _unsaid(column: Asked, said: Writing) -> bool:
    return (column.kind in NUMBERS and said.decimal is None) or (column.kind in DATES and said.order is None)


def _profile(source: Source, columns: Sequence[Asked]) -> tuple[dict[int, SignProfile], dict[int, OrderProfile]]:
    signs = {column.place: SignProfile() for column in columns if column.kind in NUMBERS}
    orders = {column.place: OrderProfile() for column in columns if column.kind in DATES}
    if not columns:
        return signs, orders
    for row in source.rows():
        if row.problem:
            continue
        for column in columns:
            cell = row.cells[column.place]
            text = column.mend.get(cell, cell)
            if text:
                (signs.get(column.place) or orders[column.place]).see(text)
    return signs, orders


def _order(source: Source, column: Asked, profile: OrderProfile, others: OrderProfile) -> dates.Order | None:
    """The order that the column shows; where it fits several, the one that the file's other columns show."""
    best = profile.best()
    if len(best) < 2 or not profile.doubtful:
        return best[0] if best else None
    pooled = others.best()
    if len(pooled) == 1 and pooled[0] in best:
        return pooled[0]
    choices = _(" or ").join(dates.spelt(order) for order in best)
    raise ImportRefused(
        _(
            "{file}: the dates of '{column}' can be read in more than one way, for example '{value}': {choices}.",
            file=source.path.name,
            column=column.name,
            value=profile.doubtful,
            choices=choices,
        ),
        hint=_('Say which in a recipe: date = "{choice}".', choice=dates.spelt(best[0])),
    )
