"""Merging leads: which one stays, whose values it has, and what comes along."""

from __future__ import annotations

import pytest

from addons.crm.merging import MOST_ADVANCED, SURVIVOR_SETTING, plan_merge, ranked
from core import AccessDenied, NotFound, Refusal


def merge(leads, *rows, **arguments):
    return leads.call([row.id for row in rows], "merge", **arguments)


@pytest.fixture
def pair(leads):
    return leads.create(name="First", type="opportunity"), leads.create(name="Second", type="opportunity")


def test_one_is_no_merge(leads, pair):
    with pytest.raises(Refusal, match="nothing to merge"):
        merge(leads, pair[0])
    with pytest.raises(Refusal, match="nothing to merge"):
        merge(leads, pair[0], pair[0])


def test_more_than_five_must_be_confirmed(leads):
    rows = leads.create_many([{"name": f"Deal {number}"} for number in range(6)])
    with pytest.raises(Refusal, match="6 records") as refused:
        merge(leads, *rows)
    assert "confirmed" in refused.value.hint
    assert merge(leads, *rows, confirm=True).id == rows[0].id
    assert leads.count("active or not active") == 1


def test_won_ones_are_not_merged(leads, pair):
    leads.call([pair[1].id], "mark_won")
    with pytest.raises(Refusal, match="'Second' is won"):
        merge(leads, *pair)


def test_the_oldest_open_opportunity_stays(leads, clock):
    lead = leads.create(name="Lead", type="lead")
    lost = leads.create(name="Lost", type="opportunity")
    leads.call([lost.id], "mark_lost")
    clock.advance(days=1)
    older = leads.create(name="Older", type="opportunity")
    clock.advance(days=1)
    newer = leads.create(name="Newer", type="opportunity")
    assert merge(leads, newer, lost, lead, older).id == older.id


def test_the_most_advanced_stays_where_that_is_set(leads, env, pair, stage):
    leads.write(pair[1], stage=stage("qualified"))
    assert plan_merge(env, [row.id for row in pair]).survivor == pair[0].id
    env["core.setting"].create(key=SURVIVOR_SETTING, value=MOST_ADVANCED)
    assert plan_merge(env, [row.id for row in pair]).survivor == pair[1].id
    leads.write(pair[0], stage=stage("qualified"), probability=90)
    assert plan_merge(env, [row.id for row in pair]).survivor == pair[0].id


def test_ranking_by_progress_puts_archived_leads_last():
    def row(id_, **values):
        return {"id": id_, "type": "lead", "active": True, "stage.sequence": 1, "probability": 10, **values}

    rows = [
        row(1, active=False),
        row(2),
        row(3, type="opportunity", active=False),
        row(4, **{"stage.sequence": 2}),
        row(5, probability=20),
        row(6),
    ]
    assert ranked(rows, MOST_ADVANCED) == [3, 4, 5, 2, 6, 1]


def test_each_value_is_the_first_that_is_not_empty(leads, env):
    first = leads.create(name="First", type="opportunity", expected_revenue=0, referred="", priority="1")
    second = leads.create(name="Second", type="lead", expected_revenue=300, function="Buyer", priority="3")
    third = leads.create(name="Third", type="lead", expected_revenue=500, referred="Ada", phone="+49 30 1234")
    found = merge(leads, third, second, first)
    assert (found.id, found.name, found.type, found.priority) == (first.id, "First", "opportunity", "3")
    assert (found.expected_revenue, found.referred, found.function) == (300, "Ada", "Buyer")
    assert found.phone == "+49 30 1234"


def test_what_is_chosen_wins(leads, pair):
    leads.write(pair[0], expected_revenue=100, city="Bergen")
    leads.write(pair[1], expected_revenue=200, city="Oslo", street="Quay 1")
    first, second = (row.id for row in pair)
    found = merge(leads, *pair, survivor=second, choices={"expected_revenue": first, "name": first, "address": first})
    assert (found.id, found.name, found.expected_revenue) == (second, "First", 100)
    assert (found.city, found.street) == ("Bergen", None)


def test_choices_that_are_none_are_refused(leads, pair):
    stranger = leads.create(name="Other")
    with pytest.raises(NotFound, match="none of those"):
        merge(leads, *pair, survivor=stranger.id)
    with pytest.raises(NotFound, match="none of those"):
        merge(leads, *pair, choices={"name": stranger.id})
    with pytest.raises(NotFound, match="'write_date' cannot be chosen"):
        merge(leads, *pair, choices={"write_date": pair[0].id})
    assert leads.count() == 3


def test_the_address_is_a_block_and_texts_and_tags_are_joined(leads, env):
    red, blue = (env["crm.tag"].create(name=name).id for name in ("Red", "Blue"))
    first = leads.create(name="First", city="Bergen", description="<p>one</p>", tags=[red])
    second = leads.create(name="Second", street="Quay 1", zip="0150", tags=[blue, red])
    third = leads.create(name="Third", description="<p>three</p>")
    found = merge(leads, first, second, third)
    assert (found.street, found.zip, found.city) == ("Quay 1", "0150", None)
    assert {tag.id for tag in found.tags} == {red, blue}
    assert found.description == "<p>one</p><br><br><p>three</p>"


