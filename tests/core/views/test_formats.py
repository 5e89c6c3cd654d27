"""Numbers, money, dates: as CLDR has them, and read back as they were written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from core.views.formats import Currency, NotANumber, Symbols, bucket_start
from core.views.kit import Kit

TODAY = date(2026, 3, 17)
LANGUAGES = ("en", "en-US", "de", "fr", "es", "pt-BR", "hi", "sv", "ja", "pl", "tr", "it")


def kit(language: str = "en", zone: str = "Europe/Oslo") -> Kit:
    return Kit(Symbols(language), ZoneInfo(zone), TODAY, lambda: Currency("EUR", "€"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", ["0", "7", "1234567.5", "148500", "999.99", "1000000000000.01"])
def test_money_and_numbers_agree_with_babel(language: str, value: str) -> None:
    used, amount = kit(language), Decimal(value)
    broken = amount.to_integral_value() + Decimal("0.07")
    assert used.money(broken) == format_currency(broken, "EUR", locale=used.symbols.locale)
    if used.symbols.plain:
        assert used.number(amount, 2) == format_decimal(amount, "#,##0.00", locale=used.symbols.locale)


@given(st.decimals(-(10**12), 10**12, places=2), st.sampled_from(LANGUAGES))
def test_a_number_reads_back_as_it_was_written(value: Decimal, language: str) -> None:
    used = kit(language)
    assert used.parse_number(used.number(value, 2)) == value
    assert used.parse_number(used.typed(value, 2)) == value


def test_whole_amounts_have_no_decimals_and_others_only_where_there_is_room() -> None:
    used = kit()
    assert used.money(Decimal("148500")) == "€148,500"
    assert used.money(Decimal("12.5")) == "€12.50"
    assert used.money(Decimal("12.5"), whole=True) == "€13"
    assert used.fractional(Decimal("12.5")) and not used.fractional(Decimal("148500.00"))
    assert used.money(Decimal(-3), Currency("JPY", "¥", 0)) == "-¥3"
    assert used.money(None) == ""
    assert kit("de").money(Decimal("148500")) == "148.500\xa0€"


def test_numbers_round_half_away_from_zero() -> None:
    used = kit()
    assert [used.number(Decimal(text), 0) for text in ("0.5", "1.5", "-0.5", "2.5")] == ["1", "2", "-1", "3"]
    assert used.number(0.1 + 0.2) == "0.3"
    assert used.percent(Decimal("37.619")) == "37.6%"
    assert kit("fr").percent(60) == "60\N{NO-BREAK SPACE}%"
    assert used.count(1000, capped=True) == "1,000+"


@pytest.mark.parametrize("text", ["abc", "", "1,23", "12,34,567", "--1", "1e5", "NaN", "inf"])
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotANumber, match=r"write it like 1,234\.50"):
        kit().parse_number(text)


def test_typed_blanks_and_minus_signs_are_understood() -> None:
    assert kit("fr").parse_number("1 234,5") == Decimal("1234.5")
    assert kit("sv").parse_number("−12") == -12
    assert kit("en").parse_number(" 12 ") == 12


def test_dates_are_in_the_users_language_and_zone() -> None:
    late = datetime(2026, 3, 17, 23, 30, tzinfo=UTC)
    assert kit().short_date(TODAY) == "17 Mar 2026"
    assert kit("en-US").short_date(TODAY) == "Mar 17, 2026"
    assert kit().short_date(late) == "18 Mar 2026"
    assert kit().short_datetime(late) == "18 Mar 2026, 00:30"
    assert kit().iso(late) == "2026-03-17T23:30:00Z"
    assert kit().typed_datetime(late) == "2026-03-18T00:30"
    assert kit(zone="UTC").typed_datetime(late) == "2026-03-17T23:30"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 14), ("3 days late", "overdue")),
        (date(2026, 3, 16), ("1 day late", "overdue")),
        (TODAY, ("Today", "today")),
        (date(2026, 3, 18), ("Tomorrow", "")),
        (date(2026, 3, 30), ("30 Mar 2026", "")),
    ],
)
def test_due_days_are_said_as_people_say_them(day: date, expected: tuple[str, str]) -> None:
    assert kit().due(day) == expected


def test_a_day_of_another_zone_is_told_by_the_date_there() -> None:
    used = Kit(Symbols("en"), ZoneInfo("America/Los_Angeles"), TODAY, now=datetime(2026, 3, 17, 18, tzinfo=UTC))
    assert used.due(TODAY) == ("Today", "today")
    assert used.due(TODAY, "Pacific/Auckland") == ("1 day late", "overdue")
    assert used.due(date(2026, 3, 18), "Pacific/Auckland") == ("Today", "today")


@pytest.mark.parametrize(
    ("text", "unit", "first", "shown"),
    [
        ("2026", "year", date(2026, 1, 1), "2026"),
        ("2026-Q2", "quarter", date(2026, 4, 1), "Q2 2026"),
        ("2026-03", "month", date(2026, 3, 1), "Mar 2026"),
        ("2026-W12", "week", date(2026, 3, 16), "16 Mar 2026 to 22 Mar 2026"),
        ("2026-03-17", "day", TODAY, "17 Mar 2026"),
    ],
)
def test_spans_of_time_have_names(text: str, unit: str, first: date, shown: str) -> None:
    assert bucket_start(text, unit) == first
    assert kit().bucket(text, unit) == shown


def test_an_unknown_language_is_shown_in_english() -> None:
    assert kit("tlh").short_date(TODAY) == kit("qps").short_date(TODAY) == "17 Mar 2026"


@pytest.mark.parametrize(("text", "found"), [("+47 55 01 99 20", "+4755019920"), ("call me", ""), ("12", "")])
def test_only_numbers_can_be_dialled(text: str, found: str) -> None:
    assert kit().tel(text) == found


@pytest.mark.parametrize(("text", "found"), [("a@b.example", True), ("a@b", False), ("a b@c.example", False)])
def test_only_addresses_get_mail(text: str, found: bool) -> None:
    assert kit().mailable(text) is found


def test_addresses_that_act_are_not_links() -> None:
    used = kit()
    assert used.web_address("halden.example") == "https://halden.example"
    assert used.web_address("http://halden.example/x") == "http://halden.example/x"
    assert [used.web_address(text) for text in ("javascript://%0aalert(1)", "data:x", "http://[", "")] == [
        "",
        "",
        "",
        "",
    ]
    assert used.web_address("halden.example:8080/x") == "https://halden.example:8080/x"
    assert "<script" not in used.html("<b>x</b><script>alert(1)</script>")
    assert used.plain("<p>a &amp; <b>b</b></p>") == "a & b"


def test_small_things_of_markup() -> None:
    used = kit()
    assert [used.initials(name) for name in ("Ines Varga", "Acme", "Anna Maria Berg", "", None)] == [
        "IV",
        "A",
        "AB",
        "",
        "",
    ]
    assert used.stars("1", {"0": "Low", "1": "Medium", "2": "High"}) == (1, 2)
    assert used.stars(2, {}) == (2, 3)
    assert used.inside("Expected closing") == "expected closing"
    assert used.inside("VAT number") == "VAT number"
    assert used.color(3) == "sky"
    assert used.color(99) == used.color(None) == "stone"
