"""Lists and boards as people use them: search, filter, group, page, tick and change, move; with and without scripts."""

import html
import re
from datetime import date

import pytest

NAMES = ("Fleet renewal", "Depot sensors", "Guest Wi-Fi", "Secret deal")


def shown(response):
    assert response.status_code == 200, response.text[:2000]
    return [name for name in NAMES if name in response.text]


def action(instance, name="crm.opportunity_action"):
    with instance.environment() as env:
        return env.ref(name).id


def lead(instance, name):
    with instance.environment() as env:
        return env["crm.lead"].search("name == wanted and (active or not active)", wanted=name)[0].id


def stored(instance, id_, *fields):
    with instance.environment() as env:
        found = env["crm.lead"].read_ids([id_], list(fields))[id_]
    return {name: found[name] for name in fields}


# Finding


def test_the_start_leads_to_the_first_menu_and_the_menu_is_marked(browser_of):
    browser = browser_of("own")
    response = browser.get(browser.get("/").location)
    assert re.search(r'<a href="/app/crm.lead\?action=\d+" aria-current="page">', response.text)


def test_an_address_without_an_action_has_the_views_and_the_name_of_the_model(browser_of):
    text = browser_of("own").get("/app/crm.lead").text
    assert "<h1>Leads and opportunities</h1>" in text and "New lead or opportunity" in text
    assert 'href="/app/crm.lead?view=board"' in text


def test_menus_depend_on_groups(browser_of):
    assert "Record rules" in browser_of("admin").get("/app/crm.lead").text
    assert "Record rules" not in browser_of("own").get("/app/crm.lead").text


def test_a_menu_may_open_a_new_record_for_those_who_may_create_one(browser_of, instance):
    browser = browser_of("own")
    address = re.search(r'<a href="(/app/crm.lead/new\?back=action%3D\d+)"', browser.get("/app/crm.lead").text)[1]
    text = browser.get(address).text
    assert "<h1>New opportunity</h1>" in text
    assert re.search(r"<a href=\"/app/crm.lead\?action=\d+\" aria-current=\"page\">.*?<span>Opportunities", text)
    with instance.environment(superuser=True) as env:
        env["core.access"].write(env.ref("crm.access_lead_own"), can_create=False)
    assert address not in browser.get("/app/crm.lead").text


def test_a_list_shows_what_the_user_may_see(browser_of):
    assert shown(browser_of("own").get("/app/crm.lead")) == ["Fleet renewal", "Depot sensors", "Guest Wi-Fi"]
    assert shown(browser_of("all").get("/app/crm.lead")) == list(NAMES)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=fleet", ["Fleet renewal"]),
        ("q=FLÉET+renew", ["Fleet renewal"]),
        ("filter=unassigned", ["Guest Wi-Fi"]),
        ("filter=unassigned&q=fleet", []),
        ("where=expected_revenue+%3E+500", ["Fleet renewal"]),
        ("find.partner=Halden+Marine", ["Depot sensors"]),
        ("find.partner=halden", ["Depot sensors"]),
        ("q=%25", []),
        ("q=%27", []),
    ],
)
def test_searching(browser_of, query, names):
    assert shown(browser_of("admin").get(f"/app/crm.lead?{query}")) == names


def test_what_narrows_is_shown_and_can_be_taken_away(browser_of, instance):
    response = browser_of("own").get(f"/app/crm.lead?action={action(instance)}&q=fleet&where=expected_revenue+%3E+5")
    assert "Remove filter" in response.text and "Expected revenue is more than" in response.text
    assert 'title="expected_revenue &gt; 5"' in response.text
    without = re.search(r'class="x" href="([^"]+)" aria-label="Remove filter Condition', response.text)[1]
    assert "where" not in without and "q=fleet" in without


def test_nothing_found_says_why_and_offers_the_way_back(browser_of):
    browser = browser_of("own")
    for view in ("list", "board"):
        text = browser.get(f"/app/crm.lead?view={view}&q=nothing+like+this&filter=won").text
        assert "Nothing meets all of this at once" in text and "Clear filters" in text
        assert f'href="/app/crm.lead?view={view}&amp;filter=won" title="Leave it out"' in text
    assert "Nothing here yet" in browser.get("/app/crm.tag").text


