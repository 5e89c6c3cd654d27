"""Similar leads: each rule at its edge, what is told of leads that one may not open, and the column behind them."""

import pytest

from addons.base.public_mail import PUBLIC_MAIL
from addons.crm.similar import MOST, criteria_of, criteria_of_typed, find_similar
from core import Invalid


def similar(leads, lead):
    """The ids that the action gives, with the reasons of each."""
    return {each["id"]: each["reasons"] for each in leads.call([lead.id], "similar")}


def many(leads, count, **values):
    return leads.create_many([{"name": f"Other {number}", **values} for number in range(count)])


@pytest.mark.parametrize(
    ("own", "other", "reasons"),
    [
        ({"email_from": "ann@acme.example"}, {"email_from": "bob@acme.example"}, ["email_domain"]),
        ({"email_from": "ann@acme.example"}, {"email_from": "Ann <ANN@ACME.example>"}, ["email"]),
        ({"email_from": "ann@acme.example"}, {"email_from": "ann@sub.acme.example"}, None),
        ({"email_from": "ann@acme.example"}, {"email_from": "ann@notacme.example"}, None),
        ({"email_from": "ann@gmail.com"}, {"email_from": "bob@gmail.com"}, None),
        ({"email_from": "ann@gmail.com"}, {"email_from": "Ann@Gmail.com"}, ["email"]),
        ({"email_from": "ann@"}, {"email_from": "ann@"}, None),
        ({"phone": "+33 6 12 34 56 78"}, {"phone": "+33-6-12.34.56.78"}, ["phone"]),
        ({"phone": "+33 6 12 34 56 78"}, {"phone": "06 12 34 56 78", "country": "fr"}, ["phone"]),
        ({"phone": "+33 6 12 34 56 78"}, {"phone": "06 12 34 56 78", "country": "de"}, None),
        ({"phone": "ask Ann"}, {"phone": "ask Ann"}, None),
        ({}, {}, None),
        (
            {"email_from": "a@acme.example", "phone": "+33612345678"},
            {"email_from": "b@acme.example", "phone": "+33612345678"},
            ["email_domain", "phone"],
        ),
    ],
)
def test_what_makes_two_leads_similar(leads, env, own, other, reasons):
    if "country" in other:
        other = {**other, "country": env.ref(f"base.country_{other['country']}")}
    lead, found = leads.create(name="Own", **own), leads.create(name="Other", **other)
    assert similar(leads, lead) == ({found.id: reasons} if reasons else {})
    assert similar(leads, found) == ({lead.id: reasons} if reasons else {})


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"email_from": "ann@acme.example"}, "email"), ({"phone": "+33612345678"}, "phone"), ({}, "customer")],
)
def test_what_more_than_twenty_answer_says_nothing(leads, partners, values, reason):
    given = values or {"partner": partners.create(name="Acme", is_company=True)}
    lead = leads.create(name="Own", **given)
    others = many(leads, MOST, **given)
    assert similar(leads, lead) == {row.id: [reason] for row in others}
    leads.create(name="One more", active=False, **given)
    assert similar(leads, lead) == {}


def test_a_vague_question_does_not_spoil_the_others(leads):
    lead = leads.create(name="Own", email_from="ann@acme.example", phone="+33612345678")
    many(leads, MOST + 1, email_from="bob@acme.example")
    other = leads.create(name="Other", email_from="cid@acme.example", phone="+33612345678")
    assert similar(leads, lead) == {other.id: ["phone"]}


def test_everybody_below_the_commercial_partner_is_the_same_customer(leads, partners):
    group = partners.create(name="Acme Group", is_company=True)
    ann = partners.create(name="Ann", parent=group)
    branch = partners.create(name="Acme France", is_company=True, parent=group)
    bob = partners.create(name="Bob", parent=branch)
    stranger = partners.create(name="Zed", is_company=True)
    rows = {who.name: leads.create(name=who.name, partner=who) for who in (group, ann, branch, bob, stranger)}
    names = {row.id: name for name, row in rows.items()}

    def found(name):
        return {names[id_] for id_ in similar(leads, rows[name])}

    assert found("Acme Group") == {"Ann", "Acme France", "Bob"}
    assert found("Ann") == {"Acme Group", "Acme France", "Bob"}
    assert (found("Acme France"), found("Bob")) == ({"Bob"}, {"Acme France"})
    assert found("Zed") == set()


def test_archived_lost_and_won_ones_are_found_open_ones_first(leads):
    lead = leads.create(name="Own", email_from="ann@acme.example", phone="+33612345678")
    archived = leads.create(name="Archived", email_from="b@acme.example", active=False)
    won = leads.create(name="Won", email_from="b@acme.example")
    leads.call([won.id], "mark_won")
    older, newer = many(leads, 2, email_from="b@acme.example")
    both = leads.create(name="Both", email_from="ann@acme.example", phone="+33612345678")
    assert list(similar(leads, lead)) == [both.id, newer.id, older.id, archived.id, won.id]


