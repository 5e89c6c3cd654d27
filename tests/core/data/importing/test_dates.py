"""Dates and times in many forms, and the order of a column told from its cells."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.importing.dates import Moment, OrderProfile, order_named, orders, parse, spelt
from core.data.importing.problems import CellError


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2017-03-01", "YMD", date(2017, 3, 1)),
        ("2017-03-01", "DMY", date(2017, 3, 1)),
        ("2017/3/1", "MDY", date(2017, 3, 1)),
        ("20170301", "DMY", date(2017, 3, 1)),
        ("01/03/2017", "DMY", date(2017, 3, 1)),
        ("03/01/2017", "MDY", date(2017, 3, 1)),
        ("1.3.2017", "DMY", date(2017, 3, 1)),
        ("1.3.17", "DMY", date(2017, 3, 1)),
        ("01-03-70", "DMY", date(1970, 3, 1)),
        ("01-03-68", "DMY", date(2068, 3, 1)),
        ("1 Mar 2017", "YMD", date(2017, 3, 1)),
        ("1-Mar-17", "DMY", date(2017, 3, 1)),
        ("Mar 1, 2017", "DMY", date(2017, 3, 1)),
        ("March 1st, 2017", "YMD", date(2017, 3, 1)),
        ("Wed, 1 March 2017", "MDY", date(2017, 3, 1)),
        ("Wednesday 01/03/2017", "DMY", date(2017, 3, 1)),
    ],
)
def test_dates(text, order, day):
    if text == "1 Mar 2017":
        order = "DMY"
    assert parse(text, order) == Moment(day)


@pytest.mark.parametrize(
    ("text", "clock", "offset"),
    [
        ("2017-03-01 14:05", time(14, 5), None),
        ("2017-03-01T14:05:06", time(14, 5, 6), None),
        ("2017-03-01T14:05:06.123456789Z", time(14, 5, 6, 123456), UTC),
        ("2017-03-01T14:05:06+02:00", time(14, 5, 6), timezone(timedelta(hours=2))),
        ("2017-03-01 14:05 -0330", time(14, 5), timezone(-timedelta(hours=3, minutes=30))),
        ("03/01/2017 2:05 PM", time(14, 5), None),
        ("03/01/2017, 12:05 a.m.", time(0, 5), None),
        ("2017-03-01 14:05 UTC", time(14, 5), UTC),
    ],
)
def test_times(text, clock, offset):
    assert parse(text, "MDY") == Moment(date(2017, 3, 1), clock, offset)


@pytest.mark.parametrize(
    "text",
    "|yesterday|2017-13-01|2017-02-30|31/02/2017|2017-03|1/2/3|01/03/017|1 Foo 2017|2017-03-01 25:00"
    "|2017-03-01 13:00 PM|2017-03-01 1|2017-03-01x|99999-01-01|12/13/14/15".split("|"),
)
def test_refused(text):
    with pytest.raises(CellError, match="DD/MM/YYYY"):
        parse(text, "DMY")


def test_instants():
    brussels = ZoneInfo("Europe/Brussels")
    noon = time(12)
    assert parse("2017-03-01").instant(brussels, noon) == datetime(2017, 3, 1, 11, tzinfo=UTC)
    assert parse("2017-07-01 08:00").instant(brussels, noon) == datetime(2017, 7, 1, 6, tzinfo=UTC)
    assert parse("2017-07-01 08:00Z").instant(brussels, noon) == datetime(2017, 7, 1, 8, tzinfo=UTC)


def test_orders():
    assert orders("25/12/2017") == ("DMY",)
    assert orders("12/25/2017") == ("MDY",)
    assert orders("01/02/2017") == ("DMY", "MDY")
    assert orders("01/02/03") == ("DMY", "MDY", "yMD")
    assert orders("2017/02/01") == ("YMD", "DMY", "MDY", "yMD")
    assert orders("nothing") == ()


def test_names_of_orders():
    assert order_named("DD/MM/YYYY") == order_named("d.m.y") == order_named("DMY") == "DMY"
    assert order_named("YYYY-MM-DD") == "YMD"
    assert order_named("YY.MM.DD") == "yMD"
    assert order_named("MM/YYYY") is None
    assert (spelt("MDY"), spelt("yMD")) == ("MM/DD/YYYY", "YY-MM-DD")


def profile(*cells: str) -> OrderProfile:
    made = OrderProfile()
    for cell in cells:
        made.see(cell)
    return made


def test_a_column_decides():
    assert profile("01/02/2017", "25/12/2017", "oops").best() == ("DMY",)
    assert profile("2017-01-02", "2017-13-02").best() == ("YMD",)
    assert profile("x").best() == ()
    doubtful = profile("01/02/2017", "03/04/2017")
    assert doubtful.best() == ("DMY", "MDY")
    assert doubtful.doubtful == "01/02/2017"
    doubtful.add(profile("12/25/2017"))
    assert doubtful.best() == ("MDY",)


def test_a_year_of_two_digits_in_front_is_read_only_where_all_cells_have_one():
    assert profile("13/04/26", "14/04/26").best() == ("DMY", "yMD")
    assert profile("13/04/26", "14/04/26").doubtful == "13/04/26"
    assert profile("99/12/31", "98/11/30", "oops").best() == ("yMD",)
    for other in ("2026-04-13", "2026/04/13 10:00", "20260413", "25/12/2026"):
        assert profile(other, other, other, "13/04/26").best() == ("DMY",)
    assert profile("2026-04-13", "99/12/31").best() == ("YMD",)
    with pytest.raises(CellError, match="YYYY-MM-DD"):
        parse("13/04/26", "YMD")
    assert parse("13/04/26", "yMD") == Moment(date(2013, 4, 26))
    assert parse("2013/04/26", "yMD") == Moment(date(2013, 4, 26))


def test_dates_read_in_one_way_do_not_speak_for_the_others():
    mixed = profile("2026-04-01", "2026-04-02", "03/04/2026")
    assert (mixed.best(), mixed.doubtful) == (("DMY", "MDY"), "03/04/2026")
    assert profile("2026-04-01", "04/04/2026").doubtful == ""


@given(st.dates(min_value=date(1000, 1, 1)))
def test_what_is_written_is_read(day):
    assert parse(day.isoformat()).day == day
    assert parse(f"{day.day}.{day.month}.{day.year}", "DMY").day == day
    assert parse(f"{day.month}/{day.day}/{day.year}", "MDY").day == day
