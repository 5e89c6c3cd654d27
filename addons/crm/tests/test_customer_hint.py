"""The hint that saving a lead changes its customer, too."""

import re

import pytest


@pytest.fixture
def ann(instance):
    with instance.environment() as env:
        company = env["res.partner"].create(name="Acme", is_company=True)
        return env["res.partner"].create(name="Ann", parent=company, email="ann@acme.com", phone="+33 1 23 45 67 89").id


@pytest.fixture
def lead(instance, ann):
    with instance.environment() as env:
        return env["crm.lead"].create(name="Ship", partner=ann, type="opportunity", user=instance.user_id("owner")).id


@pytest.fixture
def told(browser_of, lead, ann):
    """What the hint says of what is typed in the form of the lead, line by line."""

    def post(login="admin", address=f"/app/crm.lead/{lead}/hints", **typed):
        browser = browser_of(login)
        browser.get("/app/crm.lead")
        form = {"partner": str(ann), "email_from": "ann@acme.com", "phone": "+33 1 23 45 67 89", **typed}
        text = browser.post(address, form).text
        part = re.search(r'data-hint="crm.customer_news".*?</details>', text, re.DOTALL)
        if part is None:
            return None
        assert "Saving changes Acme, Ann, too" in part[0]
        return [
            " ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in re.findall(r"<li.*?</li>", part[0], re.DOTALL)
        ]

    return post


def test_another_address_or_number_is_the_customers_too(told):
    assert told(email_from="lee@acme.com") == ["E-mail: lee@acme.com instead of ann@acme.com"]
    assert told(phone="+33 1 98 76 54 32") == ["Phone: +33 1 98 76 54 32 instead of +33 1 23 45 67 89"]


def test_other_forms_and_what_is_emptied_say_nothing(told):
    assert told() is None
    assert told(email_from="Ann <ANN@acme.com>", phone="+33123456789") is None
    assert told(email_from="", phone="") is None
    assert told(partner="", email_from="lee@acme.com") is None


def test_a_new_lead_of_the_customer_says_so_too(told):
    assert told(address="/app/crm.lead/hints", email_from="lee@acme.com") == [
        "E-mail: lee@acme.com instead of ann@acme.com"
    ]


def test_saving_does_what_was_said(told, browser_of, instance, lead, ann):
    assert told(email_from="lee@acme.com")
    browser = browser_of("admin")
    browser.get("/app/crm.lead")
    with instance.environment() as env:
        version = env["crm.lead"].read_ids([lead], ["version"])[lead]["version"]
    browser.post(f"/app/crm.lead/{lead}", {"version": str(version), "email_from": "lee@acme.com"})
    with instance.environment() as env:
        assert env["res.partner"].read_ids([ann], ["email"])[ann]["email"] == "lee@acme.com"


def test_who_may_not_change_the_customer_is_told_nothing(told, instance):
    with instance.environment() as env:
        for row in env["core.access"].search("model == 'res.partner' and can_update"):
            env["core.access"].write(row, can_update=False)
    assert told("owner", email_from="lee@acme.com") is None
