"""Properties on the form of a lead: shown as fields of their own, typed in, refreshed with the team, told in the
history."""

import re
from html import unescape

import pytest


@pytest.fixture
def made(instance):
    """Two teams with properties, and a lead of the first one."""
    with instance.environment() as env:
        europe, asia = (env["crm.team"].create(name=name) for name in ("Europe", "Asia"))
        define = env["crm.team.property"].create
        define(team=europe, label="Seats", type="number")
        define(team=europe, label="Plan", type="selection", options="Basic, Gold", default="Basic", on_card=True)
        define(team=europe, label="Pilot agreed", type="boolean")
        define(team=europe, label="Go-live", type="date")
        define(team=europe, label="Budget", type="amount")
        define(team=asia, label="Port", type="text", default="Busan")
        lead = env["crm.lead"].create(name="Ferries", team=europe, properties={"seats": 5, "plan": "Gold"})
        return europe.id, asia.id, lead.id


@pytest.fixture
def values(instance):
    def read(lead):
        with instance.environment() as env:
            return env["crm.lead"].read_ids([lead], ["properties"])[lead]["properties"]

    return read


def fields_of(text):
    """Label and value of each field in the section of properties."""
    section = re.search(r'data-section="properties">.*?</details>', text, re.DOTALL)
    if section is None:
        return {}
    found = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", section[0], re.DOTALL)
    return {label: " ".join(re.sub(r"<[^>]+>", " ", unescape(value)).split()) for label, value in found}


def inputs_of(text):
    """The values of the inputs of properties, by name."""
    found = dict(re.findall(r'<input class="[^"]*"[^>]* name="(properties\.[a-z_]+)"[^>]* value="([^"]*)"', text))
    found.update(re.findall(r'<input type="checkbox" [^>]*name="(properties\.[a-z_]+)" value="1"( checked)?', text))
    for name, options in re.findall(r'<select [^>]*name="(properties\.[a-z_]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        found[name] = "".join(re.findall(r'value="([^"]*)" selected', options))
    return found


def test_they_are_read_as_fields(browser_of, made):
    text = browser_of("admin").get(f"/app/crm.lead/{made[2]}").text
    assert fields_of(text) == {
        "Seats": "5 Edit Seats",
        "Plan": "Gold Edit Plan",
        "Pilot agreed": "No Edit Pilot agreed",
        "Go-live": "Add go-live",
        "Budget": "Add budget",
    }


def test_they_are_typed_in_with_all_fields(browser_of, made, values):
    browser = browser_of("admin")
    text = browser.get(f"/app/crm.lead/{made[2]}/edit").text
    assert inputs_of(text) == {
        "properties.seats": "5",
        "properties.plan": "Gold",
        "properties.pilot_agreed": "",
        "properties.go_live": "",
        "properties.budget": "",
    }
    typed = {
        "properties.seats": "6.5",
        "properties.plan": "",
        "properties.pilot_agreed": "1",
        "properties.go_live": "2026-03-01",
        "properties.budget": "1,200.50",
    }
    assert browser.post(f"/app/crm.lead/{made[2]}", typed).status_code == 303
    assert values(made[2]) == {"seats": 6.5, "pilot_agreed": True, "go_live": "2026-03-01", "budget": 1200.5}
    text = browser.get(f"/app/crm.lead/{made[2]}").text
    assert fields_of(text)["Budget"] == "€1,200.50 Edit Budget"
    assert fields_of(text)["Go-live"] == "1 Mar 2026 Edit Go-live"


def test_what_cannot_be_read_comes_back_with_the_mistake_at_its_input(browser_of, made, values):
    browser = browser_of("admin")
    browser.get(f"/app/crm.lead/{made[2]}/edit")
    answer = browser.post(f"/app/crm.lead/{made[2]}", {"properties.seats": "many", "name": "Ships"})
    assert answer.status_code == 422
    assert inputs_of(answer.text)["properties.seats"] == "many"
    assert re.search(r'href="#edit-f\d+-seats">Seats:', answer.text)
    assert values(made[2]) == {"seats": 5, "plan": "Gold"}


