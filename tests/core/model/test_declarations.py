"""What each declaration accepts, turns into the stored form, and refuses with a sentence for people."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Model, fields
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN, Kind, integer_to_money, money_to_integer
from core.model.change import Link
from core.model.declaration import BadValue

FIELDS = {
    "char": fields.Char(size=5),
    "line": fields.Char(),
    "text": fields.Text(),
    "html": fields.Html(),
    "integer": fields.Integer(),
    "float": fields.Float(),
    "rounded": fields.Float(digits=2),
    "money": fields.Monetary(),
    "boolean": fields.Boolean(),
    "date": fields.Date(),
    "datetime": fields.Datetime(),
    "selection": fields.Selection({"draft": "Draft", "sent": "Sent by mail"}),
    "many2one": fields.Many2one("res.partner"),
    "one2many": fields.One2many("crm.lead", inverse="partner"),
    "many2many": fields.Many2many("crm.tag"),
}
CET = timezone(timedelta(hours=1))


def row(model: str, id_: int | None) -> SimpleNamespace:
    return SimpleNamespace(_name=model, id=id_)


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("char", "Fünf", "Fünf"),
        ("char", "", None),
        ("char", " ", " "),
        ("line", "x" * 1000, "x" * 1000),
        ("text", "two\nlines 🙂", "two\nlines 🙂"),
        ("text", "", None),
        ("html", "<p>hi</p><script>alert(1)</script>", "<p>hi</p>"),
        ("html", '<a href="javascript:x()" onclick="x()">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ("html", '<img src="cid:1">', '<img src="cid:1">'),
        ("html", "<script>x</script>", None),
        ("html", "", None),
        ("integer", 0, 0),
        ("integer", INTEGER_MAX, INTEGER_MAX),
        ("integer", INTEGER_MIN, INTEGER_MIN),
        ("float", 3, 3.0),
        ("float", Decimal("0.5"), 0.5),
        ("float", 1e308, 1e308),
        ("rounded", 2.675, 2.68),
        ("rounded", -0.125, -0.13),
        ("rounded", 1e300, 1e300),
        ("money", 5, Decimal(5)),
        ("money", "1234.50", Decimal("1234.5")),
        ("money", "-0.00005", Decimal("-0.0001")),
        ("money", 0.1, Decimal("0.1")),
        ("money", Decimal("922337203685477.5807"), Decimal("922337203685477.5807")),
        ("boolean", True, True),
        ("boolean", False, False),
        ("date", date(2026, 1, 31), date(2026, 1, 31)),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("datetime", datetime(2026, 1, 31, 10, tzinfo=CET), datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("datetime", "2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("datetime", "2026-01-31T10:00:00.123456+01:00", datetime(2026, 1, 31, 9, 0, 0, 123456, tzinfo=UTC)),
        ("selection", "sent", "sent"),
        ("selection", "", None),
        ("many2one", 7, 7),
        ("many2one", row("res.partner", 7), 7),
        ("many2many", [3, 1, 3], (3, 1)),
        ("many2many", [row("crm.tag", 4), 5], (4, 5)),
        ("many2many", None, ()),
        ("many2many", Link(add=[1]), Link(add=[1])),
        ("one2many", [{"name": "x"}], [{"name": "x"}]),
    ],
)
def test_what_fits_is_stored(name, value, stored):
    found = FIELDS[name].check(value)
    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("char", "sixsix", "Longer than 5 characters (6)"),
        ("line", "x" * 1001, "Longer than 1000"),
        ("text", "a\x00b", "NUL"),
        ("text", "ab\ud800", "lone surrogate) at position 3"),
        ("html", "a\x00b", "NUL"),
        ("char", 5, "Expected text, not 5"),
        ("char", b"abc", "Expected text"),
        ("integer", 2**63, "out of range"),
        ("integer", -(2**63) - 1, "out of range"),
        ("integer", True, "Expected a whole number"),
        ("integer", 3.0, "Expected a whole number"),
        ("integer", "3", "Expected a whole number, not '3'"),
        ("float", math.nan, "must be finite"),
        ("float", math.inf, "must be finite"),
        pytest.param("float", 10**400, "out of range", id="huge float"),
        ("float", Decimal("sNaN"), "out of range"),
        ("float", True, "Expected a number"),
        ("float", "1.5", "Expected a number"),
        ("money", Decimal("NaN"), "must be finite"),
        ("money", math.inf, "must be finite"),
        ("money", "NaN", "an amount like 1234.50"),
        ("money", "1_000", "an amount like"),
        ("money", "1e3", "an amount like"),
        ("money", "١٢", "an amount like"),
        ("money", "1,50", "an amount like"),
        ("money", True, "an amount like"),
        ("money", Decimal("922337203685477.5808"), "out of range"),
        pytest.param("money", 10**5000, "out of range", id="huge amount"),
        pytest.param("char", 10**5000, "Expected text", id="huge number for text"),
        ("boolean", 1, "yes or no"),
        ("boolean", "true", "yes or no"),
        ("date", datetime(2026, 1, 31, tzinfo=UTC), "a date like 2026-01-31"),
        ("date", "20260131", "a date like"),
        ("date", "2026-W05-1", "a date like"),
        ("date", "2025-02-29", "There is no day 2025-02-29"),
        ("date", 20260131, "a date like"),
        ("datetime", datetime(2026, 1, 31), "zone is missing"),
        ("datetime", "2026-01-31T10:00:00", "zone is missing"),
        ("datetime", "2026-01-31", "zone is missing"),
        ("datetime", "yesterday", "an instant like"),
        ("datetime", date(2026, 1, 31), "an instant like"),
        ("datetime", "0001-01-01T00:00:00+05:00", "years 1 to 9999"),
        ("selection", "sant", "is not one of draft, sent. did you mean 'sent'?"),
        ("selection", "Sent by mail", "did you mean 'sent'?"),
        ("selection", "zzz", "'zzz' is not one of draft, sent."),
        ("selection", 3, "one of draft, sent"),
        ("many2one", True, "the id of a record"),
        ("many2one", "7", "the id of a record"),
        ("many2one", 0, "is not an id"),
        ("many2one", -1, "is not an id"),
        ("many2one", 2**63, "is not an id"),
        ("many2one", row("crm.lead", 7), "a record of res.partner, not of crm.lead"),
        ("many2one", row("res.partner", None), "must be saved before"),
        ("many2many", "12", "a list of ids"),
        ("many2many", ["x"], "the id of a record"),
        ("many2many", 5, "a list of ids"),
        ("one2many", [5], "a list of objects"),
        ("one2many", "x", "a list of objects"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(name, value, said):
    with pytest.raises(BadValue) as caught:
        FIELDS[name].check(value)
    assert said in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - {"one2many", "many2many"}))
def test_nothing_stays_nothing(name):
    assert FIELDS[name].check(None) is None


def test_a_long_value_is_not_repeated_in_full():
    with pytest.raises(BadValue) as caught:
        FIELDS["integer"].check("x" * 5000)
    assert len(str(caught.value)) < 120


@given(st.decimals(min_value=-(10**14), max_value=10**14, allow_nan=False))
def test_money_is_what_the_database_keeps(amount):
    checked = FIELDS["money"].check(amount)
    assert integer_to_money(money_to_integer(checked)) == checked


@given(st.text())
def test_text_that_is_accepted_can_be_encoded(value):
    try:
        checked = FIELDS["text"].check(value)
    except BadValue:
        return
    assert checked is None or checked.encode().decode() == value


@given(st.datetimes(timezones=st.timezones()))
def test_instants_are_utc(value):
    try:
        checked = FIELDS["datetime"].check(value)
    except BadValue:
        return
    assert checked.tzinfo is UTC
    assert checked.timestamp() == value.timestamp()


# Declarations as such


class Card(Model, name="t.card"):
    """For the tests below."""

    first_name = fields.Char()
    vip = fields.Boolean(label="VIP", groups="crm.manager, crm.all", default=True)
    code = fields.Char(unique=True)
    owner = fields.Many2one("res.users", required=True)
    total = fields.Computed(fields.Monetary, "1")


def test_a_label_is_made_of_the_name():
    assert (Card.first_name.label, Card.vip.label) == ("First name", "VIP")


def test_keywords_are_kept():
    assert Card.vip.groups == {"crm.manager", "crm.all"}
    assert (Card.vip.default, Card.vip.required) == (True, True)
    assert (Card.code.copy, Card.first_name.copy) == (False, True)
    assert Card.total.kind is Kind.MONEY
    assert not Card.total.stored


def test_a_boolean_is_no_unless_it_says_otherwise():
    assert fields.Boolean().default is False


def test_a_required_link_holds_its_record():
    assert Card.owner.on_delete == "restrict"
    assert fields.Many2one("res.users").on_delete == "set null"
    assert fields.Many2one("res.users", required=True, on_delete="cascade").on_delete == "cascade"


def test_a_misspelt_keyword_is_refused():
    with pytest.raises(TypeError, match="'lable' for a field of type Char"):
        fields.Char(lable="x")


def test_a_relation_leads_to_a_model():
    class Mixin(Model):
        pass

    class CardMore(Card, extends=True):
        pass

    assert fields.Many2one(Card).target == fields.Many2one(CardMore).target == "t.card"
    with pytest.raises(TypeError, match="Mixin is a mixin"):
        fields.Many2one(Mixin)


def test_definitions_have_no_rows():
    card = object.__new__(Card)
    with pytest.raises(TypeError, match="Card is a definition"):
        card.first_name.upper()
    with pytest.raises(TypeError, match="Card is a definition"):
        card.first_name = "x"


def test_a_computed_field_takes_no_value():
    with pytest.raises(BadValue, match="computed"):
        Card.total.check(1)


def test_links_speak_of_ids():
    link = Link(add=[row("crm.tag", 3), 3, 1], remove=[2])
    assert (link.add, link.remove) == ((3, 1), (2,))
    assert link.apply([2, 1, 5]) == (1, 5, 3)
    assert Link() == Link([], []) and not Link()
    assert {Link([1]): "hashable"}[Link([1])]
    with pytest.raises(ValueError, match="neither a saved row nor an id"):
        Link(add=["x"])
