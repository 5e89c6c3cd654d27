"""Who sees and changes which leads: one's own and nobody's, everybody's, and what only sales administrators may do."""

import pytest

from core import AccessDenied, NotFound

OWN = {"Mine", "Nobody's"}
EVERY = {"Mine", "Nobody's", "Theirs"}


@pytest.fixture
def three(leads, user):
    values = [
        {"name": "Mine", "user": user("owner"), "expected_revenue": 1},
        {"name": "Nobody's", "user": None, "expected_revenue": 10},
        {"name": "Theirs", "user": user("colleague"), "expected_revenue": 100},
    ]
    return {row.name: row for row in leads.create_many(values)}


def names(env):
    return {row.name for row in env["crm.lead"].search("")}


@pytest.mark.parametrize(("login", "seen"), [("owner", OWN), ("everybody", EVERY), ("boss", EVERY)])
def test_each_group_sees_its_own(as_user, three, login, seen):
    theirs = as_user(login)["crm.lead"]
    assert names(as_user(login)) == seen
    assert {record["name"] for record in theirs.read("", ["name"])} == seen
    assert theirs.count() == len(seen)
    total = theirs.aggregate("", measures=["expected_revenue:sum", "id:count"])[0]
    assert total["id:count"] == len(seen)
    assert total["expected_revenue:sum"] == (11 if seen == OWN else 111)


def test_a_colleagues_lead_is_not_there(as_user, three):
    theirs = as_user("owner")["crm.lead"]
    with pytest.raises(NotFound):
        theirs.get(three["Theirs"].id)
    with pytest.raises((NotFound, AccessDenied)):
        theirs.write(three["Theirs"].id, name="Taken")
    with pytest.raises((NotFound, AccessDenied)):
        theirs.call([three["Theirs"].id], "mark_won")


def test_a_lead_of_nobody_can_be_taken(as_user, three, user, stored):
    as_user("owner")["crm.lead"].write(three["Nobody's"].id, user=user("owner"))
    assert stored(three["Nobody's"], "user") == (user("owner"),)


def test_a_lead_cannot_be_given_away_out_of_ones_reach(as_user, three, user):
    with pytest.raises(AccessDenied):
        as_user("owner")["crm.lead"].write(three["Mine"].id, user=user("colleague"))


def test_only_administrators_of_sales_delete(as_user, three):
    for login in ("owner", "everybody"):
        with pytest.raises(AccessDenied):
            as_user(login)["crm.lead"].delete(three["Mine"].id)
    as_user("boss")["crm.lead"].delete(three["Mine"].id)


def test_salespeople_add_tags_and_contacts_but_no_stages(as_user):
    theirs = as_user("owner")
    for model in ("crm.tag", "utm.campaign", "utm.source", "res.partner", "res.partner.category"):
        row = theirs[model].create(name="New")
        theirs[model].write(row, name="Newer")
        with pytest.raises(AccessDenied):
            theirs[model].delete(row)
    for model in ("crm.stage", "crm.team", "crm.lost.reason", "utm.medium"):
        assert theirs[model].count() > 0
        with pytest.raises(AccessDenied):
            theirs[model].create(name="New")


def test_administrators_of_sales_set_everything_up(as_user):
    theirs = as_user("boss")
    for model in ("crm.stage", "crm.team", "crm.lost.reason", "utm.medium", "crm.tag", "res.partner"):
        theirs[model].delete(theirs[model].create(name="New"))


def test_other_internal_users_see_no_leads(env, three):
    other = env["res.users"].create(login="other", name="Other", groups=[env.ref("base.internal")])
    with pytest.raises(AccessDenied):
        env.as_user(other.id)["crm.lead"].count()
    assert env.as_user(other.id)["crm.stage"].count() == 4


def test_leads_of_other_companies_are_hidden_from_everybody(env, as_user, three, user):
    other = env["res.company"].create(name="Other", currency=env.ref("base.currency_eur"))
    hidden = env.sudo()["crm.lead"].create(name="Hidden", company=other.id, user=user("owner"))
    for login in ("owner", "everybody", "boss"):
        assert "Hidden" not in names(as_user(login))
    env["res.users"].write(user("boss"), companies=[env.company, other.id])
    assert "Hidden" in names(as_user("boss"))
    with pytest.raises(AccessDenied):
        as_user("everybody")["crm.lead"].write(three["Mine"].id, company=other.id)
    assert hidden.id


def test_groups_imply_each_other(env, as_user):
    assert {"crm.manager", "crm.all", "crm.own", "base.internal"} <= as_user("boss").groups
    assert "crm.all" not in as_user("owner").groups
    assert "crm.manager" in env.groups
    assert "crm.leads_menu" not in env.groups


def test_the_usual_type_depends_on_the_leads_menu(env, as_user, user):
    assert as_user("owner")["crm.lead"].create(name="Deal").type == "opportunity"
    groups = [env.ref("crm.own").id, env.ref("crm.leads_menu").id]
    env["res.users"].write(user("owner"), groups=groups)
    assert as_user("owner")["crm.lead"].create(name="Deal").type == "lead"
