"""The pages that convert leads: one with its twins, and many, at once or in the background."""

import re

import pytest

from addons.crm.conversion import job as conversion_job
from addons.crm.conversion.convert import Conversion
from addons.crm.conversion.job import STEP_SIZE
from core import Refusal


@pytest.fixture
def make(instance):
    """Makes leads in a transaction of their own; their ids."""

    def create(*rows):
        with instance.environment() as env:
            made = env["crm.lead"].create_many([{"name": "Lead", "type": "lead", "user": None, **row} for row in rows])
            return [row.id for row in made]

    return create


@pytest.fixture
def read(instance):
    """Values of leads, by id, archived or not."""

    def values(ids, *fields):
        with instance.environment() as env:
            rows = env["crm.lead"].read_ids(ids, fields)
            return [tuple(rows[id_][name] for name in fields) if id_ in rows else None for id_ in ids]

    return values


@pytest.fixture
def browser(browser_of):
    found = browser_of("admin")
    found.get("/app/crm.lead")
    return found


def test_the_buttons_lead_to_the_page(browser, make):
    (lead,) = make({"name": "Ship"})
    browser.get(f"/app/crm.lead/{lead}")
    answer = browser.post(f"/app/crm.lead/{lead}/do/convert")
    assert answer.location == f"/crm/convert?ids={lead}&next=%2Fapp%2Fcrm.lead%2F{lead}"
    text = browser.get(answer.location).text
    assert "Convert to an opportunity" in text and "Ship" in text
    assert f'href="/app/crm.lead/{lead}">Cancel' in text


def test_one_is_converted_with_what_was_chosen(browser, instance, make, read):
    (lead,) = make({"name": "Ship", "contact_name": "Ann", "partner_name": "Acme"})
    owner = instance.user_id("owner")
    text = browser.get(f"/crm/convert?ids={lead}").text
    assert 'name="customer" value="create" checked' in text
    assert "Nobody yet" in text and f'<option value="{owner}">Owner</option>' in text
    form = {"ids": f"{lead}", "customer": "create", "users": str(owner), "team": ""}
    answer = browser.post("/crm/convert", form)
    assert answer.location == f"/app/crm.lead/{lead}"
    shown = browser.get(answer.location).text
    assert "Converted Ship" in shown and "Undo" in shown
    assert read([lead], "type", "user") == [("opportunity", owner)]


def test_a_customer_that_is_found_is_proposed(browser, instance, make, read):
    with instance.environment() as env:
        ann = env["res.partner"].create(name="Ann", email="ann@acme.com").id
        company = env["res.partner"].create(name="Bolt", is_company=True).id
    known, contact = make({"email_from": "ann@acme.com"}, {"partner_name": "Bolt", "contact_name": "Bea"})
    text = browser.get(f"/crm/convert?ids={known}").text
    assert 'name="customer" value="link" checked' in text
    assert f'name="partner" value="{ann}"' in text
    assert f'name="parent" value="{company}"' in browser.get(f"/crm/convert?ids={contact}").text
    refused = browser.post("/crm/convert", {"ids": str(known), "customer": "link", "partner": ""})
    assert refused.status_code == 422 and "Choose the customer" in refused.text
    browser.post("/crm/convert", {"ids": str(known), "customer": "link", "partner:label": "Ann"})
    assert read([known], "partner") == [(ann,)]
    browser.post("/crm/convert", {"ids": str(contact), "customer": "create", "parent": str(company)})
    with instance.environment() as env:
        bea = env["res.partner"].read("name == 'Bea'", ["parent"])
    assert bea == [{"parent": company}]


