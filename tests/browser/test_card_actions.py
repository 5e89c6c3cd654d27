"""What the menu of a card does besides moving it: asking why a deal is lost, and back on the board."""

import pytest
from playwright.sync_api import expect

from .test_axe import SCREENS, no_sideways_scroll, violations

NAME = "Cold-chain sensors for 3 depots"


def test_a_card_is_lost_from_its_menu(page_of, site):
    page = page_of("ines")
    page.goto("/app/crm.lead?view=board")
    page.get_by_role("link", name=f"Move or change {NAME}").click()
    page.get_by_role("button", name="Mark as lost").click()
    expect(page.get_by_role("heading", name="Mark as lost")).to_be_visible()
    expect(page.get_by_text(NAME).first).to_be_visible()
    page.get_by_label("Lost reason").select_option(label="Too expensive")
    page.get_by_label("What happened?").fill("A cheaper one")
    page.get_by_role("button", name="Mark as lost").click()
    expect(page.get_by_text(f"Lost: {NAME}").first).to_be_visible()
    assert "view=board" in page.url
    expect(page.get_by_role("link", name=NAME, exact=True)).to_have_count(0)
    with site.instance.environment() as env:
        (row,) = env["crm.lead"].read(
            "name == wanted and (active or not active)", ["won_status", "lost_reason.name"], wanted=NAME
        )
    assert (row["won_status"], row["lost_reason.name"]) == ("lost", "Too expensive")


def test_a_won_card_offers_neither(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead?view=board")
    card = page.locator(".card", has=page.get_by_role("link", name="Energy audit, 4 clinics", exact=True))
    card.locator("[data-move]").click()
    expect(card.get_by_role("button", name="Qualified")).to_be_visible()
    expect(card.get_by_role("button", name="Mark as lost")).to_have_count(0)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_dialog_and_the_settings_are_accessible_and_fit(page_of, site, axe_source, width, theme):
    with site.instance.environment() as env:
        lead = env["crm.lead"].read("name == wanted", ["id"], wanted=NAME)[0]["id"]
    page = page_of("ines", width=width, theme=theme)
    for path in ("/crm/settings", f"/crm/lost?ids={lead}", f"/app/crm.lead/{lead}?page=tracking"):
        page.goto(path)
        assert violations(page, axe_source) == []
        assert no_sideways_scroll(page)
