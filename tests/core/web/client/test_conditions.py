"""Conditions are shown as sentences: those that narrow a page, and those of record rules."""

from urllib.parse import quote

import pytest


def names(instance, model, field="name"):
    with instance.environment() as env:
        return {row[field]: row["id"] for row in env[model].read("", ["id", field])}


@pytest.mark.parametrize("view", ["list", "board"])
def test_a_condition_of_the_address_is_a_sentence(browser_of, instance, view):
    acme = names(instance, "res.partner")["Acme"]
    where = f"partner == {acme} and (user == me or has_group('crm.manager')) and expected_revenue > 5000000"
    text = browser_of("own").get(f"/app/crm.lead?view={view}&where={quote(where)}").text
    said = "Customer is “Acme” and (Salesperson is you or you are in the group “"
    assert text.count(said) >= 2  # in the bar, and where nothing is found
    assert "Expected revenue is more than" in text and "5,000,000" in text


def test_records_that_may_not_be_read_are_not_named(browser_of, instance):
    secret = names(instance, "crm.lead")["Secret deal"]
    where = f"id == {secret} or has_group('crm.nothing')"
    text = browser_of("own").get(f"/app/crm.lead?where={quote(where)}").text
    assert "Secret deal" not in text and "you are in the group “crm.nothing”" in text


def test_a_record_rule_tells_what_it_says(browser_of, instance):
    browser = browser_of("admin")
    with instance.environment() as env:
        rule = env["core.rule"].create(name="Own leads", model="crm.lead", condition="user == me or user == none")
        broken, wrong = (
            env["core.rule"].create(name=name, model="crm.lead", condition="user == me", active=False)
            for name in ("Other", "Wrong")
        )
        # As a former version of an addon may have left them; new ones are refused.
        env.database.execute(f"UPDATE core_rule SET model = 'crm.gone' WHERE id = {broken.id}")
        env.database.execute(f"UPDATE core_rule SET condition = 'user ==' WHERE id = {wrong.id}")
    assert "Salesperson is you or is empty" in browser.get(f"/app/core.rule/{rule.id}").text
    for other in (broken, wrong):
        assert "In words" not in browser.get(f"/app/core.rule/{other.id}").text
