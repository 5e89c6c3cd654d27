"""Properties in a browser: defined by a team leader, filled in on a lead, kept with another team, in the history."""

import re

import pytest
from playwright.sync_api import expect

from .test_axe import SCREENS, no_sideways_scroll, violations

LEAD = "Cold-chain sensors for 3 depots"


@pytest.fixture
def ids(site):
    """The ids of the lead, and of the teams by name."""
    with site.instance.environment() as env:
        lead = env["crm.lead"].read("name == wanted", ["id"], wanted=LEAD)[0]["id"]
        return lead, {row["name"]: row["id"] for row in env["crm.team"].read("", ["id", "name"])}


def test_a_property_from_its_definition_to_the_history(page_of, site, ids):
    lead, teams = ids
    page = page_of("ines")
    page.goto(f"/app/crm.team/{teams['North']}?page=properties")
    page.get_by_text("Add property").click()
    page.get_by_label("Label").fill("Depots")
    page.get_by_label("Type").select_option("Number")
    page.get_by_label("Default").fill("1")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="Depots")).to_be_visible()

    page.goto(f"/app/crm.lead/{lead}")
    section = page.locator("[data-section=properties]")
    expect(section).to_contain_text("Sites")
    section.get_by_role("link", name="Add depots").click()
    page.get_by_role("textbox", name="Depots").fill("3")
    page.keyboard.press("Enter")
    expect(section.get_by_role("link", name="Edit Depots")).to_be_visible()
    assert site.stored(LEAD, "properties")["properties"]["depots"] == 3

    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="Depots").fill("4")
    page.get_by_role("combobox", name="Sales team").fill("South")
    page.get_by_role("option", name="South").click()
    expect(page.get_by_label("Depots (from North)")).to_have_value("4")
    expect(page.get_by_label("Go-live")).to_have_count(0)
    page.get_by_label("Connection (from North)").select_option("Wired")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(section).to_contain_text("Depots (from North)")
    history = page.locator("#timeline")
    expect(history).to_contain_text(re.compile(r"Depots\s*3\s*→?\s*4"))
    expect(history).to_contain_text(re.compile(r"Connection\s*LoRaWAN\s*→?\s*Wired"))
    page.get_by_role("button", name="Undo").first.click()
    expect(section).to_contain_text("Go-live")
    assert site.stored(LEAD, "properties", "team.name") == {
        "properties": {"connection": "LoRaWAN", "depots": 3, "pilot_agreed": True, "sites": 3},
        "team.name": "North",
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_scripts(page_of, site, ids):
    lead = ids[0]
    page = page_of("ines", scripts=False)
    page.goto(f"/app/crm.lead/{lead}/edit")
    page.get_by_label("Sites").fill("many")
    page.get_by_label("Pilot agreed").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("Sites: 'many' is not a number"))).to_be_visible()
    expect(page.get_by_label("Pilot agreed")).not_to_be_checked()
    page.get_by_label("Sites").fill("7")
    page.get_by_label("Go-live").fill("2027-03-01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-field='properties.go_live']")).to_contain_text("1 Mar 2027")
    assert site.stored(LEAD, "properties")["properties"] == {
        "connection": "LoRaWAN",
        "go_live": "2027-03-01",
        "pilot_agreed": False,
        "sites": 7,
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_accessible_on_every_screen(page_of, axe_source, site, ids, width, theme):
    lead, teams = ids
    with site.instance.environment() as env:
        env["crm.lead"].write(lead, team=teams["South"])
    page = page_of("ines", width=width, theme=theme)
    for path in (
        f"/app/crm.lead/{lead}",
        f"/app/crm.lead/{lead}/edit",
        f"/app/crm.team/{teams['North']}?page=properties",
        "/app/crm.team.property/new",
        "/app/crm.lead?view=list&group=properties.text.connection",
        "/app/crm.lead?view=board",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert violations(page, axe_source) == []
        assert no_sideways_scroll(page)