def test_a_customer_of_another_fills_nothing_anew(leads, partners, stored):
    customer = partners.create(name="Acme", is_company=True, email="office@acme.example", city="Rome")
    first = leads.create(name="First", type="opportunity", email_from="ada@acme.example", contact_name="Ada")
    second = leads.create(name="Second", type="lead", partner=customer)
    leads.write(second, partner_name=None)
    found = merge(leads, first, second)
    assert (found.partner.id, found.email_from, found.contact_name) == (customer.id, "ada@acme.example", "Ada")


def test_a_lead_that_becomes_an_opportunity_is_converted_now(leads, clock):
    first = leads.create(name="First", type="lead")
    second = leads.create(name="Second", type="opportunity")
    found = merge(leads, first, second, survivor=first.id)
    assert (found.type, found.date_conversion) == ("opportunity", clock.instant)


def test_a_lost_one_that_stays_is_opened_again(leads, env):
    rows = leads.create_many([{"name": "First"}, {"name": "Second"}])
    leads.call([row.id for row in rows], "mark_lost", lost_reason=env.ref("crm.lost_reason_price").id, feedback="No")
    found = merge(leads, *rows)
    assert (found.active, found.won_status, found.lost_reason) == (True, "pending", None)
    assert "No" in str(found.messages[0].body)


def test_a_stage_of_another_team_is_replaced(leads, env, pair, stage):
    other = env["crm.team"].create(name="Other").id
    own = env["crm.stage"].create(name="Own", sequence=5, teams=[env.ref("crm.team_sales").id]).id
    leads.write(pair[0], team=env.ref("crm.team_sales"), stage=own)
    found = merge(leads, *pair, team=other)
    assert (found.team.id, found.stage.id) == (other, stage("new").id)


def test_salesperson_and_team_may_be_given(leads, env, pair, user):
    team = env["crm.team"].create(name="Other").id
    found = merge(leads, *pair, user=user("boss"), team=team)
    assert (found.user.id, found.team.id) == (user("boss"), team)


def test_the_absorbed_are_written_down(leads, env):
    first = leads.create(name="First", type="opportunity")
    second = leads.create(name="Second <b>", expected_revenue=1200, email_from="x@y.example", city="Oslo", priority="2")
    found = merge(leads, first, second)
    body = found.messages[0].body
    assert body.count("<blockquote>") == 1
    for words in (
        "Second &lt;b&gt;",
        "Expected revenue: €1,200",
        "E-mail: x@y.example",
        "City: Oslo",
        "Priority: High",
    ):
        assert words in body


def test_messages_files_activities_and_external_references_move(leads, env, pair, clock):
    second = pair[1]
    second.post("Called them", subject="Offer")
    second.post("And again")
    second.post("With a file", files=[("offer.pdf", b"%PDF-1.4")])
    kind = env["mail.activity.type"].search("")[0].id
    activity = env["mail.activity"].create(record=second.reference, type=kind, date_deadline=clock.instant.date())
    found = merge(leads, *pair)
    subjects = [message.subject for message in found.messages]
    assert subjects[1:] == ["From Second", "From Second", "From Second: Offer"]
    (file,) = env["core.attachment"].read("record == r", ["name"], r=found.reference)
    assert file["name"] == "offer (from Second).pdf"
    assert env["mail.activity"].get(activity.id).record == found.reference
    assert leads.count("id == gone", gone=second.id) == 0


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("offer", "offer (from Second)"),
        ("a/b.tar.gz", "a/b.tar (from Second).gz"),
        (f"{'x' * 251}.pdf", f"{'x' * 237} (from Second).pdf"),
        (f"x.{'y' * 253}", f"x.{'y' * 239} (from Second)"),
    ],
)
def test_files_of_every_name_are_renamed(leads, env, pair, name, renamed):
    env["core.attachment"].create(name=name, data=b"x", record=pair[1].reference)
    found = merge(leads, *pair)
    assert [row["name"] for row in env["core.attachment"].read("record == r", ["name"], r=found.reference)] == [renamed]


def test_who_wrote_lately_goes_on_following(leads, env, partners, pair, clock, user):
    messages = env.sudo()["mail.message"]
    silent = partners.create(name="Silent").id
    old, new = (env["res.users"].get(user(login)).partner.id for login in ("everybody", "boss"))
    followers = env["mail.followers"]
    followers.create_many([{"record": pair[1].reference, "partner": each} for each in (silent, old, new)])
    clock.advance(days=-40)
    messages.create(record=pair[1].reference, body="<p>x</p>", author=old, date=clock.instant)
    clock.advance(days=39)
    messages.create(record=pair[1].reference, body="<p>y</p>", author=new, date=clock.instant)
    clock.advance(days=1)
    found = merge(leads, *pair)
    following = {row["partner"] for row in followers.read("record == r", ["partner"], r=found.reference)}
    assert new in following and not {silent, old} & following
    assert "Follows now, too: Boss" in found.messages[0].body


def test_nobody_merges_what_belongs_to_others(instance, env, leads, user):
    own = leads.create(name="Own", user=user("owner"))
    other = leads.create(name="Other", user=user("colleague"))
    alone = env.as_user(user("owner"))["crm.lead"]
    with pytest.raises((AccessDenied, NotFound)):
        merge(alone, own, other)
    assert leads.count() == 2


def test_a_record_that_is_gone_meanwhile_is_told(leads, pair):
    leads.delete(pair[1])
    with pytest.raises(NotFound):
        merge(leads, *pair)