def test_twins_are_ticked_and_the_merge_is_previewed(browser, instance, make, read):
    with instance.environment() as env:
        deal = env["crm.lead"].create(name="Deal", type="opportunity", email_from="a@x.com", expected_revenue=5).id
    (lead,) = make({"name": "Ship", "email_from": "A@x.com", "expected_revenue": 7})
    text = browser.get(f"/crm/convert?ids={lead}").text
    assert f'name="twins" value="{deal}" checked' in text and "the same e-mail address" in text
    owner = instance.user_id("owner")
    form = {"ids": str(lead), "twins": str(deal), "merge": "1", "customer": "create", "users": str(owner)}
    answer = browser.post("/crm/convert", {**form, "next": "/app/crm.lead"})
    assert answer.location == (
        f"/crm/merge?ids={lead}&ids={deal}&convert=1&customer=create&users={owner}&next=%2Fapp%2Fcrm.lead"
    )
    preview = browser.get(answer.location).text
    assert f'name="survivor" value="{deal}" checked' in preview
    carried = dict(re.findall(r'<input type="hidden" name="(convert|customer|users)" value="([^"]*)"', preview))
    assert carried == {"convert": "1", "customer": "create", "users": str(owner)}
    done = browser.post("/crm/merge", {"ids": [str(lead), str(deal)], "choose:expected_revenue": str(lead), **carried})
    assert done.location == f"/app/crm.lead/{deal}"
    ((kind, revenue, user, partner),) = read([deal], "type", "expected_revenue", "user", "partner")
    assert (kind, revenue, user) == ("opportunity", 7, owner) and partner is not None
    assert read([lead], "type") == [None]


def test_the_twins_may_be_left_alone(browser, make, read):
    twin, lead = make({"name": "Twin", "email_from": "a@x.com"}, {"name": "Ship", "email_from": "a@x.com"})
    browser.post("/crm/convert", {"ids": str(lead), "twins": str(twin), "customer": "none"})
    assert read([twin, lead], "type") == [("lead",), ("opportunity",)]


def test_two_leads_that_are_merged_may_become_an_opportunity(browser, make, read):
    first, second, third, fourth = make(*({"name": str(number)} for number in range(4)))
    assert 'name="convert" value="1" checked' in browser.get(f"/crm/merge?ids={first}&ids={second}").text
    browser.post("/crm/merge", {"ids": [str(first), str(second)], "convert": "1", "customer": "none"})
    browser.post("/crm/merge", {"ids": [str(third), str(fourth)], "customer": "none"})
    assert read([first, third], "type") == [("opportunity",), ("lead",)]


def test_what_cannot_be_converted_says_why(browser, instance, make):
    won, odd = make({"name": "Won"}, {"name": "Odd", "email_from": "no address"})
    with instance.environment() as env:
        env["crm.lead"].call([won], "mark_won")
    refused = browser.get(f"/crm/convert?ids={won}")
    assert refused.status_code == 422 and "&#39;Won&#39; cannot be converted: it is closed" in refused.text
    text = browser.get(f"/crm/convert?ids={odd}").text
    assert "&#39;no address&#39; is not an e-mail address" in text
    assert re.search(r'name="customer" value="create" disabled', text)
    assert browser.get("/crm/convert?ids=999999").status_code == 404
    assert browser.get("/crm/convert?ids=x").status_code == 400
    assert browser.get("/crm/convert").status_code == 404
    assert browser.post("/crm/convert", {"ids": str(odd), "customer": "create"}).status_code == 422


def test_nobody_converts_what_belongs_to_others(browser_of, instance, make, read):
    (lead,) = make({"name": "Secret", "user": instance.user_id("colleague")})
    browser = browser_of("owner")
    browser.get("/app/crm.lead")
    for answer in (
        browser.get(f"/crm/convert?ids={lead}"),
        browser.post("/crm/convert", {"ids": str(lead), "customer": "none"}),
    ):
        assert answer.status_code == 404 and "Secret" not in answer.text
    assert read([lead], "type") == [("lead",)]


def test_ticked_rows_are_converted_at_once(browser, instance, make, read):
    leads = make({"name": "One", "email_from": "a@x.com"}, {"name": "Two", "email_from": "a@x.com"}, {"name": "Three"})
    (deal,) = make({"name": "Deal", "type": "opportunity"})
    chosen = "&".join(f"ids={id_}" for id_ in (*leads, deal))
    text = browser.get(f"/crm/convert?{chosen}").text
    assert "Convert 3 leads" in text and "1 left as they are: it is an opportunity already" in text
    assert "2 have the e-mail address or the customer of another one" in text
    users = [str(instance.user_id(login)) for login in ("owner", "colleague")]
    form = {"ids": " ".join(map(str, (*leads, deal))), "many": "1", "customer": "link", "deduplicate": "1"}
    answer = browser.post(
        "/crm/convert", {**form, "users": users, "keep_users": "1", "next": "/app/crm.lead?view=list"}
    )
    assert answer.location == "/app/crm.lead?view=list"
    said = browser.get(answer.location).text
    assert "2 opportunities, 1 duplicate merged, 1 left as they are: it is an opportunity already" in said
    assert [row and row[0] for row in read(leads, "user")] == [int(users[0]), None, int(users[1])]


