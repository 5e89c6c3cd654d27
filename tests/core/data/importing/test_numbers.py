"""Numbers in the formats of several countries, and the decimal sign of a column told from its cells."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.importing.numbers import SignProfile, evidence, parse
from core.data.importing.problems import CellError


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1054", ".", "1054"),
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        ("1\u202f234,56\u00a0€", ",", "1234.56"),
        ("1'234.50", ".", "1234.50"),
        ("1’234.50", ".", "1234.50"),
        ("$1,000", ".", "1000"),
        ("EUR 12.5", ".", "12.5"),
        ("12,5 EUR", ",", "12.5"),
        ("(1,234.00)", ".", "-1234.00"),
        ("$ (5.25)", ".", "-5.25"),
        ("-1.8", ".", "-1.8"),
        ("−1.8", ".", "-1.8"),
        ("17-", ".", "-17"),
        ("+3", ".", "3"),
        ("45 %", ".", "45"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("1e-05", ".", "0.00001"),
        ("12,34,567.8", ".", "1234567.8"),
        ("1.234.567", ",", "1234567"),
    ],
)
def test_parse(text, decimal, value):
    assert parse(text, decimal) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("abc", "."),
        ("12abc", "."),
        ("", "."),
        ("-", "."),
        (".", "."),
        ("1,5", "."),
        ("1.5", ","),
        ("1.2.3", "."),
        ("1,23,4", "."),
        ("12 EUROS", "."),
        ("NaN", "."),
        ("inf", "."),
        ("٣", "."),
    ],
)
def test_refused(text, decimal):
    with pytest.raises(CellError):
        parse(text, decimal)


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("12", ""),
        ("", ""),
        ("x", ""),
        ("1.5", "."),
        ("1,5", ","),
        ("1.234", "?"),
        ("1,234", "?"),
        ("0.123", "."),
        ("1234.567", "."),
        ("1,234.5", "."),
        ("1.234,5", ","),
        ("1,234,567", "."),
        ("1.234.567", ","),
        ("a.b", ""),
    ],
)
def test_evidence(text, proof):
    assert evidence(text) == proof


def profile(*cells: str) -> SignProfile:
    made = SignProfile()
    for cell in cells:
        made.see(cell)
    return made


def test_a_column_decides():
    nothing = SignProfile()
    assert profile("1,5", "2,50").decide(nothing, whole=True) == ","
    assert profile("1.054", "17").decide(nothing, whole=True) == ","
    assert profile("1,054", "17").decide(nothing, whole=True) == "."
    assert profile("92.893").decide(nothing, whole=False) == "."
    assert profile("1,054").decide(nothing, whole=False) == "."
    assert profile("1,054").decide(profile("2,5"), whole=False) == ","
    assert profile("12").decide(nothing, whole=False) == "."
    assert profile("1.5", "1,5", "2.5").decide(nothing, whole=False) == "."


def test_profiles_are_pooled():
    pool = SignProfile()
    pool.add(profile("1,5"))
    pool.add(profile("1.234"))
    assert pool.seen == {".": 0, ",": 1, "?.": 1, "?,": 0}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_what_is_written_is_read(value):
    assert parse(f"{value:,}") == value
    assert parse(f"{value:,}".translate(str.maketrans(",.", ".,")), ",") == value
    assert parse(str(value)) == value
