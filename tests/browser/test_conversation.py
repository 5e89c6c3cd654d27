"""What is said, planned and sent: on the page of an opportunity and of its customer, and by mail."""

import re

from playwright.sync_api import expect

LEAD = "Cold-chain sensors for 3 depots"


def open_lead(page, site):
    page.goto(f"/app/crm.lead/{site.stored(LEAD, 'id')['id']}")
    expect(page.get_by_role("heading", name=LEAD)).to_be_visible()


def test_a_note_with_a_mention_and_a_file(page_of, site):
    page = page_of("ines")
    open_lead(page, site)
    page.get_by_label("Text", exact=True).fill("@tomas see the plan\n\nIt is <final>")
    page.locator("form.compose input[type=file]").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"plan"}
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Noted")).to_be_visible()
    bubble = page.locator(".timeline .bubble").first
    expect(bubble).to_contain_text("It is <final>")
    expect(bubble.get_by_role("link", name="@Tomas Okafor")).to_be_visible()
    expect(page.locator(".files").get_by_role("link", name="plan.txt")).to_be_visible()
    other = page_of("tomas")
    expect(other.locator(".bell .badge")).to_have_text("2")  # one more was there, from the demo data
    other.get_by_role("link", name=re.compile("2 unread")).click()
    other.get_by_role("link", name=re.compile("Unread messages")).click()
    expect(other.get_by_role("link", name=LEAD).first).to_be_visible()


def test_a_mention_is_completed_while_it_is_typed(page_of, site, axe_source):
    page = page_of("ines")
    open_lead(page, site)
    text, offered = page.get_by_label("Text", exact=True), page.get_by_role("listbox", name="Colleagues")
    text.press_sequentially("Ask @")
    expect(offered.get_by_role("option")).not_to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="Colleagues are offered")).to_be_attached()
    page.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    expect(text).to_have_value("Ask @")
    text.press_sequentially("okaf")
    option = offered.get_by_role("option", name="Tomas Okafor")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(text).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    page.evaluate(axe_source)
    assert page.evaluate("axe.run('form.compose')")["violations"] == []
    page.keyboard.press("Enter")
    expect(text).to_have_value("Ask @tomas ")
    text.press_sequentially("and @")
    first, second = offered.get_by_role("option").nth(0), offered.get_by_role("option").nth(1)
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "true")
    text.press_sequentially("mira")  # who sees only leads of her own
    expect(offered).to_be_hidden()
    for _letter in "mira":
        page.keyboard.press("Backspace")
    text.press_sequentially("adm")
    offered.get_by_role("option", name="Administrator").click()
    expect(text).to_have_value("Ask @tomas and @admin ")
    text.press_sequentially("by ines@ours.example")
    expect(offered).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    bubble = page.locator(".timeline .bubble").first
    expect(bubble.get_by_role("link", name="@Tomas Okafor")).to_be_visible()
    expect(bubble.get_by_role("link", name="@Administrator")).to_be_visible()


def test_a_file_is_dropped_looked_at_and_removed(page_of, site):
    page = page_of("ines")
    open_lead(page, site)
    with page.expect_navigation():
        page.locator("form[data-files] input[type=file]").set_input_files(
            {"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 40}
        )
    expect(page.locator(".files img")).to_have_count(1)
    with page.expect_navigation():
        page.evaluate(
            """() => {
              const transfer = new DataTransfer();
              transfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
              const target = document.querySelector("main .main");
              const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
              for (const kind of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(kind, how));
            }"""
        )
    expect(page.locator(".files").get_by_role("link", name="dropped.txt")).to_be_visible()
    page.get_by_role("button", name="Remove dropped.txt").click()
    expect(page.get_by_role("status").filter(has_text="Deleted dropped.txt")).to_be_visible()
    expect(page.locator(".files").get_by_role("link", name="dropped.txt")).to_have_count(0)


def test_an_activity_is_planned_and_done(page_of, site):
    page = page_of("ines")
    open_lead(page, site)
    planned = page.get_by_role("region", name="Planned")
    expect(planned.locator(".activity")).to_have_count(2)
    page.get_by_role("button", name="Plan activity").click()
    page.get_by_label("Summary").fill("Visit the depot")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(planned.get_by_role("link", name="Visit the depot")).to_be_visible()
    page.get_by_role("button", name="Change Visit the depot").click()
    page.get_by_label("What came of it?").locator("visible=true").fill("They sign on Monday")
    page.get_by_role("button", name="Done", exact=True).locator("visible=true").click()
    expect(planned.get_by_role("link", name="Visit the depot")).to_have_count(0)
    entry = page.locator(".timeline > li", has_text="finished Visit the depot")
    expect(entry).to_contain_text("They sign on Monday")
    page.get_by_role("status").filter(has_text="Done: Visit the depot").get_by_role("button", name="Undo").click()
    expect(planned.get_by_role("link", name="Visit the depot")).to_be_visible()


def test_the_history_of_a_customer(page_of, site):
    page = page_of("ines")
    customer = site.stored(LEAD, "partner")["partner"]
    page.goto(f"/app/res.partner/{customer}")
    page.get_by_role("navigation", name="Related").get_by_role("link", name="History").click()
    tab = page.get_by_role("region", name="History").first
    expect(tab.get_by_role("link", name="Send the revised offer")).to_be_visible()
    expect(tab.get_by_role("link", name=LEAD).first).to_be_visible()
    expect(tab).to_contain_text("Installation speed decides")
    expect(tab.get_by_role("heading", name="Done")).to_be_visible()


def test_a_forgotten_password(context_of, site):
    page = context_of().new_page()
    page.goto("/sign-in")
    page.get_by_role("link", name="Password forgotten?").click()
    page.get_by_label("Login or e-mail").fill("mira")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_text("a mail is on its way")).to_be_visible()
    (mail,) = site.mails()
    assert mail["To"] == "mira@aldine.example"
    link = re.search(r"http://\S+/password/choose\?token=\S+", mail.get_body(("plain",)).get_content())[0]
    page.goto(link)
    page.get_by_label("New password").fill("battery staple")
    page.get_by_label("The same again").fill("battery staple")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_label("Login or e-mail").fill("mira")
    page.get_by_label("Password", exact=True).fill("battery staple")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/app/**")
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("was used already")


def test_without_scripts(context_of, page_of, site):
    page = page_of("ines", scripts=False, width=360)
    open_lead(page, site)
    page.get_by_label("Text", exact=True).fill("Written without scripts")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("link", name="Show the history").click()
    expect(page.get_by_text("Written without scripts")).to_be_visible()
    page.go_back()
    page.locator("form[data-files] input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
    )
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.locator(".files").get_by_role("link", name="a.txt")).to_be_visible()
    page.get_by_role("button", name="Mark as done: Send the revised offer").click()
    expect(page.get_by_role("link", name="Send the revised offer")).to_have_count(0)
