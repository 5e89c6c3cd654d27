"""Spans of time that groups and columns stand for: days, weeks, months, quarters and years, as their first day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from core.lang.kinds import Kind

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def first_day(day: date, unit: str) -> date:
    """The first day of the span that the day lies in; weeks begin on Monday."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    months = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}
    return day.replace(month=months[unit], day=1) if unit in months else day


def following(first: date, unit: str, count: int = 1) -> date:
    """The first day of the span `count` later, or earlier; the first or last day there is where the calendar ends."""
    if unit in _DAYS:
        ordinal = first.toordinal() + count * _DAYS[unit]
        return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))
    year, month = divmod(first.year * 12 + first.month - 1 + count * _MONTHS[unit], 12)
    if not 1 <= year <= date.max.year:
        return date.min if year < 1 else date.max
    return date(year, month + 1, 1)


def last_day(first: date, unit: str) -> date:
    """The last day of the span."""
    return following(first, unit) - timedelta(days=1)


def boundary(first: date, kind: Kind, zone: tzinfo) -> date:
    """A first day as it is compared with values of a field: with instants as the moment it begins in the zone."""
    return first if kind is Kind.DATE else datetime.combine(first, time(), zone)
