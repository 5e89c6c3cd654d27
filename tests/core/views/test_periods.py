"""Spans of time: where they begin and end, at the ends of the calendar too."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.lang.kinds import Kind
from core.views.periods import boundary, first_day, following, last_day


@pytest.mark.parametrize(
    ("unit", "first", "last", "next_but_one"),
    [
        ("day", date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 2)),
        ("week", date(2024, 2, 26), date(2024, 3, 3), date(2024, 3, 11)),
        ("month", date(2024, 2, 1), date(2024, 2, 29), date(2024, 4, 1)),
        ("quarter", date(2024, 1, 1), date(2024, 3, 31), date(2024, 7, 1)),
        ("year", date(2024, 1, 1), date(2024, 12, 31), date(2026, 1, 1)),
    ],
)
def test_the_span_of_a_leap_day(unit: str, first: date, last: date, next_but_one: date) -> None:
    assert first_day(date(2024, 2, 29), unit) == first
    assert last_day(first, unit) == last
    assert following(first, unit, 2) == next_but_one
    assert following(next_but_one, unit, -2) == first


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_the_calendar_ends(unit: str) -> None:
    assert following(first_day(date.max, unit), unit) == date.max
    assert following(date(1, 1, 1), unit, -1) == date.min


def test_instants_begin_at_midnight_of_the_zone() -> None:
    assert boundary(date(2026, 3, 1), Kind.DATE, UTC) == date(2026, 3, 1)
    assert boundary(date(2026, 3, 1), Kind.INSTANT, UTC) == datetime(2026, 3, 1, tzinfo=UTC)
