"""Similar leads in a browser: told while one types, without losing the caret; opened, and merged from the record."""

import re

import pytest
from playwright.sync_api import expect

from .test_axe import SCREENS, no_sideways_scroll, violations

LINE = re.compile(r"^\d+ similar leads?$")


def fresh(site, name):
    """A lead of the office of Saltmarsh Hotels, which has opportunities already."""
    with site.instance.environment("ines") as env:
        return env["crm.lead"].create(name=name, type="opportunity", email_from="office@saltmarsh.example").id


def test_they_are_told_while_one_types(page_of, site):
    page = page_of("ines")
    page.goto("/app/crm.lead/new")
    hints = page.get_by_role("complementary", name="Hints")
    page.get_by_label("Opportunity", exact=False).first.fill("Pool controls")
    email = page.get_by_label("E-mail", exact=True)
    email.click()
    place = email.bounding_box()
    email.press_sequentially("New.Porter@saltmarsh.example")
    expect(hints.locator("summary")).to_have_text(LINE)
    expect(hints.get_by_role("status")).to_have_text(LINE)
    expect(email).to_be_focused()
    expect(email).to_have_value("New.Porter@saltmarsh.example")
    assert email.bounding_box() == place
    hints.locator("summary").click()
    expect(hints.get_by_text("same e-mail domain saltmarsh.example").first).to_be_visible()
    with page.context.expect_page() as opened:
        hints.get_by_role("link", name="Self check-in, 9 hotels").click()
    expect(opened.value.get_by_role("heading", name="Self check-in, 9 hotels")).to_be_visible()
    opened.value.close()
    email.fill("nobody@elsewhere.example")
    expect(hints.locator("summary")).to_have_count(0)
    expect(hints.get_by_role("status")).to_have_text("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Created Pool controls").first).to_be_visible()
    assert site.stored("Pool controls", "email_from") == {"email_from": "nobody@elsewhere.example"}


def test_they_are_told_in_the_form_of_a_new_card(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead?view=board")
    page.get_by_role("button", name="Add to New").click()
    form = page.locator(".quick:popover-open")
    form.get_by_label("Phone").fill("+44 1632 960210")
    expect(form.locator("summary")).to_have_text(LINE)
    form.locator("summary").click()
    expect(form.get_by_text("same telephone number").first).to_be_visible()


def test_a_lead_is_merged_with_one_like_it_and_apart_again(page_of, site):
    id_ = fresh(site, "Twin of another")
    page = page_of("ines")
    page.goto(f"/app/crm.lead/{id_}")
    hints = page.get_by_role("complementary", name="Hints")
    hints.locator("summary").click()
    hints.get_by_role("link", name="Merge with Self check-in, 9 hotels…").click()
    expect(page.get_by_role("heading", name="Merge 2 records")).to_be_visible()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Merged 2 records").first).to_be_visible()
    with site.instance.environment() as env:
        assert not env["crm.lead"].count("name == 'Twin of another'")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("records put back").first).to_be_visible()
    assert site.stored("Twin of another", "id") == {"id": id_}


def test_leads_are_told_apart(page_of, site):
    page = page_of("ines")
    page.goto(f"/app/crm.lead/{fresh(site, 'Not a twin')}")
    hints = page.get_by_role("complementary", name="Hints")
    before = hints.locator("summary").inner_text()
    hints.locator("summary").click()
    hints.get_by_role("button", name="Not the same as Self check-in, 9 hotels").click()
    expect(page.get_by_text("Remembered that they are not the same")).to_be_visible()
    expect(hints.locator("summary")).not_to_have_text(before)
    page.get_by_role("button", name="Undo").first.click()
    expect(hints.locator("summary")).to_have_text(before)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_hints_are_accessible_and_fit(page_of, site, axe_source, width, theme):
    page = page_of("ines", width=width, theme=theme)
    page.goto(f"/app/crm.lead/{fresh(site, 'Another twin')}")
    page.locator(".hints summary").click()
    assert violations(page, axe_source) == []
    assert no_sideways_scroll(page)
    page.goto("/app/crm.lead/new")
    page.get_by_label("E-mail", exact=True).fill("porter@saltmarsh.example")
    page.get_by_label("Phone", exact=True).fill("ask the porter")
    page.get_by_label("Phone", exact=True).press("Tab")
    expect(page.get_by_text("This is no complete telephone number")).to_be_visible()
    expect(page.get_by_label("Website", exact=True)).to_be_focused()
    page.locator(".hints summary").click()
    # On narrow screens the hints stick to the foot of the window, over what is scrolled below them.
    page.evaluate("[...document.querySelectorAll('.page, html')].forEach(each => each.scrollTo(0, 1e6))")
    assert violations(page, axe_source) == []
    assert no_sideways_scroll(page)
