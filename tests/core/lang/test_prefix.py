"""Foreign prefix lists become source text with the same meaning."""

from datetime import date, datetime

import pytest

from core.errors import ExpressionError
from core.lang.bound import bound_kind
from core.lang.parser import parse
from core.lang.prefix import from_prefix

from .conftest import SCHEMA

READ = [
    ([], "true"),
    ([("name", "=", "x")], "(name == 'x')"),
    ([["name", "=", False]], "(name == none)"),
    ([("name", "!=", None)], "(name != none)"),
    ([("active", "=", False)], "(active == false)"),
    ([("active", "=", 1)], "(active == true)"),
    ([("active", "in", [True, False])], "(active in [true, false])"),
    ([("partner_id", "=", 5)], "(partner == 5)"),
    ([("partner_id.user_id", "!=", 5)], "(partner.user != 5)"),
    ([("partner_id", "=", "Acme")], "(partner == 'Acme')"),
    ([("partner_id", "=", [1, 2])], "(partner in [1, 2])"),
    ([("partner_id", "!=", [1])], "(not (partner in [1]))"),
    ([("partner_id", "in", [1, False])], "(partner == none or partner in [1])"),
    ([("partner_id", "in", [False])], "(partner == none)"),
    ([("partner_id", "in", [])], "(partner in [])"),
    ([("partner_id", "not in", (1, 2))], "(not (partner in [1, 2]))"),
    ([("partner_id", "in", 3)], "(partner == 3)"),
    ([("partner_id", "not in", 3)], "(partner != 3)"),
    ([("priority", "in", [0, 1])], "(priority in [0, 1])"),
    ([("tags", "in", [1, "vip"])], "(tags in [1, 'vip'])"),
    ([("tags", "=", False)], "(tags == none)"),
    ([("tags", "=", 3)], "(3 in tags)"),
    ([("tags", "!=", "vip")], "('vip' not in tags)"),
    ([("tags.name", "=", "vip")], "any(tags, (name == 'vip'))"),
    ([("partner_id.categories.parent_id", "not in", [1])], "any(partner.categories, (not (parent in [1])))"),
    ([("name", "ilike", "it's")], 'contains(name, "it\'s")'),
    ([("name", "not ilike", "x")], "(not contains(name, 'x'))"),
    ([("name", "like", "x")], "contains(name, 'x')"),
    ([("partner_id", "ilike", "x")], "contains(partner, 'x')"),
    ([("tags", "ilike", "x")], "any(tags, contains(name, 'x'))"),
    ([("name", "=like", "x%")], "startswith(name, 'x')"),
    ([("name", "=ilike", "%x%")], "contains(name, 'x')"),
    ([("name", "=ilike", "%")], "contains(name, '')"),
    ([("name", "=like", "x")], "(name == 'x')"),
    ([("name", "=ilike", "xy")], "(startswith(name, 'xy') and length(name) == 2)"),
    ([("name", "not =like", "x%")], "(not startswith(name, 'x'))"),
    ([("name", "=?", False)], "true"),
    ([("name", "=?", "x")], "(name == 'x')"),
    ([("priority", "<>", 1.5)], "(priority != 1.5)"),
    ([("revenue", ">=", -10)], "(revenue >= -10)"),
    ([("deadline", "<", "2026-01-31")], "(deadline < '2026-01-31')"),
    ([("deadline", "<", date(2026, 1, 31))], "(deadline < '2026-01-31')"),
    ([("opened", ">", "2026-01-31")], "(opened > '2026-01-31T00:00:00Z')"),
    ([("opened", ">", "2026-01-31 10:00:00")], "(opened > '2026-01-31 10:00:00')"),
    ([("opened", ">", datetime(2026, 1, 31, 10))], "(opened > '2026-01-31T10:00:00')"),
    ([("partner_id", "child_of", 5)], "(within(partner, 5))"),
    ([("tags", "child_of", ["vip", 5])], "(within(tags, 'vip') or within(tags, 5))"),
    ([("partner_id", "child_of", [])], "(false)"),
    ([("orders", "any", [("state", "=", "sale")])], "any(orders, (state == 'sale'))"),
    (
        [("orders", "not any", ["|", ("state", "=", "sale"), ("id", "=", 1)])],
        "(not any(orders, ((state == 'sale') or (id == 1))))",
    ),
    ([("name", "=", "x"), ("active", "=", True)], "(name == 'x') and (active == true)"),
    (["|", ("name", "=", "x"), "!", ("active", "=", True)], "((name == 'x') or (not (active == true)))"),
    (["&", "|", ("id", "=", 1), ("id", "=", 2), ("id", "=", 3)], "(((id == 1) or (id == 2)) and (id == 3))"),
    ([(1, "=", 1)], "true"),
    ([(0, "=", 1)], "false"),
]


