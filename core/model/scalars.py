"""Declarations of plain values: text, numbers, money, dates, choices. Each `check` is the only gate its values pass."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeVar, Unpack, overload

import nh3
from jinja2 import Environment, TemplateSyntaxError

from core.errors import closest
from core.i18n import _
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN, MONEY_SCALE, Kind
from core.model.declaration import BadValue, Common, Declaration

T = TypeVar("T")

LINE_SIZE = 1_000
TEXT_SIZE = 10_000_000
MONEY_MAX = Decimal(INTEGER_MAX) / MONEY_SCALE

_MONEY = re.compile(r"[+-]?[0-9]{1,19}(\.[0-9]{0,30})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SMALLEST_MONEY = Decimal(1) / MONEY_SCALE
_TEMPLATES = Environment()
_CLEANER = nh3.Cleaner(url_schemes={"http", "https", "mailto", "tel", "cid"})


class _Textual(Declaration[T]):
    kind = Kind.TEXT
    searchable = True
    limit = TEXT_SIZE

    def __init__(self, *, size: int | None = None, required: bool = False, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)
        self.size = size or self.limit

    def check(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong_type(value, _("text"))
        if len(value) > self.size:
            raise BadValue(_("Longer than {size} characters ({length}).", size=self.size, length=len(value)))
        if "\x00" in value:
            raise BadValue(_("Text cannot hold the character NUL."))
        if not value.isascii():
            _check_encodable(value)
        if self.template:
            _check_template(value)
        return value or None


def _check_template(value: str) -> None:
    try:
        _TEMPLATES.compile(value, raw=True)
    except TemplateSyntaxError as error:
        text = _("Line {line}: {reason}", line=error.lineno, reason=error.message or "")
        raise BadValue(text, line=error.lineno) from error
    except RecursionError as error:
        raise BadValue(_("The template is nested too deeply.")) from error


def _check_encodable(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        place = error.start + 1
        raise BadValue(_("Half of a character (a lone surrogate) at position {place}.", place=place)) from error


class Char(_Textual[T]):
    """One line of text, at most `size` characters (1,000 where nothing is said). Empty text is None.

    `quality` names the field that is `incorrect` where the text is kept as it was typed and yet of no use.
    """

    limit = LINE_SIZE

    @overload
    def __init__(
        self: Char[str],
        *,
        required: Literal[True],
        size: int | None = None,
        quality: str | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Char[str | None],
        *,
        required: Literal[False] = False,
        size: int | None = None,
        quality: str | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(
        self, *, required: bool = False, size: int | None = None, quality: str | None = None, **keywords: Unpack[Common]
    ) -> None:
        super().__init__(required=required, size=size, **keywords)
        self.quality = quality


class Text(_Textual[T]):
    """Text of any number of lines, up to ten million characters. Empty text is None."""

    @overload
    def __init__(
        self: Text[str], *, required: Literal[True], size: int | None = None, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Text[str | None],
        *,
        required: Literal[False] = False,
        size: int | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(self, *, required: bool = False, size: int | None = None, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, size=size, **keywords)


class Html(_Textual[T]):
    """Formatted text; scripts, styles and everything else that acts is removed when it is written."""

    @overload
    def __init__(
        self: Html[str], *, required: Literal[True], size: int | None = None, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Html[str | None],
        *,
        required: Literal[False] = False,
        size: int | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(self, *, required: bool = False, size: int | None = None, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, size=size, **keywords)

    def check(self, value: object) -> str | None:
        text = super().check(value)
        return _CLEANER.clean(text) or None if text else None


class Integer(Declaration[T]):
    """A whole number of 64 bits."""

    kind = Kind.INTEGER

    @overload
    def __init__(self: Integer[int], *, required: Literal[True], **keywords: Unpack[Common]) -> None: ...
    @overload
    def __init__(
        self: Integer[int | None], *, required: Literal[False] = False, **keywords: Unpack[Common]
    ) -> None: ...
    def __init__(self, *, required: bool = False, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)

    def check(self, value: object) -> int | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong_type(value, _("a whole number"))
        if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise BadValue(_("The number is out of range (64 bits)."))
        return value


class Float(Declaration[T]):
    """A number in double precision, rounded to `digits` decimals (half away from zero) where that is given."""

    kind = Kind.FLOAT

    @overload
    def __init__(
        self: Float[float], *, required: Literal[True], digits: int | None = None, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Float[float | None],
        *,
        required: Literal[False] = False,
        digits: int | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(self, *, required: bool = False, digits: int | None = None, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)
        self.digits = digits
        self._step = None if digits is None else Decimal(1).scaleb(-digits)

    def check(self, value: object) -> float | None:
        if value is None:
            return None
        if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
            raise self.wrong_type(value, _("a number"))
        number = _finite(value)
        if self._step is not None and abs(number) < 1e15:
            number = float(Decimal(repr(number)).quantize(self._step, ROUND_HALF_UP))
        return number + 0.0  # minus zero is zero


def _finite(value: float | Decimal) -> float:
    try:
        number = float(value)
    except (OverflowError, ValueError) as error:
        raise BadValue(_("The number is out of range.")) from error
    if not math.isfinite(number):
        raise BadValue(_("The number must be finite, not {value}.", value=number))
    return number


class Monetary(Declaration[T]):
    """An amount of money, Decimal in rows, with four decimals at most.

    `currency` names the field that leads to its currency; the company's currency where none is named.
    """

    kind = Kind.MONEY

    @overload
    def __init__(
        self: Monetary[Decimal], *, required: Literal[True], currency: str | None = None, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Monetary[Decimal | None],
        *,
        required: Literal[False] = False,
        currency: str | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(self, *, required: bool = False, currency: str | None = None, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)
        self.currency = currency

    def __set__(self, row: object, value: T | int | float | str) -> None:
        self._refuse(type(row))

    def check(self, value: object) -> Decimal | None:
        if value is None:
            return None
        amount = self._amount(value)
        if not amount.is_finite():
            raise BadValue(_("The amount must be finite, not {value}.", value=amount))
        if abs(amount) > MONEY_MAX:
            raise BadValue(_("The amount is out of range (at most {limit}).", limit=MONEY_MAX))
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -4:
            amount = amount.quantize(_SMALLEST_MONEY, ROUND_HALF_UP)
        return amount

    def _amount(self, value: object) -> Decimal:
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str) and _MONEY.fullmatch(value):
            return Decimal(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        raise self.wrong_type(value, _("an amount like 1234.50"))


class Boolean(Declaration[bool]):
    """Yes or no; never nothing. No is the default where none is given."""

    kind = Kind.BOOLEAN

    def __init__(self, *, required: bool = True, **keywords: Unpack[Common]) -> None:
        super().__init__(required=True, **keywords)
        if self.default is None:
            self.default = False

    def check(self, value: object) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong_type(value, _("yes or no (true or false)"))


class Date(Declaration[T]):
    """A day. `zone` names the field that holds the zone in which it begins and ends; that of who looks where none is
    named."""

    kind = Kind.DATE

    @overload
    def __init__(
        self: Date[date], *, required: Literal[True], zone: str | None = None, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Date[date | None],
        *,
        required: Literal[False] = False,
        zone: str | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(self, *, required: bool = False, zone: str | None = None, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)
        self.zone = zone

    def check(self, value: object) -> date | None:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError as error:
                raise BadValue(_("There is no day {value}.", value=value)) from error
        raise self.wrong_type(value, _("a date like 2026-01-31"))


class Datetime(Declaration[T]):
    """An instant: aware, kept and given in UTC, exact to the microsecond."""

    kind = Kind.INSTANT

    @overload
    def __init__(self: Datetime[datetime], *, required: Literal[True], **keywords: Unpack[Common]) -> None: ...
    @overload
    def __init__(
        self: Datetime[datetime | None], *, required: Literal[False] = False, **keywords: Unpack[Common]
    ) -> None: ...
    def __init__(self, *, required: bool = False, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)

    def check(self, value: object) -> datetime | None:
        if value is None:
            return None
        instant = self._instant(value)
        if instant.tzinfo is None:
            raise BadValue(_("The zone is missing; write 2026-01-31T10:00:00Z or give an offset like +01:00."))
        try:
            return instant.astimezone(UTC)
        except OverflowError as error:
            raise BadValue(_("The instant lies outside the years 1 to 9999.")) from error

    def _instant(self, value: object) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError as error:
                raise self.wrong_type(value, _("an instant like 2026-01-31T10:00:00Z")) from error
        raise self.wrong_type(value, _("an instant like 2026-01-31T10:00:00Z"))


class Selection(Declaration[T]):
    """One of a few choices, by key: `options` maps keys to labels, in the order people see them."""

    kind = Kind.TEXT

    @overload
    def __init__(
        self: Selection[str], options: Mapping[str, str], *, required: Literal[True], **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Selection[str | None],
        options: Mapping[str, str],
        *,
        required: Literal[False] = False,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(self, options: Mapping[str, str], *, required: bool = False, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)
        self.options = dict(options)

    def check(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.wrong_type(value, _("one of {keys}", keys=", ".join(self.options)))
        if value in self.options:
            return value
        by_label = {label.lower(): key for key, label in self.options.items()}
        meant = by_label.get(value.lower()) or closest(value, self.options)
        text = _("'{value}' is not one of {keys}.", value=value, keys=", ".join(self.options))
        raise BadValue(text, suggestion=meant)
