"""Partners: how they are reached and found, and what protects those who sign in."""

import pytest

from core import Invalid, Refusal


def test_reach_is_kept_as_typed_and_normalised(partners, env):
    row = partners.create(
        name="Joe", email="Joe@ACME.com", phone="06 12 34 56 78", country=env.ref("base.country_fr"), website="acme.com"
    )
    assert (row.email, row.email_normalized, row.email_state) == ("Joe@ACME.com", "joe@acme.com", "correct")
    assert (row.phone, row.phone_e164, row.phone_state) == ("06 12 34 56 78", "+33612345678", "correct")
    assert row.website == "https://acme.com"


def test_what_cannot_be_read_is_kept_and_marked(partners):
    row = partners.create(name="Joe", email="joe at acme", phone="ask Ann")
    assert (row.email, row.email_normalized, row.email_state) == ("joe at acme", None, "incorrect")
    assert (row.phone, row.phone_e164, row.phone_state) == ("ask Ann", None, "incorrect")
    assert partners.count("email_state == 'incorrect' and phone_state == 'incorrect'") == 1


def test_nothing_to_reach_has_no_state(partners):
    row = partners.create(name="Joe")
    assert (row.email_state, row.phone_state) == (None, None)


def test_a_number_is_read_with_the_companys_country(partners, env):
    assert partners.create(name="Joe", phone="06 12 34 56 78").phone_e164 is None
    env["res.company"].write(env.company, country=env.ref("base.country_fr"))
    assert partners.create(name="Ann", phone="06 12 34 56 78").phone_e164 == "+33612345678"


def test_a_new_country_reads_the_number_anew(partners, env):
    row = partners.create(name="Joe", phone="06 12 34 56 78")
    partners.write(row, country=env.ref("base.country_fr"))
    assert row.phone_e164 == "+33612345678"
    partners.write(row, phone=None, email=None)
    assert row.phone_e164 is None


def test_a_state_brings_its_country(partners, env):
    row = partners.create(name="Joe", state=env.ref("base.state_us_ca"))
    assert row.country.code == "US"


def test_a_partner_is_found_by_address(partners):
    joe = partners.create(name="Joe", email="joe@acme.com")
    find = type(joe).find_or_create
    assert find("Somebody <JOE@acme.com>").id == joe.id
    created = find("Ann Lee <ann@acme.com>")
    assert (created.name, created.email) == ("Ann Lee", "ann@acme.com")
    assert find("Ann Lee").id == created.id
    assert find("bob@acme.com").name == "bob@acme.com"
    with pytest.raises(Refusal):
        find("  ")


def test_a_partner_with_an_active_user_is_not_archived(partners, env):
    user = env["res.users"].create(login="joe", name="Joe")
    with pytest.raises(Invalid, match="archive the user first"):
        partners.archive(user.partner)
    env["res.users"].archive(user)
    partners.archive(user.partner)
    assert partners.get(user.partner.id).active is False


def test_a_partner_with_a_user_is_not_deleted(partners, env):
    user = env["res.users"].create(login="joe", name="Joe")
    with pytest.raises(Refusal, match="still refer"):
        partners.delete(user.partner)


def test_categories_are_found_with_those_below(partners, env):
    categories = env["res.partner.category"]
    customers = categories.create(name="Customers")
    wholesale = categories.create(name="Wholesale", parent=customers)
    partners.create(name="Joe", categories=[wholesale])
    assert [row.name for row in partners.search("within(categories, 'Customers')")] == ["Joe"]
