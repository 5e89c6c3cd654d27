"""Counters in the head of a form: whom they count, in one statement, and where they lead."""

import html
import re

import pytest

from core.records.branches import count_branches


@pytest.fixture
def acme(instance):
    """The id of Acme, of which a contact has an opportunity, a lost one, a lead, and one of a colleague's."""
    with instance.environment() as env:
        acme = env["res.partner"].search("name == 'Acme'")[0]
        contact = env["res.partner"].create(name="Ada", parent=acme)
        own = instance.user_id("own")
        common = {"partner": contact, "type": "opportunity", "user": own}
        env["crm.lead"].create_many(
            [
                {**common, "name": "Of a contact"},
                {**common, "name": "Lost one", "active": False, "probability": 0},
                {**common, "name": "Only a lead", "type": "lead"},
                {**common, "name": "Of the boss", "user": instance.user_id("boss")},
            ]
        )
        return acme.id


def counters(text):
    """Label and number of each counter, with its address and that of a new record."""
    (nav,) = re.findall(r'<nav class="counters".*?</nav>', text, re.DOTALL) or [""]
    found = re.findall(
        r'<a class="btn[^"]*" href="([^"]+)"><svg.*?</svg>([^<]+)<span class="count">([^<]+)</span></a>'
        r'(?:<a class="[^"]*btn-icon" href="([^"]+)" aria-label="([^"]+)")?',
        nav,
        re.DOTALL,
    )
    return {label: (count, html.unescape(rows), html.unescape(new)) for rows, label, count, new, _title in found}


def names(text):
    known = ("Fleet renewal", "Of a contact", "Lost one", "Only a lead", "Of the boss", "Depot sensors")
    return [name for name in known if name in text]


def test_archived_ones_and_those_of_contacts_count_and_are_listed(browser_of, acme):
    browser = browser_of("all")
    found = counters(browser.get(f"/app/res.partner/{acme}").text)
    assert list(found) == ["Opportunities"]  # leads are for those who have their menu
    count, address, new = found["Opportunities"]
    assert (count, new) == ("4", "")
    text = browser.get(address).text
    assert names(text) == ["Fleet renewal", "Of a contact", "Lost one", "Of the boss"]
    assert "Customer is “Acme” or below it" in html.unescape(text)
    assert ">Opportunities</h1>" in text


def test_everybody_counts_what_they_may_see(browser_of, acme):
    found = counters(browser_of("own").get(f"/app/res.partner/{acme}").text)
    assert found["Opportunities"][0] == "3"


def test_leads_are_counted_for_those_with_their_menu(browser_of, instance, acme):
    with instance.environment(superuser=True) as env:
        env["res.users"].write(instance.user_id("all"), groups=[env.ref("crm.all"), env.ref("crm.leads_menu")])
    browser = browser_of("all")
    count, address, _new = counters(browser.get(f"/app/res.partner/{acme}").text)["Leads"]
    assert count == "1"
    assert names(browser.get(address).text) == ["Only a lead"]


def test_who_may_not_read_them_sees_no_counter(browser_of, instance, acme):
    with instance.environment(superuser=True) as env:
        env["res.users"].write(instance.user_id("all"), groups=[env.ref("base.internal")])
    text = browser_of("all").get(f"/app/res.partner/{acme}").text
    assert "Acme" in text
    assert counters(text) == {}


def test_without_any_a_link_creates_the_first(browser_of, instance):
    with instance.environment() as env:
        customer = env["res.partner"].create(name="Newcomer").id
    browser = browser_of("own")
    count, address, new = counters(browser.get(f"/app/res.partner/{customer}").text)["Opportunities"]
    assert count == "0"
    text = browser.get(new).text
    assert "New opportunity" in text
    assert 'value="Newcomer"' in text
    answer = browser.post(new.replace("/new?", "?"), {"name": "First of all", "partner": str(customer)})
    assert answer.status_code == 303
    with instance.environment() as env:
        row = env["crm.lead"].read("name == 'First of all'", ["partner", "type"])[0]
    assert row == {"partner": customer, "type": "opportunity"}
    assert names(browser.get(address).text) == []
    assert "First of all" in browser.get(address).text


def test_what_is_created_from_the_list_gets_the_customer(browser_of, acme):
    browser = browser_of("all")
    _count, address, _new = counters(browser.get(f"/app/res.partner/{acme}").text)["Opportunities"]
    (new,) = re.findall(r'<a class="btn btn-primary" href="([^"]+)"', browser.get(address).text)
    assert f"set.partner={acme}" in new
    assert 'value="Acme"' in browser.get(html.unescape(new)).text
    board = browser.get(address.replace("view=list", "view=board")).text
    assert 'value="Acme"' in board
    # Without the condition nothing is left of it.
    (cleared,) = re.findall(r'<a class="x" href="([^"]+)"', browser.get(address).text)
    (new,) = re.findall(r'<a class="btn btn-primary" href="([^"]+)"', browser.get(html.unescape(cleared)).text)
    assert "set.partner" not in new


def test_an_action_that_is_gone_leaves_the_counter(browser_of, instance, acme):
    with instance.environment(superuser=True) as env:
        env["core.action"].delete([env.ref("crm.opportunity_action").id])
    count, address, _new = counters(browser_of("all").get(f"/app/res.partner/{acme}").text)["Opportunities"]
    assert count == "5"  # nothing says what is no opportunity
    assert "action=" not in address


def test_all_are_counted_in_one_statement(instance, acme):
    with instance.environment("own") as env:
        asked = [
            ("crm.lead", "partner != none", {}),
            ("res.partner", "parent == top", {"top": acme}),
            ("core.rule", "", {}),
        ]
        with env.database.counting() as counter:
            assert count_branches(env, asked, 3) == [3, 1, 0]
        assert len(counter.statements) == 1
        assert count_branches(env, [], 3) == []