def test_one_is_edited_in_its_place(browser_of, made, values):
    browser = browser_of("admin")
    address = f"/app/crm.lead/{made[2]}/field/properties.seats"
    editor = browser.get(address, **{"HX-Request": "true"})
    assert inputs_of(editor.text) == {"properties.seats": "5"}
    assert "#field-" in browser.get(address).location
    refused = browser.post(address, {"properties.seats": "x"}, **{"HX-Request": "true"})
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text
    saved = browser.post(address, {"properties.seats": "8"}, **{"HX-Request": "true"})
    assert saved.status_code == 200 and values(made[2]) == {"seats": 8, "plan": "Gold"}
    assert browser.get(f"/app/crm.lead/{made[2]}/field/properties.chairs").status_code == 404


def test_another_team_on_the_form_brings_its_properties_and_keeps_what_is_typed(browser_of, made, values):
    _europe, asia, lead = made
    browser = browser_of("admin")
    browser.get(f"/app/crm.lead/{lead}/edit")
    typed = {"team": str(asia), "team:label": "Asia", "properties.seats": "9", "properties.plan": "Gold", "name": "F"}
    text = browser.post(f"/app/crm.lead/{lead}/refresh", typed).text
    assert inputs_of(text) == {"properties.port": "", "properties.seats": "9", "properties.plan": "Gold"}
    assert "Seats (from Europe)" in text
    assert values(lead) == {"seats": 5, "plan": "Gold"}
    assert browser.post(f"/app/crm.lead/{lead}", {**typed, "properties.port": "Ulsan"}).status_code == 303
    assert values(lead) == {"seats": 9, "plan": "Gold", "port": "Ulsan"}
    assert fields_of(browser.get(f"/app/crm.lead/{lead}").text).keys() == {
        "Port",
        "Seats (from Europe)",
        "Plan (from Europe)",
    }


def test_a_new_record_begins_with_the_defaults_of_its_team(browser_of, made, instance):
    europe, asia, _lead = made
    browser = browser_of("admin")
    text = browser.get(f"/app/crm.lead/new?set.team={europe}").text
    assert inputs_of(text)["properties.plan"] == "Basic"
    team = {"team": str(asia), "team:label": "Asia"}
    text = browser.post(f"/app/crm.lead/refresh?set.team={europe}", {**team, "properties.plan": "Basic"}).text
    assert inputs_of(text) == {"properties.port": "Busan"}
    address = browser.post("/app/crm.lead", {"name": "New", **team, "properties.port": ""}).location
    with instance.environment() as env:
        row = env["crm.lead"].get(int(re.search(r"crm\.lead/(\d+)", address)[1]))
        assert (row.team_id, row.properties) == (asia, None)


def test_a_team_without_properties_has_no_section(browser_of, instance, made):
    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Plain", team=env["crm.team"].create(name="Africa")).id
    assert 'data-section="properties"' not in browser_of("admin").get(f"/app/crm.lead/{lead}").text
    assert 'data-section="properties"' not in browser_of("admin").get(f"/app/crm.lead/{lead}/edit").text


def test_the_history_tells_each_property(browser_of, made, instance):
    lead = made[2]
    with instance.environment() as env:
        env["crm.lead"].write(lead, properties={"seats": 8, "pilot_agreed": True, "plan": "Gold"})
        plan = env["crm.team.property"].read("name == 'pilot_agreed'", ["id"])[0]["id"]
        env["crm.team.property"].delete(plan)
    text = browser_of("admin").get(f"/app/crm.lead/{lead}/history").text
    told = " ".join(re.sub(r"<[^>]+>", " ", unescape(text)).split())
    assert "changed 2 fields" in told
    assert re.search(r"Seats:? .*5 .*8", told)
    assert re.search(r"pilot_agreed", told)


def test_two_people_who_change_one_property_are_asked(browser_of, made, instance):
    lead = made[2]
    browser = browser_of("admin")
    version = re.search(r'name="version" value="(\d+)"', browser.get(f"/app/crm.lead/{lead}/edit").text)[1]
    with instance.environment() as env:
        env["crm.lead"].write(lead, properties={"seats": 6, "plan": "Gold"})
    answer = browser.post(
        f"/app/crm.lead/{lead}", {"version": version, "properties.seats": "7", "properties.plan": "Gold"}
    )
    assert answer.status_code == 409
    assert re.search(r"Seats.*7.*6", re.sub(r"<[^>]+>", " ", answer.text), re.DOTALL)
    assert 'name="pick:properties.seats"' in answer.text


