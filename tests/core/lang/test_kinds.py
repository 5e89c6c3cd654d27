"""Kinds: what the drivers take and give is exact both ways."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lang.kinds import Kind, decoder, encoder, integer_to_money, money_to_integer


def through(kind, engine, value):
    encode, decode = encoder(kind, engine), decoder(kind, engine)
    stored = encode(value) if encode else value
    return decode(stored) if decode else stored


VALUES = {
    Kind.BOOLEAN: st.booleans(),
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    Kind.MONEY: st.integers(-(2**63), 2**63 - 1).map(lambda scaled: Decimal(scaled) / 10_000),
    Kind.TEXT: st.text(),
    Kind.DATE: st.dates(),
    Kind.INSTANT: st.datetimes(timezones=st.just(UTC)),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_come_back(kind, engine):
    @given(VALUES[kind])
    def check(value):
        found = through(kind, engine, value)
        assert found == value
        assert type(found) is type(value)

    check()


def test_instants_come_back_in_utc():
    there = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    for engine in ("sqlite", "postgresql"):
        assert through(Kind.INSTANT, engine, there) == there
        assert through(Kind.INSTANT, engine, there).tzinfo is UTC


def test_money_rounds_half_away_from_zero():
    assert money_to_integer(Decimal("0.00005")) == 1
    assert money_to_integer("-0.00005") == -1
    assert money_to_integer(0.1) == 1000
    assert money_to_integer(3) == 30000
    assert integer_to_money(Decimal(15)) == Decimal("0.0015")


def test_a_sum_of_decimals_is_a_number():
    assert decoder(Kind.FLOAT, "postgresql")(Decimal("2.5")) == 2.5


def test_dates_sort_as_text():
    encode = encoder(Kind.DATE, "sqlite")
    assert encode(date(1, 2, 3)) == "0001-02-03" < encode(date(9999, 1, 1))
