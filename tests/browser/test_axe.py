"""No violation of accessibility rules, in both themes, on wide and narrow screens."""

import pytest

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

SCREENS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast"]  # all that a theme can spoil


def violations(page, axe_source, only=TAGS):
    page.evaluate(axe_source)
    found = page.evaluate("only => axe.run(document, {runOnly: only})", only)["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for each in found
        for node in each["nodes"]
    ]


def no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_sign_in(context_of, axe_source, width, theme):
    page = context_of(width=width, theme=theme).new_page()
    page.goto("/sign-in")
    assert violations(page, axe_source) == []
    page.get_by_label("Login or e-mail").fill("ines")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("do not belong together").wait_for()
    assert violations(page, axe_source) == []
    assert no_sideways_scroll(page)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_every_screen(page_of, axe_source, width, theme):
    page = page_of("ines", width=width, theme=theme)
    wrong = {}
    for name, path in {
        "list": "/app/crm.lead",
        "grouped list": "/app/crm.lead?group=stage",
        "board": "/app/crm.lead?view=board",
        "graph": "/app/crm.lead?view=graph&stack=user",
        "graph of months": "/app/crm.lead?view=graph&group=date_deadline:month&stack=stage&chart=line",
        "graph of averages": "/app/crm.lead?view=graph&group=partner&stack=stage&measure=probability:avg",
        "nothing found": "/app/crm.lead?q=nothing+like+this",
        "bad condition": "/app/crm.lead?where=phne",
        "record": "/app/crm.lead/1",
        "edit": "/app/crm.lead/1/edit",
        "new": "/app/crm.lead/new",
        "partner": "/app/res.partner/1",
        "teams": "/crm/teams",
        "account": "/account",
        "history": "/app/crm.lead/1/history",
        "assignment": "/crm/assign?seed=3",
        "team": "/app/crm.team/2",
        "not found": "/app/crm.lead/999999",
    }.items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found = violations(page, axe_source, TAGS if theme == "light" else CONTRAST)
        if found:
            wrong[name] = found
        if not no_sideways_scroll(page):
            wrong[f"{name}, width"] = ["the page scrolls sideways"]
    assert wrong == {}


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_search_and_selection(page_of, axe_source, width, theme):
    page = page_of("ines", width=width, theme=theme)
    page.goto("/app/crm.lead?q=a")
    page.get_by_role("button", name="Filter", exact=True).click()
    assert violations(page, axe_source) == []
    page.keyboard.press("Escape")
    page.locator('input[name="ids"]').first.check()
    assert violations(page, axe_source) == []
