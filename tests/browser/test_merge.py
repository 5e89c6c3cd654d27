"""Merging opportunities in a browser: ticked in the list, previewed, merged, undone."""

import pytest
from playwright.sync_api import expect

from .test_axe import SCREENS, no_sideways_scroll, violations


def names(site):
    with site.instance.environment() as env:
        return sorted(row["name"] for row in env["crm.lead"].read("startswith(name, 'Twin')", ["name"]))


@pytest.fixture
def twins(site):
    with site.instance.environment("ines") as env:
        rows = env["crm.lead"].create_many(
            [
                {"name": "Twin one", "type": "opportunity", "expected_revenue": 100, "city": "Oslo"},
                {"name": "Twin two", "type": "opportunity", "expected_revenue": 250, "city": "Bergen"},
            ]
        )
        rows[1].post("Said on the second")
        return [row.id for row in rows]


def test_two_become_one_and_two_again(page_of, site, twins):
    page = page_of("ines")
    page.goto("/app/crm.lead?view=list&q=Twin")
    bar = page.get_by_label("Actions on the selection")
    for box in page.locator('input[name="ids"]').all():
        box.check()
    bar.get_by_role("button", name="More actions").click()
    bar.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", name="Merge 2 records")).to_be_visible()
    expect(page.get_by_role("group", name="Which one stays").get_by_role("radio", name="Twin one")).to_be_checked()
    page.get_by_role("group", name="Expected revenue").get_by_role("radio", name="€250").check()
    page.get_by_role("group", name="Address").get_by_role("radio", name="Bergen").check()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Merged 2 records").first).to_be_visible()
    expect(page.get_by_role("heading", name="Twin one")).to_be_visible()
    expect(page.get_by_text("Said on the second")).to_be_visible()
    assert names(site) == ["Twin one"]
    with site.instance.environment() as env:
        row = env["crm.lead"].get(twins[0])
        assert (row.expected_revenue, row.city) == (250, "Bergen")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("records put back").first).to_be_visible()
    assert names(site) == ["Twin one", "Twin two"]


def test_another_survivor_is_previewed_at_once(page_of, twins):
    page = page_of("ines")
    page.goto(f"/crm/merge?ids={twins[0]}&ids={twins[1]}")
    page.get_by_role("group", name="Which one stays").get_by_role("radio", name="Twin two").check()
    expect(page.get_by_role("group", name="Opportunity").get_by_role("radio", name="Twin two")).to_be_checked()
    expect(page.get_by_role("group", name="Address").get_by_role("radio", name="Bergen")).to_be_checked()
    expect(page.get_by_role("group", name="Which one stays").get_by_role("radio", name="Twin two")).to_be_focused()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", name="Twin two")).to_be_visible()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_preview_is_accessible_and_fits(page_of, axe_source, twins, width, theme):
    page = page_of("ines", width=width, theme=theme)
    page.goto(f"/crm/merge?ids={twins[0]}&ids={twins[1]}")
    assert violations(page, axe_source) == []
    assert no_sideways_scroll(page)
