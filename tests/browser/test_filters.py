"""Saved filters in a browser: with scripts and without, the same page and the same way."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_filter_is_saved_used_changed_deleted_and_brought_back(page_of, scripts):
    page = page_of("ines", scripts=scripts)
    page.goto("/app/crm.lead?view=list&where=expected_revenue+>+20000&group=stage")
    expect(page.locator(".filter", has_text="Expected revenue is more than")).to_be_visible()

    page.get_by_role("button", name="Saved filters").click()
    page.get_by_label("Save as").fill("Large deals")
    page.locator("#saved").get_by_label("Begin with this filter").check()
    page.get_by_role("button", name="Save filter").click()
    expect(page.get_by_text("Saved the filter Large deals")).to_be_visible()
    expect(page.get_by_role("button", name="Large deals")).to_be_visible()

    page.goto("/app/crm.lead")
    expect(page.locator(".filter", has_text="Expected revenue is more than")).to_be_visible()

    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("link", name="Large deals").click()
    page.get_by_role("searchbox").fill("fleet")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Large deals changed")).to_be_visible()
    page.get_by_role("button", name="Large deals").click()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Replaced the filter Large deals")).to_be_visible()

    page.get_by_role("button", name="Large deals").click()
    page.get_by_role("button", name="Delete this filter").click()
    expect(page.get_by_text("Deleted the filter Large deals")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.goto("/app/crm.lead")
    expect(page.get_by_role("button", name="Large deals")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark")])
def test_the_menu_is_accessible_and_fits(page_of, axe_source, width, theme):
    page = page_of("admin", width=width, theme=theme)
    page.goto("/app/crm.lead?view=list&where=expected_revenue+>+20000")
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_label("Save as").fill("Large deals")
    page.locator("#saved").get_by_label("For everybody").check()
    page.get_by_role("button", name="Save filter").click()
    page.get_by_role("link", name="Clear all").click()
    page.goto(page.url + "&q=fleet")
    page.get_by_role("button", name="Saved filters").click()
    page.evaluate(axe_source)
    assert page.evaluate("async () => (await axe.run(document)).violations.map(each => each.id)") == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
