"""Converting leads: what they become, whose they are, who gets them, and what is left with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from addons.crm.conversion.convert import Conversion, convert_leads
from addons.crm.duplicates import count_duplicated, duplicates
from addons.crm.salespeople import salespeople
from core import AccessDenied, Invalid, NotFound, Refusal


def convert(leads, *rows, **arguments):
    return leads.call([row.id for row in rows], "convert", **arguments)


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


def test_what_cannot_be_converted_is_refused_with_the_reason(lead, leads, stored, stage):
    won, archived, deal, odd = lead(), lead(), lead(type="opportunity"), lead(email_from="no address")
    leads.write(won, stage=stage("won").id)
    leads.archive([archived.id])
    for row, reason in (
        (won, "it is closed"),
        (archived, "it is archived"),
        (deal, "an opportunity already"),
        (odd, r"its e-mail address cannot be read \(no address\)"),
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
        str(odd.id): "its e-mail address cannot be read (no address)",
        str(deal.id): "it is an opportunity already",
    }
    assert stored(odd, "type") == ("lead",)
    with pytest.raises(Refusal, match=r"None of 2 was converted. Lead: it is an opportunity already; Lead: "):
        convert(leads, deal, odd)


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
    (asked,) = leads.read("id == wanted", ["id", "email_normalized", "partner", "company"], wanted=row.id)
    found = duplicates(env, [asked], lost=True)[row.id]
    assert [(each.id, each.reason) for each in found] == [
        (same.id, "the same e-mail address"),
        (customer.id, "the same customer"),
        (lost.id, "the same e-mail address"),
    ]
    assert won.id not in {each.id for each in found}
    assert [each.id for each in duplicates(env, [asked], lost=False)[row.id]] == [same.id, customer.id]
    assert count_duplicated(env, [asked]) == 1
    bare = lead()
    (asked,) = leads.read("id == wanted", ["id", "email_normalized", "partner", "company"], wanted=bare.id)
    assert duplicates(env, [asked], lost=True) == {} and count_duplicated(env, [asked]) == 0


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


def test_what_is_an_opportunity_is_not_converted_by_merging(lead, leads):
    one, two = lead(type="opportunity"), lead(type="opportunity")
    with pytest.raises(Refusal, match="an opportunity already"):
        convert(leads, one, merge_with=[two.id])


def test_several_keep_their_salespeople_unless_it_is_said(lead, leads, stored, user):
    rows = [lead(user=user("owner")), lead()]
    convert(leads, *rows, customer="none", users=[user("boss")])
    assert [stored(row, "user")[0] for row in rows] == [user("owner"), user("boss")]
    again = [lead(user=user("owner")), lead(user=user("owner"))]
    convert(leads, *again, customer="none", users=[user("boss")], reassign=True)
    assert [stored(row, "user")[0] for row in again] == [user("boss")] * 2


def test_who_works_on_own_documents_gives_leads_to_nobody_else(lead, as_user, user, env):
    row = lead(user=user("owner"))
    own = as_user("owner")
    with pytest.raises(AccessDenied, match="give leads to others"):
        own["crm.lead"].call([row.id], "convert", customer="none", users=[user("colleague")])
    assert salespeople(own) == [(user("owner"), "Owner")]
    assert len(salespeople(as_user("everybody"))) > 3
    own["crm.lead"].call([row.id], "convert", customer="none", users=[user("owner")])


def test_archived_choices_are_refused_everywhere(lead, leads, env):
    rows = [lead(), lead()]
    reason, team = env["crm.lost.reason"].create(name="Old").id, env["crm.team"].create(name="Old team").id
    env["crm.lost.reason"].archive([reason])
    env["crm.team"].archive([team])
    with pytest.raises(Refusal, match=r"'Old' .* is archived"):
        leads.call([rows[0].id], "mark_lost", lost_reason=reason)
    with pytest.raises(Refusal, match=r"'Old team' .* is archived"):
        leads.call([row.id for row in rows], "merge", team=team)
