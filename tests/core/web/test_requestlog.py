"""One event per request, without names, values or addresses."""

import logging

import pytest

from core.web.kept import Kept

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_what_a_request_leaves_in_the_log(browser_of, instance, caplog):
    browser = browser_of("own")
    with caplog.at_level(logging.INFO, logger="tessera.web"):
        browser.get("/app/crm.lead?q=Fleet+renewal")
        browser.post("/sign-in", {"login": "own", "password": "correct horse"})
    values = [record.values for record in caplog.records if record.getMessage() == "request"]
    assert [(each["method"], each["path"], each["status"]) for each in values] == [
        ("GET", "/app/crm.lead", 200),
        ("POST", "/sign-in", 403),
    ]
    assert values[0]["user"] == instance.user_id("own") and values[0]["milliseconds"] > 0
    written = str(values)
    assert "Fleet" not in written and "correct" not in written and "127.0.0.1" not in written


def test_a_cache_keeps_what_was_used_last(engine):
    kept: Kept[str] = Kept(2)
    made = []

    def make(name):
        made.append(name)
        return name.upper()

    for name in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(name, lambda name=name: make(name)) == name.upper()
    assert made == ["a", "b", "c", "b"] and len(kept) == 2
