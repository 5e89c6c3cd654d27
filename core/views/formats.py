"""Numbers, money, dates and relative times as a person of one language and zone reads and writes them.

Patterns and symbols come from CLDR through babel, once per language; formatting a cell is then plain string work, since
babel's own functions cost ten times as much. Languages that do not group by thousands go through babel each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import NumberFormatError, format_decimal, parse_decimal

from core.i18n import _

DEFAULT_LOCALE = "en_GB"
NBSP = "\N{NO-BREAK SPACE}"
TONES = ("stone", "lapis", "sky", "teal", "sage", "moss", "ochre", "amber", "terracotta", "rose", "plum")
Number = Decimal | int | float
# What keyboards and documents put for a blank or a minus; marks of direction are dropped.
_TYPED = {0xA0: " ", 0x202F: " ", 0x2212: "-", 0x200E: None, 0x200F: None}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as amounts show it."""

    code: str
    symbol: str
    digits: int = 2


class Symbols:
    """What CLDR says of one language; made once and shared."""

    def __init__(self, language: str) -> None:
        self.locale = _locale(language)
        symbols = self.locale.number_symbols.get("latn", {})
        self.group = str(symbols.get("group", ","))
        self.decimal = str(symbols.get("decimal", "."))
        self.minus = str(symbols.get("minusSign", "-"))
        self.plain = self.locale.decimal_formats[None].grouping == (3, 3)
        self.percent = _affixes(self.locale.percent_formats[None].pattern)
        self.money = _affixes(self.locale.currency_formats["standard"].pattern)


def _locale(language: str) -> Locale:
    """The locale of a BCP 47 tag; plain English is that of Britain, an unknown tag too."""
    if language in {"", "en"}:
        return Locale.parse(DEFAULT_LOCALE)
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(DEFAULT_LOCALE)


def _affixes(pattern: str) -> tuple[str, str]:
    """What stands before and after the number in a CLDR pattern, its positive half."""
    positive = pattern.partition(";")[0]
    marks = [index for index, char in enumerate(positive) if char in "#0"]
    return positive[: marks[0]], positive[marks[-1] + 1 :]


class NotANumber(ValueError):
    """Text that is no number in the user's language; `example` shows one."""

    def __init__(self, text: str, example: str) -> None:
        super().__init__(_("'{text}' is not a number; write it like {example}", text=text, example=example))


