"""What differs between the engines: how each writes a cast, a boolean, a null-safe comparison, a moment in time.

All functions take and give parts of a statement. Rounding is half away from zero, `trunc(x ± 0.5)`: SQLite's
one-argument round() does exactly that; PostgreSQL's rounds half to even, so it is spelled out (from 1 on with the
double just below a half, so that no integer above 2^52 moves).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from core.lang.kinds import Engine, Kind
from core.lang.statement import Part, Slot

Parts = list[Part]
UNITS = ("day", "week", "month", "quarter", "year")

_MICROSECONDS = 60_000_000
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # the years 1 to 9999 in microseconds since 1970


def quoted(name: str) -> str:
    """An identifier between double quotes."""
    return '"' + name.replace('"', '""') + '"'


def wrap(before: str, parts: Sequence[Part], after: str) -> Parts:
    """The parts between two texts."""
    return [before, *parts, after]


class Dialect(ABC):
    """The SQL of one engine."""

    engine: Engine
    collation: str
    true: str
    false: str

    @abstractmethod
    def double(self, parts: Parts) -> Parts:
        """As a double."""

    @abstractmethod
    def integer(self, parts: Parts) -> Parts:
        """A double rounded to a 64-bit integer."""

    @abstractmethod
    def rounded(self, parts: Parts) -> Parts:
        """A double rounded half away from zero, as a double."""

    @abstractmethod
    def empty(self, kind: Kind) -> str:
        """NULL of a kind."""

    @abstractmethod
    def constant(self, value: object) -> str:
        """A boolean or the key of a selection, written out."""

    @abstractmethod
    def same(self, left: Parts, right: Parts, *, positive: bool) -> Parts:
        """Equality (or its complement) that takes NULL as a value."""

    @abstractmethod
    def among(self, operand: Parts, choices: Slot) -> Parts:
        """Membership in a list."""

    @abstractmethod
    def folded(self, parts: Parts) -> Parts:
        """Text without a stored twin, folded by the engine."""

    @abstractmethod
    def match(self, how: str, text: Parts, needle: Parts) -> Parts:
        """Whether text contains or starts with other text."""

    @abstractmethod
    def shifted(self, kind: Kind, base: Parts, amount: Parts, minutes: int) -> Parts:
        """A date or instant moved by `amount` times `minutes`; NULL outside the years 1 to 9999."""

    @abstractmethod
    def days_between(self, kind: Kind, left: Parts, right: Parts) -> Parts:
        """Days from `right` to `left`, as a double."""

    @abstractmethod
    def start_of_day(self, parts: Parts, zone: Slot) -> Parts:
        """The first instant of a date in a zone."""

    @abstractmethod
    def truncated(self, unit: str, parts: Parts) -> Parts:
        """The first day of the date's week, month, quarter or year."""

    @abstractmethod
    def bucket(self, unit: str, parts: Parts, zone: Slot) -> Parts:
        """The first day of the instant's day, week, month, quarter or year in a zone."""

    @abstractmethod
    def model_of(self, parts: Parts) -> Parts:
        """The model that a text such as `crm.lead,42` names."""

    @abstractmethod
    def id_of(self, parts: Parts) -> Parts:
        """The id that a text such as `crm.lead,42` names."""

    @abstractmethod
    def entry(self, column: str, word: str, name: str) -> Parts:
        """What stands under a name in an object of JSON, as `sqlite_functions.entry` says."""

    def text(self, parts: Parts) -> Parts:
        """Text that compares and sorts by code point."""
        return [*parts, self.collation] if self.collation else parts