def test_many_are_converted_in_the_background(browser, instance, make, read, work_off, undoing):
    leads = make(*({"name": f"Lead {number}", "email_from": f"p{number // 2}@x.com"} for number in range(120)))
    back = "/app/crm.lead?view=list&q=Lead"
    bulk = browser.post("/app/crm.lead/bulk?view=list&q=Lead", {"all": "1", "do": "act:convert", "next": back})
    assert bulk.location == "/crm/convert?all=1&next=%2Fapp%2Fcrm.lead%3Fview%3Dlist%26q%3DLead"
    text = browser.get(bulk.location).text
    assert "Convert 120 leads" in text and "120 have the e-mail address" in text and "in the background" in text
    ids = re.search(r'name="ids" value="([^"]+)"', text).group(1)
    assert sorted(map(int, ids.split())) == leads
    form = {"ids": ids, "many": "1", "customer": "find_or_create", "deduplicate": "1", "next": back}
    progress = browser.post("/crm/convert", form).location
    assert re.fullmatch(r"/app/progress/\d+\?next=.*", progress)
    waiting = browser.get(progress).text
    assert "It begins" in waiting and 'hx-trigger="every 1s"' in waiting and "Cancel" in waiting
    work_off()
    done = browser.get(progress).text
    assert "60 opportunities, 60 duplicates merged, 60 customers created" in done
    assert "every 1s" not in done and "Undo all of it" in done
    change_set = int(re.search(r"/undo/(\d+)", done).group(1))
    undoing(change_set)
    assert read(leads, "type") == [("lead",)] * 120
    with instance.environment() as env:
        assert not env["res.partner"].count("startswith(email, 'p')")


def test_what_was_begun_can_be_cancelled_and_undone(browser, make, read, work_off, undoing, monkeypatch):
    leads = make(*({"name": f"Lead {number}"} for number in range(STEP_SIZE * 2)))
    real = conversion_job.convert_leads

    def failing(env, ids, *others, **named):
        if leads[0] not in ids:
            raise Refusal("Out of order.")
        return real(env, ids, *others, **named)

    monkeypatch.setattr(conversion_job, "convert_leads", failing)
    form = {"ids": " ".join(map(str, leads)), "many": "1", "customer": "none", "next": "/app/crm.lead"}
    progress = browser.post("/crm/convert", form).location
    work_off()
    text = browser.get(progress).text
    assert f"{STEP_SIZE} of {STEP_SIZE * 2}" in text and "Out of order." in text and "It is tried again" in text
    assert f'value="{STEP_SIZE}"' in text
    job = progress.split("?")[0]
    assert browser.post(f"{job}/cancel", {"next": "/app/crm.lead"}).location == progress
    cancelled = browser.get(progress).text
    assert f"Cancelled after {STEP_SIZE} of {STEP_SIZE * 2}" in cancelled and "Undo all of it" in cancelled
    assert [row[0] for row in read(leads, "type")] == ["opportunity"] * STEP_SIZE + ["lead"] * STEP_SIZE
    undoing(int(re.search(r"/undo/(\d+)", cancelled).group(1)))
    assert {row[0] for row in read(leads, "type")} == {"lead"}


def test_the_progress_is_shown_to_whoever_asked_for_it_and_to_administrators(browser_of, make, instance):
    leads = make({"name": "One"})
    with instance.environment("owner") as env:
        job = conversion_job.convert_later(env, leads, Conversion(customer="none"))
    for login, status in (("owner", 200), ("admin", 200), ("colleague", 404), ("boss", 404)):
        browser = browser_of(login)
        browser.get("/app/crm.lead")
        assert browser.get(f"/app/progress/{job}").status_code == status, login
    assert browser_of("colleague").get("/app/progress/999999").status_code == 404
    part = browser_of("owner").get(f"/app/progress/{job}?part=1").text
    assert part.startswith("<section") and "It begins" in part


