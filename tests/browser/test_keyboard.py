"""The same way by keyboard alone: the pointer is never used, and the focus is always somewhere one can see."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def tab_to(page, text, *, most=60):
    """Press Tab until the focused element is called so."""
    for _press in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => {
                const it = document.activeElement;
                return it === document.body ? "" : it.getAttribute("aria-label") || it.textContent.trim();
            }"""
        )
        if re.search(text, name or ""):
            return
    raise AssertionError(f"Tab does not reach {text}")


def focused(page):
    return page.locator(":focus")


def test_by_keyboard_alone(context_of, site):
    page = context_of().new_page()
    page.goto("/sign-in")
    expect(page.get_by_label("Login or e-mail")).to_be_focused()
    page.keyboard.type("ines")
    page.keyboard.press("Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My Opportunities")).to_be_visible()

    # Search with a key, once the page's script has come.
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("energy dash")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)

    # Move the card with Ctrl and an arrow; the focus goes with it.
    tab_to(page, "^Energy dashboards")
    page.keyboard.press("Control+ArrowRight")
    expect(page.get_by_role("status").filter(has_text=re.compile("Moved .* to Won"))).to_be_visible()
    assert site.stored("Energy dashboards, 14 clinics", "stage.name") == {"stage.name": "Won"}
    expect(focused(page)).to_have_text("Energy dashboards, 14 clinics")
    page.keyboard.press("Control+ArrowLeft")
    expect(page.get_by_role("status").filter(has_text=re.compile("Moved .* to Proposition"))).to_be_visible()

    # The menu of the card does the same.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile("Moved .* to New"))).to_be_visible()

    # Open, edit with a key, save with a key.
    tab_to(page, "^Energy dashboards")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Energy dashboards", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    page.get_by_label("Expected revenue").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("90,000")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("complementary", name="History").locator("ins", has_text="€90,000")).to_be_visible()

    # Back to the board, and out.
    page.wait_for_load_state("networkidle")
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="My Opportunities")).to_be_visible()
    expect(focused(page)).to_have_text("Energy dashboards, 14 clinics")  # where one came from
    tab_to(page, "account menu")
    page.keyboard.press("Enter")
    tab_to(page, "^Sign out")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_list_is_a_grid(page_of, site):
    page = page_of("ines")
    page.goto("/app/crm.lead?order=name")
    grid = page.get_by_role("grid")
    inside = grid.locator('[tabindex="0"]')
    expect(inside).to_have_count(1)
    inside.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.get_by_label("Actions on the selection").get_by_role("status")).to_have_text("2 selected")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Actions on the selection")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(grid.locator('[tabindex="0"]')).to_have_count(1)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    name = focused(page).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_value_is_edited_in_place_and_left_with_escape(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead/11")
    tab_to(page, "Edit [Pp]robability")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Probability")).to_be_focused()
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Probability")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Probability")).to_have_count(0)
    expect(focused(page)).to_contain_text("%")


def test_a_value_opens_in_place_again_after_it_was_left(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead/11")
    for _time in range(2):
        page.get_by_role("link", name="Edit Probability").click()
        expect(page.get_by_role("textbox", name="Probability")).to_be_focused()
        page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/app/crm\.lead/11$"))


def test_what_opens_for_typing_takes_the_focus_and_no_key_is_pressed_by_it(page_of):
    page = page_of("ines")
    page.get_by_role("button", name="Add to New").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".quick:popover-open input:focus")).to_have_count(1)
    page.keyboard.type("never new /")
    expect(focused(page)).to_have_value("never new /")
    page.goto("/app/res.partner?q=Halden")
    page.get_by_role("link", name="Halden Marine").first.click()
    page.get_by_text("Add contact").click()
    expect(page.locator(".inline-add input:focus")).to_have_count(1)
    page.keyboard.type("Nora Lie")
    expect(focused(page)).to_have_value("Nora Lie")


def test_keys_can_be_switched_off(page_of):
    page = page_of("ines")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    sheet.get_by_role("switch", name="Keys without Ctrl").press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_the_first_stop_skips_to_the_content(page_of):
    page = page_of("ines")
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
