"""Converting leads in a browser: one merged with its twin on the way, and many with a progress bar."""

import pytest
from playwright.sync_api import expect

from .test_axe import SCREENS, no_sideways_scroll, violations


@pytest.fixture
def leads(site):
    """A lead and the opportunity that is about the same customer."""
    with site.instance.environment("ines") as env:
        rows = env["crm.lead"].create_many(
            [
                {"name": "Quay lead", "type": "lead", "email_from": "kim@quay.com", "contact_name": "Kim"},
                {"name": "Quay deal", "type": "opportunity", "email_from": "kim@quay.com", "user": None},
            ]
        )
        return [row.id for row in rows]


def test_a_lead_is_converted_and_merged_with_its_twin(page_of, site, leads):
    lead, deal = leads
    page = page_of("ines")
    page.goto(f"/app/crm.lead/{lead}")
    page.get_by_role("button", name="Convert to opportunity").click()
    expect(page.get_by_role("heading", name="Convert to an opportunity")).to_be_visible()
    twin = page.get_by_role("group", name="Merge with").get_by_role("checkbox", name="Quay deal")
    expect(twin).to_be_checked()
    expect(page.get_by_role("radio", name="Create a new customer Kim")).to_be_checked()
    page.get_by_label("Salesperson").select_option(label="Mira Lund")
    page.get_by_role("button", name="Preview the merge").click()
    expect(page.get_by_role("heading", name="Merge 2 records")).to_be_visible()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", name="Quay deal")).to_be_visible()
    with site.instance.environment() as env:
        row = env["crm.lead"].read_ids([deal], ["type", "user.name", "partner.name"])[deal]
        assert (row["user.name"], row["partner.name"]) == ("Mira Lund", "Kim")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("put back").first).to_be_visible()
    with site.instance.environment() as env:
        assert sorted(row["type"] for row in env["crm.lead"].read_ids(leads, ["type"]).values()) == [
            "lead",
            "opportunity",
        ]
        assert not env["res.partner"].count("name == 'Kim'")


def test_a_customer_is_picked(page_of, site, leads):
    page = page_of("ines")
    page.goto(f"/crm/convert?ids={leads[0]}")
    page.get_by_role("radio", name="Link an existing customer").check()
    box = page.get_by_role("combobox", name="Which one")
    box.fill("Nobody of that name")
    expect(page.get_by_role("listbox", name="Which one").get_by_text("Nothing found")).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("Nobody of that name")
    box.fill("Halden")
    page.get_by_role("listbox", name="Which one").get_by_role("option").first.click()
    page.get_by_role("button", name="Convert without merging").click()
    expect(page.get_by_text("Converted Quay lead").first).to_be_visible()
    with site.instance.environment() as env:
        assert "Halden" in env["crm.lead"].read_ids([leads[0]], ["partner.name"])[leads[0]]["partner.name"]


def test_many_are_watched_and_undone(page_of, site):
    with site.instance.environment("ines") as env:
        env["crm.lead"].create_many([{"name": f"Crate {number}", "type": "lead"} for number in range(60)])
    page = page_of("ines")
    page.goto("/app/crm.lead?view=list&q=Crate")
    page.locator('input[name="ids"]').first.check()
    bar = page.get_by_label("Actions on the selection")
    bar.get_by_role("checkbox", name="All 60").check()
    bar.get_by_role("button", name="More actions").click()
    bar.get_by_role("button", name="Convert to opportunity").click()
    expect(page.get_by_role("heading", name="Convert 60 leads")).to_be_visible()
    page.get_by_role("radio", name="None").check()
    page.get_by_role("button", name="Convert").click()
    expect(page.get_by_role("progressbar", name="Convert leads")).to_be_visible()
    site.work_off()
    expect(page.get_by_text("60 opportunities")).to_be_visible()
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.get_by_text("put back").first).to_be_visible()
    with site.instance.environment() as env:
        assert env["crm.lead"].count("startswith(name, 'Crate') and type == 'lead'") == 60


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_pages_are_accessible_and_fit(page_of, axe_source, leads, width, theme):
    page = page_of("ines", width=width, theme=theme)
    for address in (f"/crm/convert?ids={leads[0]}", "/crm/convert?all=1&next=%2Fapp%2Fcrm.lead%3Fq%3DQuay"):
        page.goto(address)
        assert violations(page, axe_source) == []
        assert no_sideways_scroll(page)
