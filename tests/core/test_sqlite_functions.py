"""The functions SQLite lacks, and the calendar behind them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.sqlite_functions import SQLITE_FUNCTIONS, bucket_of, first_day, first_instant, fold_plain

FUNCTIONS = {name: function for name, _arity, function in SQLITE_FUNCTIONS}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment):
    return (moment - EPOCH) // timedelta(microseconds=1)


def test_every_function_passes_null_on():
    for name, arity, function in SQLITE_FUNCTIONS:
        assert function(None, *["day", "UTC"][: arity - 1]) is None, name


def test_the_two_foldings():
    assert FUNCTIONS["fold"]("Straße É Ω") == "strasse e ω"
    assert FUNCTIONS["fold_plain"]("Straße É Ω") == "straße e Ω"
    assert fold_plain("ABC") == "abc"
    assert fold_plain("ﬁne") == "fine"


@pytest.mark.parametrize(
    ("unit", "first"),
    [
        ("day", "2024-05-16"),
        ("week", "2024-05-13"),
        ("month", "2024-05-01"),
        ("quarter", "2024-04-01"),
        ("year", "2024-01-01"),
    ],
)
def test_first_days(unit, first):
    assert first_day(date(2024, 5, 16), unit) == date.fromisoformat(first)


def test_an_unknown_unit():
    with pytest.raises(ValueError, match="hour"):
        first_day(date(2024, 5, 16), "hour")


def test_buckets_are_those_of_the_zone():
    late = datetime(2024, 4, 30, 23, 30, tzinfo=UTC)
    assert FUNCTIONS["date_bucket"](micros(late), "month", "UTC") == "2024-04-01"
    assert FUNCTIONS["date_bucket"](micros(late), "month", "Europe/Paris") == "2024-05-01"
    assert bucket_of(datetime(9999, 12, 31, 23, tzinfo=UTC), "day", "Asia/Tokyo") == date(9999, 12, 31)
    assert bucket_of(datetime(1, 1, 1, tzinfo=UTC), "week", "America/New_York") == date(1, 1, 1)


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-03-10", "Europe/Paris", datetime(2026, 3, 9, 23, tzinfo=UTC)),
        ("2018-11-04", "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),  # midnight was skipped
        ("2025-11-02", "America/Havana", datetime(2025, 11, 2, 4, tzinfo=UTC)),  # midnight came twice
        ("0001-01-01", "Asia/Tokyo", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31", "America/New_York", datetime(9999, 12, 31, tzinfo=UTC)),
    ],
)
def test_days_start_once(day, zone, instant):
    assert first_instant(date.fromisoformat(day), zone) == instant
    assert FUNCTIONS["start_of_day"](day, zone) == micros(instant)