class SqliteDialect(Dialect):
    """SQLite: dates are ISO text, instants integer microseconds, booleans 1 and 0; `fold` and others are registered
    functions."""

    engine: Engine = "sqlite"
    collation = ""
    true, false = "1", "0"

    def double(self, parts: Parts) -> Parts:
        return wrap("cast(", parts, " as real)")

    def integer(self, parts: Parts) -> Parts:
        return wrap("cast(round(", parts, ") as integer)")

    def rounded(self, parts: Parts) -> Parts:
        return wrap("round(", parts, ")")

    def empty(self, kind: Kind) -> str:
        return "NULL"

    def constant(self, value: object) -> str:
        return str(int(value)) if isinstance(value, bool) else _text(value)

    def same(self, left: Parts, right: Parts, *, positive: bool) -> Parts:
        return [*left, " IS " if positive else " IS NOT ", *right]

    def among(self, operand: Parts, choices: Slot) -> Parts:
        return [*operand, " IN (", choices, ")"]

    def folded(self, parts: Parts) -> Parts:
        return wrap("fold_plain(", parts, ")")

    def match(self, how: str, text: Parts, needle: Parts) -> Parts:
        return ["instr(", *text, ", ", *needle, ") > 0" if how == "contains" else ") = 1"]

    def shifted(self, kind: Kind, base: Parts, amount: Parts, minutes: int) -> Parts:
        if kind is Kind.DATE:
            moved: Parts = ["date(", *base, ", (", *amount, f" * {minutes // 1440}) || ' days')"]
            return wrap("nullif(max(", moved, ", '0000-12-31'), '0000-12-31')")
        moved = ["(", *base, " + ", *amount, f" * {minutes * _MICROSECONDS})"]
        inner = wrap("max(min(", moved, f", {_LAST + 1}), {_FIRST - 1})")
        return wrap("nullif(nullif(", inner, f", {_LAST + 1}), {_FIRST - 1})")

    def days_between(self, kind: Kind, left: Parts, right: Parts) -> Parts:
        if kind is Kind.DATE:
            return ["(julianday(", *left, ") - julianday(", *right, "))"]
        return ["((", *left, " - ", *right, ") / 86400000000.0)"]

    def start_of_day(self, parts: Parts, zone: Slot) -> Parts:
        return ["start_of_day(", *parts, ", ", zone, ")"]

    def truncated(self, unit: str, parts: Parts) -> Parts:
        if unit == "day":
            return parts
        if unit == "week":
            return wrap("date(", parts, ", '-6 days', 'weekday 1')")
        if unit == "quarter":
            months = wrap("((cast(strftime('%m', ", parts, ") as integer) - 1) % 3)")
            return ["date(", *parts, ", 'start of month', '-' || ", *months, " || ' months')"]
        return wrap("date(", parts, f", 'start of {unit}')")

    def model_of(self, parts: Parts) -> Parts:
        return ["substr(", *parts, ", 1, instr(", *parts, ", ',') - 1)"]

    def id_of(self, parts: Parts) -> Parts:
        return ["cast(substr(", *parts, ", instr(", *parts, ", ',') + 1) as integer)"]

    def bucket(self, unit: str, parts: Parts, zone: Slot) -> Parts:
        return ["date_bucket(", *parts, f", '{unit}', ", zone, ")"]

    def entry(self, column: str, word: str, name: str) -> Parts:
        return [f"json_entry({column}, '{word}', '{name}')"]


_PG_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.FLOAT: "double precision",
    Kind.TEXT: "text",
    Kind.BYTES: "bytea",
    Kind.JSON: "text",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamptz",
}
_PG_EDGES = {
    Kind.DATE: ("date '10000-01-01'", "date '0001-12-31 BC'"),
    Kind.INSTANT: ("timestamptz '10000-01-01 00:00:00+00'", "timestamptz '0001-12-31 23:59:59.999999+00 BC'"),
}
_PG_SAFE = "BETWEEN timestamptz '0001-01-03 00:00:00+00' AND timestamptz '9999-12-29 00:00:00+00'"
_PG_SAFE_DAYS = "BETWEEN date '0001-01-03' AND date '9999-12-29'"
_MARKS = "[\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f]"
_PG_DAY = "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


