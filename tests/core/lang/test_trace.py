"""Traces: every node with what it gave."""

from decimal import Decimal

from core.lang.joining import conjunction
from core.lang.kinds import Kind
from core.lang.trace import MAX_MEMBERS, Trace, trace

from .conftest import NAMES, SCHEMA


def leaf(text, kind, value, record=None):
    return Trace(text, kind, value, (), record)


def test_every_node_has_its_value(world):
    lead = world.rows["crm.lead"][1]
    found = trace(world.parse("active and not priority > 2"), SCHEMA, world.record("crm.lead", 1), NAMES)
    above = lead["priority"] is not None and lead["priority"] > 2
    compare = Trace(
        "priority > 2",
        Kind.BOOLEAN,
        above,
        (leaf("priority", Kind.INTEGER, lead["priority"]), leaf("2", Kind.INTEGER, 2)),
    )
    negated = Trace("not priority > 2", Kind.BOOLEAN, not above, (compare,))
    both = (leaf("active", Kind.BOOLEAN, lead["active"]), negated)
    assert found == Trace("active and not priority > 2", Kind.BOOLEAN, lead["active"] and not above, both)


def test_values_are_those_of_python(world):
    lead = next(lead for lead in world.rows["crm.lead"].values() if lead["revenue"] is not None)
    found = trace(world.parse("revenue + 1 > 2"), SCHEMA, world.record("crm.lead", lead["id"]), NAMES)
    assert found.parts[0].value == lead["revenue"] + 1
    assert found.parts[0].parts[1].value == Decimal(1)


def test_intervals_have_no_value_but_their_amount_has(world):
    found = trace(world.parse("today() - days(3) < deadline"), SCHEMA, world.record("crm.lead", 1), NAMES)
    interval = found.parts[0].parts[1]
    assert (interval.text, interval.value, interval.parts[0].value) == ("days(3)", None, 3)


def test_each_record_of_a_relation_has_its_own_part(world):
    number, lead = next((n, lead) for n, lead in world.rows["crm.lead"].items() if len(lead["orders"]) > 1)
    record = world.record("crm.lead", number)
    for source in ("any(orders, quantity == 1)", "count(orders, quantity == 1) > 0", "sum(orders, quantity) > 1"):
        found = trace(world.parse(source), SCHEMA, record, NAMES)
        many = found if source.startswith("any") else found.parts[0]
        assert [part.record for part in many.parts] == list(lead["orders"])


def test_relations_are_no_parts(world):
    found = trace(
        world.parse("3 in tags or within(tags, 1) or tags == none"), SCHEMA, world.record("crm.lead", 1), NAMES
    )
    assert [[part.text for part in each.parts] for each in found.parts[:2]] == [["3"], ["1"]]


def test_there_is_an_end_to_many(world):
    world_rows = {**world.rows["crm.lead"][1], "orders": tuple(range(1, 50))}
    record = type(world.record("crm.lead", 1))(world_rows, "crm.lead", SCHEMA, world.load)
    assert len(trace(world.parse("any(orders, id == 0)"), SCHEMA, record, NAMES).parts) == MAX_MEMBERS


def test_joined_expressions_keep_their_texts(world):
    joined = conjunction([world.parse("active"), world.parse("contains(name, 'é')")])
    found = trace(joined, SCHEMA, world.record("crm.lead", 1), NAMES)
    assert [part.text for part in found.parts] == ["active", "contains(name, 'é')"]


def test_the_reader_of_computed_fields_may_be_given(world):
    asked = []

    def reading(source, model):
        asked.append(source)
        return world.parse(source, model)

    trace(world.parse("weighted > 1"), SCHEMA, world.record("crm.lead", 1), NAMES, parse_computed=reading)
    assert "revenue * probability / 100" in asked
