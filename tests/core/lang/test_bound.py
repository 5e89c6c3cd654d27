"""Names with values: what kind a value binds as, and how bound names behave in conditions."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.errors import Refusal
from core.lang.bound import Bound, as_bound, bound_kind
from core.lang.kinds import Kind
from core.lang.parser import parse

from .conftest import NAMES, SCHEMA, TODAY


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, Bound(Kind.BOOLEAN)),
        (5, Bound(Kind.INTEGER)),
        (1.5, Bound(Kind.FLOAT)),
        (Decimal(1), Bound(Kind.MONEY)),
        ("x", Bound(Kind.TEXT)),
        ("", Bound(Kind.NONE)),
        (None, Bound(Kind.NONE)),
        (date(2026, 1, 1), Bound(Kind.DATE)),
        (datetime(2026, 1, 1, tzinfo=UTC), Bound(Kind.INSTANT)),
        ([], Bound(Kind.INTEGER, many=True)),
        ([1, 2], Bound(Kind.INTEGER, many=True)),
        (("a",), Bound(Kind.TEXT, many=True)),
        ({1}, Bound(Kind.INTEGER, many=True)),
    ],
)
def test_the_kind_of_a_value(value, kind):
    assert bound_kind(value) == kind


def test_a_thing_with_an_id_is_a_reference(thing):
    assert bound_kind(thing) == Bound(Kind.REFERENCE)
    assert bound_kind([thing]) == Bound(Kind.REFERENCE, many=True)


@pytest.mark.parametrize("value", [object(), b"x", [1, "x"], [None], [[1]], {"a": 1}, datetime(2026, 1, 1)])
def test_what_has_no_kind_is_refused(value):
    with pytest.raises(Refusal):
        bound_kind(value)


def test_kinds_alone_are_enough():
    assert as_bound(Kind.REFERENCES) == Bound(Kind.REFERENCE, many=True)
    assert as_bound(Kind.TEXT) == Bound(Kind.TEXT)
    assert as_bound(Bound(Kind.TEXT, many=True)) == Bound(Kind.TEXT, many=True)


CASES = [
    ("partner == customer", 3),
    ("partner != customer", 3),
    ("partner == customer", None),
    ("partner in customer", [1, 2, 3]),
    ("partner in customer", []),
    ("partner not in customer", [1, 2]),
    ("partner not in customer", list(range(1, 100))),
    ("partner in customer", ["Fleet", "fleet"]),
    ("tags in customer", [1, 2]),
    ("tags in customer", ["Fleet"]),
    ("tags not in customer", []),
    ("name == customer", "Fleet"),
    ("name in customer", ["Fleet", "fleet"]),
    ("contains(name, customer)", "É"),
    ("contains(note, customer)", "É"),
    ("revenue > customer", 1),
    ("revenue > customer", 0.5),
    ("revenue == customer", Decimal("0.0015")),
    ("revenue in customer", [Decimal("0.0015"), Decimal(1)]),
    ("revenue in customer", [1, 100]),
    ("revenue * customer > 5", 2.5),
    ("revenue + customer > 5", 2),
    ("probability in customer", [1, 100]),
    ("priority in customer", [1.0, 2.0]),
    ("priority + customer == 3", 1),
    ("deadline < customer", TODAY),
    ("deadline + days(customer) < today()", 3),
    ("deadline in customer", [TODAY, date(1, 1, 1)]),
    ("opened > customer", NAMES["now"]),
    ("active == customer", True),
    ("customer", False),
    ("customer and active", True),
    ("not customer or active", True),
    ("within(tags, customer)", 3),
    ("within(tags, customer)", "Fleet"),
    ("customer in tags", 3),
    ("customer in tags", "Fleet"),
    ("any(orders, quantity == customer)", 2),
    ("coalesce(customer, name) == 'x'", "x"),
    ("(name if active else customer) == customer", "x"),
    ("length(customer) == 1", "x"),
    ("round(customer, 1) == 0.3", 0.25),
    ("start_of_day(customer) < opened", TODAY),
    ("start_of_month(customer) < deadline", TODAY),
    ("start_of_year(customer) < deadline", TODAY),
    ("customer == none", 5),
    ("customer < 6", 5),
]


@pytest.mark.parametrize(("source", "value"), CASES, ids=[f"{source} {value}"[:60] for source, value in CASES])
def test_bound_values_mean_the_same_everywhere(world, source, value):
    world.three(source, names={"customer": value}, customer=bound_kind(value))


def test_nobody_equals_nothing(world):
    names = {**NAMES, "me": None}
    for source, everybody in (("user == me", False), ("user != me", True), ("me == none", False)):
        expression = parse(source, "crm.lead", SCHEMA)
        rows = list(world.rows["crm.lead"]) if everybody else []
        for engine in ("sqlite", "postgresql"):
            assert world.ids(engine, expression, names=names) == rows
        assert world.by_python(expression, names=names) == [everybody] * 70


def test_a_caller_may_use_any_other_word():
    assert parse("partner == orders", "crm.lead", SCHEMA, names={"orders": Kind.REFERENCE})
