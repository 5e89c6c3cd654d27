"""Pages of addons, and what they add to the pages of records."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from core.testing import Browser
from core.web.app import create_app

ADDONS = Path(__file__).parents[2] / "addons"


def make_lead(env) -> None:
    env["crm.lead"].create(name="Fleet renewal")


@pytest.fixture
def browser(make_instance: Callable) -> Browser:
    app = create_app(make_instance("pages", addons_path=[ADDONS], prepare=make_lead))
    found = Browser(app)
    found.sign_in("admin", "secret")
    return found


def test_hook_blueprints_adds_pages(browser):
    text = browser.get("/pages/greeting").text
    assert "<h1>Hello Administrator</h1>" in text and "<nav" in text
    assert browser.post("/pages/rename/1", {"name": "Renamed", "csrf_token": "wrong"}).status_code == 403
    assert browser.post("/pages/rename/1", {"name": ""}).status_code == 422
    assert browser.post("/pages/rename/1", {"name": "Renamed"}).location == "/pages/greeting"
    assert "Renamed" in browser.get("/app/crm.lead/1").text
    stranger = Browser(browser.client.application)
    assert stranger.get("/pages/greeting").status_code == 303


def test_a_database_without_the_addon_has_no_such_pages(make_instance):
    browser = Browser(create_app(make_instance("crm", prepare=make_lead)))
    browser.sign_in("admin", "secret")
    assert browser.get("/pages/greeting").status_code == 404
    assert 'id="beside"' not in browser.get("/app/crm.lead/1").text


def test_hook_asides_stand_beside_the_record(browser):
    assert '<section id="beside">crm.lead 1</section>' in browser.get("/app/crm.lead/1").text
    assert 'id="beside"' not in browser.get("/app/crm.team/1").text


def test_hook_panels_stand_on_pages_of_forms(browser, make_instance):
    part = browser.get("/app/crm.lead/1/panel/pages.note", HX_Request="true").text
    assert part == "<p>Panel of crm.lead 1</p>"
    whole = browser.get("/app/crm.lead/1/panel/pages.note").text
    assert part in whole and "<nav" in whole
    assert browser.get("/app/crm.lead/99/panel/pages.note").status_code == 404
    registry = make_instance("pages", addons_path=[ADDONS], prepare=make_lead).registry
    assert registry.panels >= {"mail.history", "pages.note"}


def test_hook_hints_are_told_while_a_record_is_read_and_while_one_is_typed(browser):
    def told(address, **typed):
        return re.findall(r"<span>(Referred by [^<]+)</span>", browser.post(address, typed).text)

    page = browser.get("/app/crm.lead/1").text
    assert "Referred by" not in page and 'class="hints"' not in page
    new = browser.get("/app/crm.lead/new").text
    assert 'data-hints="/app/crm.lead/hints" data-hinted="email_from phone country partner referred color"' in new
    assert '<p class="vh" role="status"></p>' in new and "data-hints" not in browser.get("/app/crm.tag/new").text
    assert told("/app/crm.lead/hints", referred="Ann <b>") == ["Referred by Ann &lt;b&gt;"]
    assert told("/app/crm.lead/hints", referred="") == told("/app/crm.lead/hints", name="Ann") == []
    assert told("/app/crm.lead/1/hints", referred="Bob") == ["Referred by Bob"]
    assert browser.post("/app/crm.lead/99/hints", {"referred": "Bob"}).status_code == 404
    assert browser.post("/app/crm.lead/hints", {"csrf_token": "wrong"}).status_code == 403
    browser.post("/app/crm.lead/1", {"referred": "Cid", "version": "1"})
    page = browser.get("/app/crm.lead/1").text
    assert "Referred by Cid" in page and "<p>Lead 1</p>" in page
    assert "Referred by Cid" in browser.get("/app/crm.lead/1/edit").text
    refused = browser.post("/app/crm.lead", {"name": "", "referred": "Dan"})
    assert refused.status_code == 422 and "Referred by Dan" in refused.text


def test_hook_timeline_is_told_among_the_changes(browser):
    address, seen = "/app/crm.lead/1/history", []
    first = browser.get(address, HX_Request="true").text
    assert first.index("created this") < first.index("noted 30")
    assert '<div class="bubble note"><p>Body 30</p></div>' in first and first.count("Internal") == 10
    assert 'href="/app/core.attachment/30/content"' in first and 'href="/pages/greeting?30"' in first
    while address:
        text = browser.get(address, HX_Request="true").text
        seen += re.findall(r"noted (\d+)", text)
        older = re.search(r'href="([^"]+)" hx-get', text)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(number) for number in range(30, 0, -1)]
    assert "noted 30" in browser.get("/app/crm.lead/1/history").text
