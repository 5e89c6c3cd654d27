"""Headers of many programs find their fields; doubtful ones are left alone."""

import pytest

from core.data.importing.mapping import Candidate, Match, guess, words_of

PARTNER = (Candidate("name", "name", ("Name",)), Candidate("email", "email", ("E-mail",)), Candidate("ref", "ref"))
FIELDS = (
    Candidate("name", "name", ("Opportunity", "Verkaufschance")),
    Candidate("partner", "partner_id", ("Customer",), PARTNER),
    Candidate("user", "user_id", ("Salesperson",)),
    Candidate("stage", "stage_id", ("Stage",)),
    Candidate("expected_revenue", "expected_revenue", ("Expected revenue",)),
    Candidate("date_closed", "date_closed", ("Closed on",)),
    Candidate("date_deadline", "date_deadline", ("Expected closing",)),
    Candidate("email_from", "email_from", ("Email",)),
    Candidate("phone", "phone", ("Phone",)),
    Candidate("tags", None, ("Tags",)),
    Candidate("zip", "zip", ("ZIP",)),
)


def fields_of(*header: str) -> dict[str, str]:
    return {column: match.field for column, match in guess(header, FIELDS).items()}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("name", "name"),
        ("OPPORTUNITY", "name"),
        ("Verkaufschance", "name"),
        ("partner_id", "partner"),
        ("Customer*", "partner"),
        ("account", "partner"),
        ("Organisation", "partner"),
        ("expectedRevenue", "expected_revenue"),
        ("Deal Amount", "expected_revenue"),
        ("Sales Agent", "user"),
        ("owner", "user"),
        ("deal_stage", "stage"),
        ("close_date", "date_closed"),
        ("E-Mail Address", "email_from"),
        ("Téléphone", "phone"),
        ("Postcode", "zip"),
        ("labels", "tags"),
    ],
)
def test_one_header(column, field):
    assert fields_of(column) == {column: field}


def test_a_field_through_a_relation():
    assert guess(["partner.email"], FIELDS) == {"partner.email": Match("partner", "email")}
    assert guess(["Customer / E-mail"], FIELDS) == {"Customer / E-mail": Match("partner", "email", "label")}
    assert guess(["Customer / Colour"], FIELDS) == {}


COMPANY = (*PARTNER, Candidate("company_name", "company_name", ("Company name",)))


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["account", "email"], {"account": "name", "email": "email"}),
        (["Customer", "Client"], {"Customer": "name"}),
        (["account", "name"], {"account": "company_name", "name": "name"}),
        (["account", "Company name"], {"account": "name", "Company name": "company_name"}),
        (["Company name"], {"Company name": "company_name"}),
    ],
)
def test_an_account_is_the_name_where_nothing_else_is(header, fields):
    assert {column: match.field for column, match in guess(header, COMPANY).items()} == fields


def test_an_account_with_a_field_of_its_own_is_no_name():
    assert fields_of("customer", "client") == {"customer": "partner"}
    assert guess(["account"], COMPANY[1:]) == {"account": Match("company_name", how="synonym")}


def test_unknown_headers_are_left_out():
    assert fields_of("colour", "", "x" * 500, "…") == {}


def test_the_surest_column_wins_and_no_field_is_used_twice():
    assert fields_of("Client", "Customer", "Account") == {"Customer": "partner"}
    assert fields_of("title", "name") == {"name": "name"}
    assert fields_of("Expected closing", "Close date", "Deadline") == {
        "Expected closing": "date_deadline",
        "Close date": "date_closed",
    }


def test_words():
    assert words_of("DealStage") == words_of("deal_stage") == words_of("  Deal stage: ") == "deal stage"
    assert words_of("Größe") == "grosse"
    assert words_of("street2") == "street2"
