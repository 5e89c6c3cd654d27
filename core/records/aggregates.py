"""Groups with totals: `aggregate` compiled to one GROUP BY under the reader's rights.

Groups are named as asked (`stage.name`, `date_deadline:month`), measures too (`expected_revenue:sum`, `id:count`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import Refusal, closest
from core.i18n import _
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN, Kind, decoder
from core.lang.sql import SqlCompiler
from core.lang.statement import Fragment, Part, Slot, Statement
from core.records.query import Query, conjoined, require_readable

UNITS = ("day", "week", "month", "quarter", "year")
FUNCTIONS = ("sum", "avg", "min", "max", "count", "count_distinct")
_NUMBERS = (Kind.INTEGER, Kind.FLOAT, Kind.MONEY)
_SQL = {"sum": "sum({})", "avg": "avg({})", "min": "min({})", "max": "max({})", "count": "count({})"}


class BadAggregate(Refusal):
    """A grouping or measure that the model cannot answer."""

    code = "bad_aggregate"
    status = 400


@dataclass(frozen=True, slots=True)
class Grouping:
    """One term of `by`: a path and, for dates and instants, the unit of its buckets."""

    text: str
    path: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One term of `measures`: a path and a function."""

    text: str
    path: str
    function: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """A compiled aggregate and the function that turns each column into its Python value."""

    statement: Statement
    converters: tuple[Callable[[object], object], ...]


def parse_grouping(text: str) -> Grouping:
    """`path` or `path:unit`.

    :raises BadAggregate: an unknown unit.
    """
    path, colon, unit = text.partition(":")
    if colon and unit not in UNITS:
        raise BadAggregate(
            _("'{text}' groups by an unknown unit '{unit}'.", text=text, unit=unit),
            hint=_("Use one of {known}.", known=", ".join(UNITS)),
        )
    return Grouping(text, path, unit if colon else None)


def parse_measure(text: str) -> Measure:
    """`path:function`.

    :raises BadAggregate: no function, or an unknown one.
    """
    path, _colon, function = text.partition(":")
    if function not in FUNCTIONS:
        suggestion = closest(function, FUNCTIONS)
        raise BadAggregate(
            _("'{text}' is not a measure.", text=text),
            hint=_("Write field:function, with one of {known}.", known=", ".join(FUNCTIONS))
            + (f" {_('Nearest:')} {suggestion}" if suggestion else ""),
        )
    return Measure(text, path, function)


def aggregate(
    query: Query, by: Sequence[str], measures: Sequence[str], *, limit: int | None = None
) -> list[dict[str, object]]:
    """Groups in the order of their keys, none last; without `by` one group over everything.

    :raises BadAggregate: a grouping or measure that the model cannot answer.
    :raises AccessDenied: a field that is closed to the reader.
    """
    groupings = [parse_grouping(text) for text in by]
    wanted = [parse_measure(text) for text in measures]
    terms: list[Grouping | Measure] = [*groupings, *wanted]
    require_readable(query.env, query.model, [term.path for term in terms])
    key = (tuple(by), tuple(measures), limit is None)
    grouped = query.kept("aggregate", key, lambda: _compile(query, groupings, wanted, limited=limit is not None))
    names = [term.text for term in terms]
    rows = query.fetch(grouped.statement, {"_limit": limit} if limit is not None else None)
    return [
        {name: convert(value) for name, value, convert in zip(names, row, grouped.converters, strict=True)}
        for row in rows
    ]


def _compile(query: Query, groupings: Sequence[Grouping], measures: Sequence[Measure], *, limited: bool) -> Grouped:
    compiler = query.compiler()
    columns: list[Fragment] = []
    converters: list[Callable[[object], object]] = []
    for grouping in groupings:
        value, convert = _group(query, compiler, grouping)
        columns.append(value)
        converters.append(convert)
    keys = [*columns]
    for measure in measures:
        value, convert = _measure(query, compiler, measure)
        columns.append(value)
        converters.append(convert)
    conditions = conjoined(query.where(compiler))
    source = query.source(compiler)
    chosen: list[Part] = []
    for position, column in enumerate(columns):
        chosen.append(", " if chosen else "")
        chosen.extend(column)
        chosen.append(f" AS g{position}")
    tail: list[Part] = []
    if keys:
        places = [str(position + 1) for position in range(len(keys))]
        tail.append(f" GROUP BY {', '.join(places)} ORDER BY {', '.join(f'{place} NULLS LAST' for place in places)}")
    if limited:
        tail.extend((" LIMIT ", Slot("name", "_limit", Kind.INTEGER)))
    return Grouped(query.render(("SELECT ", *chosen, *source, *conditions, *tail)), tuple(converters))


