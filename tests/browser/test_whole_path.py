"""The whole way through the product with a pointer, on both engines: sign in, filter, drag, edit, look back, sign
out.
"""

import re

from playwright.sync_api import expect


def card(page, name):
    return page.locator(".card", has=page.get_by_role("link", name=name, exact=True))


def column(page, name):
    return page.get_by_role("region", name=name, exact=True)


MOVED = "Energy dashboards, 14 clinics"


def test_with_a_pointer(page_of, site):
    page = page_of("ines")
    filter_and_take_away(page)
    drag_and_undo(page, site)
    edit(page)
    look_back_and_leave(page)


def filter_and_take_away(page):
    """The pipeline opens first; by text, then by a ready-made filter."""
    expect(page.get_by_role("heading", name="My Opportunities")).to_be_visible()
    expect(page.get_by_role("link", name="My Opportunities", exact=True)).to_have_attribute("aria-current", "page")
    page.get_by_role("searchbox").fill("energy")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_role("link", name=re.compile("Remove filter .*energy")).click()
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#filters").get_by_role("link", name="Won", exact=True).click()
    expect(column(page, "New").locator(".card")).to_have_count(0)
    page.get_by_role("link", name="Remove filter Won").click()


def drag_and_undo(page, site):
    """A card changes its column and the numbers of both follow; the message undoes it."""
    expect(column(page, "Proposition").locator("[data-count]")).to_have_text("3")
    source, target = card(page, MOVED), column(page, "Won").locator("[data-cards]")
    source.hover(position={"x": 20, "y": 60})
    page.mouse.down()
    box = target.bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 60, steps=12)
    page.mouse.move(box["x"] + 82, box["y"] + 64, steps=3)
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text=re.compile("Moved .* to Won"))).to_be_visible()
    expect(column(page, "Won").get_by_role("link", name=MOVED, exact=True)).to_be_visible()
    expect(column(page, "Proposition").locator("[data-count]")).to_have_text("2")
    assert site.stored(MOVED, "stage.name", "probability") == {"stage.name": "Won", "probability": 100.0}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    assert site.stored(MOVED, "stage.name") == {"stage.name": "Proposition"}


def edit(page):
    """One value in place, the rest in the form."""
    page.get_by_role("link", name=MOVED, exact=True).click()
    expect(page.get_by_role("heading", name=MOVED, level=1)).to_be_visible()
    page.get_by_role("link", name=re.compile("Edit Probability")).click()
    editor = page.get_by_role("textbox", name="Probability")
    expect(editor).to_be_focused()
    editor.fill("75")
    page.keyboard.press("Enter")
    expect(page.locator("[data-field=probability]")).to_contain_text("75%")
    expect(page.locator("[data-field=probability]").get_by_role("status")).to_have_text("Saved")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Expected revenue").fill("80,000")
    page.get_by_role("combobox", name="Customer").fill("kest")
    page.get_by_role("option", name="Kestrel Logistics", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-field=partner]")).to_contain_text("Kestrel Logistics")


def look_back_and_leave(page):
    """The history tells all of it."""
    history = page.get_by_role("complementary", name="History")
    expect(history.locator("ins", has_text="Kestrel Logistics").first).to_be_visible()
    expect(history.locator("del", has_text="€72,800")).to_be_visible()
    expect(history.locator("ins", has_text="€80,000")).to_be_visible()
    expect(history.locator("ins", has_text="75").first).to_be_visible()

    # Back to the same list, and out.
    page.get_by_role("link", name="My Opportunities", exact=True).first.click()
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/app/crm.lead")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_card_that_may_not_move_goes_back(page_of, site):
    page = page_of("ines")
    name = "Energy dashboards, 14 clinics"
    with site.instance.environment() as env:
        env["crm.lead"].write(list(env["crm.lead"].search("name == wanted", wanted=name)), priority="0")
    link = page.get_by_role("link", name=name, exact=True)
    link.focus()
    page.keyboard.press("Control+ArrowRight")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(column(page, "Proposition").get_by_role("link", name=name, exact=True)).to_be_visible()
    link.focus()
    page.keyboard.press("Control+ArrowRight")  # knowing of the other change now
    expect(page.get_by_role("status").filter(has_text=re.compile("Moved .* to Won"))).to_be_visible()


