"""Two-factor sign-in in a browser: the whole way without scripts, and its pages on wide and narrow screens."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import expect

from .conftest import DEMO_PASSWORD
from .test_axe import SCREENS, no_sideways_scroll, violations

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def code(site, *, later=0):
    """What the app shows; a code of the next half minute where the present one was used."""
    ((secret,),) = site.instance.database.fetch("SELECT secret FROM core_two_factor")
    return pyotp.TOTP(secret).at(int(time.time()) + later)


def give_password(page):
    page.goto("/sign-in")
    page.get_by_label("Login or e-mail").fill("ines")
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def turn_on(page, site):
    page.goto("/account")
    page.get_by_role("link", name="Set up").click()
    page.get_by_label("Present password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code of the secret")).to_be_visible()
    page.get_by_label("Code of the app").fill(code(site))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    return page.locator(".codes li").all_inner_texts()


def test_the_whole_way_without_scripts(page_of, context_of, site):
    page = page_of("ines", scripts=False)
    codes = turn_on(page, site)
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("a code of your app", exact=False)).to_be_visible()

    other = context_of(scripts=False).new_page()
    give_password(other)
    expect(other.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    other.get_by_label("Code of the app").fill("000000")
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("This code is wrong")
    other.get_by_text("Device not at hand?").click()
    other.get_by_label("Recovery code").fill(codes[3])
    other.get_by_role("button", name="Sign in with it").click()
    expect(other.get_by_role("heading", name="My Opportunities")).to_be_visible()

    page.goto("/account/two-factor")
    expect(page.get_by_text("9 left")).to_be_visible()
    page.get_by_label("Present password").fill(DEMO_PASSWORD)
    page.get_by_label("Code of the app, or a recovery code").fill(code(site, later=30))
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("Signing in asks for your password alone.")).to_be_visible()
    expect(page.get_by_text("Two-factor sign-in turned off").first).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_its_pages_are_accessible(page_of, context_of, site, axe_source, width, theme):
    page, wrong = page_of("ines", width=width, theme=theme), {}

    def check(page, name):
        found = violations(page, axe_source)
        if found or not no_sideways_scroll(page):
            wrong[name] = found or ["the page scrolls sideways"]

    page.goto("/account/two-factor")
    check(page, "off")
    page.get_by_label("Present password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("img", name="QR code of the secret").wait_for()
    check(page, "pending")
    page.get_by_label("Code of the app").fill(code(site))
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    check(page, "codes")
    page.goto("/account/two-factor")
    check(page, "on")
    page.goto("/account")
    check(page, "account")
    other = context_of(width=width, theme=theme).new_page()
    give_password(other)
    other.get_by_text("Device not at hand?").click()
    check(other, "second step")
    assert wrong == {}


def test_who_must_set_it_up_sees_nothing_else(context_of, site, axe_source):
    with site.instance.environment() as env:
        (row,) = env["core.setting"].search("key == 'core.two_factor'")
        env["core.setting"].write(row, value="everybody")
    page = context_of(width=360).new_page()
    give_password(page)
    expect(page.get_by_text(re.compile("It is demanded here"))).to_be_visible()
    assert violations(page, axe_source) == []
    page.get_by_role("button", name="Set up").click()
    page.get_by_label("Code of the app").fill(code(site))
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="My Opportunities")).to_be_visible()
