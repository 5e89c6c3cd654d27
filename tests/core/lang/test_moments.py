"""Days and zones: both engines and Python agree through changes of the clock and at the ends of the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.lang.dialect import PostgresqlDialect, SqliteDialect
from core.lang.kinds import Kind, encoder
from core.lang.statement import Slot, bind, render
from core.sqlite_functions import bucket_of, first_day, first_instant

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "America/Havana",
    "America/Sao_Paulo",
    "Pacific/Auckland",
]
UNITS = ["day", "week", "month", "quarter", "year"]
DIALECTS = {"sqlite": SqliteDialect(), "postgresql": PostgresqlDialect()}
ZONE = Slot("name", "tz", Kind.TEXT)


def instants():
    """Hours around changes of the clock, the ends of years, the ends of the calendar."""
    starts = [
        "2026-03-28",
        "2025-10-25",
        "2018-11-03",
        "2018-02-17",
        "2025-11-01",
        "1999-12-30",
        "2099-03-28",
        "1985-06-29",
    ]
    for start in starts:
        first = datetime.fromisoformat(start).replace(tzinfo=UTC)
        yield from (first + timedelta(minutes=30 * step) for step in range(110))
    yield from (datetime(1, 1, day, 13, tzinfo=UTC) for day in range(1, 6))
    yield from (datetime(9999, 12, day, 13, tzinfo=UTC) for day in range(26, 32))


def run(world, engine, kind, values, make, zone):
    """Apply a fragment to each value in one statement."""
    encode = encoder(kind, engine) or (lambda value: value)
    types = {Kind.INSTANT: "timestamptz", Kind.DATE: "date"}
    if engine == "sqlite":
        head = ", ".join(f"({index}, ?)" for index in range(len(values)))
        source = (f" FROM (VALUES {head}) ORDER BY column1",)
        what = make(DIALECTS[engine], ["column2"])
    else:
        source = (f" FROM unnest(%s::{types[kind]}[]) WITH ORDINALITY AS v(x, n) ORDER BY n",)
        what = make(DIALECTS[engine], ["v.x"])
    statement = render(("SELECT ", *what), engine)
    given = [encode(value) for value in values]
    parameters = [*bind(statement, (), {"tz": zone}, engine), *(given if engine == "sqlite" else [given])]
    return [row[0] for row in world.fetch(engine, statement.text + source[0], parameters)]


@pytest.mark.parametrize("zone", ZONES)
def test_buckets(world, engine, zone):
    moments = list(instants())
    for unit in UNITS:
        found = run(world, engine, Kind.INSTANT, moments, lambda d, x, u=unit: d.bucket(u, x, ZONE), zone)
        assert [str(day) for day in found] == [bucket_of(moment, unit, zone).isoformat() for moment in moments]


def test_first_days(world, engine):
    days = [date(2023, 12, 25) + timedelta(days=step) for step in range(800)]
    days += [date(1, 1, 1), date(9999, 12, 31), date(1, 12, 31), date(1900, 3, 1)]
    for unit in UNITS:
        found = run(world, engine, Kind.DATE, days, lambda d, x, u=unit: d.truncated(u, x), "UTC")
        assert [str(day) for day in found] == [first_day(day, unit).isoformat() for day in days]


@pytest.mark.parametrize("zone", ZONES)
def test_starts_of_days(world, engine, zone):
    days = sorted({moment.date() for moment in instants()})
    found = run(world, engine, Kind.DATE, days, lambda d, x: ["(", *d.start_of_day(x, ZONE), ")"], zone)
    expected = [first_instant(day, zone) for day in days]
    if engine == "sqlite":
        found = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value) for value in found]
    assert found == expected


@pytest.mark.parametrize(
    "source",
    [
        "deadline < today() - days(7)",
        "deadline + days(priority) > today()",
        "opened - hours(priority) < now()",
        "opened > start_of_day(deadline)",
        "opened - now() > -1.5",
        "start_of_month(deadline) == start_of_month(today())",
        "start_of_quarter(deadline) == start_of_quarter(today())",
        "start_of_year(deadline) == start_of_year(today())",
    ],
)
def test_the_zone_of_the_session_does_not_matter(world, source):
    expression = world.parse(source)
    expected = world.ids("postgresql", expression)
    world.postgresql.execute("SET timezone TO 'America/New_York'")
    try:
        assert world.ids("postgresql", expression) == expected
    finally:
        world.postgresql.execute("SET timezone TO 'UTC'")
