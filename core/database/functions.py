"""Functions that SQLite gets from Python, on every connection: folding of text and buckets of dates.

PostgreSQL has the second one built in (`date_trunc`) and needs the first nowhere: folded text is stored beside its
column.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.text import fold

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def register(connection: sqlite3.Connection) -> None:
    """Give the connection `fold(text)` and `bucket(value, unit, zone)`."""
    connection.create_function("fold", 1, _fold, deterministic=True)
    connection.create_function("bucket", 3, bucket, deterministic=True)


def _fold(value: str | None) -> str | None:
    return None if value is None else fold(value)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def bucket(value: int | str | None, unit: str, zone: str | None) -> str | None:
    """The first day (ISO text) of the `unit` (day, week, month, quarter, year) that holds `value`; weeks begin on
    Monday.

    An instant (microseconds since 1970 UTC) is seen in `zone`; a date (ISO text) is taken as it is.
    """
    if value is None:
        return None
    day = date.fromisoformat(value) if isinstance(value, str) else _local_day(value, zone)
    if unit == "day":
        return day.isoformat()
    if unit == "week":
        return date.fromordinal(max(1, day.toordinal() - day.weekday())).isoformat()
    if unit == "month":
        return day.replace(day=1).isoformat()
    if unit == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1).isoformat()
    if unit == "year":
        return day.replace(month=1, day=1).isoformat()
    raise ValueError(f"unknown unit {unit!r}")


def _local_day(microseconds: int, zone: str | None) -> date:
    instant = _EPOCH + timedelta(microseconds=microseconds)
    try:
        return instant.astimezone(_zone(zone or "UTC")).date()
    except OverflowError:  # within a day of the years 1 or 9999
        return instant.date()