class PostgresqlDialect(Dialect):
    """PostgreSQL, its session in UTC: every comparison of text carries COLLATE "C", whatever the database's locale."""

    engine: Engine = "postgresql"
    collation = ' COLLATE "C"'
    true, false = "true", "false"

    def double(self, parts: Parts) -> Parts:
        return wrap("cast(", parts, " as double precision)")

    def integer(self, parts: Parts) -> Parts:
        return wrap("cast(", self.rounded(parts), " as bigint)")

    def rounded(self, parts: Parts) -> Parts:
        half = [" CASE WHEN abs(", *parts, ") < 1 THEN 0.5 ELSE double precision '0.49999999999999994' END"]
        return ["trunc(", *parts, " + sign(", *parts, ") *", *half, ")"]

    def empty(self, kind: Kind) -> str:
        return f"cast(NULL as {_PG_TYPES.get(kind, 'bigint')})"

    def constant(self, value: object) -> str:
        return str(value).lower() if isinstance(value, bool) else _text(value)

    def same(self, left: Parts, right: Parts, *, positive: bool) -> Parts:
        return [*left, " IS NOT DISTINCT FROM " if positive else " IS DISTINCT FROM ", *right]

    def among(self, operand: Parts, choices: Slot) -> Parts:
        return [*operand, " = ANY(cast(", choices, f" as {_PG_TYPES.get(choices.kind, 'bigint')}[]))"]

    def folded(self, parts: Parts) -> Parts:
        return wrap("lower(regexp_replace(normalize(", parts, f", NFKD), '{_MARKS}', '', 'g') COLLATE \"C\")")

    def match(self, how: str, text: Parts, needle: Parts) -> Parts:
        if how == "contains":
            return ["strpos(", *self.text(text), ", ", *needle, ") > 0"]
        return ["starts_with(", *self.text(text), ", ", *needle, ")"]

    def shifted(self, kind: Kind, base: Parts, amount: Parts, minutes: int) -> Parts:
        high, low = _PG_EDGES[kind]
        if kind is Kind.DATE:
            moved: Parts = ["(", *base, " + cast(", *amount, f" * {minutes // 1440} as integer))"]
        else:
            moved = ["(", *base, " + ", *self.double(amount), f" * {minutes} * interval '1 minute')"]
        inner = wrap("greatest(least(", moved, f", {high}), {low})")
        return wrap("nullif(nullif(", inner, f", {high}), {low})")

    def days_between(self, kind: Kind, left: Parts, right: Parts) -> Parts:
        if kind is Kind.DATE:
            return ["cast(", *left, " - ", *right, " as double precision)"]
        seconds: Parts = ["extract(epoch from (", *left, " - ", *right, "))"]
        return ["(cast(", *seconds, " * 1000000 as double precision) / double precision '86400000000')"]

    def start_of_day(self, parts: Parts, zone: Slot) -> Parts:
        local: Parts = ["cast(", *parts, " as timestamp)"]
        there: Parts = [
            " AT TIME ZONE CASE WHEN ",
            *parts,
            f" {_PG_SAFE_DAYS} THEN cast(",
            zone,
            " as text) ELSE 'UTC' END",
        ]
        found: Parts = ["(", *local, *there, ")"]
        # Where the clock goes back over midnight, it is midnight twice; PostgreSQL gives the second.
        earlier: Parts = ["(", *found, " - interval '1 hour')"]
        return ["CASE WHEN (", *earlier, *there, ") = ", *local, " THEN ", *earlier, " ELSE ", *found, " END"]

    def truncated(self, unit: str, parts: Parts) -> Parts:
        return parts if unit == "day" else wrap(f"cast(date_trunc('{unit}', cast(", parts, " as timestamp)) as date)")

    def model_of(self, parts: Parts) -> Parts:
        return wrap("split_part(", parts, ", ',', 1)")

    def id_of(self, parts: Parts) -> Parts:
        return wrap("cast(split_part(", parts, ", ',', 2) as bigint)")

    def bucket(self, unit: str, parts: Parts, zone: Slot) -> Parts:
        local: Parts = [
            *parts,
            " AT TIME ZONE CASE WHEN ",
            *parts,
            f" {_PG_SAFE} THEN cast(",
            zone,
            " as text) ELSE 'UTC' END",
        ]
        return wrap(f"cast(date_trunc('{unit}', ", local, ") as date)")

    def entry(self, column: str, word: str, name: str) -> Parts:
        found, text = f"(cast({column} as jsonb) -> '{name}')", f"(cast({column} as jsonb) ->> '{name}')"
        if word == "yes":
            return [f"coalesce({found} = cast('true' as jsonb), false)"]
        if word == "number":
            return [f"(CASE WHEN jsonb_typeof({found}) = 'number' THEN cast({text} as double precision) END)"]
        if word == "text":
            return [f"(CASE WHEN jsonb_typeof({found}) = 'string' THEN nullif({text}, '') END)"]
        month = f"cast(cast(substr({text}, 1, 7) || '-01' as date) as timestamp)"
        last = f"extract(day from {month} + interval '1 month - 1 day')"
        day = f"CASE WHEN cast(substr({text}, 9) as integer) <= {last} THEN cast({text} as date) END"
        return [f"(CASE WHEN jsonb_typeof({found}) = 'string' AND {text} ~ '{_PG_DAY}' THEN {day} END)"]


def dialect_of(engine: Engine) -> Dialect:
    """The SQL of an engine."""
    return SqliteDialect() if engine == "sqlite" else PostgresqlDialect()


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