def _group(query: Query, compiler: SqlCompiler, grouping: Grouping) -> tuple[Fragment, Callable[[object], object]]:
    value, kind = compiler.value(grouping.path)
    if grouping.unit is None:
        if kind is Kind.TEXT and query.env.database.engine == "postgresql":
            value = ("(", *value, ') COLLATE "C"')
        return value, _optional(decoder(kind, query.env.database.engine))
    if kind not in (Kind.DATE, Kind.INSTANT):
        raise BadAggregate(
            _("'{path}' has no dates, so it cannot be grouped by {unit}.", path=grouping.path, unit=grouping.unit)
        )
    unit = grouping.unit
    return compiler.bucket(grouping.path, unit), lambda start: None if start is None else bucket_name(_day(start), unit)


def _day(start: object) -> date:
    return start if isinstance(start, date) else date.fromisoformat(str(start)[:10])


def bucket_name(start: date, unit: str) -> str:
    """The name of the bucket that begins on `start`: `2017-03-05`, `2017-W09` (ISO 8601), `2017-03`, `2017-Q1`,
    `2017`."""
    if unit == "day":
        return start.isoformat()
    if unit == "week":
        year, week, _day_of_week = start.isocalendar()
        return f"{year:04}-W{week:02}"
    if unit == "month":
        return f"{start.year:04}-{start.month:02}"
    if unit == "quarter":
        return f"{start.year:04}-Q{(start.month + 2) // 3}"
    return f"{start.year:04}"


def _measure(query: Query, compiler: SqlCompiler, measure: Measure) -> tuple[Fragment, Callable[[object], object]]:
    value, kind = compiler.value(measure.path)
    function = measure.function
    if function in ("sum", "avg") and kind not in _NUMBERS:
        raise BadAggregate(_("'{path}' has no numbers, so it has no {function}.", path=measure.path, function=function))
    if function == "count_distinct":
        return ("count(DISTINCT ", *value, ")"), int  # type: ignore[return-value]  # int takes what drivers give
    if function == "count":
        return ("count(", *value, ")"), int  # type: ignore[return-value]  # int takes what drivers give
    if function in ("min", "max") and kind is Kind.BOOLEAN:
        raise BadAggregate(_("'{path}' is yes or no, so it has no {function}.", path=measure.path, function=function))
    before, after = _SQL[function].split("{}")
    collated = ' COLLATE "C"' if kind is Kind.TEXT and query.env.database.engine == "postgresql" else ""
    fragment = (before, *value, collated, after)
    if function == "avg":
        return fragment, _average(kind)
    if function == "sum":
        return fragment, _total(kind)
    return fragment, _optional(decoder(kind, query.env.database.engine))


def _optional(convert: Callable[[object], object] | None) -> Callable[[object], object]:
    if convert is None:
        return lambda value: value
    return lambda value: None if value is None else convert(value)


def _average(kind: Kind) -> Callable[[object], object]:
    """Averages are floats, of money Decimals with four decimals; converted by declared kind, never by driver type."""
    if kind is Kind.MONEY:
        return lambda value: None if value is None else (Decimal(str(value)) / 10_000).quantize(Decimal("0.0001"))
    return lambda value: None if value is None else float(str(value))


def _whole(value: object) -> int:
    """A sum of 64 bits: PostgreSQL goes on where SQLite ends."""
    found = int(Decimal(str(value)))
    if not INTEGER_MIN <= found <= INTEGER_MAX:
        raise Refusal(_("A number in this calculation is too large."), hint=_("Use smaller numbers."))
    return found


def _total(kind: Kind) -> Callable[[object], object]:
    """A sum over nothing is 0."""
    if kind is Kind.MONEY:
        return lambda value: Decimal(0) if value is None else Decimal(_whole(value)) / 10_000
    if kind is Kind.INTEGER:
        return lambda value: 0 if value is None else _whole(value)
    return lambda value: 0.0 if value is None else float(str(value))
