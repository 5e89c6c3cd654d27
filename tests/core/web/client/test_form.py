"""One record: reading, editing in place and as a whole, creating, stale edits, actions, history."""

import re
from datetime import UTC, datetime

import pytest

from core.records.history import timeline


def lead(instance, name="Fleet renewal"):
    with instance.environment() as env:
        return env["crm.lead"].search("name == wanted and (active or not active)", wanted=name)[0].id


def stored(instance, id_, *fields, model="crm.lead"):
    with instance.environment() as env:
        found = env[model].read_ids([id_], list(fields))[id_]
    return {name: found[name] for name in fields}


def inputs(text):
    """Names and values of a page's record form, as a browser would send them."""
    form = re.search(r'<form id="record-form".*?</form>', text, re.S)[0]
    found = re.findall(r'<input(?![^>]*type="checkbox")[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    found += re.findall(r'<input type="checkbox"[^>]*name="([^"]+)"[^>]*value="([^"]*)" checked', form)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        found += [(name, value) for value in re.findall(r'<option value="([^"]*)" selected', options)] or [(name, "")]
    found += re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form)
    values: dict[str, list[str]] = {}
    for name, value in found:
        values.setdefault(name, []).append(value)
    return values


# Reading


def test_a_record_shows_its_values_stages_and_way_back(browser_of, instance):
    id_ = lead(instance)
    text = browser_of("own").get(f"/app/crm.lead/{id_}?back=q%3Dfleet").text
    assert "<h1>Fleet renewal</h1>" in text and "€1,054" in text and "Acme" in text
    assert 'aria-current="step"' in text
    assert 'href="/app/crm.lead?q=fleet"' in text
    assert 'hx-get="/app/crm.lead/' in text and "Show the history" in text


def test_what_may_not_be_seen_is_not_there(browser_of, instance):
    secret = lead(instance, "Secret deal")
    browser = browser_of("own")
    for path in ("", "/edit", "/history", "/field/name"):
        assert browser.get(f"/app/crm.lead/{secret}{path}").status_code == 404
    assert browser.post(f"/app/crm.lead/{secret}", {"name": "Mine", "version": "1"}).status_code == 404


def test_the_budget_of_a_record(browser_of, instance):
    id_ = lead(instance)
    with instance.environment() as env:
        tags = env["crm.tag"].create_many([{"name": f"Tag {number}"} for number in range(20)])
        env["crm.lead"].write([id_], tags=[tag.id for tag in tags])
    browser = browser_of("own")
    for path in (
        f"/app/crm.lead/{id_}",
        f"/app/crm.lead/{id_}/edit",
        "/app/crm.lead/new",
        f"/app/crm.lead/{id_}/history",
    ):
        assert browser.get(path).status_code == 200
        with instance.database.counting() as counter:
            browser.get(path)
        assert len(counter) <= 17, "\n".join([path, *counter.statements])  # two of them look for similar leads


# Editing as a whole


