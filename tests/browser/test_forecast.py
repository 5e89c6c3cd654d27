"""The forecast in a browser: a card goes to another month by pointer, by keyboard and by its menu, and comes back."""

import re
from datetime import date

import pytest
from babel.dates import format_date
from playwright.sync_api import expect

from core.views.periods import first_day, following, last_day

from .conftest import sign_in
from .test_axe import SCREENS, no_sideways_scroll, violations
from .test_whole_path import card

THIS = first_day(date.today(), "month")
NEXT = following(THIS, "month")
NAME = "Dock scales"


@pytest.fixture
def forecast(site):
    """A deal that closes this month, one that is won, one that is overdue for long; the address of the forecast."""
    with site.instance.environment("ines") as env:
        won = env.ref("crm.stage_won").id
        common = {"type": "opportunity", "expected_revenue": 4000}
        env["crm.lead"].create_many(
            [
                {"name": NAME, "date_deadline": THIS, **common},
                {"name": "Won scales", "date_deadline": THIS, "stage": won, **common},
                {"name": "Old scales", "date_deadline": following(THIS, "month", -3), **common},
            ]
        )
        return f"/app/crm.lead?action={env.ref('crm.forecast_action').id}&q=scales"


def column(page, first):
    return page.locator(f"#col-{first:%Y-%m}")


def deadline(site, name=NAME):
    return site.stored(name, "date_deadline")["date_deadline"]


def test_a_card_is_dragged_to_another_month_and_comes_back(page_of, site, forecast):
    page = page_of("ines")
    page.goto(forecast)
    expect(column(page, THIS).locator("[data-count]")).to_have_text("2")
    expect(page.locator("#col-earlier").get_by_role("link", name="Old scales", exact=True)).to_be_visible()
    page.locator(".card", has_text=NAME).hover(position={"x": 20, "y": 40})
    page.mouse.down()
    box = column(page, NEXT).locator("[data-cards]").bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 30, steps=12)
    page.mouse.move(box["x"] + 82, box["y"] + 34, steps=3)
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text=f"Moved {NAME} to")).to_be_visible()
    expect(card(page, NAME).get_by_title(format_date(last_day(NEXT, "month"), "medium", "en_GB"))).to_be_visible()
    expect(column(page, NEXT).locator("[data-count]")).to_have_text("1")
    expect(column(page, NEXT).locator(".sums")).to_contain_text("€4,000")
    assert deadline(site) == last_day(NEXT, "month")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    expect(column(page, THIS).get_by_role("link", name=NAME, exact=True)).to_be_visible()
    assert deadline(site) == THIS


def test_keyboard_and_menu_do_the_same(page_of, site, forecast):
    page = page_of("ines")
    page.goto(forecast)
    link = page.get_by_role("link", name=NAME, exact=True)
    link.focus()
    page.keyboard.press("Control+ArrowRight")
    expect(page.get_by_role("status").filter(has_text=f"Moved {NAME} to")).to_be_visible()
    expect(column(page, NEXT).get_by_role("link", name=NAME, exact=True)).to_be_visible()
    expect(link).to_be_focused()
    assert deadline(site) == last_day(NEXT, "month")
    page.get_by_role("link", name=f"Move or change {NAME}").click()
    menu = page.locator(".menu:popover-open")
    expect(menu.get_by_role("button", name=re.compile("Earlier|Later"))).to_have_count(0)
    menu.get_by_role("button").nth(3).click()
    expect(page.get_by_role("status").filter(has_text=f"Moved {NAME} to")).to_have_count(2)
    assert deadline(site) == last_day(following(THIS, "month", 4), "month")


def test_what_is_won_stays_and_what_is_overdue_gets_a_month(page_of, site, forecast):
    page = page_of("ines")
    page.goto(forecast)
    won = card(page, "Won scales")
    expect(won.get_by_title(re.compile("Cannot be moved: .*Won"))).to_be_visible()
    expect(won.locator("[data-move]")).to_have_count(0)
    won.get_by_role("link").focus()
    page.keyboard.press("Control+ArrowRight")
    expect(page.get_by_role("alert").filter(has_text="Cannot be moved")).to_be_visible()
    expect(column(page, THIS).get_by_role("link", name="Won scales", exact=True)).to_be_visible()
    assert deadline(site, "Won scales") == THIS
    page.get_by_role("link", name="Old scales", exact=True).focus()
    page.keyboard.press("Control+ArrowRight")
    expect(column(page, THIS).get_by_role("link", name="Old scales", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Moved Old scales to")).to_be_visible()
    assert deadline(site, "Old scales") == last_day(THIS, "month")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_scripts_it_is_read_and_paged(context_of, forecast):
    page = context_of(scripts=False).new_page()
    sign_in(page, "ines")
    page.goto(forecast)
    expect(column(page, THIS).get_by_role("link", name=NAME, exact=True)).to_be_visible()
    page.get_by_role("link", name="Show columns of what is later").click()
    expect(column(page, following(THIS, "month", 12))).to_be_visible()
    page.get_by_role("link", name="Show columns of what is earlier").click()
    expect(column(page, THIS).get_by_role("link", name=NAME, exact=True)).to_be_visible()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_forecast_is_accessible_and_fits(page_of, axe_source, forecast, width, theme):
    page = page_of("ines", width=width, theme=theme)
    for address in (forecast, forecast.partition("&")[0]):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert violations(page, axe_source) == []
        assert no_sideways_scroll(page)
