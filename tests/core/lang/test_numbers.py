"""Rounding as the engines do it."""

import math

import pytest

from core.lang.dialect import PostgresqlDialect
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN
from core.lang.numbers import OPERATORS, half_away, rounded_money, rounded_to, whole_number

NUMBERS = [
    0.0,
    0.4,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    0.49999999999999994,
    -0.49999999999999994,
    1.4999999999999998,
    2.0**51 + 0.5,
    2.0**52 + 1,
    2.0**53 - 1,
    1e300,
    -1e300,
]


@pytest.mark.parametrize(
    ("number", "rounded"), [(0.5, 1.0), (-0.5, -1.0), (2.5, 3.0), (-2.5, -3.0), (2.4, 2.0), (2.0**52 + 1, 2.0**52 + 1)]
)
def test_half_away_from_zero(number, rounded):
    assert half_away(number) == rounded


def test_the_engines_agree(world):
    rounded = "".join(PostgresqlDialect().rounded(["x"]))
    for number in NUMBERS:
        expected = half_away(number)
        assert world.fetch("sqlite", "SELECT round(?)", [number]) == [(expected,)]
        text = f"SELECT {rounded} FROM (SELECT %s::float8 AS x) AS v"
        assert world.fetch("postgresql", text, [number]) == [(expected,)]


def test_whole_numbers_have_64_bits():
    assert whole_number(2.5) == 3
    assert whole_number(-1e300) == INTEGER_MIN
    assert whole_number(math.inf) == INTEGER_MAX
    assert whole_number(-float(2**62)) == -(2**62)


def test_decimals():
    assert rounded_to(1.25, 1) == 1.3
    assert rounded_to(-0.125, 2) == -0.13
    assert rounded_money(12345.0, 2) == 12300
    assert rounded_money(12350.0, 2) == 12400
    assert rounded_money(5000.0, 0) == 10000
    assert rounded_money(5000.5, 6) == 5001


def test_what_is_not_a_number_is_none():
    assert OPERATORS["-"](math.inf, math.inf) is None
    assert OPERATORS["+"](math.inf, -math.inf) is None
    assert OPERATORS["*"](math.inf, 0.0) is None
    assert OPERATORS["/"](1.0, 0.0) is None
    assert OPERATORS["*"](1e200, 1e200) == math.inf