def test_cards_show_what_is_meant_for_them(browser_of, made):
    text = browser_of("admin").get("/app/crm.lead?view=board&filter=").text
    assert re.search(r"Plan:</span> Gold", text)
    assert "Seats:</span>" not in text


def test_lists_are_grouped_by_them_and_searched(browser_of, made, instance):
    europe, asia, _lead = made
    with instance.environment() as env:
        create = env["crm.lead"].create
        create(name="Trucks", team=europe, properties={"plan": "Basic", "pilot_agreed": True, "go_live": "2026-02-03"})
        create(name="Ships", team=asia, properties={})
        env["crm.team.property"].create(team=asia, label="Plan", type="selection", options="Basic")
    browser = browser_of("admin")
    page = browser.get("/app/crm.lead?view=list&filter=").text
    offered = dict(re.findall(r'group=(properties[^"&]*)[^>]*>(?:<svg.*?</svg>)?([^<]+)<', page))
    assert offered == {
        "properties.text.plan": "Plan (Europe)",
        "properties.text.plan_2": "Plan (Asia)",
        "properties.yes.pilot_agreed": "Pilot agreed",
        "properties.date.go_live%3Amonth": "Go-live",
    }

    def groups(by):
        text = browser.get(f"/app/crm.lead?view=list&filter=&group={by}").text
        return [
            " ".join(re.sub(r"<[^>]+>", " ", head).split()).partition(" €")[0]
            for head in re.findall(r'<tr class="group.*?</tr>', text, re.S)
        ]

    assert groups("properties.text.plan") == ["Basic 1", "Gold 1", "None 1"]
    assert groups("properties.yes.pilot_agreed") == ["No 2", "Yes 1"]
    assert groups("properties.date.go_live:month") == ["Feb 2026 1", "None 2"]
    assert groups("properties.number.seats") == ["5 1", "None 2"]
    found = browser.get("/app/crm.lead?view=list&filter=&find.properties.text.plan=gol").text
    assert "Ferries" in found and "Trucks" not in found
    told = browser.get("/app/crm.lead?view=list&filter=&where=properties.number.seats+>+4").text
    assert "Ferries" in told and "Trucks" not in told and "Seats is more than 4" in told


def test_records_give_them_and_their_totals(made, instance):
    with instance.environment() as env:
        records = env["crm.lead"]
        found = records.read("properties.text.plan == 'Gold'", ["name", "properties.number.seats"])
        assert found == [{"name": "Ferries", "properties.number.seats": 5.0}]
        totals = records.aggregate("", by=["properties.text.plan"], measures=["properties.number.seats:sum"])
        assert totals == [{"properties.text.plan": "Gold", "properties.number.seats:sum": 5.0}]


def test_one_is_defined_on_the_page_of_the_team(browser_of, made, instance):
    browser = browser_of("admin")
    address = f"/app/crm.team/{made[0]}?page=properties"
    form = re.search(r"<form[^>]*data-inline-add.*?</form>", browser.get(address).text, re.DOTALL)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    assert re.search(r'name="sequence"[^>]* value="10"', form) and '<option value="text" selected>' in form
    inputs = {"label": "Berths", "type": "number", "sequence": "10"}
    answer = browser.post("/app/crm.team.property", {**hidden, **inputs})
    assert (answer.status_code, answer.location) == (303, address)
    with instance.environment() as env:
        assert env["crm.team.property"].read("name == 'berths'", ["team", "type"]) == [
            {"team": made[0], "type": "number"}
        ]


def test_the_preview_of_a_merge_says_them(browser_of, made, instance):
    with instance.environment() as env:
        other = env["crm.lead"].create(name="More ferries", team=made[0], properties={"seats": 9, "pilot_agreed": True})
    text = browser_of("admin").get(f"/crm/merge?ids={made[2]}&ids={other.id}").text
    assert re.search(r"Properties</p><div>Seats: 5, Plan: Gold, Pilot agreed: Yes<", text)


def test_whoever_leads_no_team_is_told_so(browser_of, made, instance):
    browser = browser_of("owner")
    browser.get(f"/app/crm.team/{made[0]}?page=properties")
    inputs = {"label": "Berths", "type": "number", "sequence": "10", "team": str(made[0])}
    answer = browser.post("/app/crm.team.property", inputs)
    assert answer.status_code == 403 and "out of your reach" in answer.text
