"""The customers that leads get when they are converted: found, linked, or made of what the leads say."""

from __future__ import annotations

import pytest

from core import Invalid, Refusal


def convert(leads, *rows, **arguments):
    return leads.call([row.id for row in rows], "convert", **arguments)


def test_a_customer_is_found_by_its_address(lead, leads, stored, ann):
    row = lead(email_from="Ann Lee <ANN@acme.com>", contact_name="Someone")
    convert(leads, row)
    assert stored(row, "partner", "contact_name", "partner_name") == (ann.id, "Ann Lee", "Acme")


def test_a_customer_is_found_by_company_and_name(lead, leads, stored, ann, partners):
    row = lead(partner_name="Acme", contact_name="Ann Lee")
    company = lead(partner_name="Acme")
    elsewhere = lead(partner_name="Acme", contact_name="Ann Lee", email_from="ann.lee@other.com")
    convert(leads, row, company, elsewhere)
    assert stored(row, "partner") == (ann.id,)
    assert stored(company, "partner") == (ann.parent.id,)
    (other,) = stored(elsewhere, "partner")
    made = partners.read_ids([other], ["name", "parent", "email"])[other]
    assert made == {"id": other, "name": "Ann Lee", "parent": ann.parent.id, "email": "ann.lee@other.com"}


def test_of_two_companies_of_one_name_none_is_taken(lead, leads, stored, partners):
    known = {partners.create(name="Acme", is_company=True).id for _ in range(2)}
    row = lead(partner_name="Acme")
    convert(leads, row)
    assert stored(row, "partner")[0] not in known


def test_a_customer_is_made_of_all_that_the_lead_says(lead, leads, stored, partners, user, env):
    country = env["res.country"].read("code == 'FR'", ["id"])[0]["id"]
    said = {
        "partner_name": "Bolt",
        "contact_name": "Bea",
        "function": "Buyer",
        "email_from": "Bea <Bea@bolt.com>",
        "phone": "+33 1 23 45 67 89",
        "street": "Road 1",
        "city": "Paris",
        "country": country,
        "website": "bolt.com",
        "lang": "fr",
        "description": "<p>Called twice</p>",
    }
    row = lead(**said)
    assert convert(leads, row, customer="create", users=[user("owner")])["created"] == 1
    (id_,) = stored(row, "partner")
    contact = partners.read_ids(
        [id_],
        ["name", "function", "email", "phone", "street", "country", "lang", "comment", "user", "parent", "is_company"],
    )[id_]
    parent = contact.pop("parent")
    assert contact == {
        "id": id_,
        "name": "Bea",
        "function": "Buyer",
        "email": "bea@bolt.com",
        "phone": "+33 1 23 45 67 89",
        "street": "Road 1",
        "country": country,
        "lang": "fr",
        "comment": "<p>Called twice</p>",
        "user": user("owner"),
        "is_company": False,
    }
    company = partners.read_ids([parent], ["name", "is_company", "city", "website", "email"])[parent]
    assert company == {
        "id": parent,
        "name": "Bolt",
        "is_company": True,
        "city": "Paris",
        "website": "https://bolt.com",
        "email": None,
    }


def test_whoever_is_named_nowhere_is_called_like_the_lead(lead, leads, stored, partners):
    nameless, mail = lead("Enquiry", phone="123"), lead("Question", email_from="Cy Dee <cy@dee.com>")
    convert(leads, nameless, mail, customer="create")
    names = [partners.get(stored(row, "partner")[0]).name for row in (nameless, mail)]
    assert names == ["Enquiry", "Cy Dee"]


def test_a_new_contact_goes_below_the_company_that_was_chosen(lead, leads, stored, ann, partners):
    row = lead(partner_name="Acme Ltd", contact_name="Dan")
    convert(leads, row, customer="create", parent=ann.parent.id)
    assert partners.get(stored(row, "partner")[0]).parent.id == ann.parent.id
    assert not partners.count("name == 'Acme Ltd'")


def test_leads_of_one_company_or_address_share_what_is_made(lead, leads, stored, partners):
    rows = [
        lead(partner_name="Bolt", contact_name="Bea"),
        lead(partner_name="Bolt", contact_name="Ben"),
        lead(partner_name="Bolt", contact_name="Bea"),
        lead(partner_name="Bolt"),
        lead(contact_name="Cy", email_from="cy@dee.com"),
        lead(contact_name="C. Dee", email_from="CY@dee.com"),
    ]
    assert convert(leads, *rows, customer="create")["created"] == 4
    bea, ben, again, bolt, cy, dee = (stored(row, "partner")[0] for row in rows)
    assert bea == again and bea != ben and cy == dee
    assert {partners.get(id_).parent.id for id_ in (bea, ben)} == {bolt}


