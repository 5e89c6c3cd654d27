"""Without scripts: signing in, reading, searching, creating, editing, moving stages, undoing and signing out."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_the_whole_way_without_scripts(page_of, site):
    page = page_of("ines", scripts=False)
    expect(page.get_by_role("heading", name="My Opportunities")).to_be_visible()

    page.get_by_role("searchbox").fill("fleet")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("link", name="List").click()
    expect(page.get_by_role("link", name="Fleet telematics rollout")).to_be_visible()
    page.get_by_role("link", name="Revenue", exact=True).click()
    expect(page.get_by_role("columnheader", name="Revenue", exact=True)).to_have_attribute("aria-sort", "ascending")

    page.get_by_role("link", name="New opportunity", exact=True).click()
    page.get_by_label("Opportunity").fill("Made without scripts")
    page.get_by_label("Customer").fill("Acme unknown")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Correct 1 field"))).to_be_visible()
    page.get_by_label("Customer").fill("Halden Marine")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Made without scripts")).to_be_visible()
    expect(page.locator("[data-field=partner]")).to_contain_text("Halden Marine")

    page.get_by_role("navigation", name="Stage").get_by_role("button", name="Qualified").click()
    assert site.stored("Made without scripts", "stage.name") == {"stage.name": "Qualified"}

    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Expected revenue").fill("1,234.50")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-field=expected_revenue]")).to_contain_text("€1,234.50")

    page.get_by_role("link", name="Show the history").click()
    expect(page.locator("ins", has_text="€1,234.50")).to_be_visible()
    page.get_by_role("button", name="Undo").first.click()
    assert site.stored("Made without scripts", "expected_revenue") == {"expected_revenue": None}

    page.get_by_role("button", name="account menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_many_rows_without_scripts(page_of):
    page = page_of("ines", scripts=False)
    page.goto("/app/crm.lead?order=name")
    page.locator('input[name="ids"]').nth(1).check()
    bar = page.get_by_label("Actions on the selection")
    bar.get_by_role("button", name="More actions").click()
    bar.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("1 record archived")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()


def test_the_menu_opens_on_a_narrow_screen_without_scripts(page_of):
    page = page_of("ines", scripts=False, width=360)
    page.get_by_role("button", name="Open menu").click()
    page.get_by_role("link", name="Opportunities", exact=True).click()
    expect(page.get_by_role("heading", name="Opportunities", exact=True)).to_be_visible()


def test_every_column_is_reached_on_a_narrow_screen(page_of):
    page = page_of("ines", scripts=False, width=360)
    page.goto("/app/crm.lead?view=board")
    for name in ("Proposition", "Won", "New"):
        page.locator(".switcher a", has_text=name).click()
        expect(page.locator(".column:visible")).to_have_count(1)
        expect(page.locator(".column:visible h2", has_text=name)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_why_a_probability_is_what_it_is(page_of, scripts):
    page = page_of("ines", scripts=scripts)
    page.goto("/app/crm.lead?view=list&q=fleet telematics")
    page.get_by_role("link", name="Fleet telematics rollout").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Why this probability").focus()
    page.keyboard.press("Enter")
    if not scripts:
        page.get_by_role("link", name="Why this probability").click()
    expect(page.get_by_role("region", name="Why this probability")).to_contain_text("The stage Proposition brings 60%.")
