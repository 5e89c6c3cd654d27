"""The inbox: from what a colleague wrote to the record, and off the list."""

import re

import pytest


@pytest.fixture
def told(instance):
    """The message and the notification that Tomas has of it."""
    with instance.environment(instance.user_id("ines")) as env:
        record = env["res.partner"].search("name == 'Halden Marine'")[0]
        message = record.post("@tomas see the plan", kind="note")
        found = env.sudo()["mail.notification"].search("user == u", u=instance.user_id("tomas"))[0]
        return record.id, message.id, found.id


def unread(instance):
    with instance.environment(superuser=True) as env:
        return env["mail.notification"].count("not read")


def test_a_row_leads_to_the_message_and_is_read(browser_of, instance, told):
    record, message, notification = told
    browser = browser_of("tomas")
    row = re.search(r"<tr data-id.*?</tr>", browser.get("/app/mail.notification").text, re.S).group()
    assert f'href="/app/mail.notification/{notification}' in row
    assert re.search(r'data-card="title".*Ines Varga.*data-card="meta".*see the plan.*data-card="end"', row, re.S)
    page = browser.get(f"/app/mail.notification/{notification}").text
    assert "see the plan" in page and "Open Halden Marine" in page
    assert unread(instance) == 1
    answer = browser.post(f"/app/mail.notification/{notification}/open", {})
    assert (answer.status_code, answer.location) == (303, f"/app/res.partner/{record}#mail-{message}")
    assert unread(instance) == 0


def test_nobody_opens_what_another_was_told(browser_of, instance, told):
    browser, address = browser_of("mira"), f"/app/mail.notification/{told[2]}"
    assert browser.get(address).status_code in (403, 404)
    assert browser.post(f"{address}/open", {}).status_code in (403, 404)
    assert unread(instance) == 1


def test_ticked_rows_are_marked_as_read(browser_of, instance, told):
    browser = browser_of("tomas")
    text = browser.get("/app/mail.notification").text
    assert 'value="act:mark_read"' in text and 'value="set:user"' not in text
    form = {"do": "act:mark_read", "ids": str(told[2]), "next": "/app/mail.notification"}
    assert browser.post("/app/mail.notification/bulk", form).status_code == 303
    assert unread(instance) == 0
