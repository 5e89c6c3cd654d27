"""The kinds of values, and how each is stored: Python value <-> what the driver of an engine takes and gives.

Money is a 64-bit integer of 1/10,000; an instant is integer microseconds UTC on SQLite and timestamptz on PostgreSQL; a
date is ISO text on SQLite. Nothing else in the project converts between stored and Python values.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Literal

from core.lang.jsons import canonical, decoded

Engine = Literal["sqlite", "postgresql"]
Converter = Callable[[object], object]

MONEY_SCALE = 10_000
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Kind(Enum):
    """What a value is, whatever field or expression it comes from."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOAT = "float"
    MONEY = "money"
    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    REFERENCE = "reference"
    REFERENCES = "references"
    BYTES = "bytes"
    JSON = "json"
    INTERVAL = "interval"
    NONE = "none"


def money_to_integer(value: object) -> int:
    """Money (Decimal, int, float or text) as ten-thousandths of the unit, rounded half away from zero."""
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    return int((amount * MONEY_SCALE).to_integral_value(ROUND_HALF_UP))


def integer_to_money(value: object) -> Decimal:
    """Ten-thousandths of the unit as Decimal; accepts the Decimal that PostgreSQL gives for sum(bigint)."""
    return Decimal(int(str(value))) / MONEY_SCALE


def instant_to_integer(value: object) -> int:
    """An aware datetime as microseconds since 1970-01-01 UTC."""
    assert isinstance(value, datetime)
    return (value - _EPOCH) // _MICROSECOND


def integer_to_instant(value: object) -> datetime:
    """Microseconds since 1970-01-01 UTC as an aware datetime in UTC."""
    assert isinstance(value, int)
    return _EPOCH + timedelta(microseconds=value)


def _iso(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def _to_utc(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def _date(value: object) -> date:
    return date.fromisoformat(str(value))


def _boolean(value: object) -> bool:
    return bool(value)


def _number(value: object) -> float:
    return float(str(value)) if isinstance(value, Decimal) else float(value)  # type: ignore[arg-type]  # drivers give int or float


def encoder(kind: Kind, engine: Engine) -> Converter | None:
    """The function from a Python value (never None) to the driver's; None where the driver takes it as it is."""
    if kind is Kind.MONEY:
        return money_to_integer
    if kind is Kind.JSON:
        return canonical
    if engine == "postgresql":
        return None
    return {Kind.DATE: _iso, Kind.INSTANT: instant_to_integer, Kind.BOOLEAN: int}.get(kind)  # type: ignore[return-value]  # int(object)


def decoder(kind: Kind, engine: Engine) -> Converter | None:
    """The function from the driver's value (never None) to the Python one; None where they are the same."""
    if kind is Kind.MONEY:
        return integer_to_money
    if kind is Kind.FLOAT:
        return _number
    if kind is Kind.JSON:
        return decoded
    if engine == "postgresql":
        return _to_utc if kind is Kind.INSTANT else None
    return {Kind.DATE: _date, Kind.INSTANT: integer_to_instant, Kind.BOOLEAN: _boolean}.get(kind)