def test_alternatives_are_one_filter_and_taken_away_at_once(browser_of):
    text = browser_of("own").get("/app/crm.lead?filter=mine&filter=unassigned&filter=won").text
    assert 'aria-label="Remove filter My pipeline or Unassigned"' in text
    assert 'class="x" href="/app/crm.lead?filter=won"' in text


def test_a_filter_that_is_not_there_is_told_and_left_out_on_request(browser_of):
    response = browser_of("own").get("/app/crm.lead?filter=mne&filter=won")
    assert response.status_code == 404
    assert "There is no filter &#39;mne&#39; here, or not for you. Did you mean &#39;mine&#39;?" in response.text
    assert 'href="/app/crm.lead?filter=won">Leave it out' in response.text


def test_a_value_is_no_condition(browser_of):
    response = browser_of("own").get("/app/crm.lead?where=today()")
    assert response.status_code == 400 and "a condition is expected, this gives a date" in response.text


def test_a_condition_that_cannot_be_read_is_shown_at_its_column(browser_of):
    response = browser_of("own").get("/app/crm.lead?where=expected_revenue+%3E+5+and+phne+%3D%3D+1")
    assert response.status_code == 400
    assert "expected_revenue &gt; 5 and <mark>p</mark>hne == 1" in response.text
    assert "Column 26" in response.text and "did you mean &#39;phone&#39;?" in response.text
    assert 'value="expected_revenue &gt; 5 and phne == 1"' in response.text


@pytest.mark.parametrize("query", ["after=damaged"])
def test_an_address_that_means_nothing_is_refused_with_a_page(browser_of, query):
    response = browser_of("own").get(f"/app/crm.lead?{query}")
    assert 400 <= response.status_code < 500
    assert "Reference" in response.text


def test_a_graph_is_another_way_to_look(browser_of, instance):
    browser, analysis = browser_of("own"), action(instance, "crm.pipeline_analysis_action")
    text = browser.get(f"/app/crm.lead?action={analysis}").text
    assert f'<a href="/app/crm.lead?action={analysis}&amp;view=graph" aria-current="page"' in text
    assert "Expected revenue by stage" in text and "Pipeline analysis by stage" in text
    assert "views/graph.js" in text and "New opportunity" not in text and "Grouped by" not in text
    number = html.unescape(re.search(r'<th scope="row">New</th>.*?<a href="([^"]+)"', text, re.DOTALL)[1])
    behind = browser.get(number)
    assert shown(behind) == ["Fleet renewal", "Guest Wi-Fi"]
    assert "Stage is “New”" in behind.text
    assert "Grouped by" not in behind.text
    with instance.environment() as env:
        env["crm.lead"].write(env["crm.lead"].search("name == 'Guest Wi-Fi'"), user=env.user)
    assert shown(browser.get(number)) == ["Fleet renewal"]


def test_a_record_never_belongs_to_an_analysis(browser_of, instance):
    id_ = lead(instance, "Fleet renewal")
    with instance.environment() as env:
        others = "action != none and (parent.name == 'Sales' or action.name == 'Forecast')"
        env["core.menu"].delete(env["core.menu"].search(others))
    assert "Pipeline analysis" not in re.search(r"<ol>.*?</ol>", browser_of("own").get(f"/app/crm.lead/{id_}").text)[0]


def test_groups_with_totals(browser_of):
    text = browser_of("admin").get("/app/crm.lead?group=stage").text
    assert re.search(r"New</span>\s*<span class=\"count\">3</span>", text)
    assert re.search(r"Qualified</span>\s*<span class=\"count\">1</span>", text)
    assert "Grouped by <b>Stage</b>" in text


def test_pages_follow_each_other(browser_of, instance):
    with instance.environment() as env:
        env["crm.lead"].create_many([{"name": f"Many {number:03}"} for number in range(100)])
    browser = browser_of("admin")
    response = browser.get("/app/crm.lead?order=name")
    assert response.text.count("<tr data-id=") == 80 and ">80 of 104<" in response.text
    following = re.search(r'rel="next" href="([^"]+)"', response.text)[1].replace("&amp;", "&")
    second = browser.get(following)
    assert second.text.count("<tr data-id=") == 24 and "First page" in second.text
    assert 'rel="next"' not in second.text


