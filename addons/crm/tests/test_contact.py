"""Customers of leads: the contact block is filled from them, and both are told how to reach somebody."""

import pytest


@pytest.fixture
def acme(partners, env):
    return partners.create(
        name="Acme",
        is_company=True,
        street="1 Main Street",
        city="Lyon",
        country=env.ref("base.country_fr"),
        email="office@acme.com",
        phone="04 12 34 56 78",
        website="acme.com",
        lang="fr",
    )


@pytest.fixture
def joe(partners, acme):
    return partners.create(name="Joe", parent=acme, email="joe@acme.com", function="Buyer")


def test_a_contact_fills_the_block(leads, joe, env):
    lead = leads.create(name="Deal", partner=joe)
    assert (lead.contact_name, lead.partner_name, lead.function) == ("Joe", "Acme", "Buyer")
    assert (lead.email_from, lead.email_normalized, lead.phone) == ("joe@acme.com", "joe@acme.com", None)
    assert (lead.street, lead.city, lead.country.code) == ("1 Main Street", "Lyon", "FR")


def test_a_company_fills_the_block(leads, acme):
    lead = leads.create(name="Deal", partner=acme)
    assert (lead.contact_name, lead.partner_name, lead.website, lead.lang) == (None, "Acme", "https://acme.com", "fr")
    assert (lead.phone, lead.phone_e164) == ("04 12 34 56 78", "+33412345678")
    assert lead.commercial_partner == "Acme"


def test_a_person_brings_the_name_of_a_company(leads, partners):
    person = partners.create(name="Ann", company_name="Apex")
    lead = leads.create(name="Deal", partner=person)
    assert (lead.contact_name, lead.partner_name) == ("Ann", "Apex")


def test_what_was_given_stays(leads, acme):
    lead = leads.create(name="Deal", partner=acme, partner_name="ACME & Co", website=None)
    assert (lead.partner_name, lead.website) == ("ACME & Co", None)


def test_an_address_is_never_mixed(leads, partners, acme, env):
    elsewhere = leads.create(name="Deal", city="Nice", partner=acme)
    assert (elsewhere.street, elsewhere.city) == (None, "Nice")
    lead = leads.create(name="Deal", street="9 Hill", zip="1000")
    leads.write(lead, partner=partners.create(name="Bare"))
    assert (lead.street, lead.zip) == ("9 Hill", "1000")
    leads.write(lead, partner=acme)
    assert (lead.street, lead.zip, lead.city) == ("1 Main Street", None, "Lyon")


def test_values_the_customer_lacks_stay(leads, partners):
    lead = leads.create(name="Deal", function="Owner", website="deal.com")
    leads.write(lead, partner=partners.create(name="Ann"))
    assert (lead.function, lead.website, lead.contact_name) == ("Owner", "https://deal.com", "Ann")


def test_a_nameless_lead_is_named_after_its_customer(leads, acme):
    assert leads.create(partner=acme).name == "Acme's opportunity"
    assert leads.create(contact_name="Ann", name="").name == "Ann's opportunity"


def test_a_lead_without_name_and_customer_is_refused(leads):
    with pytest.raises(Exception, match="Opportunity"):
        leads.create(description="Nothing else")


def test_a_new_address_of_the_lead_reaches_the_customer(leads, partners, joe, stored):
    lead = leads.create(name="Deal", partner=joe)
    leads.write(lead, email_from="joseph@acme.com", phone="+33 6 12 34 56 78")
    assert stored(joe, "email", "email_normalized", "phone") == (
        "joseph@acme.com",
        "joseph@acme.com",
        "+33 6 12 34 56 78",
    )


def test_another_form_of_the_same_does_not(leads, acme, stored):
    lead = leads.create(name="Deal", partner=acme)
    leads.write(lead, email_from="Office@ACME.com", phone="+33 4 12 34 56 78")
    assert stored(acme, "email", "phone", "version") == ("office@acme.com", "04 12 34 56 78", 1)


def test_nothing_does_not_erase(leads, acme, stored):
    lead = leads.create(name="Deal", partner=acme)
    leads.write(lead, email_from=None, phone=None)
    assert stored(acme, "email", "phone") == ("office@acme.com", "04 12 34 56 78")


def test_a_new_address_of_the_customer_reaches_the_leads(leads, partners, acme, stored):
    lead = leads.create(name="Deal", partner=acme)
    partners.write(acme, email="sales@acme.com", phone="05 12 34 56 78")
    assert stored(lead, "email_from", "email_normalized") == ("sales@acme.com", "sales@acme.com")
    assert stored(lead, "phone", "phone_e164") == ("05 12 34 56 78", "+33512345678")
    partners.write(acme, email=None)
    assert stored(lead, "email_from") == ("sales@acme.com",)


def test_two_leads_of_a_customer_stay_in_step(leads, joe, stored):
    one, two = leads.create_many([{"name": "One", "partner": joe}, {"name": "Two", "partner": joe}])
    leads.write(one, email_from="new@acme.com")
    assert stored(two, "email_from") == ("new@acme.com",)


def test_those_who_may_not_change_customers_still_change_leads(as_user, env, acme, stored):
    env["core.access"].write(env.ref("crm.access_partner_own"), can_update=False)
    theirs = as_user("owner")["crm.lead"]
    lead = theirs.create(name="Deal", partner=acme.id)
    theirs.write(lead, email_from="else@acme.com")
    assert stored(acme, "email") == ("office@acme.com",)
    assert stored(lead, "email_from") == ("else@acme.com",)


def test_what_cannot_be_read_is_marked(leads):
    lead = leads.create(name="Deal", email_from="joe at acme", phone="12")
    assert (lead.email_state, lead.phone_state) == ("incorrect", "incorrect")


def test_a_deleted_customer_leaves_the_lead(leads, partners, joe, stored):
    lead = leads.create(name="Deal", partner=joe)
    partners.delete(joe)
    assert stored(lead, "partner", "contact_name") == (None, "Joe")


def test_a_customer_knows_its_leads(leads, partners, joe):
    lead = leads.create(name="Deal", partner=joe)
    assert [row.id for row in partners.get(joe.id).leads] == [lead.id]
