"""Addresses and numbers that are none: kept as typed, and said to be so in words beside them, typed or stored."""

import re
from html import unescape

import pytest

MAIL, PHONE = "This is no e-mail address", "This is no complete telephone number"


@pytest.fixture
def lead(instance):
    with instance.environment() as env:
        return (
            env["crm.lead"]
            .create(name="Odd", email_from="foo at bar", phone="ask Ann", country=env.ref("base.country_fr"))
            .id
        )


def said(text):
    """What is said in words, by the field it stands beside."""
    found = re.findall(
        r'data-field="(\w+)"(?:(?!data-field=).)*?class="[^"]*doubt"[^>]*>(.*?)</(?:p|span)>', text, re.S
    )
    return {name: unescape(re.sub(r"<[^>]+>", "", words)).partition(":")[0].partition(".")[0] for name, words in found}


def test_what_is_stored_is_said_where_it_is_read_and_edited(browser_of, lead):
    browser = browser_of("admin")
    page = browser.get(f"/app/crm.lead/{lead}").text
    assert said(page) == {"email_from": MAIL, "phone": PHONE}
    assert "mailto:foo" not in page and "tel:" not in page
    edit = browser.get(f"/app/crm.lead/{lead}/edit").text
    assert said(edit) == {"email_from": MAIL, "phone": PHONE}
    (described,) = re.findall(r'name="email_from"[^>]* aria-describedby="([^"]+)"', edit)
    assert f'<p class="hint doubt" id="{described}">' in edit and 'type="email"' not in edit
    editor = browser.get(f"/app/crm.lead/{lead}/field/phone", HX_Request="true").text
    assert PHONE in editor


def test_an_odd_address_is_saved_and_said(browser_of, instance):
    browser = browser_of("admin")
    browser.get("/app/crm.lead/new")
    made = browser.post("/app/crm.lead", {"name": "New", "email_from": "foo", "phone": "12"})
    assert made.status_code == 303
    assert said(browser.get(made.location).text) == {"email_from": MAIL, "phone": PHONE}
    with instance.environment() as env:
        (row,) = env["crm.lead"].read("name == 'New'", ["email_from", "email_state", "phone", "phone_state"])
    assert row == {"email_from": "foo", "email_state": "incorrect", "phone": "12", "phone_state": "incorrect"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({}, {}),
        ({"email_from": "foo"}, {"email_from": MAIL}),
        ({"email_from": "foo@"}, {"email_from": MAIL}),
        ({"email_from": "ann@acme.example"}, {}),
        ({"email_from": "Ann Mo <ann@acme.example>"}, {}),
        ({"email_from": "ann@bücher.example"}, {}),
        ({"phone": "123"}, {"phone": PHONE}),
        ({"phone": "+33 6 12 34 56 78"}, {}),
        ({"phone": "06 12 34 56 78", "country": "fr"}, {}),
        ({"email_from": "foo", "phone": "bar"}, {"email_from": MAIL, "phone": PHONE}),
    ],
)
def test_what_is_typed_is_said_before_it_is_saved(browser_of, instance, lead, typed, expected):
    with instance.environment(write=False) as env:
        if "country" in typed:
            typed = {**typed, "country": str(env.ref(f"base.country_{typed['country']}").id)}
    browser = browser_of("admin")
    new = browser.get("/app/crm.lead/new").text
    assert re.search(r'name="email_from"[^>]* data-refresh', new) and said(new) == {}
    blank = {"email_from": "", "phone": "", "country": ""}
    assert said(browser.post("/app/crm.lead/refresh", {"name": "Deal", **typed}).text) == expected
    assert said(browser.post(f"/app/crm.lead/{lead}/refresh", {**blank, **typed}).text) == expected
    refused = browser.post("/app/crm.lead", {"name": "", **typed})
    assert refused.status_code == 422 and said(refused.text) == expected


def test_contacts_say_it_too(browser_of, instance):
    with instance.environment() as env:
        id_ = env["res.partner"].create(name="Ann", email="ann at home", phone="home").id
        plain = env["res.partner"].create(name="Bob", email="Bob Mo <bob@acme.example>", phone="+33612345678").id
    browser = browser_of("admin")
    assert said(browser.get(f"/app/res.partner/{id_}").text) == {"email": MAIL, "phone": PHONE}
    assert said(browser.get(f"/app/res.partner/{id_}/edit").text) == {"email": MAIL, "phone": PHONE}
    text = browser.get(f"/app/res.partner/{plain}").text
    assert said(text) == {} and "unusable" not in text and "Bob Mo &lt;bob@acme.example&gt;" in text


def test_a_value_that_does_not_fit_leaves_the_others_in_the_form(browser_of):
    browser = browser_of("admin")
    browser.get("/app/crm.lead/new")
    refused = browser.post("/app/crm.lead", {"name": "Fleet", "email_from": "a" * 2000, "phone": "+33612345678"})
    assert refused.status_code == 422
    assert 'value="Fleet"' in refused.text and 'value="+33612345678"' in refused.text and "a" * 2000 in refused.text
    assert re.search(r'name="email_from"[^>]* aria-invalid="true"', refused.text)