def test_a_refusal_shows_the_form_again_with_what_was_chosen(browser, instance, make, read):
    owner = str(instance.user_id("owner"))
    (odd,) = make({"name": "Odd", "email_from": "no address"})
    form = {"ids": str(odd), "customer": "create", "users": owner, "next": "/app/crm.lead"}
    answer = browser.post("/crm/convert", form)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and "cannot be read" in answer.text
    assert f'<option value="{owner}" selected>' in answer.text and 'href="/app/crm.lead">Cancel' in answer.text
    answer = browser.post("/crm/convert", {"ids": str(odd), "customer": "link", "partner:label": "Nobody at all"})
    assert answer.status_code == 400 and 'value="Nobody at all"' in answer.text and "not exactly one" in answer.text
    assert read([odd], "type") == [("lead",)]


def test_an_archived_customer_can_be_replaced(browser, instance, make, read):
    with instance.environment() as env:
        gone, ann = env["res.partner"].create(name="Gone").id, env["res.partner"].create(name="Ann").id
    (lead,) = make({"name": "Ship", "partner": gone})
    with instance.environment() as env:
        env["res.partner"].archive([gone])
    text = browser.get(f"/crm/convert?ids={lead}").text
    assert "Gone is archived" in text and 'name="customer" value="link"' in text
    browser.post("/crm/convert", {"ids": str(lead), "customer": "link", "partner": str(ann)})
    assert read([lead], "partner", "type") == [(ann, "opportunity")]


def test_of_several_one_may_go_away_meanwhile(browser, instance, make, read):
    leads = make({"name": "One"}, {"name": "Two"})
    with instance.environment() as env:
        env["crm.lead"].delete(leads[1])
    answer = browser.post("/crm/convert", {"ids": " ".join(map(str, leads)), "many": "1", "customer": "none"})
    assert "1 opportunity, 1 left as they are: gone meanwhile" in browser.get(answer.location).text
    assert read(leads, "type") == [("opportunity",), None]


@pytest.mark.parametrize("digits", ["9" * 25, "9" * 5000])
def test_long_numbers_are_no_ids(browser, make, digits):
    leads = make({"name": "One"}, {"name": "Two"})
    form = {"ids": str(leads[0]), "customer": "none", "team": digits, "users": digits, "twins": digits, "merge": "1"}
    assert browser.post("/crm/convert", form).status_code == 303
    assert browser.get(f"/crm/merge?ids={leads[0]}&ids={leads[1]}&survivor={digits}").status_code in (200, 422)
    assert browser.post("/crm/convert", {"ids": digits, "customer": "none"}).status_code == 404


def test_who_works_on_own_documents_is_offered_nobody_else(browser_of, instance, make):
    owner, colleague = instance.user_id("owner"), instance.user_id("colleague")
    (lead,) = make({"name": "Ship", "user": None})
    browser = browser_of("owner")
    text = browser.get(f"/crm/convert?ids={lead}").text
    assert f'<option value="{owner}">' in text and f'<option value="{colleague}">' not in text
    many = {"ids": " ".join(map(str, range(1, 60))), "many": "1", "customer": "none", "users": str(colleague)}
    assert browser.post("/crm/convert", many).status_code == 403
    with instance.environment() as env:
        assert not env["core.job"].count("name == 'crm.convert'")


def test_a_merge_that_converts_checks_what_was_chosen(browser, instance, make, read):
    with instance.environment() as env:
        gone = env["res.partner"].create(name="Gone").id
        env["res.partner"].archive([gone])
    leads = make({"name": "One"}, {"name": "Two"})
    form = {"ids": [str(id_) for id_ in leads], "convert": "1"}
    wrong = browser.post("/crm/merge", {**form, "customer": "bogus"})
    assert wrong.status_code == 422 and "none of" in wrong.text and 'name="survivor"' in wrong.text
    archived = browser.post("/crm/merge", {**form, "customer": "link", "partner": str(gone)})
    assert archived.status_code == 422 and "is archived" in archived.text
    assert read(leads, "type") == [("lead",), ("lead",)]
