"""Dates and times as people write them: the order of day, month and year in a column, and one cell's value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import combinations
from typing import Literal, get_args

from core.data.importing.problems import CellError
from core.i18n import _

# A year of two digits in front is an order of its own: no column has it beside other ways to write a date.
Order = Literal["YMD", "DMY", "MDY", "yMD"]
ORDERS: tuple[Order, ...] = get_args(Order)
_SPELT: dict[Order, str] = {"YMD": "YYYY-MM-DD", "DMY": "DD/MM/YYYY", "MDY": "MM/DD/YYYY", "yMD": "YY-MM-DD"}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.IGNORECASE)
_DATE = re.compile(
    r"(\d{1,4}|[A-Za-z]{3,9})(?:st|nd|rd|th)?\.?[-/.,\s]+(\d{1,2}|[A-Za-z]{3,9})(?:st|nd|rd|th)?\.?[-/.,\s]+(\d{1,4})\.?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(?:[T,]\s*|\s+)(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_PIVOT = 69  # two-digit years: 69-99 are 19xx, 00-68 are 20xx (POSIX strptime)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a cell says: a day, and a time of day and an offset from UTC where it gives them."""

    day: date
    clock: time | None = None
    offset: tzinfo | None = None

    def instant(self, zone: tzinfo, default: time) -> datetime:
        """The instant in UTC: in the cell's own offset, else in `zone`; at `default` where the cell has no time."""
        local = datetime.combine(self.day, self.clock or default, self.offset or zone)
        return local.astimezone(UTC)


def parse(text: str, order: Order = "YMD") -> Moment:
    """The moment in `text`. A four-digit year in front and a month's name decide for themselves. Raises CellError."""
    try:
        return _read(text.strip(), order)
    except ValueError as error:
        raise CellError(_("is not a date (expected {order})", order=spelt(order))) from error


def orders(text: str) -> tuple[Order, ...]:
    """The orders in which `text` is a date."""
    return tuple(order for order in ORDERS if _reads(text, order))


def order_named(name: str) -> Order | None:
    """The order that `DD/MM/YYYY`, `d.m.y` or `DMY` means; None when it is none. `YY-MM-DD`: a year of two digits."""
    letters = [char for char in name.upper() if char.isalpha()]
    order = "".join(dict.fromkeys(letters))
    if order == "YMD" and letters.count("Y") == 2:
        return "yMD"
    return next((known for known in ORDERS if known == order), None)


def spelt(order: Order) -> str:
    """The order for people: `DD/MM/YYYY`."""
    return _SPELT[order]


@dataclass(slots=True)
class OrderProfile:
    """How many cells of a column are dates in each order, and one cell for two orders that give it different days.

    `plain` cells have a year of four digits in front: they are read in one way, and speak for no order of the others.
    """

    seen: dict[Order, int] = field(default_factory=lambda: dict.fromkeys(ORDERS, 0))
    differing: dict[tuple[Order, Order], str] = field(default_factory=dict)
    plain: int = 0
    open: int = 0

    def see(self, text: str) -> None:
        """Take one cell into account."""
        if len(text) == 10 and text[4] == "-" == text[7]:
            self.plain += 1
            return
        days = {order: parse(text, order).day for order in orders(text)}
        if "YMD" in days:
            self.plain += 1
            return
        self.open += bool(days)
        for order in days:
            self.seen[order] += 1
        for pair in combinations(days, 2):
            if pair not in self.differing and days[pair[0]] != days[pair[1]]:
                self.differing[pair] = text

    def best(self) -> tuple[Order, ...]:
        """The orders that fit most cells: one where the column is clear, several where it is not."""
        alone = not self.plain and self.seen["yMD"] == self.open
        usable = [order for order in ORDERS if self.seen[order] and (alone or order != "yMD")]
        most = max((self.seen[order] for order in usable), default=0)
        if most:
            return tuple(order for order in usable if self.seen[order] == most)
        return ("YMD",) if self.plain else ()

    @property
    def doubtful(self) -> str:
        """A cell that the best orders read as different days; empty where there is none."""
        return next((self.differing[pair] for pair in combinations(self.best(), 2) if pair in self.differing), "")

    def add(self, other: OrderProfile) -> None:
        """Pool what another column says; its plain cells say nothing here."""
        self.open += other.open
        for order, count in other.seen.items():
            self.seen[order] += count


def _reads(text: str, order: Order) -> bool:
    try:
        _read(text.strip(), order)
    except ValueError:
        return False
    return True


def _read(text: str, order: Order) -> Moment:
    if len(text) == 10 and text[4] == "-" == text[7]:
        return Moment(date.fromisoformat(text))
    text = _WEEKDAY.sub("", text)
    compact = _COMPACT.match(text)
    found = compact or _DATE.match(text)
    if not found:
        raise ValueError(text)
    day = _compose(found.groups(), "YMD" if compact else order)
    return _with_time(day, text[found.end() :])


def _compose(parts: tuple[str, ...], order: Order) -> date:
    named = next((place for place, part in enumerate(parts) if part.isalpha()), None)
    actual = order
    if len(parts[0]) == 4 and parts[0].isdigit():
        actual = "YMD"
    elif named is not None:
        actual = "MDY" if named == 0 else "DMY" if order == "MDY" else order
    if actual == "YMD" and len(parts[0]) != 4:
        raise ValueError(parts[0])
    by_letter = dict(zip(actual.upper(), parts, strict=True))
    return date(_year(by_letter["Y"]), _month(by_letter["M"]), int(by_letter["D"]))


def _year(part: str) -> int:
    if len(part) == 4:
        return int(part)
    if len(part) != 2:
        raise ValueError(part)
    return int(part) + (1900 if int(part) >= _PIVOT else 2000)


def _month(part: str) -> int:
    return int(part) if part.isdigit() else _MONTHS.index(part[:3].lower()) + 1


def _with_time(day: date, rest: str) -> Moment:
    if not rest:
        return Moment(day)
    found = _TIME.fullmatch(rest)
    if not found:
        raise ValueError(rest)
    hour, minute, second, fraction, half, offset = found.groups()
    clock = time(_hour(int(hour), half), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))
    return Moment(day, clock, _offset(offset))


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(half)
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if text[0] == "-" else shift)
