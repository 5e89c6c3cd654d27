"""The page that previews a merge: what may be chosen, what is refused, and who sees what."""

import re

import pytest

LEADS = [
    {"name": "Fleet", "type": "opportunity", "expected_revenue": 100, "city": "Oslo"},
    {"name": "Fleet renewal", "type": "lead", "expected_revenue": 250, "function": "Buyer"},
    {"name": "Ships & boats", "type": "lead", "city": "Bergen", "priority": "2"},
]


@pytest.fixture
def leads(instance):
    with instance.environment() as env:
        return [row.id for row in env["crm.lead"].create_many(LEADS)]


def asked(leads, **others):
    return "&".join([*(f"ids={id_}" for id_ in leads), *(f"{name}={value}" for name, value in others.items())])


def test_ticked_rows_lead_to_the_page(browser_of, leads):
    browser = browser_of("admin")
    assert 'value="act:merge"' in browser.get("/app/crm.lead?view=list").text
    form = {"ids": [str(id_) for id_ in leads[:2]], "do": "act:merge", "next": "/app/crm.lead?view=list"}
    answer = browser.post("/app/crm.lead/bulk", form)
    assert answer.status_code == 303
    assert answer.location == f"/crm/merge?{asked(leads[:2])}&next=%2Fapp%2Fcrm.lead%3Fview%3Dlist"
    assert 'href="/app/crm.lead?view=list">Cancel' in browser.get(answer.location).text
    too_many = browser.post("/app/crm.lead/bulk", {**form, "ids": [str(id_) for id_ in range(1, 202)]})
    assert too_many.status_code == 400 and "At most 200 ticked" in too_many.text


def test_the_button_of_a_record_leads_there_too(browser_of, leads):
    browser = browser_of("admin")
    browser.get(f"/app/crm.lead/{leads[0]}")
    answer = browser.post(f"/app/crm.lead/{leads[0]}/do/merge")
    assert answer.location == f"/crm/merge?ids={leads[0]}&next=%2Fapp%2Fcrm.lead%2F{leads[0]}"


def test_the_preview_shows_what_would_be(browser_of, leads):
    text = browser_of("admin").get(f"/crm/merge?{asked(leads)}").text
    assert f'name="survivor" value="{leads[0]}" checked' in text
    legends = re.findall(r'<legend class="label">([^<]+)', text)
    assert legends == ["Which one stays", "Opportunity", "Expected revenue", "Address"]
    assert f'name="choose:expected_revenue" value="{leads[0]}" checked' in text
    assert f'name="choose:address" value="{leads[2]}">' in text and "Bergen" in text
    assert "from Ships &amp; boats" in text
    assert re.search(r"Priority</p><div>High<", text)
    assert 'name="confirm"' not in text
    other = browser_of("admin").get(f"/crm/merge?{asked(leads, survivor=leads[2])}").text
    assert f'name="survivor" value="{leads[2]}" checked' in other
    assert f'name="choose:name" value="{leads[2]}" checked' in other


def test_what_was_chosen_is_merged(browser_of, instance, leads):
    browser = browser_of("admin")
    browser.get(f"/crm/merge?{asked(leads)}")
    form = {"ids": [str(id_) for id_ in leads], "survivor": str(leads[1]), "choose:expected_revenue": str(leads[0])}
    answer = browser.post("/crm/merge", form)
    assert answer.location == f"/app/crm.lead/{leads[1]}"
    assert "Merged 3 records" in browser.get(answer.location).text
    with instance.environment() as env:
        (row,) = env["crm.lead"].read("active or not active", ["id", "name", "expected_revenue", "type", "function"])
        assert row == {
            "id": leads[1],
            "name": "Fleet renewal",
            "expected_revenue": 100,
            "type": "opportunity",
            "function": "Buyer",
        }


