"""Recurring revenues: what they are a month, who sees them, and that no revenue is negative."""

from decimal import Decimal

import pytest

from core import AccessDenied, Invalid

AMOUNTS = (
    "recurring_revenue_monthly",
    "recurring_revenue_monthly_prorated",
    "recurring_revenue_prorated",
)


@pytest.fixture
def selling(env, as_user, user):
    """The environment of somebody for whom recurring revenues are on."""
    env["res.users"].write(user("owner"), groups=[env.ref("crm.own").id, env.ref("crm.recurring").id])
    return as_user("owner")


@pytest.mark.parametrize(
    ("plan", "revenue", "probability", "expected"),
    [
        ("plan_yearly", 1200, 50, ("100", "50", "600")),
        ("plan_monthly", 1200, 50, ("1200", "600", "600")),
        ("plan_3_years", 1000, 33.33, ("27.78", "9.26", "333.3")),
        ("plan_5_years", 0, 50, ("0", "0", "0")),
        (None, 1200, 50, ("1200", "600", "600")),
    ],
)
def test_what_a_recurring_revenue_is_a_month(selling, env, plan, revenue, probability, expected):
    lead = selling["crm.lead"].create(
        name="Licences",
        recurring_revenue=revenue,
        recurring_plan=env.ref(f"crm.{plan}").id if plan else None,
        probability=probability,
    )
    row = selling["crm.lead"].read_ids([lead.id], AMOUNTS)[lead.id]
    assert tuple(row[name] for name in AMOUNTS) == tuple(map(Decimal, expected))


def test_a_plan_of_no_months_counts_as_one_month(selling, env):
    plan = env["crm.recurring.plan"].create(name="At will", number_of_months=0)
    lead = selling["crm.lead"].create(name="Licences", recurring_revenue=90, recurring_plan=plan.id)
    assert lead.recurring_revenue_monthly == 90
    with pytest.raises(Invalid, match="months is not negative"):
        env["crm.recurring.plan"].write(plan, number_of_months=-1)


def test_without_a_recurring_revenue_there_is_none_a_month(selling):
    lead = selling["crm.lead"].create(name="Fleet")
    row = selling["crm.lead"].read_ids([lead.id], AMOUNTS)[lead.id]
    assert [row[name] for name in AMOUNTS] == [None, None, None]


def test_an_expected_revenue_is_weighted_by_the_probability(leads):
    assert leads.create(name="Deal", expected_revenue=1000, probability=33.33).weighted_revenue == Decimal("333.3")


def test_a_revenue_is_not_negative(selling):
    for name in ("expected_revenue", "recurring_revenue"):
        with pytest.raises(Invalid, match="revenue is not negative"):
            selling["crm.lead"].create(name="Deal", **{name: -1})


def test_others_see_nothing_of_it(env, as_user, user):
    lead = env.sudo()["crm.lead"].create(name="Licences", recurring_revenue=90, user=user("owner"))
    theirs = as_user("owner")["crm.lead"]
    for name in ("recurring_revenue", "recurring_plan", *AMOUNTS):
        with pytest.raises(AccessDenied):
            theirs.read_ids([lead.id], [name])
    with pytest.raises(AccessDenied):
        theirs.write(lead.id, recurring_revenue=1)


def test_pages_show_it_to_those_who_have_the_feature(browser_of, instance):
    with instance.environment("admin") as env:
        yearly = env.ref("crm.plan_yearly").id
        lead = env.sudo()["crm.lead"].create(name="Licences", recurring_revenue=1200, recurring_plan=yearly, user=None)
    owner = browser_of("owner")
    board = "/app/crm.lead?view=board&totals=1"
    for path in (f"/app/crm.lead/{lead.id}", "/app/crm.lead?view=list", board, f"/app/crm.lead/{lead.id}/edit"):
        assert "onthly" not in owner.get(path).text and "Recurring" not in owner.get(path).text
    with instance.environment("admin") as env:
        env["res.groups"].write(env.ref("crm.own"), implies=[env.ref("base.internal").id, env.ref("crm.recurring").id])
    assert "Monthly revenue" in owner.get(f"/app/crm.lead/{lead.id}").text
    assert "Monthly" in owner.get("/app/crm.lead?view=list").text
    assert "<span>Monthly revenue €100</span>" in owner.get(board).text
    assert "Recurring plan" in owner.get(f"/app/crm.lead/{lead.id}/edit").text


def test_salespeople_know_the_plans_and_administrators_keep_them(as_user, env):
    own = as_user("owner")["crm.recurring.plan"]
    assert [(row.name, row.number_of_months) for row in own.search("")] == [
        ("Monthly", 1),
        ("Yearly", 12),
        ("Over 3 years", 36),
        ("Over 5 years", 60),
    ]
    with pytest.raises(AccessDenied):
        own.create(name="Weekly")
    as_user("boss")["crm.recurring.plan"].create(name="Quarterly", number_of_months=3)