def test_all_means_all_only_until_a_row_is_touched(page_of, site):
    with site.instance.environment() as env:
        env["crm.lead"].create_many([{"name": f"Many {number:03}"} for number in range(60)])
        archived, active = env["crm.lead"].count("active == false"), env["crm.lead"].count()
    page = page_of("ines")
    page.goto("/app/crm.lead?order=name")
    boxes, bar = page.locator('input[name="ids"]'), page.get_by_label("Actions on the selection")
    everything = bar.get_by_label(f"All {active}")
    for leave in ("Escape", "untick"):
        page.locator("[data-select-all]").check()
        everything.check()
        expect(bar.get_by_role("status")).to_have_text(f"All {active} selected")
        if leave == "Escape":
            page.keyboard.press("Escape")
            boxes.nth(0).check()
            expect(bar.get_by_role("status")).to_have_text("1 selected")
        else:
            boxes.nth(0).uncheck()
            expect(bar.get_by_role("status")).to_have_text("79 selected")
        expect(everything).not_to_be_checked()
    page.keyboard.press("Escape")
    boxes.nth(5).check()
    bar.get_by_role("button", name="More actions").click()
    bar.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("1 record archived")).to_be_visible()
    with site.instance.environment() as env:
        assert env["crm.lead"].count("active == false") == archived + 1


def test_many_rows_at_once(page_of, site):
    with site.instance.environment(write=False) as env:
        active = env["crm.lead"].count()
    page = page_of("ines")
    page.goto("/app/crm.lead?order=name")
    boxes = page.locator('input[name="ids"]')
    bar = page.get_by_label("Actions on the selection")
    expect(bar).to_be_hidden()
    boxes.nth(0).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(bar.get_by_role("status")).to_have_text("4 selected")
    bar.get_by_role("button", name="Assign").click()
    page.get_by_role("combobox", name="Salesperson").fill("tom")
    page.get_by_role("option", name="Tomas Okafor").click()
    page.locator("#assign-user").get_by_role("button", name="Assign").click()
    expect(page.get_by_text("4 records changed")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("4 records put back")).to_be_visible()
    page.locator("[data-select-all]").check()
    expect(bar.get_by_role("status")).to_have_text(f"{active} selected")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_two_people_edit_one_record(page_of, site):
    mine, theirs = page_of("ines"), page_of("tomas")
    for page in (mine, theirs):
        page.goto("/app/crm.lead/11/edit")
    theirs.get_by_label("Opportunity").fill("Their name")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_role("heading", name="Their name")).to_be_visible()
    mine.get_by_label("Opportunity").fill("My name")
    mine.get_by_label("Probability").fill("42")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_role("heading", name="Keep which version?")).to_be_visible()
    expect(mine.get_by_text("Tomas Okafor saved this record")).to_be_visible()
    mine.get_by_role("radio", name="Their name").check()
    mine.get_by_role("button", name="Save my choice").click()
    expect(mine.get_by_role("heading", name="Their name")).to_be_visible()
    expect(mine.locator("[data-field=probability]")).to_contain_text("42%")


def test_unsaved_typing_is_guarded(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead/11/edit")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Opportunity").fill("Half written")
    page.get_by_role("link", name="Discard").click()
    expect(page.get_by_label("Opportunity")).to_have_value("Half written")
    assert asked == ["beforeunload"]


def test_a_form_works_out_its_values_while_it_is_filled_in(page_of):
    page = page_of("ines")
    page.goto("/app/crm.lead/11/edit")
    with page.expect_response("**/refresh") as answer:
        page.get_by_label("Expected revenue").fill("1000")
        page.get_by_label("Opportunity").click()
        page.keyboard.type("Typed meanwhile: ")
    assert answer.value.ok
    page.wait_for_timeout(300)
    expect(page.get_by_label("Opportunity")).to_be_focused()
    expect(page.get_by_label("Opportunity")).to_have_value(re.compile("Typed meanwhile"))


def test_theme_and_density_are_kept(page_of):
    page = page_of("ines")
    page.get_by_role("button", name="Switch theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/app/crm.lead")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_totals_and_pages_of_a_long_list(page_of, site):
    with site.instance.environment() as env:
        env["crm.lead"].create_many([{"name": f"Many {number:03}", "expected_revenue": 1} for number in range(200)])
        active = env["crm.lead"].count()
    page = page_of("ines")
    page.goto("/app/crm.lead?order=name")
    expect(page.get_by_text(f"Total of {active}")).to_be_visible()
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("link", name="First page")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(f"80 of {active}")).to_be_visible()


def test_an_import_is_found_on_the_board_and_undone(page_of, site):
    with site.instance.environment(kind="import", label="import of a file") as env:
        env["crm.lead"].create_many([{"name": f"Imported {number}", "type": "opportunity"} for number in range(40)])
        change_set = env.change_set
    page = page_of("admin")
    page.goto("/app/crm.lead?view=board&q=imported")
    expect(page.locator(".deal").first).to_be_visible()
    page.goto(f"/app/core.change_set/{change_set}")
    expect(page.get_by_text("Lead or opportunity, created")).to_be_visible()
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.get_by_role("status").filter(has_text="records put back")).to_be_visible()
    page.goto("/app/crm.lead?view=board&q=imported")
    expect(page.locator(".deal")).to_have_count(0)
