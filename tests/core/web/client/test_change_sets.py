"""A change set in the browser: what it changed, and undoing all of it."""

import re


def imported(instance, count=30):
    with instance.environment(kind="import", label="import leads.csv") as env:
        env["crm.lead"].create_many([{"name": f"Imported {number:02}"} for number in range(count)])
        return env.change_set


def test_an_import_is_undone_from_its_page(browser_of, instance):
    change_set, browser = imported(instance), browser_of("admin")
    assert "import leads.csv" in browser.get("/app/core.change_set").text
    text = browser.get(f"/app/core.change_set/{change_set}").text
    assert re.search(r"<b>30</b><span>Lead or opportunity, created</span>", text)
    response = browser.post(f"/undo/{change_set}", {"next": f"/app/core.change_set/{change_set}"})
    assert response.location == f"/app/core.change_set/{change_set}"
    text = browser.get(response.location).text
    assert "30 records put back" in text and "Redo</button>" in text
    assert "Undo all of it" not in text and re.search(r'href="(/app/core.change_set/\d+)">by change set', text)
    redo = re.search(r'action="(/undo/\d+)"[^>]*>(?:<input[^>]*>)+<button[^>]*><svg[^>]*><use[^>]*/></svg>Redo', text)[
        1
    ]
    browser.post(redo)
    assert "Undo all of it" in browser.get(f"/app/core.change_set/{change_set}").text
    assert "Imported" in browser.get("/app/crm.lead").text
    browser.post(f"/undo/{change_set}")
    assert "Imported" not in browser.get("/app/crm.lead").text


def test_conflicts_are_listed_and_the_rest_can_be_undone(browser_of, instance):
    change_set, browser = imported(instance, 3), browser_of("admin")
    with instance.environment() as env:
        env["crm.lead"].write(list(env["crm.lead"].search("name == 'Imported 01'")), name="Worked on")
    browser.get("/app/core.change_set")
    refused = browser.post(f"/undo/{change_set}")
    assert refused.status_code == 409 and "Worked on" in refused.text and "Undo the rest" in refused.text
    assert browser.post(f"/undo/{change_set}", {"skip_conflicts": "1"}).status_code == 303
    text = browser.get("/app/crm.lead").text
    assert "Worked on" in text and "Imported" not in text


def test_a_change_set_says_what_was_done(browser_of, instance):
    browser = browser_of("admin")
    browser.get("/app/crm.lead")
    created = browser.post("/app/crm.lead", {"name": "Boiler"}).location
    id_ = re.search(r"/app/crm.lead/(\d+)", created)[1]
    browser.post(f"/app/crm.lead/{id_}", {"version": "1", "name": "Boilers"})
    browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "archive"})
    browser.post(f"/app/crm.lead/{id_}/do/restore")
    browser.post(f"/app/crm.lead/{id_}/delete")
    text = browser.get("/app/core.change_set").text
    for said in ("Created Boiler", "Saved Boiler", "1 record archived", "Restore: Boilers", "Deleted Boilers"):
        assert said in text


def test_installing_is_not_undone_here(browser_of, instance):
    text = browser_of("admin").get("/app/core.change_set/1").text
    assert "What it changed" in text and "Undo all of it" not in text


def test_change_sets_are_for_administrators(browser_of, instance):
    change_set, browser = imported(instance, 1), browser_of("own")
    assert browser.get("/app/core.change_set").status_code == 403
    assert browser.get(f"/app/core.change_set/{change_set}").status_code in (403, 404)
    assert "/app/core.change_set" not in browser.get("/app/crm.lead/1/history").text


def test_what_is_not_there_cannot_be_undone(browser_of):
    browser = browser_of("admin")
    assert browser.post("/undo/999999").status_code == 404
