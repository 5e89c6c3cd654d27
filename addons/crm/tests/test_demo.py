"""The demo data: a pipeline that somebody could work with today."""

import pytest

from addons.crm.assignment.plan import NO_TEAM, NOT_WANTED, USED_UP, plan_assignment


@pytest.fixture
def instance(make_instance):
    return make_instance("crm", demo=True, clock=False)


def test_there_is_a_pipeline(env):
    leads = env["crm.lead"]
    assert leads.count("type == 'opportunity' and (active or not active)") == 67
    assert leads.count("type == 'lead'") == 14
    by_stage = leads.aggregate("type == 'opportunity'", by=["stage"], measures=["id:count", "expected_revenue:sum"])
    assert len(by_stage) == 4
    assert all(group["expected_revenue:sum"] > 100_000 for group in by_stage)
    assert leads.count("user == none") >= 5
    assert leads.count("won_status == 'won'") == 22
    assert leads.count("active == false and won_status == 'lost' and lost_reason != none") == 18
    assert leads.count("is_rotting") >= 3
    assert env.sudo()["crm.lead"].count("recurring_revenue_monthly > 100") == 7
    assert env["res.partner"].count("is_company and not (name == 'My company')") == 12


def test_there_is_a_conversation_and_something_planned(env):
    (lead,) = env["crm.lead"].search("name == 'Cold-chain sensors for 3 depots'")
    assert [message.author.name for message in lead.messages] == ["Ines Varga", "Tomas Okafor"]
    assert [activity.state for activity in lead.activities] == ["overdue", "today"]
    assert lead.activity_state == "overdue"


def test_everybody_can_be_reached(env):
    for model in ("crm.lead", "res.partner"):
        assert env[model].count("email_state == 'incorrect' or phone_state == 'incorrect'") == 0


def test_salespeople_can_sign_in(env):
    found = env.database.fetch("SELECT login, password FROM res_users ORDER BY login")
    assert [login for login, _password in found] == ["admin", "ines", "mira", "tomas"]
    assert all(password.startswith("$argon2id$") for _login, password in found)


def test_there_are_leads_to_assign(env):
    plan = plan_assignment(env, [row["id"] for row in env["crm.team"].read("", ["id"])], seed=1)
    assert len(plan.handovers) >= 8 and plan.merged == 1
    assert any(each.preferred for each in plan.handovers)
    assert any(len(each.teams) == 2 for each in plan.placements)
    assert set(plan.stays.values()) >= {NO_TEAM, NOT_WANTED, USED_UP}


def test_each_of_them_has_something_to_do(instance):
    for login in ("ines", "tomas", "mira"):
        with instance.environment(login, write=False) as env:
            assert env["crm.lead"].count("user == me and won_status == 'pending'") >= 5


def test_a_year_of_deals_is_over(env):
    """So that the analyses have something to say."""
    over = "type == 'opportunity' and won_status != 'pending' and (active or not active)"
    by_month = env["crm.lead"].aggregate(over, by=["date_closed:month"], measures=["id:count", "day_close:avg"])
    assert len(by_month) >= 10
    assert all(10 < month["day_close:avg"] < 100 for month in by_month)
    assert env["crm.lead"].count(f"{over} and (date_closed < date_open or date_open < create_date)") == 0
    leads = env["crm.lead"].aggregate("active or not active", measures=["day_convert:count", "converted_share:avg"])[0]
    assert leads["day_convert:count"] >= 10
    assert 40 < leads["converted_share:avg"] < 80
