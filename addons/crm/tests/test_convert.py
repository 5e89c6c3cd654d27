"""Converting leads: what they become, whose they are, who gets them, and what is left with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from addons.crm.converting import Conversion, convert_leads
from addons.crm.duplicates import duplicates
from core import AccessDenied, Invalid, NotFound, Refusal


def convert(leads, *rows, **arguments):
    return leads.call([row.id for row in rows], "convert", **arguments)


@pytest.fixture
def lead(leads):
    """Makes leads."""

    def make(name="Lead", **values):
        return leads.create(**{"name": name, "type": "lead", "user": None, **values})

    return make


@pytest.fixture
def ann(partners):
    acme = partners.create(name="Acme", is_company=True)
    return partners.create(name="Ann Lee", parent=acme, email="ann@acme.com", phone="+33 1 23 45 67 89")


def test_it_becomes_an_opportunity(lead, leads, stored, clock, user, stage):
    row = lead()
    answer = convert(leads, row, customer="none", users=[user("owner")])
    assert answer == {"opportunities": [row.id], "merged": 0, "created": 0, "left": {}}
    assert stored(row, "type", "date_conversion", "user", "partner", "stage", "date_open") == (
        "opportunity",
        clock(),
        user("owner"),
        None,
        stage("new").id,
        clock(),
    )


def test_it_gets_the_first_stage_where_it_has_none(lead, leads, stored, stage):
    row = lead(stage=None)
    assert stored(row, "stage") == (None,)
    convert(leads, row, customer="none")
    assert stored(row, "stage") == (stage("new").id,)


def test_team_and_salesperson_are_kept_or_set(lead, leads, env, stored, user):
    one, other = (env["crm.team"].create(name=name).id for name in ("One", "Other"))
    row, second = lead(user=user("owner"), team=one), lead(user=user("owner"), team=one)
    convert(leads, row, customer="none")
    assert stored(row, "user", "team") == (user("owner"), one)
    convert(leads, second, customer="none", users=[user("colleague")], team=other)
    assert stored(second, "user", "team") == (user("colleague"), other)


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


def test_what_cannot_be_converted_is_refused_with_the_reason(lead, leads, stored, stage):
    won, archived, deal, odd = lead(), lead(), lead(type="opportunity"), lead(email_from="no address")
    leads.write(won, stage=stage("won").id)
    leads.archive([archived.id])
    for row, reason in (
        (won, "it is closed"),
        (archived, "it is archived"),
        (deal, "an opportunity already"),
        (odd, "'no address' is not an e-mail address"),
    ):
        with pytest.raises(Refusal, match=reason):
            convert(leads, row)
    assert stored(odd, "type", "partner") == ("lead", None)
    convert(leads, odd, customer="none")
    assert stored(odd, "type") == ("opportunity",)


def test_of_many_those_that_cannot_are_left_with_their_reasons(lead, leads, stored):
    good, odd, deal = lead(), lead(email_from="no address"), lead(type="opportunity")
    answer = convert(leads, good, odd, deal)
    assert answer["opportunities"] == [good.id]
    assert answer["left"] == {
        str(odd.id): "'no address' is not an e-mail address",
        str(deal.id): "it is an opportunity already",
    }
    assert stored(odd, "type") == ("lead",)
    with pytest.raises(Refusal, match=f"None of 2 was converted. {deal.id}: it is an opportunity already; "):
        convert(leads, deal, odd)


def test_an_archived_customer_is_refused(lead, leads, partners, stored):
    gone = partners.create(name="Gone")
    row, own = lead(), lead(partner=gone)
    partners.archive([gone.id])
    with pytest.raises(Refusal, match=r"'Gone' .* is archived"):
        convert(leads, row, customer="link", partner=gone.id)
    with pytest.raises(Refusal, match="its customer 'Gone' is archived"):
        convert(leads, own)
    assert (stored(row, "type"), stored(own, "type")) == (("lead",), ("lead",))


def test_choices_that_are_none_are_refused(lead, leads):
    row = lead()
    with pytest.raises(Invalid, match="'some' is none of"):
        convert(leads, row, customer="some")
    for arguments in ({"partner": 999_999}, {"parent": 999_999}, {"users": [999_999]}, {"team": 999_999}):
        with pytest.raises(NotFound, match="999999 is gone"):
            convert(leads, row, **arguments)


def test_three_users_get_seven_leads_in_turn(lead, leads, stored, user):
    rows = [lead(str(number)) for number in range(7)]
    users = [user(login) for login in ("owner", "colleague", "boss")]
    convert(leads, *rows, customer="none", users=users)
    assert [stored(row, "user")[0] for row in rows] == [*users, *users, users[0]]


def test_those_that_have_a_salesperson_keep_theirs_where_that_is_asked(lead, leads, stored, user):
    rows = [lead(), lead(user=user("boss")), lead()]
    convert(leads, *rows, customer="none", users=[user("owner"), user("colleague")], reassign=False)
    assert [stored(row, "user")[0] for row in rows] == [user("owner"), user("boss"), user("colleague")]


def test_duplicates_are_merged_before_none_twice(lead, leads, stored, partners):
    ann = partners.create(name="Ann")
    first = lead("First", email_from="a@x.com")
    second = lead("Second", email_from="A@X.com", partner=ann)
    third = lead("Third", partner=ann, email_from=None)
    alone = lead("Alone", email_from="b@x.com")
    deal = lead("Deal", email_from="b@x.com", type="opportunity")
    lost = lead("Lost", email_from="b@x.com", type="opportunity")
    leads.call([lost.id], "mark_lost")
    answer = convert(leads, first, second, third, alone, deduplicate=True)
    # The merge of first and second has the customer of second: third is a duplicate of what was done, and not merged.
    assert answer["merged"] == 2
    assert answer["opportunities"] == [first.id, third.id, deal.id]
    names = {row["name"]: row["type"] for row in leads.read("", ["name", "type"])}
    assert names == {"First": "opportunity", "Third": "opportunity", "Deal": "opportunity"}
    assert stored(lost, "active") == (False,)


def test_it_is_merged_with_what_was_chosen(lead, leads, stored, user):
    row, deal = lead("Lead", email_from="a@x.com", phone="123"), lead("Deal", type="opportunity")
    answer = convert(leads, row, merge_with=[deal.id], users=[user("owner")])
    assert answer["opportunities"] == [deal.id] and answer["merged"] == 1
    assert stored(deal, "phone", "user") == ("123", user("owner"))
    assert stored(deal, "partner")[0] is not None
    assert not leads.count("id == gone", gone=row.id)


def test_duplicates_have_reasons_and_leave_won_ones_out(lead, leads, env, partners, stage):
    ann = partners.create(name="Ann")
    row = lead(email_from="a@x.com", partner=ann)
    same, customer, lost, won, archived = (
        lead(email_from="A@x.com"),
        lead(partner=ann, email_from=None),
        lead(email_from="a@x.com", type="opportunity"),
        lead(email_from="a@x.com", type="opportunity", stage=stage("won").id),
        lead(email_from="a@x.com"),
    )
    leads.call([lost.id], "mark_lost")
    leads.archive([archived.id])
    (asked,) = leads.read("id == wanted", ["id", "email_normalized", "partner"], wanted=row.id)
    found = duplicates(env, [asked], lost=True)[row.id]
    assert [(each.id, each.reason) for each in found] == [
        (same.id, "the same e-mail address"),
        (customer.id, "the same customer"),
        (lost.id, "the same e-mail address"),
    ]
    assert won.id not in {each.id for each in found}
    assert [each.id for each in duplicates(env, [asked], lost=False)[row.id]] == [same.id, customer.id]
    bare = lead()
    (asked,) = leads.read("id == wanted", ["id", "email_normalized", "partner"], wanted=bare.id)
    assert duplicates(env, [asked], lost=True) == {}


def test_the_turn_goes_on_in_the_next_batch(lead, env, stored, user):
    how = Conversion(customer="none", users=(user("owner"), user("colleague")))
    first, second = lead(), lead()
    result = convert_leads(env, [first.id], how)
    convert_leads(env, [second.id], how, given=result.given)
    assert stored(second, "user") == (user("colleague"),)
    assert Conversion.of(how.as_json()) == how


def test_rights_are_those_of_the_user(lead, leads, as_user, user):
    mine, theirs = lead(user=user("owner")), lead(user=user("colleague"))
    own = as_user("owner")["crm.lead"]
    assert own.call([mine.id], "convert", customer="create")["opportunities"] == [mine.id]
    with pytest.raises((AccessDenied, NotFound)):
        own.call([theirs.id], "convert", customer="none")


def test_undo_takes_all_of_it_back(instance, undoing, clock):
    with instance.environment() as env:
        rows = env["crm.lead"].create_many(
            [
                {"name": "One", "type": "lead", "email_from": "a@x.com", "partner_name": "Bolt"},
                {"name": "Two", "type": "lead", "email_from": "a@x.com", "user": None},
            ]
        )
        before = env["crm.lead"].read("active or not active", ["id", "name", "type", "partner", "email_from", "user"])
    with instance.environment() as env:
        env["crm.lead"].call([row.id for row in rows], "convert", deduplicate=True)
        assert env["crm.lead"].count() == 1
        change_set = env.change_set
    undoing(change_set)
    with instance.environment() as env:
        fields = ["id", "name", "type", "partner", "email_from", "user"]
        assert env["crm.lead"].read("active or not active", fields) == before
        assert not env["res.partner"].count("name == 'Bolt'")


def test_dates_are_those_of_the_moment(lead, leads, stored, clock):
    row = lead()
    clock.advance(days=3)
    convert(leads, row, customer="none")
    (converted,) = stored(row, "date_conversion")
    assert converted == clock() and converted.tzinfo == UTC and isinstance(converted, datetime)
