"""The Python side by itself: types of values, errors of computed fields."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from core.errors import ExpressionError
from core.lang.kinds import Kind
from core.lang.parser import parse
from core.lang.python import predicate
from core.lang.schema import FieldInfo

from .conftest import NAMES, SCHEMA

LEAD = "crm.lead"


def test_values_have_the_type_of_their_kind(world):
    types = {
        "revenue * 2": Decimal,
        "weighted": Decimal,
        "priority + 1": float,
        "score": int,
        "share": float,
        "rough": Decimal,
        "count(orders)": int,
        "sum(orders, quantity)": float,
        "sum(orders, amount)": Decimal,
        "start_of_month(deadline)": date,
        "start_of_quarter(deadline)": date,
        "start_of_year(deadline)": date,
        "start_of_day(deadline)": datetime,
        "name + '!'": str,
        "partner": int,
        "active": bool,
        "late": bool,
    }
    for source, kind in types.items():
        expression = parse(source, LEAD, SCHEMA)
        found = {type(value) for value in world.by_python(expression)}
        assert found <= {kind, type(None)} and kind in found, source


def test_values_are_equal_on_both_engines(world, engine):
    sources = [
        "weighted",
        "twice",
        "score",
        "share",
        "rough",
        "ordered",
        "late",
        "won",
        "customer",
        "nothing",
        "partner.caption",
    ]
    sources += [
        "priority / 3",
        "round(probability / 3, 4)",
        "revenue / 3",
        "opened - now()",
        "deadline - today()",
        "name + note",
    ]
    sources += [
        "start_of_day(deadline)",
        "opened + hours(3)",
        "coalesce(deadline, today())",
        "partner.rich",
        "length(note)",
    ]
    for source in sources:
        expression = parse(source, LEAD, SCHEMA)
        assert world.values(engine, expression) == world.by_python(expression), source


@pytest.mark.parametrize("expression", ["circle + 1", "coalesce(other, 1)"])
def test_computed_fields_in_a_circle(world, expression):
    circle = FieldInfo("circle", Kind.FLOAT, expression=expression)
    other = FieldInfo("other", Kind.FLOAT, expression="circle")
    fields = {**SCHEMA[LEAD].fields, "circle": circle, "other": other}
    schema = {**SCHEMA, LEAD: replace(SCHEMA[LEAD], fields=fields)}
    with pytest.raises(ExpressionError, match=r"computed fields of crm\.lead form a cycle"):
        predicate(parse("circle > 1", LEAD, schema), schema)


def test_a_computed_field_of_another_kind(world):
    odd = FieldInfo("odd", Kind.DATE, expression="name")
    schema = {**SCHEMA, LEAD: replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, "odd": odd})}
    with pytest.raises(ExpressionError, match="the expression of 'odd' gives another kind of value"):
        predicate(parse("odd == none", LEAD, schema), schema)


def test_the_reader_of_computed_fields_may_be_given(world):
    asked = []

    def reading(source, model):
        asked.append(source)
        return parse(source, model, SCHEMA)

    predicate(parse("weighted > 1", LEAD, SCHEMA), SCHEMA, parse=reading)
    assert asked == ["revenue * probability / 100"]


def test_what_leaves_the_calendar_is_none(world):
    record = world.record(LEAD, 1)
    for source in ("today() + days(1000000) == none", "now() - weeks(142857) == none"):
        expression = parse(source, LEAD, SCHEMA)
        assert predicate(expression, SCHEMA)(record, {**NAMES, "today": date(9000, 1, 1)}) is True
        assert world.ids("sqlite", expression, names={**NAMES, "today": date(9000, 1, 1)}) == list(world.rows[LEAD])