@pytest.mark.parametrize(("domain", "source"), READ, ids=[case[1] for case in READ])
def test_read(domain, source):
    condition = from_prefix(domain, "crm.lead", SCHEMA)
    assert condition.source == source
    assert condition.names == {}
    assert parse(condition.source, "crm.lead", SCHEMA)


def test_long_lists_are_bound(world):
    ids = list(range(1, 40))
    condition = from_prefix([("id", "in", ids), ("tags", "not in", ids)], "crm.lead", SCHEMA)
    assert condition.source == "(id in list_1) and (not (tags in list_2))"
    assert condition.names == {"list_1": ids, "list_2": ids}
    kinds = {name: bound_kind(value) for name, value in condition.names.items()}
    found = world.three(condition.source, names=condition.names, **kinds)
    assert found == [n for n in ids if not world.rows["crm.lead"][n]["tags"]]


def test_long_lists_of_dates_stay_literals():
    source = from_prefix([("deadline", "in", ["2026-01-31"] * 20)], "crm.lead", SCHEMA).source
    assert parse(source, "crm.lead", SCHEMA)


def test_hostile_text_stays_text(world):
    for value in ("' or true or '", "\\", "x\ny\t\x1f\u2028", "#", "😀\U000e0001"):
        condition = from_prefix([("name", "=", value)], "crm.lead", SCHEMA)
        assert world.three(condition.source) == []


REFUSED = [
    ("name", "a list of conditions is expected"),
    ([("name", "=")], "a condition is three things"),
    ([5], "a condition is three things"),
    ([("name", 5, "x")], "a condition is three things"),
    ([(5, "=", "x")], "begins with the name of a field"),
    ([("name", "=", "x"), ("nmae", "=", "x")], "column 2: 'nmae' is not a field of crm.lead; did you mean 'name'"),
    ([("tags.nmae", "=", "x")], "'nmae' is not a field of res.category"),
    ([("name.x", "=", "x")], "'name' is not a relation"),
    (["|", ("name", "=", "x")], "a condition is missing"),
    (["!"], "a condition is missing"),
    ([("name", "parent_of", 5)], "the operator 'parent_of' is not known"),
    ([("name", "=like", "a%b")], "wildcards inside"),
    ([("name", "=like", "a_b")], "wildcards inside"),
    ([("name", "=like", "%b")], "a wildcard at the beginning only"),
    ([("name", "any", [])], "'name' is not a relation"),
    ([("partner_id", "any", [])], "'partner' leads to one record"),
    ([("orders", "any", "x")], "a list of conditions is expected"),
    (["!"] * 5000 + [("active", "=", True)], "too deep"),
]


@pytest.mark.parametrize(("domain", "text"), REFUSED, ids=[case[1] for case in REFUSED])
def test_refused(domain, text):
    with pytest.raises(ExpressionError) as caught:
        from_prefix(domain, "crm.lead", SCHEMA)
    assert text in str(caught.value)


def test_lists_in_lists_are_refused():
    domain: list = []
    for _level in range(5000):
        domain = [("orders.lead.partner.leads", "any", domain)]
    with pytest.raises(ExpressionError):
        from_prefix(domain, "crm.lead", SCHEMA)
