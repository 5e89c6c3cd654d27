"""Accessors: mappings with unsaved values, and rows."""

from types import SimpleNamespace

from core.lang.accessor import Row, Values
from core.lang.parser import parse
from core.lang.python import predicate

from .conftest import NAMES, SCHEMA


def holds(source, record):
    return predicate(parse(source, "crm.lead", SCHEMA), SCHEMA)(record, NAMES)


def test_values_that_are_not_saved_yet(world):
    values = {"name": "New", "partner": 3, "tags": [2], "revenue": 12, "active": True}
    record = Values(values, "crm.lead", SCHEMA, world.load)
    assert holds("name == 'New' and revenue == 12 and active", record)
    assert holds("tags in ['Fleet'] and any(tags, parent == 1) and within(tags, 1)", record)
    assert holds("partner.id == 3 and partner.name == none", record) is (world.rows["res.partner"][3]["name"] is None)
    assert holds("orders == none and stage == none and stage.name == none and not stage.is_won", record)
    assert holds("weighted == none and deadline == none", record)


def test_a_missing_record_is_none(world):
    record = Values({"partner": 999}, "crm.lead", SCHEMA, lambda model, ids: [])
    assert holds("partner == 999 and partner.name == none and not partner.active", record)


def test_an_empty_text_is_none(world):
    assert holds("name == none and not contains(name, '')", Values({"name": ""}, "crm.lead", SCHEMA, world.load))


def test_a_boolean_that_is_not_given_is_false(world):
    assert holds("not active and active == false", Values({}, "crm.lead", SCHEMA, world.load))


def lead_row():
    user = SimpleNamespace(id=2, name="Ada")
    parent = SimpleNamespace(id=8, name="Group", parent=None, parent_id=None, user=None, user_id=None)
    partner = SimpleNamespace(id=7, name="Acme", parent=parent, parent_id=8, user=user, user_id=2, active=True)
    tags = (SimpleNamespace(id=5, name="vip", parent=None, parent_id=None),)
    return SimpleNamespace(
        id=1, name="Fleet", partner=partner, partner_id=7, stage=None, stage_id=None, tags=tags, type="lead", orders=()
    )


def test_rows():
    record = Row(lead_row(), "crm.lead", SCHEMA)
    assert holds("partner == 7 and partner.user == me and partner.user.name == 'Ada'", record)
    assert holds("stage == none and stage.name == none and not stage.is_won", record)
    assert holds("'vip' in tags and 5 in tags and any(tags, name == 'vip') and orders == none", record)
    assert holds("type == 'lead' and contains(partner, 'ACM') and within(partner, 8)", record)
