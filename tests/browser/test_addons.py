"""Addons come and go in the browser: planned, removed with their data kept, brought back."""

from playwright.sync_api import expect


def test_an_addon_is_removed_and_brought_back(page_of, site):
    page = page_of("admin")
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("link", name="Addons", exact=True).click()
    page.get_by_role("link", name="Sales", exact=True).click()
    plan = page.get_by_role("region", name="Remove Sales")
    expect(plan).to_contain_text("crm_lead")
    plan.get_by_role("button", name="Remove Sales").click()
    expect(page.get_by_role("status").filter(has_text="its data is kept")).to_be_visible()
    expect(page.locator("#sidebar").get_by_text("My pipeline")).to_have_count(0)
    assert "crm" not in site.instance.installed
    back = page.get_by_role("region", name="Bring Sales back")
    expect(back).to_contain_text("crm_lead")
    back.get_by_role("button", name="Bring Sales back").click()
    expect(page.get_by_role("status").filter(has_text="Installed crm")).to_be_visible()
    page.goto("/app/crm.lead?view=list&q=Cold-chain")
    expect(page.get_by_role("link", name="Cold-chain sensors for 3 depots").first).to_be_visible()