def test_of_what_one_may_not_open_only_the_salesperson_is_told(leads, as_user, user):
    mine = leads.create(name="Mine", email_from="ann@acme.example", user=user("owner"))
    leads.create(name="Secret deal", email_from="ann@acme.example", phone="+33612345678", user=user("colleague"))
    nobodys = leads.create(name="Nobody's", email_from="ann@acme.example", user=None)
    env = as_user("owner")
    assert env["crm.lead"].call([mine.id], "similar") == [
        {"id": nobodys.id, "reasons": ["email"], "user": None},
        {"id": None, "reasons": [], "user": "Colleague"},
    ]
    found = find_similar(env, criteria_of(env, mine.id))
    assert "Secret" not in repr(found) and "+336" not in repr(found)
    assert len(similar(leads, mine)) == 2


def test_who_may_not_read_leads_finds_none(leads, env):
    lead, _other = many(leads, 2, email_from="ann@acme.example")
    stranger = env["res.users"].create(login="stranger", name="Stranger", groups=[env.ref("base.internal")])
    assert find_similar(env.as_user(stranger.id), criteria_of(env, lead.id)) == []


def test_companies_are_apart(leads, env, as_user, user):
    currency = env["res.company"].get(env.company).currency_id
    other = env["res.company"].create(name="Other", currency=currency)
    everybody = as_user("everybody")
    mine = leads.create(name="Mine", email_from="ann@acme.example", company=env.company)
    shared = leads.create(name="Shared", email_from="ann@acme.example", company=None)
    env.sudo()["crm.lead"].create(name="Theirs", email_from="ann@acme.example", company=other)
    assert everybody["crm.lead"].call([mine.id], "similar") == [
        {"id": shared.id, "reasons": ["email"], "user": shared.user.name}
    ]


def test_leads_that_are_distinct_stay_so_when_one_of_them_is_merged(leads):
    one, two, three, other = many(leads, 4, email_from="ann@acme.example")
    leads.call([one.id, two.id, three.id], "tell_apart")
    assert set(similar(leads, one)) == set(similar(leads, two)) == {other.id}
    assert len(similar(leads, other)) == 3
    leads.call([two.id, other.id], "merge", survivor=other.id)
    assert similar(leads, one) == similar(leads, other) == similar(leads, three) == {}
    leads.write(three, distinct=[])
    leads.write(other, distinct=[one.id])
    assert set(similar(leads, three)) == {other.id}


def test_administrators_may_name_more_public_providers(leads, env):
    lead, other = many(leads, 2, email_from="ann@club.example")
    leads.create(name="Third", email_from="bob@club.example")
    assert len(similar(leads, lead)) == 2
    env["core.setting"].create(key="crm.public_mail", value="@Other.example, club.EXAMPLE")
    assert similar(leads, lead) == {other.id: ["email"]}


def test_typed_values_are_compared_like_stored_ones(leads, env, partners):
    acme = partners.create(name="Acme", is_company=True, email="office@acme.example")
    stored = leads.create(name="Own", email_from="Ann@ACME.example", phone="+33 612345678", partner=acme)
    typed = {"email_from": "Ann@ACME.example", "phone": "+33612345678", "partner": acme.id}
    before = leads.count("active or not active")
    assert criteria_of_typed(env, stored.id, typed) == criteria_of(env, stored.id)
    assert [each.id for each in find_similar(env, criteria_of_typed(env, None, typed))] == [stored.id]
    assert criteria_of_typed(env, None, {"partner": acme.id}).domain == "acme.example"
    assert find_similar(env, criteria_of_typed(env, None, {"email_from": "nobody"})) == []
    assert leads.count("active or not active") == before
    with pytest.raises(Invalid):
        criteria_of_typed(env, None, {"email_from": "a" * 2000})


def test_few_statements_find_them(instance):
    with instance.environment() as env:
        acme = env["res.partner"].create(name="Acme", is_company=True)
        values = {"email_from": "ann@acme.example", "phone": "+33612345678", "partner": acme}
        lead, *_others = many(env["crm.lead"], MOST, **values)
    for _warm in range(2):
        with instance.environment(write=False) as env, instance.database.counting() as counter:
            assert len(find_similar(env, criteria_of(env, lead.id))) == MOST - 1
    asked = [text for text in counter.statements if "crm_lead" in text]
    assert len(asked) == 3, asked


def test_the_domain_is_kept_up_and_right_after_an_undo(instance, undoing):
    def domain():
        with instance.environment(write=False) as env:
            return env["crm.lead"].read_ids([lead], ["email_domain"])[lead]["email_domain"]

    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Own", email_from="ann@Acme.example").id
    assert domain() == "acme.example"
    with instance.environment() as env:
        env["crm.lead"].write(lead, email_from="ann@other.example")
        changed = env.change_set
    assert domain() == "other.example"
    assert undoing(changed).conflicts == [] and domain() == "acme.example"
    with instance.environment() as env:
        env["crm.lead"].write(lead, email_from="none")
        emptied = env.change_set
    assert domain() is None
    assert undoing(emptied).conflicts == [] and domain() == "acme.example"
    with instance.environment() as env:
        env["crm.lead"].delete(lead)
        deleted = env.change_set
    assert undoing(deleted).conflicts == [] and domain() == "acme.example"


def test_the_list_of_providers_is_in_the_form_of_normalised_addresses():
    assert len(PUBLIC_MAIL) > 500 and {"gmail.com", "gmx.de", "orange.fr", "qq.com"} <= PUBLIC_MAIL
    for domain in PUBLIC_MAIL:
        assert domain == domain.strip().lower() and "." in domain and "@" not in domain