def test_totals_of_a_list_come_by_themselves(browser_of, instance):
    with instance.environment() as env:
        env["crm.lead"].create_many([{"name": f"Many {number}", "expected_revenue": 10} for number in range(100)])
    browser = browser_of("admin")
    text = browser.get("/app/crm.lead").text
    part = re.search(r'hx-get="([^"]+part=totals)"', text)[1].replace("&amp;", "&")
    assert "2,304" in browser.get(part).text


# Changing many


def test_ticked_rows_are_archived_and_it_can_be_undone(browser_of, instance):
    browser, id_ = browser_of("boss"), lead(instance, "Fleet renewal")
    browser.get("/app/crm.lead")
    response = browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "archive", "next": "/app/crm.lead"})
    assert (response.status_code, response.location) == (303, "/app/crm.lead")
    page = browser.get("/app/crm.lead")
    assert "1 record archived" in page.text and "Fleet renewal" not in page.text
    assert "1 record archived" not in browser.get("/app/crm.lead").text
    undo = re.search(r'action="(/undo/\d+)"', page.text)[1]
    assert browser.post(undo, {"next": "/app/crm.lead"}).status_code == 303
    assert "Fleet renewal" in browser.get("/app/crm.lead").text


def test_assigning_by_id_or_by_name(browser_of, instance):
    browser, id_ = browser_of("boss"), lead(instance, "Guest Wi-Fi")
    browser.get("/app/crm.lead")
    own = instance.user_id("own")
    browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "set:user", "value:user": str(own)})
    assert stored(instance, id_, "user") == {"user": own}
    browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "set:user", "value:user": "", "value:user:label": "All"})
    assert stored(instance, id_, "user") == {"user": instance.user_id("all")}
    refused = browser.post(
        "/app/crm.lead/bulk", {"ids": [id_], "do": "set:user", "value:user:label": "Nobody like this"}
    )
    assert refused.status_code == 400
    assert browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "set:name", "value:name": "x"}).status_code == 400


def test_all_that_the_list_finds(browser_of, instance):
    browser = browser_of("boss")
    browser.get("/app/crm.lead?q=fleet")
    browser.post("/app/crm.lead/bulk?q=fleet", {"all": "1", "do": "delete"})
    page = browser.get("/app/crm.lead")
    assert "1 record deleted" in page.text
    assert shown(page) == ["Depot sensors", "Guest Wi-Fi", "Secret deal"]


def test_an_action_of_the_model_on_several(browser_of, instance):
    browser = browser_of("boss")
    browser.get("/app/crm.lead")
    ids = [lead(instance, name) for name in NAMES[:2]]
    browser.post("/app/crm.lead/bulk", {"ids": ids, "do": "act:mark_won"})
    assert "2 records changed" in browser.get("/app/crm.lead").text
    assert {stored(instance, id_, "stage.name")["stage.name"] for id_ in ids} == {"Won"}


def test_rights_hold_for_many(browser_of, instance):
    browser, secret = browser_of("own"), lead(instance, "Secret deal")
    browser.get("/app/crm.lead")
    assert browser.post("/app/crm.lead/bulk", {"ids": [secret], "do": "archive"}).status_code == 404
    fleet = lead(instance, "Fleet renewal")
    assert browser.post("/app/crm.lead/bulk", {"ids": [fleet], "do": "delete"}).status_code == 403
    assert browser.post("/app/crm.lead/bulk", {"ids": [fleet, secret], "do": "archive"}).status_code == 404
    assert stored(instance, fleet, "active") == {"active": True}


@pytest.mark.parametrize("form", [{"do": "archive"}, {"ids": ["x"], "do": "archive"}, {"ids": ["1"], "do": "explode"}])
def test_what_makes_no_sense_changes_nothing(browser_of, form):
    browser = browser_of("boss")
    browser.get("/app/crm.lead")
    assert browser.post("/app/crm.lead/bulk", form).status_code in (303, 400)


def test_an_undo_that_would_lose_something_newer_lists_it(browser_of, instance):
    browser, id_ = browser_of("boss"), lead(instance, "Fleet renewal")
    browser.get("/app/crm.lead")
    browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "set:user", "value:user": str(instance.user_id("all"))})
    undo = re.search(r'action="(/undo/\d+)"', browser.get("/app/crm.lead").text)[1]
    browser.post("/app/crm.lead/bulk", {"ids": [id_], "do": "set:user", "value:user": str(instance.user_id("boss"))})
    response = browser.post(undo, {"next": "/app/crm.lead"})
    assert response.status_code == 409 and "Nothing was undone" in response.text and "Fleet renewal" in response.text
    assert "<td>Boss</td><td>Own</td>" in response.text and ">Salesperson<" in response.text
    assert stored(instance, id_, "user") == {"user": instance.user_id("boss")}