def test_refusals_explain_themselves_and_change_nothing(browser_of, instance, leads):
    browser = browser_of("admin")
    browser.get("/app/crm.lead")
    assert "nothing to merge" in browser.get(f"/crm/merge?ids={leads[0]}").text
    assert browser.get(f"/crm/merge?ids={leads[0]}&ids=x").status_code == 400
    with instance.environment() as env:
        env["crm.lead"].call([leads[1]], "mark_won")
    for answer in (
        browser.get(f"/crm/merge?{asked(leads)}"),
        browser.post("/crm/merge", {"ids": [str(id_) for id_ in leads]}),
    ):
        assert answer.status_code == 422 and "&#39;Fleet renewal&#39; is won" in answer.text
    with instance.environment() as env:
        env["crm.lead"].delete(leads[2])
    gone = browser.post("/crm/merge", {"ids": [str(leads[0]), str(leads[2])]})
    assert gone.status_code == 404 and "not there any more" in gone.text
    with instance.environment() as env:
        assert env["crm.lead"].count() == 2


def test_more_than_five_are_confirmed(browser_of, instance):
    with instance.environment() as env:
        leads = [row.id for row in env["crm.lead"].create_many([{"name": f"Deal {number}"} for number in range(6)])]
    browser = browser_of("admin")
    assert 'name="confirm" value="1" required' in browser.get(f"/crm/merge?{asked(leads)}").text
    form = {"ids": [str(id_) for id_ in leads]}
    assert browser.post("/crm/merge", form).status_code == 422
    assert browser.post("/crm/merge", {**form, "confirm": "1"}).status_code == 303
    many = browser.get("/crm/merge?" + "&".join(f"ids={number}" for number in range(51)))
    assert many.status_code == 422 and "At most 50 records" in many.text


def test_nobody_sees_what_belongs_to_others(browser_of, instance, leads):
    with instance.environment() as env:
        env["crm.lead"].write(leads[:2], user=instance.user_id("owner"))
        env["crm.lead"].write(leads[2], user=instance.user_id("colleague"))
    browser = browser_of("owner")
    assert browser.get(f"/crm/merge?{asked(leads[:2])}").status_code == 200
    hidden = browser.get(f"/crm/merge?{asked(leads)}")
    assert hidden.status_code == 404 and "Ships" not in hidden.text
    assert browser.post("/crm/merge", {"ids": [str(id_) for id_ in leads]}).status_code == 404


def test_another_survivor_comes_first_where_nothing_else_was_chosen(browser_of, instance, leads):
    browser = browser_of("admin")
    text = browser.get(f"/crm/merge?{asked(leads[:2])}").text
    posted = dict(re.findall(r'type="radio" name="(choose:[a-z_]+)" value="(\d+)" checked', text))
    shown = re.search(r'name="shown" value="(\d+)"', text)[1]
    assert shown == str(leads[0]) and posted["choose:name"] == str(leads[0])
    form = {"ids": [str(id_) for id_ in leads[:2]], "shown": shown, "survivor": str(leads[1]), **posted}
    browser.post("/crm/merge", {**form, "choose:expected_revenue": str(leads[0])})
    with instance.environment() as env:
        row = env["crm.lead"].read_ids([leads[1]], ["name", "expected_revenue"])[leads[1]]
        assert (row["name"], row["expected_revenue"]) == ("Fleet renewal", 250)
        labels = [each["label"] for each in env["core.change_set"].read("", ["label"])]
        assert "Merged 2 records into Fleet renewal" in labels


def test_other_forms_of_the_same_are_no_choice(browser_of, instance):
    with instance.environment() as env:
        same = {"name": "Same", "type": "lead"}
        given = [("ann@x.com", "+33123456789"), ("Ann@X.com", "+33 1 23 45 67 89")]
        items = [{**same, "email_from": email, "phone": phone} for email, phone in given]
        rows = [row.id for row in env["crm.lead"].create_many(items)]
    browser = browser_of("admin")
    text = browser.get(f"/crm/merge?{asked(rows)}").text
    assert re.findall(r'<legend class="label">([^<]+)', text) == ["Which one stays"]
    assert re.search(r"Type</p><div>Lead<", text)
    assert re.search(r"Type</p><div>Opportunity<", browser.get(f"/crm/merge?{asked(rows, convert=1)}").text)
