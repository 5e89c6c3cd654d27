"""SQL on SQLite == SQL on PostgreSQL == Python, for random expressions over random rows."""

import math

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.lang.joining import conjunction, disjunction
from core.lang.kinds import Kind

from .conftest import RR, SCHEMA, B, D, F, J, M, N, R, T, W

pytestmark = pytest.mark.slow

LITERALS = {
    W: ["0", "1", "2", "-1", "3", "1099511627776", "-7"],
    F: ["0.5", "2.5", "-0.5", "33.25", "100", "0"],
    M: ["0.0015", "1", "100", "0.01", "-0.01", "100000000"],
    T: ["'Fleet'", "'fleet'", "'Éclair'", "'%'", "'Z'", "''", "'strasse'"],
    D: ["'2026-03-10'", "'0001-01-01'", "'9999-12-31'", "today()", "today() - days(20)", "start_of_month(today())"],
    N: ["now()", "'2026-03-10T08:30:00Z'", "start_of_day(today())", "now() - hours(48)", "start_of_day('2026-03-29')"],
    R: ["me", "1", "2", "3", "company"],
    B: ["true", "false", "has_group('crm.manager')"],
}
ENTRIES = {F: "number", T: "text", D: "date", B: "yes"}
STARTS = ("month", "quarter", "year")
ORDER = ["==", "!=", "<", "<=", ">", ">="]
EDGES = {"res.users": "user", "res.partner": "partner"}


def paths(model: str, kind: Kind, steps: int = 2, prefix: str = "") -> list[str]:
    """All paths of a kind, many2one hops included."""
    found = []
    for field in SCHEMA[model].fields.values():
        if field.kind is kind and not field.options:
            found.append(prefix + field.name)
        if field.kind is J and kind in ENTRIES:
            found += [f"{prefix}{field.name}.{ENTRIES[kind]}.{name}" for name in "abc"]
        if field.kind is R and steps:
            found += paths(field.target, kind, steps - 1, f"{prefix}{field.name}.")
    return found


PATHS = {(model, kind): paths(model, kind) for model in SCHEMA for kind in (B, W, F, M, T, D, N, R, RR)}
PLAIN = {  # sums of inexact numbers depend on the order of the rows
    model: [f.name for f in info.fields.values() if f.kind in (W, F, M) and f.column and f.name != "id"]
    for model, info in SCHEMA.items()
}