# The board


def test_a_card_moves_with_the_version_it_showed(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance, "Fleet renewal")
    text = browser.get("/app/crm.lead?view=board").text
    assert f'id="card-{id_}" data-id="{id_}" data-version="1"' in text
    with instance.environment() as env:
        won = env.ref("crm.stage_won").id
    answer = browser.post(f"/app/crm.lead/{id_}/move", {"value": won, "version": "1"}, Accept="application/json")
    assert answer.json["version"] == 2 and "Moved Fleet renewal to Won" in answer.json["toast"]
    assert stored(instance, id_, "stage.name", "probability") == {"stage.name": "Won", "probability": 100.0}
    stale = browser.post(f"/app/crm.lead/{id_}/move", {"value": "", "version": "1"}, Accept="application/json")
    assert stale.status_code == 409 and stale.json["code"] == "stale_version"
    assert browser.post(f"/app/crm.lead/{id_}/move", {"value": won}, Accept="application/json").status_code == 400


def test_a_card_of_the_forecast_gets_the_last_day_of_its_month(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance, "Fleet renewal")
    board = f"?action={action(instance, 'crm.forecast_action')}"
    with instance.environment() as env:
        env["crm.lead"].write([id_], date_deadline=date(2026, 3, 5))
        version = env["crm.lead"].get(id_).version
    address = f"/app/crm.lead/{id_}/move{board}"
    move = {"version": version, "next": f"/app/crm.lead{board}"}
    answer = browser.post(address, {**move, "value": "2026-03"}, Accept="application/json")
    assert (answer.json["version"], answer.json["toast"]) == (version, "")  # the day is in the month already
    answer = browser.post(address, {**move, "value": "2026-02"}, Accept="application/json")
    assert "Moved Fleet renewal to Feb 2026" in answer.json["toast"]
    assert 'title="28 Feb 2026"' in answer.json["card"]
    assert "action%3D" in answer.json["card"]  # the way back leads to the forecast
    assert stored(instance, id_, "date_deadline") == {"date_deadline": date(2026, 2, 28)}
    move["version"] = answer.json["version"]
    answer = browser.post(address, {**move, "value": ""}, Accept="application/json")
    assert "Moved Fleet renewal to No date" in answer.json["toast"]
    assert stored(instance, id_, "date_deadline") == {"date_deadline": None}
    for wrong in ("earlier", "2026-13", "x"):
        assert browser.post(address, {**move, "value": wrong}, Accept="application/json").status_code == 400


def test_a_card_that_is_won_stays_in_the_forecast(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance, "Fleet renewal")
    with instance.environment() as env:
        env["crm.lead"].write([id_], stage=env.ref("crm.stage_won").id, date_deadline=date(2026, 3, 5))
        version = env["crm.lead"].get(id_).version
    address = f"/app/crm.lead/{id_}/move?action={action(instance, 'crm.forecast_action')}"
    answer = browser.post(address, {"value": "2026-04", "version": version}, Accept="application/json")
    assert answer.status_code == 422
    assert answer.json["detail"] == "Fleet renewal cannot be moved: Outcome is Won."
    assert stored(instance, id_, "date_deadline") == {"date_deadline": date(2026, 3, 5)}


def test_the_numbers_of_columns_come_by_themselves(browser_of, instance):
    with instance.environment() as env:
        new = env.ref("crm.stage_new").id
        env["crm.lead"].create_many([{"name": f"Many {number}", "stage": new} for number in range(50)])
    browser = browser_of("admin")
    text = browser.get("/app/crm.lead?view=board").text
    assert "data-totals=" in text and ">30+<" in text
    heads = browser.get("/app/crm.lead?view=board&totals=1&part=heads").text
    assert ">53<" in heads and "<html" not in heads


def test_suggestions_for_pickers(browser_of):
    browser = browser_of("own")
    answer = browser.get("/app/res.partner/options?q=ACM").json
    assert [option["label"] for option in answer["options"]] == ["Acme"]
    assert browser.get("/app/res.partner/options?q=%27%25_").json == {"options": []}
    assert browser.get("/app/no.model/options").status_code == 404
