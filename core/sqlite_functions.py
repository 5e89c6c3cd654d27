"""Python functions that every SQLite connection registers, and the calendar arithmetic behind them. Not for PostgreSQL.

Instants are integer microseconds since 1970 UTC, dates ISO text, zones IANA names. Within two days of the ends of the
years 1 to 9999 a bucket is taken in UTC, on both engines, because a zone could lead out of them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.text import fold

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SAFE_FIRST = datetime(1, 1, 3, tzinfo=UTC)
_SAFE_LAST = datetime(9999, 12, 29, tzinfo=UTC)
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def fold_plain(text: str) -> str:
    """Text folded as PostgreSQL can do without help: NFKD, common marks off, A to Z in lower case. For fields without a
    folded twin."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_ASCII_LOWER)


def first_day(day: date, unit: str) -> date:
    """The first day of the week (Monday), month, quarter or year of a date; the date itself for `day`."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "year":
        return day.replace(month=1, day=1)
    raise ValueError(f"unknown unit {unit!r}")


def bucket_of(instant: datetime, unit: str, zone: str) -> date:
    """The first day of the bucket an aware instant falls into, in a zone."""
    local = instant.astimezone(ZoneInfo(zone)) if _SAFE_FIRST <= instant <= _SAFE_LAST else instant.astimezone(UTC)
    return first_day(local.date(), unit)


def first_instant(day: date, zone: str) -> datetime:
    """The first instant of a date in a zone, in UTC; where midnight is skipped, the moment the clock jumps."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    if _SAFE_FIRST.date() <= day <= _SAFE_LAST.date():
        return local.astimezone(UTC)
    return local.replace(tzinfo=UTC)


def entry(value: object, word: str, name: str) -> object:
    """What stands under a name in an object of JSON, where it is what the word says: `number` (a float), `text`, `date`
    (like 2026-01-31) or `yes` (whether it is true); else None, of `yes` False."""
    found = value.get(name) if isinstance(value, dict) else None
    if word == "yes":
        return found is True
    if word == "number":
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
    if not isinstance(found, str) or not found:
        return None
    return _day_in(found) if word == "date" else found


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _entry(text: str | None, word: str, name: str) -> object:
    if text is None or f'"{name}"' not in text:
        return 0 if word == "yes" else None
    found = entry(json.loads(text), word, name)
    return found.isoformat() if isinstance(found, date) else found


def _fold(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _fold_plain(text: str | None) -> str | None:
    return None if text is None else fold_plain(text)


def _date_bucket(microseconds: int | None, unit: str, zone: str) -> str | None:
    if microseconds is None:
        return None
    return bucket_of(_EPOCH + timedelta(microseconds=microseconds), unit, zone).isoformat()


def _start_of_day(day: str | None, zone: str) -> int | None:
    if day is None:
        return None
    return (first_instant(date.fromisoformat(day), zone) - _EPOCH) // timedelta(microseconds=1)


SQLITE_FUNCTIONS: tuple[tuple[str, int, Callable[..., object]], ...] = (
    ("fold", 1, _fold),
    ("fold_plain", 1, _fold_plain),
    ("date_bucket", 3, _date_bucket),
    ("start_of_day", 2, _start_of_day),
    ("json_entry", 3, _entry),
)
