"""The page of addons: plan, install, remove and bring back, by administrators."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.testing import Browser
from core.web.application import Application

ADDONS = Path(__file__).parents[3] / "addons"


def make_lead(env) -> None:
    env["crm.lead"].create(name="Fleet renewal")


@pytest.fixture
def instance(make_instance: Callable):
    return make_instance("crm", addons_path=[ADDONS], prepare=make_lead)


@pytest.fixture
def browser(instance, cheap_passwords) -> Browser:
    found = Browser(Application(instance))
    found.sign_in("admin", "secret")
    return found


def test_the_list(browser):
    text = browser.get("/addons/").text
    assert text.count("Installed") == 3 and "Plan install" in text
    assert 'href="/addons/crm_extra"' in text and "Leads and opportunities" in text
    assert '<a href="/addons/">' in browser.get("/app/crm.lead").text


def test_an_addon_is_planned_installed_removed_and_brought_back(browser, instance):
    text = browser.get("/addons/crm_extra").text
    assert "What would be done" in text and "crm_competitor" in text
    assert "crm_extra" not in instance.installed
    assert browser.post("/addons/crm_extra/install").location == "/addons/crm_extra"
    text = browser.get("/addons/crm_extra").text
    assert ("Installed crm_extra" in text and "Remove Sales extras" in text) or "Remove" in text
    with instance.environment() as env:
        env["crm.competitor"].create(name="Hexley")
    browser.post("/addons/crm_extra/detach")
    text = browser.get("/addons/crm_extra").text
    assert "its data is kept" in text and "Bring" in text and "crm_extra" not in instance.installed
    browser.post("/addons/crm_extra/install")
    with instance.environment() as env:
        assert env["crm.competitor"].count("name == 'Hexley'") == 1


def test_pages_of_an_addon_are_there_as_soon_as_it_is(browser):
    assert browser.get("/pages/greeting").status_code == 404
    browser.get("/addons/pages")
    browser.post("/addons/pages/install")
    assert "Hello Administrator" in browser.get("/pages/greeting").text
    browser.post("/addons/pages/detach")
    assert browser.get("/pages/greeting").status_code == 404


def test_what_cannot_be_removed_says_why(browser, instance):
    text = browser.get("/addons/mail").text
    assert "crm need it." in text and "banner danger" in text and "/addons/mail/detach" not in text
    answer = browser.post("/addons/mail/detach")
    assert answer.status_code == 422 and "mail" in instance.installed
    assert browser.post("/addons/base/detach").status_code == 422
    assert browser.get("/addons/nothing").status_code == 422
    assert browser.post("/addons/nothing/install").status_code == 422


def test_only_administrators(instance, cheap_passwords):
    with instance.environment(superuser=True) as env:
        env["res.users"].create(login="ann", name="Ann", password="secret", groups=[env.ref("base.internal").id])
    browser = Browser(Application(instance))
    browser.sign_in("ann", "secret")
    assert "/addons/" not in browser.get("/app/res.partner").text
    assert browser.get("/addons/").status_code == 403
    assert browser.post("/addons/crm_extra/install").status_code == 403
    assert "crm_extra" not in instance.installed


def test_forms_of_other_sites_install_nothing(browser, instance):
    browser.get("/addons/crm_extra")
    browser.token = "wrong"
    assert browser.post("/addons/crm_extra/install").status_code == 403
    assert "crm_extra" not in instance.installed
    assert Browser(Application(instance)).post("/addons/crm_extra/install").status_code in (303, 401, 403)
    assert "crm_extra" not in instance.installed