class Writer:
    """Writes random source text, smaller with depth."""

    def __init__(self, draw) -> None:
        self.draw = draw

    def one(self, choices):
        return self.draw(st.sampled_from(choices))

    def path(self, model: str, kind: Kind) -> str:
        return self.one(PATHS[model, kind] or LITERALS[kind])

    def literal_or_path(self, model: str, kind: Kind) -> str:
        return self.one([self.path(model, kind), self.one(LITERALS[kind])])

    def number(self, model: str, depth: int) -> str:
        kind = self.one([W, F, M])
        if depth <= 0:
            return self.literal_or_path(model, kind)
        inner = self.number(model, depth - 1)
        relations = PATHS[model, RR]
        forms = [
            lambda: self.path(model, kind),
            lambda: f"({self.path(model, kind)} {self.one('+-')} {self.path(model, kind)})",
            lambda: f"({inner} * {self.one(LITERALS[F])})",
            lambda: f"({inner} / {self.one(['3', '2', '0.5', '0', self.path(model, F)])})",
            lambda: f"-{self.path(model, kind)}",
            lambda: f"round({inner}{self.one(['', ', 2', ', 1'])})",
            lambda: f"abs({inner})",
            lambda: f"coalesce({self.path(model, kind)}, {self.one(LITERALS[kind])})",
            lambda: f"({inner} if {self.condition(model, depth - 1)} else {self.path(model, kind)})",
            lambda: f"length({self.path(model, T)})",
            lambda: f"({self.path(model, D)} - today())",
            lambda: f"({self.path(model, N)} - now())",
        ]
        if relations:
            forms += [lambda: self.count(model, depth), lambda: self.sum(model)]
        return self.one(forms)()

    def count(self, model: str, depth: int) -> str:
        relation, target = self.relation(model)
        return f"count({relation}, {self.condition(target, depth - 1)})"

    def sum(self, model: str) -> str:
        relation, target = self.relation(model)
        return f"sum({relation}, {self.one(PLAIN[target] or ['1'])})"

    def relation(self, model: str) -> tuple[str, str]:
        relation = self.one(PATHS[model, RR])
        info = SCHEMA[model]
        for step in relation.split("."):
            info = SCHEMA[info.fields[step].target]
        return relation, info.name

    def date(self, model: str) -> str:
        path = self.path(model, D)
        amount = self.one(["3", "-40", "priority" if model == "crm.lead" else "2", "5000"])
        unit = self.one(["days", "weeks"])
        return self.one([path, f"{path} {self.one('+-')} {unit}({amount})", f"start_of_{self.one(STARTS)}({path})"])

    def instant(self, model: str) -> str:
        path = self.path(model, N)
        unit, amount = self.one(["days", "hours", "minutes"]), self.one(["5", "-100", "30", "900000"])
        return self.one([path, f"{path} {self.one('+-')} {unit}({amount})", f"start_of_day({self.date(model)})"])

    def atom(self, model: str, depth: int) -> str:
        forms = [
            lambda: self.path(model, B),
            lambda: f"({self.path(model, B)} {self.one(['==', '!='])} {self.one(['true', 'false', 'none'])})",
            lambda: f"({self.path(model, B)} {self.one(['==', '!='])} {self.path(model, B)})",
            lambda: f"({self.number(model, depth)} {self.one(ORDER)} {self.number(model, depth - 1)})",
            lambda: f"({self.path(model, M)} {self.one(ORDER)} {self.one(LITERALS[M])})",
            lambda: f"({self.path(model, T)} {self.one(['==', '!='])} {self.one(['none', *LITERALS[T]])})",
            lambda: f"({self.path(model, T)} {self.one(['<', '>='])} {self.one(LITERALS[T])})",
            lambda: f"({self.path(model, W)} {self.one(['in', 'not in'])} [1, 2, {self.one(['none', '-7', '3'])}])",
            lambda: f"(name {self.one(['in', 'not in'])} ['Fleet', {self.one(['none', repr('Éclair')])}])",
            lambda: (
                f"{self.one(['contains', 'startswith'])}({self.path(model, T)}, {self.one([*LITERALS[T], 'name'])})"
            ),
            lambda: f"({self.path(model, R)} {self.one(['==', '!='])} {self.one(['none', '2', '3'])})",
            lambda: f"({self.path(model, R)} {self.one(['in', 'not in'])} [1, 2, 3{self.one(['', ', none'])}])",
        ]
        if model == "crm.lead":
            forms.append(lambda: f"(type {self.one(['==', '!='])} {self.one(['none', repr('lead'), 'name'])})")
        if PATHS[model, D]:
            forms.append(lambda: f"({self.date(model)} {self.one(ORDER)} {self.one(LITERALS[D])})")
        if PATHS[model, N]:
            forms.append(lambda: f"({self.instant(model)} {self.one(ORDER)} {self.one(LITERALS[N])})")
        if PATHS[model, RR]:
            forms += [lambda: self.many(model, depth)] * 3
        forms += [lambda: self.within(model)] * (model != "sale.order")
        found = self.one(forms)
        return found()

    def many(self, model: str, depth: int) -> str:
        relation, target = self.relation(model)
        labelled = SCHEMA[target].label_field in SCHEMA[target].fields
        choices = ["[1, 2, 5]", *(["['Fleet', 'Éclair']", "['Fleet', 4]"] if labelled else [])]
        forms = [
            lambda: f"any({relation}, {self.condition(target, depth - 1)})",
            lambda: f"({relation} {self.one(['in', 'not in'])} {self.one(choices)})",
            lambda: f"({relation} {self.one(['==', '!='])} none)",
            lambda: f"({self.one(['3', self.path(model, W)])} in {relation})",
        ]
        return self.one(forms)()

    def within(self, model: str) -> str:
        operands = [p for kind in (R, RR) for p in PATHS[model, kind] if self.target(model, p).parent]
        operands += ["id"] if SCHEMA[model].parent else []
        if not operands:
            return "active" if "active" in SCHEMA[model].fields else "name == none"
        return f"within({self.one(operands)}, {self.one(['1', '2', '4', repr('Fleet'), repr('Éclair')])})"

    def target(self, model: str, path: str):
        info = SCHEMA[model]
        for step in path.split("."):
            info = SCHEMA[info.fields[step].target]
        return info

    def condition(self, model: str, depth: int) -> str:
        if depth <= 0:
            return self.atom(model, 0)
        form = self.one(["atom", "atom", "not", "and", "or", "choice", "same"])
        if form == "atom":
            return self.atom(model, depth)
        left, right = self.condition(model, depth - 1), self.condition(model, depth - 1)
        if form == "not":
            return f"(not {left})"
        if form == "choice":
            return f"({left} if {right} else {self.atom(model, 0)})"
        return f"({left} {'==' if form == 'same' else form} {right})"


@st.composite
def conditions(draw):
    return Writer(draw).condition("crm.lead", 3)


@st.composite
def numbers(draw):
    return Writer(draw).number("crm.lead", 2)


RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@settings(RELAXED, max_examples=400)
@given(conditions())
def test_conditions(world, source):
    expression = world.parse(source)
    expected = [n for n, holds in zip(world.rows["crm.lead"], world.by_python(expression), strict=True) if holds]
    assert world.ids("sqlite", expression) == expected
    try:
        found = world.ids("postgresql", expression)
    except psycopg.errors.NumericValueOutOfRange:
        assume(False)
    assert found == expected


@settings(RELAXED, max_examples=100)
@given(conditions())
def test_not_is_the_exact_complement(world, source):
    every = set(world.rows["crm.lead"])
    holds = set(world.ids("sqlite", world.parse(source)))
    assert set(world.ids("sqlite", world.parse(f"not ({source})"))) == every - holds


@settings(RELAXED, max_examples=150)
@given(numbers())
def test_values(world, source):
    expression = world.parse(source)
    expected = world.by_python(expression)
    assert same(world.values("sqlite", expression), expected)
    try:
        found = world.values("postgresql", expression)
    except psycopg.errors.NumericValueOutOfRange:
        assume(False)
    assert same(found, expected)


@settings(RELAXED, max_examples=50)
@given(conditions(), conditions())
def test_joined_conditions(world, one, other):
    first, second = world.parse(one), world.parse(other)
    alone = [set(world.ids("sqlite", expression)) for expression in (first, second)]
    assert set(world.ids("sqlite", conjunction([first, second]))) == alone[0] & alone[1]
    assert set(world.ids("sqlite", disjunction([first, second]))) == alone[0] | alone[1]


def same(found, expected) -> bool:
    return len(found) == len(expected) and all(
        a == b or (isinstance(a, float) and isinstance(b, float) and math.isinf(a) and math.isinf(b))
        for a, b in zip(found, expected, strict=True)
    )
