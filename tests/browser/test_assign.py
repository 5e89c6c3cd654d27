"""Assigning leads in a browser: a preview of the rules of teams, what it shows is done, and undone."""

import re

import pytest
from playwright.sync_api import expect


def unassigned(site):
    with site.instance.environment() as env:
        rows = env["crm.lead"].read("user == none", ["id", "name", "team", "type", "date_open"], order="id")
        return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("scripts", [True, False])
def test_leads_are_assigned_and_given_back(page_of, site, scripts):
    before = unassigned(site)
    page = page_of("ines", scripts=scripts)
    page.get_by_role("link", name="Assign leads").click()
    expect(page.get_by_role("heading", name="Assign leads")).to_be_visible()
    page.goto("/crm/assign?seed=3")
    north = page.get_by_role("region", name="North")
    expect(north.get_by_role("row", name="Tidewater Foods at the fair")).to_contain_text("Preferred: Source is")
    expect(page.get_by_role("region", name="Nobody gets these now")).to_contain_text("Maple Ridge")
    assert unassigned(site) == before
    page.get_by_role("button", name=re.compile("Assign 10 leads")).click()
    expect(page.get_by_text("Assigned: 10, waiting in a team: 3, merged: 1").first).to_be_visible()
    assert site.stored("Tidewater Foods at the fair", "user.name", "team.name", "type") == {
        "user.name": "Ines Varga",
        "team.name": "North",
        "type": "opportunity",
    }
    assert len(unassigned(site)) == len(before) - 11
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("records put back").first).to_be_visible()
    assert unassigned(site) == before


def test_a_team_refuses_a_condition_with_a_mistake(page_of, site):
    page = page_of("ines")
    page.goto("/app/crm.team")
    page.get_by_role("link", name="South").first.click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Condition").fill("citty == 'Lyon'")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("column 1: 'citty' .*; did you mean 'city'")).last).to_be_visible()
    page.get_by_label("Condition").fill("city == 'Lyon'")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Takes: City is “Lyon”")).to_be_visible()