@dataclass(slots=True)
class Formats:
    """Formatting for one user on one day; days of other zones are told where the instant `now` is known, too."""

    symbols: Symbols
    tz: ZoneInfo
    today: date
    company_currency: Callable[[], Currency | None] = lambda: None
    now: datetime | None = None
    _dates: dict[date, str] = field(default_factory=dict)
    _company: list[Currency | None] = field(default_factory=list)

    @property
    def currency(self) -> Currency | None:
        """The currency of amounts that name none: the company's, asked for once."""
        if not self._company:
            self._company.append(self.company_currency())
        return self._company[0]

    def number(self, value: Number | None, digits: int | None = None) -> str:
        """A number with the language's signs; `digits` decimals, or as many as it has (three at most)."""
        if value is None:
            return ""
        amount = value if isinstance(value, (Decimal, int)) else Decimal(repr(value))
        if digits is None:
            text = f"{round_half_up(amount, 3):f}"
            digits = len(text.partition(".")[2].rstrip("0"))
        return self._signed(round_half_up(amount, digits), digits)

    def fractional(self, value: Number | None) -> bool:
        """Whether an amount is not a whole one."""
        return value is not None and value != int(value)

    def money(self, value: Number | None, currency: Currency | None = None, *, whole: bool = False) -> str:
        """An amount with its currency's symbol. Whole amounts have no decimals, with `whole` none have."""
        if value is None:
            return ""
        used = currency or self.currency or Currency("", "")
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
        digits = 0 if whole or amount == amount.to_integral_value() else used.digits
        rounded = round_half_up(amount, digits)
        before, after = (part.replace("¤", used.symbol) for part in self.symbols.money)
        sign = self.symbols.minus if rounded < 0 else ""
        return f"{sign}{before}{self._signed(abs(rounded), digits)}{after}".strip(f" {NBSP}")

    def percent(self, value: Number | None) -> str:
        """A share given in hundredths, to a tenth: 60 is 60%."""
        if value is None:
            return ""
        before, after = self.symbols.percent
        return f"{before}{self.number(round_half_up(Decimal(str(value)), 1))}{after}"

    def count(self, value: int, *, capped: bool = False) -> str:
        """A number of records; `capped` when there are more than were counted."""
        return f"{self.number(value)}+" if capped else self.number(value)

    def _signed(self, value: Decimal | int, digits: int) -> str:
        if not self.symbols.plain:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            standard = self.symbols.locale.decimal_formats[None].pattern.partition(".")[0]
            return str(format_decimal(value, standard + pattern[5:], locale=self.symbols.locale))
        whole, _dot, decimals = f"{abs(value):,.{digits}f}".partition(".")
        text = whole.replace(",", self.symbols.group) + (f"{self.symbols.decimal}{decimals}" if decimals else "")
        return f"{self.symbols.minus}{text}" if value < 0 else text

    def local(self, value: datetime) -> datetime:
        """The instant in the user's zone."""
        return value.astimezone(self.tz)

    def day(self, value: date | None) -> date | None:
        """The date of a date, or of an instant in the user's zone."""
        return self.local(value).date() if isinstance(value, datetime) else value

    def short_date(self, value: date | None) -> str:
        """`17 Mar 2026`; an instant gives its date in the user's zone."""
        found = self.day(value)
        if found is None:
            return ""
        known = self._dates.get(found)
        if known is None:
            known = self._dates[found] = str(format_date(found, "medium", locale=self.symbols.locale))
        return known

    def time(self, value: datetime) -> str:
        """`15:04` in the user's zone."""
        return str(format_time(self.local(value), "short", locale=self.symbols.locale))

    def short_datetime(self, value: datetime | None) -> str:
        """Date and time in the user's zone."""
        return "" if value is None else f"{self.short_date(value)}, {self.time(value)}"

    def long_datetime(self, value: datetime) -> str:
        """The exact time with its zone, for titles."""
        return str(format_datetime(self.local(value), "long", locale=self.symbols.locale))

    def iso(self, value: date | None) -> str:
        """What `<time datetime>` holds: a date, or an instant in UTC."""
        if isinstance(value, datetime):
            return value.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
        return "" if value is None else value.isoformat()

    def due(self, value: date, zone: str | None = None) -> tuple[str, str]:
        """How a day to come or gone is said, and its state: `overdue`, `today` or nothing.

        :param zone: whose today counts, an IANA name; the user's where none is given.
        """
        today = self.now.astimezone(ZoneInfo(zone)).date() if zone and self.now else self.today
        days = ((self.day(value) or value) - today).days
        if days < -1:
            return _("{count} days late", count=-days), "overdue"
        if days < 1:
            return (_("Today"), "today") if days == 0 else (_("1 day late"), "overdue")
        return (_("Tomorrow") if days == 1 else self.short_date(value)), ""

    def age(self, value: date | None) -> str:
        """How long ago, in days."""
        found = self.day(value)
        return "" if found is None else _("{count} d", count=self.number((self.today - found).days))

    def bucket(self, value: object, unit: str) -> str:
        """The name of a span of time as grouping gives it: its first day, `2026-03` or the like."""
        first = value if isinstance(value, date) else bucket_start(str(value), unit)
        if first is None:
            return str(value)
        locale = self.symbols.locale
        if unit == "day":
            return self.short_date(first)
        if unit == "week":
            return _("{first} to {last}", first=self.short_date(first), last=self.short_date(first + timedelta(days=6)))
        skeletons: Mapping[str, str] = {"month": "yMMM", "quarter": "yQQQ", "year": "y"}
        return str(format_skeleton(skeletons[unit], first, locale=locale))

    def parse_number(self, text: str) -> Decimal:
        """The number that was typed in the user's language.

        :raises NotANumber: it is none, or its groups are not where the language has them.
        """
        cleaned = text.translate(_TYPED).strip()
        if any(char.isalpha() for char in cleaned):  # exponents, NaN
            raise NotANumber(text, self._example())
        if self.symbols.group.isspace():
            cleaned = cleaned.replace(" ", self.symbols.group)
        try:
            return Decimal(parse_decimal(cleaned, locale=self.symbols.locale, strict=True))
        except (NumberFormatError, ArithmeticError) as error:
            raise NotANumber(text, self._example()) from error

    def _example(self) -> str:
        return self.number(Decimal("1234.5"), 2)


def round_half_up(value: Decimal | int, digits: int) -> Decimal:
    """Rounded to `digits` decimals, halves away from zero."""
    exact = value if isinstance(value, Decimal) else Decimal(value)
    if not exact.is_finite() or exact.adjusted() > 24:
        return exact
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def bucket_start(text: str, unit: str) -> date | None:
    """The first day of `2026`, `2026-03`, `2026-Q1`, `2026-W11` or `2026-03-17`."""
    try:
        if unit == "year":
            return date(int(text[:4]), 1, 1)
        if unit == "quarter" and "Q" in text:
            return date(int(text[:4]), int(text[-1]) * 3 - 2, 1)
        if unit == "week" and "W" in text:
            return date.fromisocalendar(int(text[:4]), int(text.rpartition("W")[2]), 1)
        return date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None
