"""The value of a cell for each kind of field, and the reason and suggestion where there is none."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.data.importing import convert
from core.data.importing.convert import Format
from core.data.importing.problems import CellError

GERMAN = Format(decimal=",", order="DMY", zone=ZoneInfo("Europe/Berlin"), clock=time(12))


def refusal(function: convert.Convert, text: str) -> CellError:
    with pytest.raises(CellError) as caught:
        function(text)
    return caught.value


def test_a_line_of_text():
    assert convert.line_of_text("a b") == "a b"
    assert convert.line_of_text("a\n b\t c") == "a b c"
    assert convert.line_of_text("Ünïcødé") == "Ünïcødé"


def test_text_and_markup():
    assert convert.text_of_lines("a\r\nb\rc\n") == "a\nb\nc\n"
    assert convert.markup("a < b & c\r\nd") == "a &lt; b &amp; c<br>d"
    assert convert.markup("<p>a</p>") == "<p>a</p>"


def test_numbers():
    assert convert.integer(Format())("1,000") == 1000
    assert convert.integer(Format())("12.0") == 12
    assert refusal(convert.integer(Format()), "12.6").suggestion == "13"
    assert "too large" in refusal(convert.integer(Format()), "9223372036854775808").reason
    assert convert.real(GERMAN)("1.234,5") == 1234.5
    assert "too large" in refusal(convert.real(Format()), "1e999").reason
    assert convert.money(GERMAN)("1.234,56 €") == Decimal("1234.56")
    assert "too large" in refusal(convert.money(Format()), "1000000000000000").reason
    assert "too large" in refusal(convert.money(Format()), "1e999999").reason
    assert "not a number" in refusal(convert.money(Format()), "much").reason


def test_dates_and_instants():
    assert convert.day(GERMAN)("1.3.2017") == date(2017, 3, 1)
    assert convert.day(GERMAN)("2017-03-01T23:30:00Z") == date(2017, 3, 2)
    assert convert.instant(GERMAN)("1.3.2017") == datetime(2017, 3, 1, 11, tzinfo=UTC)
    assert convert.instant(Format())("2017-03-01 08:00") == datetime(2017, 3, 1, 8, tzinfo=UTC)
    assert "calendar" in refusal(convert.instant(GERMAN), "0001-01-01 00:00").reason


@pytest.mark.parametrize("text", ["yes", "Y", "TRUE", "1", "x", "Oui", "ja", "Sí", "✓"])
def test_yes(text):
    assert convert.boolean(text) is True


@pytest.mark.parametrize("text", ["no", "N", "False", "0", "non", "Nein", "não", "-"])
def test_no(text):
    assert convert.boolean(text) is False


def test_neither():
    assert refusal(convert.boolean, "yess").suggestion == "yes"
    assert refusal(convert.boolean, "2").suggestion == ""


def test_choices():
    priority = convert.choice([("0", "Low"), ("1", "Médium"), ("low", "Very low")])
    assert priority("0") == "0"
    assert priority("LOW") == "0"
    assert priority("low") == "low"
    assert priority("medium") == "1"
    refused = refusal(priority, "Mediun")
    assert refused.suggestion == "Médium"
    assert "Low, Médium, Very low" in refused.reason


def test_remembering_asks_once_and_is_bounded():
    asked = []

    def counted(text: str) -> str:
        asked.append(text)
        return text.upper()

    remembered = convert.remembering(counted)
    assert [remembered("a"), remembered("a")] == ["A", "A"]
    assert asked == ["a"]
    for number in range(convert.KEPT_VALUES):
        remembered(str(number))
    assert remembered("a") == "A"
    assert asked.count("a") == 2