def test_linking_takes_the_customer_that_was_chosen_or_found(lead, leads, stored, ann, partners):
    one, found, nobody = lead(email_from="x@y.com"), lead(email_from="ann@acme.com"), lead(email_from="new@one.com")
    convert(leads, one, customer="link", partner=ann.id)
    assert stored(one, "partner", "email_from") == (ann.id, "ann@acme.com")
    before = partners.count("active or not active")
    convert(leads, found, nobody, customer="link")
    assert (stored(found, "partner"), stored(nobody, "partner")) == ((ann.id,), (None,))
    assert partners.count("active or not active") == before


def test_what_the_customer_says_otherwise_is_written_down(lead, leads, env, ann):
    row = lead(email_from="x@y.com", phone="+49 30 1234", contact_name="A. Lee", city="Lyon")
    convert(leads, row, customer="link", partner=ann.id)
    (note,) = env["mail.message"].read("record == r", ["body", "kind"], r=f"crm.lead,{row.id}")
    assert note["kind"] == "note"
    for said in ("x@y.com", "+49 30 1234", "A. Lee"):
        assert said in note["body"]
    assert "Lyon" not in note["body"]  # the customer has no address: the lead keeps its own


def test_an_archived_customer_is_refused(lead, leads, partners, stored):
    gone = partners.create(name="Gone")
    row, own = lead(), lead(partner=gone)
    partners.archive([gone.id])
    with pytest.raises(Refusal, match=r"'Gone' .* is archived"):
        convert(leads, row, customer="link", partner=gone.id)
    with pytest.raises(Refusal, match=r"its customer is archived \(Gone\)"):
        convert(leads, own)
    assert (stored(row, "type"), stored(own, "type")) == (("lead",), ("lead",))


def test_a_company_that_is_known_by_another_address_gets_a_contact(lead, leads, stored, partners):
    acme = partners.create(name="Acme", is_company=True, email="info@acme.com")
    row, chosen = lead("Bob asks", partner_name="Acme", email_from="bob@other.com"), lead("Below", phone="123")
    assert convert(leads, row)["created"] == 1
    (id_,) = stored(row, "partner")
    contact = partners.read_ids([id_], ["name", "parent", "email"])[id_]
    assert contact == {"id": id_, "name": "Bob asks", "parent": acme.id, "email": "bob@other.com"}
    assert stored(row, "email_from") == ("bob@other.com",)
    assert convert(leads, chosen, customer="create", parent=acme.id)["created"] == 1
    assert partners.get(stored(chosen, "partner")[0]).name == "Below"


def test_a_customer_that_is_found_needs_no_good_address(lead, leads, stored, ann):
    row = lead(partner_name="Acme", contact_name="Ann Lee", email_from="ann at acme")
    assert convert(leads, row)["created"] == 0
    assert stored(row, "partner") == (ann.id,)


def test_leads_of_two_of_our_companies_have_nothing_in_common(env, stored, partners):
    other = env["res.company"].create(name="Second", currency=env["res.currency"].search("")[0]).id
    leads, asked = env.sudo()["crm.lead"], {"type": "lead", "email_from": "a@x.com"}
    one, two = leads.create(name="One", **asked), leads.create(name="Two", company=other, **asked)
    answer = convert(leads, one, two, deduplicate=True)
    assert answer["merged"] == 0 and answer["created"] == 2
    made = [leads.read_ids([row.id], ["partner.company"])[row.id]["partner.company"] for row in (one, two)]
    assert made == [env.company, other]


def test_a_customer_alone_is_linked_and_goes_with_nothing_else(lead, leads, stored, ann, partners):
    row, odd = lead(), lead(email_from="no address")
    convert(leads, row, partner=ann.id)
    assert stored(row, "partner") == (ann.id,)
    with pytest.raises(Invalid, match="together with 'link'"):
        convert(leads, odd, customer="create", partner=ann.id)
    gone = partners.create(name="Gone")
    held = lead(partner=gone)
    partners.archive([gone.id])
    convert(leads, held, partner=ann.id)
    assert stored(held, "partner") == (ann.id,)


def test_another_form_of_the_same_is_no_news(lead, leads, env, ann):
    row = lead(email_from="Ann <ANN@acme.com>", phone="+33123456789")
    convert(leads, row, customer="link", partner=ann.id)
    assert env["mail.message"].read("record == r", ["id"], r=f"crm.lead,{row.id}") == []
