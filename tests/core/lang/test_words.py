"""Expressions as sentences: what they say, that they say all of it, in the language in force."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from core.i18n import speaking
from core.lang.bound import Bound
from core.lang.joining import conjunction
from core.lang.kinds import Kind
from core.lang.parser import parse
from core.lang.paths import label_of
from core.lang.schema import FieldInfo
from core.lang.wording import Wording
from core.lang.words import in_words

from .conftest import SCHEMA
from .test_property import RELAXED, conditions, numbers

RECORDS = {("res.users", 2): "Ada", ("res.category", 3): "Customers", ("res.partner", 5): "Acme"}
ENTRIES = {("crm.lead", "extra", "seats"): "Seats"}
WORDING = Wording(
    record=lambda model, id_: RECORDS.get((model, id_), ""),
    group={"crm.manager": "Sales / Manager"}.get,
    entry=lambda *names: ENTRIES.get(names, ""),
)


def words(source, model="crm.lead", wording=WORDING, **names):
    return in_words(parse(source, model, SCHEMA, names=names), SCHEMA, wording)


SENTENCES = {
    "": "always",
    "false": "never",
    "not true": "never",
    "not false": "always",
    "active": "active is yes",
    "not active": "active is no",
    "active == false": "active is no",
    "not stage.is_won": "stage: is_won is not yes",
    "not late": "late is not yes",
    "stage.is_won == false and (user == me or user == none)": "stage: is_won is no and (user is you or is empty)",
    "active and stage.is_won or user == me": "(active is yes and stage: is_won is yes) or user is you",
    "active and (stage.is_won and user == me)": "active is yes and stage: is_won is yes and user is you",
    "not (active or user == me)": "not (active is yes or user is you)",
    "active == (user == me)": "active is (user is you)",
    "(active if user == me else late) or active": "active if (user is you), otherwise late is yes or active is yes",
    "not not active": "active is yes",
    "extra.number.seats > 5": "Seats is more than 5.0",
    "partner.extra.text.plan == 'Gold'": "partner: extra: plan is “Gold”",
    "extra.yes.trial and not extra.yes.trial": "extra: trial is yes and is no",
    "user != me": "user is not you",
    "user != none": "user is not empty",
    "none == user": "user is empty",
    "user == 2": "user is “Ada”",
    "user == 7": "user is the record 7",
    "user in [2, 7]": "user is one of “Ada”, the record 7",
    "user in [me, none]": "user is you or is empty",
    "user not in [2]": "user is not “Ada”",
    "user in []": "never",
    "partner == 'Acme'": "partner is “Acme”",
    "partner.parent.name == 'Acme'": "partner: parent is “Acme”",
    "partner.email == ''": "partner: email is empty",
    "company in companies": "company is one of your companies",
    "company not in companies": "company is none of your companies",
    "company == my_company": "company is your company",
    "type == 'lead'": "type is Lead",
    "type in ['lead', 'opportunity']": "type is one of Lead, Opportunity",
    "type not in ['lead', 'opportunity']": "type is none of Lead, Opportunity",
    "priority in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]": "priority is one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 2 more",
    "0 < probability <= 100": "probability is more than 0.0 and is at most 100.0",
    "1 < 2": "1 is less than 2",
    "not (revenue >= 5)": "not (revenue is at least 5)",
    "name < 'M' and name >= 'C'": "name comes before “M” and is “C” or comes after",
    "name > 'M' or name <= 'C'": "name comes after “M” or is “C” or comes before",
    "name == note": "name is note",
    "deadline == today()": "deadline is today",
    "deadline <= today()": "deadline is today or before",
    "deadline > today()": "deadline is after today",
    "deadline < '2026-01-31'": "deadline is before 2026-01-31",
    "today() <= deadline": "deadline is today or after",
    "deadline < today() - days(7)": "deadline is more than 7 days ago",
    "deadline > today() + weeks(1)": "deadline is more than 1 week ahead",
    "deadline > today() - days(-7)": "deadline is more than 7 days ahead",
    "deadline <= today() + days(7)": "deadline is the day in 7 days or before",
    "deadline < today() + days(7)": "deadline is before the day in 7 days",
    "deadline < today() + days(0)": "deadline is before 0 days after today",
    "deadline == today() + days(1)": "deadline is tomorrow",
    "deadline != today() - days(1)": "deadline is not yesterday",
    "deadline == today() - weeks(2)": "deadline is the day 2 weeks ago",
    "opened >= now() - hours(24)": "opened is the moment 24 hours ago or after",
    "opened <= now() + minutes(1)": "opened is the moment in 1 minute or before",
    "opened < now() - hours(1)": "opened is more than 1 hour ago",
    "deadline < today() + days(priority)": "deadline is before priority days after today",
    "deadline < today() - days(2) - days(1)": "deadline is before 1 day before (the day 2 days ago)",
    "deadline < start_of_month(today())": "deadline is before the first day of the month of today",
    "deadline < start_of_quarter(today())": "deadline is before the first day of the quarter of today",
    "deadline < start_of_year(today())": "deadline is before the first day of the year of today",
    "opened >= start_of_day(today())": "opened is the start of today or after",
    "deadline >= today() and deadline <= today() + days(7)": "deadline is today or in the next 7 days",
    "deadline > today() and deadline <= today() + days(7)": "deadline is in the next 7 days",
    "deadline <= today() + days(1) and deadline > today()": "deadline is in the next 1 day",
    "deadline >= today() - days(7) and deadline < today()": "deadline is in the last 7 days",
    "today() - days(7) <= deadline <= today()": "deadline is today or in the last 7 days",
    "opened > now() - hours(24) and opened < now()": "opened is in the last 24 hours",
    "now() <= opened <= now() - hours(-8) and active": "opened is in the next 8 hours and active is yes",
    "deadline > today() and deadline < today() + days(7)": "deadline is after today and is before the day in 7 days",
    "deadline > today() - days(7) and deadline < today()": "deadline is after the day 7 days ago and is before today",
    "deadline > today() and deadline > today() + days(1)": "deadline is after today and is more than 1 day ahead",
    "deadline < today() and deadline < today() + days(1)": "deadline is before today and is before tomorrow",
    "deadline > today() and orders != none": "deadline is after today and orders is not empty",
    "deadline > today() or deadline <= today() + days(7)": "deadline is after today or is the day in 7 days or before",
    "tags in ['vip']": "tags includes “vip”",
    "tags not in ['vip']": "tags does not include “vip”",
    "tags in ['vip', 'new']": "tags includes one of “vip”, “new”",
    "tags not in [3, 8]": "tags includes none of “Customers”, the record 8",
    "3 in tags": "tags includes “Customers”",
    "tags == none": "tags is empty",
    "tags != none": "tags is not empty",
    "any(orders)": "orders is not empty",
    "not any(orders)": "orders is empty",
    "any(orders, state == 'sale' and amount > 100)": "orders has one where (state is Sold and amount is more than 100)",
    "not any(orders, state == 'sale')": "orders has none where (state is Sold)",
    "any(orders, false)": "orders has one where (never)",
    "count(orders) > 2": "the number of orders is more than 2",
    "count(orders, false) > 2": "the number of orders where (never) is more than 2",
    "count(orders, state == 'sale') == 0": "the number of orders where (state is Sold) is 0",
    "sum(orders, amount) > 1000": "the sum of amount over orders is more than 1000",
    "sum(orders, amount * 2) > 1": "the sum of (amount times 2.0) over orders is more than 1",
    "within(partner.categories, 'Customers')": "partner: categories is “Customers” or below it",
    "not within(tags, 3)": "tags is neither “Customers” nor below it",
    "contains(name, 'fleet')": "name contains “fleet”",
    "not contains(partner, 'acme')": "partner does not contain “acme”",
    "startswith(name, 'F')": "name begins with “F”",
    "not startswith(name, 'F')": "name does not begin with “F”",
    "has_group('crm.manager')": "you are in the group “Sales / Manager”",
    "not has_group('crm.other')": "you are not in the group “crm.other”",
    "revenue * probability / 100 + 5 > 0": "((revenue times probability) divided by 100.0) plus 5 is more than 0",
    "-priority - 1 < 0": "(minus priority) minus 1.0 is less than 0.0",
    "name + '!' == 'Fleet!'": "name followed by “!” is “Fleet!”",
    "deadline - today() > 3": "the days from today to deadline is more than 3.0",
    "(revenue if active else 0) > 1": "revenue if (active is yes), otherwise 0 is more than 1",
    "coalesce(revenue, 0) < 10": "revenue or, where it is empty, 0 is less than 10",
    "round(probability) == 1": "probability rounded is 1.0",
    "round(probability, 2) == 1": "probability rounded to 2 decimals is 1.0",
    "abs(revenue) > 1": "revenue without its sign is more than 1",
    "length(name) > 40": "the length of name is more than 40",
    "revenue > priority": "revenue is more than priority",
    "active == true": "active is yes",
    "opened == '2026-03-10T08:30:00Z'": "opened is 2026-03-10 08:30:00+00:00",
}


@pytest.mark.parametrize("source", SENTENCES)
def test_a_condition_is_said(source):
    assert words(source) == SENTENCES[source]


def test_conditions_of_other_models():
    assert words("id == 5", "res.partner") == "id is 5"
    assert words("within(id, 5)", "res.partner") == "id is “Acme” or below it"
    assert words("within(parent, root)", "res.partner", root=Kind.TEXT) == "parent is “root” or below it"
    assert words("within(parent.id, 5)", "res.partner") == "parent: id is “Acme” or below it"
    assert words("readable(about)", "mail.note") == "you may see the record in about"
    assert words("not readable(about)", "mail.note") == "you may not see the record in about"
    assert words("writable(about)", "mail.note") == "you may change the record in about"
    assert words("not writable(about)", "mail.note") == "you may not change the record in about"


def test_a_value_is_described():
    assert words("revenue * 2") == "revenue times 2.0"
    assert words("none") == "empty"


def test_bound_names_are_said_with_their_values_where_these_are_known():
    assert words("partner == customer", customer=Kind.REFERENCE) == "partner is “customer”"
    known = Wording(record=WORDING.record, names={"customer": 5, "owners": [2, 7], "word": "x"})
    assert words("partner == customer", wording=known, customer=Kind.REFERENCE) == "partner is “Acme”"
    assert words("contains(name, word)", wording=known, word=Kind.TEXT) == "name contains “x”"
    assert words("tags in owners", wording=known, owners=listed()) == "tags includes one of the record 2, the record 7"
    assert words("user in owners", wording=known, owners=listed()) == "user is one of “Ada”, the record 7"


def listed():
    return Bound(Kind.REFERENCE, many=True)


def test_values_are_written_as_the_reader_writes_them():
    wording = Wording(
        number=lambda value: f"#{value}",
        money=lambda value: f"{value} €",
        date=lambda value: value.strftime("%d.%m.%Y"),
        instant=lambda value: value.strftime("%H:%M"),
    )
    assert words("revenue > 5", wording=wording) == "revenue is more than 5 €"
    assert words("priority > 5", wording=wording) == "priority is more than #5"
    assert words("deadline > '2026-01-31'", wording=wording) == "deadline is after 31.01.2026"
    assert words("opened > '2026-01-31T10:00:00Z'", wording=wording) == "opened is after 10:00"


def test_labels_and_words_are_translated():
    stage = SCHEMA["crm.lead"].fields["stage"]
    named = FieldInfo("stage", stage.kind, stage.column, label="Stage", target=stage.target)
    lead = {**SCHEMA["crm.lead"].fields, "stage": named}
    schema = {**SCHEMA, "crm.lead": SCHEMA["crm.lead"].__class__("crm.lead", "crm_lead", lead)}
    expression = parse("stage == 'New' or stage == none", "crm.lead", schema)
    catalogue = {"Stage": "Phase", "is {value}": "ist {value}", " or ": " oder ", "is empty": "ist leer"}
    with speaking("de", catalogue):
        assert in_words(expression, schema) == "Phase ist “New” oder ist leer"


def test_joined_conditions_keep_their_brackets():
    expressions = [parse(source, "crm.lead", SCHEMA) for source in ("active or late", "user == me")]
    assert in_words(conjunction(expressions), SCHEMA) == "(active is yes or late is yes) and user is you"


def assert_whole(expression, sentence):
    """The sentence without what stands in quotation marks is balanced, and names the fields of every path."""
    plain = re.sub(r"“[^”]*”", "", sentence)
    depth = 0
    for char in plain:
        depth += (char == "(") - (char == ")")
        assert depth >= 0, sentence
    assert depth == 0, sentence
    for path in expression.paths:
        model = expression.model
        for number, name in enumerate(path.split(".")):
            info = SCHEMA[model].fields[name]
            if not (number and info is label_of(SCHEMA[model])):
                assert name in plain, (path, sentence)
            model = info.target or model


@settings(RELAXED, max_examples=400)
@given(conditions())
def test_every_condition_is_said_whole(source):
    expression = parse(source, "crm.lead", SCHEMA)
    assert_whole(expression, in_words(expression, SCHEMA))


@settings(RELAXED, max_examples=150)
@given(numbers())
def test_every_value_is_said_whole(source):
    expression = parse(source, "crm.lead", SCHEMA)
    assert_whole(expression, in_words(expression, SCHEMA, WORDING))


def test_examples_of_values_stand_for_themselves():
    assert Wording().money(Decimal("1.5")) == "1.5"
    assert Wording().date(date(2026, 1, 31)) == "2026-01-31"
