"""Graphs in a browser: another measure and group, a number followed to its records; by pointer and by keyboard."""

import pytest
from playwright.sync_api import expect

from .test_axe import SCREENS, no_sideways_scroll, violations

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_another_measure_and_group_and_the_records_behind_a_number(page_of, scripts):
    page = page_of("ines", scripts=scripts)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipeline", exact=True).click()
    expect(page.get_by_role("heading", name="Expected revenue by stage")).to_be_visible()

    page.get_by_role("button", name="Measure").click()
    page.get_by_role("link", name="Count", exact=True).click()
    expect(page.get_by_role("heading", name="Count by stage")).to_be_visible()
    page.get_by_role("button", name="By ", exact=False).first.click()
    page.locator("#graph-group").get_by_role("link", name="Salesperson").click()
    expect(page.get_by_role("heading", name="Count by salesperson")).to_be_visible()
    page.get_by_role("button", name="Split by").click()
    page.locator("#graph-stack").get_by_role("link", name="Stage").click()
    expect(page.get_by_role("heading", name="Count by salesperson and stage")).to_be_visible()

    table = page.get_by_role("table", name="Count by salesperson and stage")
    cell = table.get_by_role("row", name="Tomas Okafor").get_by_role("cell").nth(1)
    count = int(cell.inner_text())
    cell.get_by_role("link").click()
    expect(page.locator("tbody tr[data-id]")).to_have_count(count)
    expect(page.locator(".filter", has_text="Condition")).to_contain_text("Tomas Okafor")
    page.go_back()
    expect(page.get_by_role("heading", name="Count by salesperson and stage")).to_be_visible()


def test_marks_are_one_stop_and_lead_to_their_records(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead?view=graph&stack=user&measure=id:count")
    marks = page.locator("[data-mark]")
    expect(marks.first).to_have_attribute("tabindex", "0")
    assert page.locator('[data-mark][tabindex="0"]').count() == 1
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    expect(marks.nth(1)).to_be_focused()
    title = marks.nth(1).locator("title").text_content()
    page.keyboard.press("Tab")
    expect(page.locator("table.figures a").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(marks.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    count = int(title.rpartition(": ")[2].split()[0])
    expect(page.locator("tbody tr[data-id]")).to_have_count(count)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_menus_are_accessible_and_fit(page_of, axe_source, width, theme):
    page = page_of("ines", width=width, theme=theme)
    page.goto("/app/crm.lead?view=graph&group=date_deadline:week&stack=date_deadline:year")
    page.get_by_role("button", name="In steps of").click()
    page.wait_for_load_state("networkidle")
    assert violations(page, axe_source) == []
    assert no_sideways_scroll(page)