def test_only_what_was_changed_is_written(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    form = inputs(browser.get(f"/app/crm.lead/{id_}/edit").text)
    assert form["name"] == ["Fleet renewal"] and form["expected_revenue"] == ["1,054.00"]
    response = browser.post(f"/app/crm.lead/{id_}", {**form, "name": ["Fleet renewal 2"]})
    assert (response.status_code, response.location) == (303, f"/app/crm.lead/{id_}")
    assert stored(instance, id_, "name", "version") == {"name": "Fleet renewal 2", "version": 2}
    with instance.environment() as env:
        entry = timeline(env, "crm.lead", id_)[0]
    assert [(change.name, change.old, change.new) for change in entry.changes] == [
        ("name", "Fleet renewal", "Fleet renewal 2")
    ]
    page = browser.get(response.location).text
    assert "Saved" in page and "/undo/" in page


def test_saving_without_a_change_writes_nothing(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    form = inputs(browser.get(f"/app/crm.lead/{id_}/edit").text)
    assert browser.post(f"/app/crm.lead/{id_}", form).status_code == 303
    assert stored(instance, id_, "version") == {"version": 1}


def test_what_is_shown_rounded_is_not_rounded_by_saving(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    moment = datetime(2026, 3, 17, 10, 0, 23, tzinfo=UTC)
    with instance.environment() as env:
        env["crm.lead"].write([id_], date_open=moment)
    form = inputs(browser.get(f"/app/crm.lead/{id_}/edit").text)
    assert form["date_open"] == ["2026-03-17T10:00"]
    browser.post(f"/app/crm.lead/{id_}", {**form, "name": ["Renamed"]})
    assert stored(instance, id_, "date_open", "name") == {"date_open": moment, "name": "Renamed"}


def test_all_mistakes_come_back_at_once_with_what_was_typed(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    wrong = {
        "version": "1",
        "expected_revenue": "lots",
        "date_deadline": "someday",
        "probability": "700",
        "name": "Fine",
    }
    response = browser.post(f"/app/crm.lead/{id_}", wrong)
    assert response.status_code == 422
    assert "Correct 3 fields to save" in response.text
    assert 'value="lots"' in response.text and 'value="Fine"' in response.text
    assert response.text.count('aria-invalid="true"') == 3
    assert stored(instance, id_, "name") == {"name": "Fleet renewal"}


def test_a_broken_constraint_comes_back_at_its_field(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    response = browser.post(f"/app/crm.lead/{id_}", {"version": "1", "probability": "700"})
    assert response.status_code == 422 and 'aria-invalid="true"' in response.text and 'value="700"' in response.text
    assert stored(instance, id_, "probability", "version")["version"] == 1


def test_a_required_field_that_was_emptied(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance, "Guest Wi-Fi")
    response = browser.post(f"/app/crm.lead/{id_}", {"version": "1", "name": ""})
    assert response.status_code in (303, 422)
    assert stored(instance, id_, "name")["name"]


def test_a_relation_by_its_label(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    form = {"version": "1", "partner": "", "partner:label": "Halden Marine"}
    assert browser.post(f"/app/crm.lead/{id_}", form).status_code == 303
    assert stored(instance, id_, "partner.name") == {"partner.name": "Halden Marine"}
    unknown = browser.post(f"/app/crm.lead/{id_}", {"version": "2", "partner": "", "partner:label": "Halden Marina"})
    assert unknown.status_code == 422 and "Halden Marine" in unknown.text


def test_markup_in_values_is_shown_as_text(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    hostile = "<script>alert(1)</script>{{ 7*7 }}\"'"
    browser.post(f"/app/crm.lead/{id_}", {"version": "1", "name": hostile})
    browser.post(f"/app/crm.lead/{id_}", {"version": "2", "description": "<b>bold</b><script>alert(2)</script>"})
    for path in (f"/app/crm.lead/{id_}", f"/app/crm.lead/{id_}/edit", "/app/crm.lead", "/app/crm.lead?view=board"):
        text = browser.get(path).text
        assert "<script>alert" not in text and "7*7" in text, path
    part = browser.get(f"/app/crm.lead/{id_}/history", **{"HX-Request": "true"}).text
    assert "<script>alert" not in part


# Stale edits


def test_a_stale_edit_shows_both_versions_and_keeps_what_is_chosen(browser_of, instance):
    mine, theirs, id_ = browser_of("own"), browser_of("boss"), lead(instance)
    form = inputs(mine.get(f"/app/crm.lead/{id_}/edit").text)
    theirs.get(f"/app/crm.lead/{id_}")
    theirs.post(f"/app/crm.lead/{id_}", {"version": "1", "name": "Theirs", "phone": "+44 1632 960330"})
    response = mine.post(f"/app/crm.lead/{id_}", {**form, "name": ["Mine"], "expected_revenue": ["2,000"]})
    assert response.status_code == 409
    text = response.text
    assert "Theirs" in text and "Mine" in text and "Fleet renewal" in text and "Boss" in text
    assert "€1,054" in text and "€2,000" in text
    assert stored(instance, id_, "name", "version") == {"name": "Theirs", "version": 2}
    again = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', re.findall(r"<form.*?</form>", text, re.S)[-3]
    )
    assert [name for name, _value in again] == ["csrf_token", "version", "name", "expected_revenue"]
    chosen = {**dict(again), "pick:name": "theirs"}
    assert mine.post(f"/app/crm.lead/{id_}", chosen).status_code == 303
    found = stored(instance, id_, "name", "expected_revenue", "phone")
    assert found["name"] == "Theirs" and found["expected_revenue"] == 2000 and found["phone"]


def test_choosing_mine_wins(browser_of, instance):
    mine, id_ = browser_of("own"), lead(instance)
    mine.get(f"/app/crm.lead/{id_}")
    with instance.environment() as env:
        env["crm.lead"].write([id_], name="Theirs")
    form = {"version": "2", "name": "Mine", "pick:name": "mine"}
    assert mine.post(f"/app/crm.lead/{id_}", form).status_code == 303
    assert stored(instance, id_, "name") == {"name": "Mine"}


def test_a_stale_edit_in_place_puts_the_page_of_both_versions_there(browser_of, instance):
    mine, id_ = browser_of("own"), lead(instance)
    mine.get(f"/app/crm.lead/{id_}")
    with instance.environment() as env:
        env["crm.lead"].write([id_], name="Theirs")
    response = mine.post(f"/app/crm.lead/{id_}/field/name", {"version": "1", "name": "Mine"}, **{"HX-Request": "true"})
    assert response.status_code == 409 and response.headers["HX-Retarget"] == "#main"
    assert "Theirs" in response.text and "Mine" in response.text


# Editing in place, refreshing


def test_a_value_is_edited_in_place(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    htmx = {"HX-Request": "true"}
    editor = browser.get(f"/app/crm.lead/{id_}/field/expected_revenue", **htmx)
    assert 'value="1,054.00"' in editor.text and "<html" not in editor.text
    wrong = browser.post(
        f"/app/crm.lead/{id_}/field/expected_revenue", {"version": "1", "expected_revenue": "x"}, **htmx
    )
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text
    saved = browser.post(
        f"/app/crm.lead/{id_}/field/expected_revenue", {"version": "1", "expected_revenue": "99.50"}, **htmx
    )
    assert saved.status_code == 200 and saved.headers["HX-Retarget"] == "#main"
    assert "expected_revenue" in saved.headers["HX-Trigger-After-Settle"]
    assert str(stored(instance, id_, "expected_revenue")["expected_revenue"]) == "99.5"
    assert browser.get(f"/app/crm.lead/{id_}/field/create_date").status_code == 404


def test_without_scripts_the_editor_is_the_whole_form(browser_of, instance):
    id_ = lead(instance)
    response = browser_of("own").get(f"/app/crm.lead/{id_}/field/name")
    assert response.status_code == 303 and response.location.startswith(f"/app/crm.lead/{id_}/edit#field-")


def test_a_refresh_answers_with_the_fields_and_writes_nothing(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    form = inputs(browser.get(f"/app/crm.lead/{id_}/edit").text)
    response = browser.post(f"/app/crm.lead/{id_}/refresh", {**form, "name": ["Not saved"]})
    assert response.status_code == 200 and 'value="Not saved"' in response.text and "<html" not in response.text
    assert stored(instance, id_, "name", "version") == {"name": "Fleet renewal", "version": 1}
    assert browser.post("/app/crm.lead/refresh", {"name": "New one"}).status_code == 200


# The stage path and actions


def test_a_stage_is_moved_without_scripts(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    text = browser.get(f"/app/crm.lead/{id_}").text
    won = re.search(r'<button name="stage" value="(\d+)" title="Won"', text)[1]
    assert browser.post(f"/app/crm.lead/{id_}", {"version": "1", "stage": won}).status_code == 303
    assert stored(instance, id_, "stage.name", "probability") == {"stage.name": "Won", "probability": 100.0}


def test_an_action_and_its_undo(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    browser.get(f"/app/crm.lead/{id_}")
    response = browser.post(f"/app/crm.lead/{id_}/do/mark_won")
    assert response.location == f"/app/crm.lead/{id_}"
    page = browser.get(response.location).text
    assert "Mark as won: Fleet renewal" in page
    undo = re.search(r'action="(/undo/\d+)"', page)[1]
    browser.post(undo, {"next": f"/app/crm.lead/{id_}"})
    assert stored(instance, id_, "stage.name") == {"stage.name": "New"}
    assert browser.post(f"/app/crm.lead/{id_}/do/explode").status_code == 404


def test_deleting_and_archiving_with_undo(browser_of, instance):
    browser, id_ = browser_of("boss"), lead(instance)
    browser.get(f"/app/crm.lead/{id_}")
    assert browser.post(f"/app/crm.lead/{id_}/archive").location == "/app/crm.lead"
    assert "Restore" in browser.get(f"/app/crm.lead/{id_}").text
    assert browser.post(f"/app/crm.lead/{id_}/unarchive").location == f"/app/crm.lead/{id_}"
    browser.get("/")
    assert (
        browser.post(f"/app/crm.lead/{id_}/delete", {"next": "/app/crm.lead?q=fleet"}).location
        == "/app/crm.lead?q=fleet"
    )
    page = browser.get("/app/crm.lead").text
    assert "Deleted Fleet renewal" in page
    browser.post(re.search(r'action="(/undo/\d+)"', page)[1])
    assert stored(instance, id_, "name") == {"name": "Fleet renewal"}


def test_the_menu_offers_only_what_is_allowed(browser_of, instance):
    id_ = lead(instance)
    assert "Delete opportunity" not in browser_of("own").get(f"/app/crm.lead/{id_}").text
    assert "Delete opportunity" in browser_of("boss").get(f"/app/crm.lead/{id_}").text


def test_a_record_is_called_as_where_it_belongs(browser_of, instance):
    with instance.environment() as env:
        leads, opportunities = env.ref("crm.lead_action").id, env.ref("crm.opportunity_action").id
        raw = env["crm.lead"].create(name="Raw lead", type="lead").id
    browser = browser_of("boss")
    text = browser.get(f"/app/crm.lead/{lead(instance)}").text
    assert f'<a href="/app/crm.lead?action={opportunities}">Opportunities</a>' in text
    assert f'href="/app/crm.lead?action={opportunities}" aria-current="page"' in text
    assert "Delete lead" in browser.get(f"/app/crm.lead/{raw}").text
    for action, title in ((leads, "New lead"), (opportunities, "New opportunity")):
        assert f"<h1>{title}</h1>" in browser.get(f"/app/crm.lead/new?back=action%3D{action}").text


def test_a_record_says_that_it_is_over(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    assert "data-closed" not in browser.get(f"/app/crm.lead/{id_}").text
    with instance.environment() as env:
        env["crm.lead"].call([id_], "mark_lost")
    text = browser.get(f"/app/crm.lead/{id_}").text
    assert '<span class="chip">Lost</span>' in text and "data-closed" in text and "Archived" not in text
    with instance.environment() as env:
        env["crm.lead"].write([id_], active=False, probability=10)
    text = browser.get(f"/app/crm.lead/{id_}").text
    assert "Archived</span>" in text and "Restore" in text


def test_what_nobody_can_be_reached_by_is_no_link(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    odd = {"email_from": "ask reception", "phone": "none yet", "website": "javascript:alert(1)"}
    with instance.environment() as env:
        env["crm.lead"].write([id_], **odd)
    assert stored(instance, id_, *odd) == odd
    text = browser.get(f"/app/crm.lead/{id_}").text
    assert text.count('class="unusable"') == 2
    assert (
        "mailto:" not in text and "tel:" not in text and 'href="javascript' not in text and "//javascript" not in text
    )


def test_lists_round_amounts_and_forms_do_not(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    with instance.environment() as env:
        env["crm.lead"].write([id_], expected_revenue="1054.49")
    assert '<span title="€1,054.49">€1,054</span>' in browser.get("/app/crm.lead").text
    assert "€1,054.49" in browser.get(f"/app/crm.lead/{id_}").text


# Creating


def test_a_new_record_begins_with_its_defaults(browser_of, instance):
    with instance.environment() as env:
        action = env.ref("crm.unassigned_action").id
    browser = browser_of("own")
    form = inputs(browser.get("/app/crm.lead/new").text)
    assert form["user"] == [str(instance.user_id("own"))]
    form = inputs(browser.get(f"/app/crm.lead/new?back=action%3D{action}").text)
    assert form["user"] == [""]
    assert form["probability"] == ["10"]  # that of the first stage, which it begins in
    response = browser.post(f"/app/crm.lead?back=action%3D{action}", {**form, "name": ["Brand new"]})
    assert response.status_code == 303
    id_ = int(re.search(r"/app/crm.lead/(\d+)", response.location)[1])
    assert stored(instance, id_, "name", "user", "type") == {"name": "Brand new", "user": None, "type": "opportunity"}
    assert "Created Brand new" in browser.get(response.location).text


def test_a_new_record_shows_what_follows_from_what_is_chosen(browser_of, instance):
    with instance.environment() as env:
        stages = {stage["name"]: str(stage["id"]) for stage in env["crm.stage"].read("", ["id", "name"])}
    browser = browser_of("own")
    form = inputs(browser.get("/app/crm.lead/new").text)
    assert (form["stage"], form["probability"]) == ([stages["New"]], ["10"])
    chosen = {**form, "name": ["Depot"], "stage": [stages["Proposition"]]}
    text = browser.post("/app/crm.lead/refresh", chosen).text
    assert re.search(r'name="probability"[^>]*value="60"', text)
    id_ = int(re.search(r"/app/crm.lead/(\d+)", browser.post("/app/crm.lead", chosen).location)[1])
    assert stored(instance, id_, "probability", "manual_probability") == {
        "probability": 60.0,
        "manual_probability": None,
    }


def test_a_refused_new_record_comes_back(browser_of, instance):
    browser = browser_of("own")
    browser.get("/app/crm.lead/new")
    response = browser.post("/app/crm.lead", {"name": "Wrong", "probability": "700", "expected_revenue": "5"})
    assert response.status_code == 422 and 'value="Wrong"' in response.text and 'value="700"' in response.text
    with instance.environment() as env:
        assert env["crm.lead"].count("name == 'Wrong'") == 0


def test_quick_create_in_a_column(browser_of, instance):
    browser = browser_of("own")
    text = browser.get("/app/crm.lead?view=board").text
    form = re.search(r'<div class="menu quick".*?</form>', text, re.S)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    address = re.search(r'action="([^"]+)"', form)[1].replace("&amp;", "&")
    response = browser.post(address, {**hidden, "name": "Quick one"})
    assert response.status_code == 303 and "view=board" in response.location
    assert "Quick one" in browser.get(response.location).text
    with instance.environment() as env:
        assert str(env["crm.lead"].search("name == 'Quick one'")[0].stage_id) == hidden["stage"]


def test_a_related_record_is_added_inline(browser_of, instance):
    with instance.environment() as env:
        acme = env["res.partner"].search("name == 'Acme'")[0].id
    browser = browser_of("boss")
    text = browser.get(f"/app/res.partner/{acme}").text
    form = re.search(r"<form[^>]*data-inline-add.*?</form>", text, re.S)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    address = re.search(r'action="([^"]+)"', form)[1].replace("&amp;", "&")
    response = browser.post(address, {**hidden, "name": "Signe Aas"})
    assert (response.status_code, response.location) == (303, f"/app/res.partner/{acme}")
    assert "Signe Aas" in browser.get(response.location).text
    with instance.environment() as env:
        assert env["res.partner"].search("name == 'Signe Aas'")[0].parent_id == acme


def test_related_records_are_counted_and_open_as_a_list(browser_of, instance):
    with instance.environment() as env:
        acme = env["res.partner"].search("name == 'Acme'")[0].id
        env["res.partner"].create_many([{"name": f"Person {number}", "parent": acme} for number in range(45)])
    text = browser_of("own").get(f"/app/res.partner/{acme}").text
    assert re.search(r'Contacts and addresses <span class="count">45<', text) and "The first 40" in text
    assert re.search(r'>Opportunities <span class="count">1<', text)
    listing = re.search(r'href="([^"]+)">Open as list', text)[1].replace("&amp;", "&")
    assert "45" in re.search(r'<span class="count">([^<]+)', browser_of("own").get(listing).text)[1]


def test_our_own_people_are_no_customers(browser_of, instance):
    with instance.environment() as env:
        customers = env.ref("crm.customer_action").id
    text = browser_of("own").get(f"/app/res.partner?action={customers}").text
    assert "Acme" in text and "Administrator" not in text and "My company" not in text and "Boss" not in text


def test_reading_rights_only(browser_of, instance):
    browser = browser_of("own")
    with instance.environment() as env:
        stage = env.ref("crm.stage_new").id
    text = browser.get(f"/app/crm.stage/{stage}").text
    assert "/edit" not in text and "hx-get" not in text.partition("<main")[2].partition("<aside")[0]
    assert browser.post(f"/app/crm.stage/{stage}", {"version": "1", "name": "x"}).status_code == 403
    assert browser.post("/app/crm.stage", {"name": "x"}).status_code == 403


# History


def test_the_history_tells_old_and_new(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    browser.get(f"/app/crm.lead/{id_}")
    browser.post(f"/app/crm.lead/{id_}", {"version": "1", "name": "Renamed", "expected_revenue": "2,500"})
    part = browser.get(f"/app/crm.lead/{id_}/history", **{"HX-Request": "true"})
    assert "<del>Fleet renewal</del>" in part.text and "<ins>Renamed</ins>" in part.text
    assert "<del>€1,054</del>" in part.text and "<ins>€2,500</ins>" in part.text
    assert "<b>Own</b> changed 2 fields" in part.text and "created this" in part.text
    assert "<html" not in part.text
    browser.post(f"/app/crm.lead/{id_}", {"version": "2", "probability": "40"})
    text = browser.get(f"/app/crm.lead/{id_}/history").text
    assert "<del>10%</del>" in text and "<ins>40%</ins>" in text
    offered = re.findall(r'action="(/undo/\d+)"', text)
    browser.post(offered[0])
    assert offered[0] not in browser.get(f"/app/crm.lead/{id_}/history").text
    whole = browser.get(f"/app/crm.lead/{id_}/history").text
    assert "History of Renamed" in whole and "<ins>Renamed</ins>" in whole


def test_a_long_history_comes_in_parts(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    for number in range(25):
        with instance.environment() as env:
            env["crm.lead"].write([id_], name=f"Name {number}")
    part = browser.get(f"/app/crm.lead/{id_}/history", **{"HX-Request": "true"}).text
    assert part.count("<ins>") == 20
    older = re.search(r'hx-get="([^"]+)"', part)[1]
    rest = browser.get(older, **{"HX-Request": "true"}).text
    assert rest.count("<ins>") == 5 and "created this" in rest


@pytest.mark.parametrize(
    "path", ["/app/crm.lead/1/history?before=x", "/app/crm.lead/new?set.user=x&set.none=1&back=%00"]
)
def test_odd_addresses_do_no_harm(browser_of, path):
    assert browser_of("own").get(path).status_code in (200, 404)


# Actions with arguments


def test_an_action_asks_for_its_arguments(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    browser.get(f"/app/crm.lead/{id_}")
    asked = browser.post(f"/app/crm.lead/{id_}/do/plan_activity")
    assert asked.status_code == 200 and "Salesperson" in asked.text and 'name="summary"' in asked.text
    form = {"asked": "1", "user": "", "user:label": "Nobody", "summary": "Call back", "date_deadline": "2026-12-01"}
    refused = browser.post(f"/app/crm.lead/{id_}/do/plan_activity", form)
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text and "Call back" in refused.text
    with instance.environment() as env:
        assert env["mail.activity"].count() == 0
    form["user:label"] = "Own"
    assert browser.post(f"/app/crm.lead/{id_}/do/plan_activity", form).status_code == 303
    with instance.environment() as env:
        (planned,) = env["mail.activity"].search("")
        assert (planned.name, planned.user.name, str(planned.date_deadline)) == ("Call back", "Own", "2026-12-01")


def test_looking_at_the_address_of_an_action_does_nothing(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    for action, address in {
        "mark_won": f"/app/crm.lead/{id_}",
        "nothing": f"/app/crm.lead/{id_}",
        "mark_lost": f"/crm/lost?ids={id_}&next=%2Fapp%2Fcrm.lead%2F{id_}",
    }.items():
        answer = browser.get(f"/app/crm.lead/{id_}/do/{action}")
        assert (answer.status_code, answer.location) == (303, address)
    assert stored(instance, id_, "active", "probability") == {"active": True, "probability": 10}


def test_who_may_not_change_a_record_gets_no_form_to_change_it(browser_of, instance):
    with instance.environment() as env:
        stage = env["crm.stage"].search("", limit=1)[0].id
    refused = browser_of("own").get(f"/app/crm.stage/{stage}/edit")
    assert refused.status_code == 403
    assert "You may not change records of &#39;Stage&#39;" in refused.text
    assert browser_of("admin").get(f"/app/crm.stage/{stage}/edit").status_code == 200


def test_history_shows_text_as_it_is(browser_of, instance):
    id_ = lead(instance)
    with instance.environment() as env:
        env["crm.lead"].write(id_, name="a <b>deal</b> & co", description="<p>some <b>words</b></p>")
    page = browser_of("admin").get(f"/app/crm.lead/{id_}").text
    assert page.count("a &lt;b&gt;deal&lt;/b&gt; &amp; co") >= 2
    aside = page[page.index("History") :]
    assert "a &lt;b&gt;deal&lt;/b&gt; &amp; co" in aside


def test_an_address_that_leads_nowhere_says_so_in_our_words(browser_of):
    page = browser_of("admin").get("/nowhere")
    assert page.status_code == 404
    assert "Page not found" in page.text
    assert "requested URL" not in page.text
