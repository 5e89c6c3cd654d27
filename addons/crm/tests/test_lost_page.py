"""The page that asks why leads were lost: one and several, what is refused, who sees what."""

import re

import pytest


@pytest.fixture
def leads(instance):
    with instance.environment() as env:
        rows = env["crm.lead"].create_many([{"name": "Fleet"}, {"name": "Ships & boats"}, {"name": "Trains"}])
        return [row.id for row in rows]


@pytest.fixture
def reason(instance):
    with instance.environment() as env:
        return env.ref("crm.lost_reason_price").id


def listed(ids):
    return ",".join(map(str, ids))


def stored(instance, ids, *fields):
    with instance.environment() as env:
        rows = env["crm.lead"].read_ids(ids, list(fields))
    return [tuple(rows[id_][name] for name in fields) for id_ in ids]


def test_the_button_leads_to_the_page(browser_of, instance, leads, reason):
    browser = browser_of("admin")
    browser.get(f"/app/crm.lead/{leads[0]}")
    answer = browser.post(f"/app/crm.lead/{leads[0]}/do/mark_lost")
    assert answer.location == f"/crm/lost?ids={leads[0]}&next=%2Fapp%2Fcrm.lead%2F{leads[0]}"
    with instance.environment() as env:
        env["crm.lost.reason"].archive(env.ref("crm.lost_reason_stock"))
    text = browser.get(answer.location).text
    assert "Too expensive" in text and "Not enough stock" not in text
    form = {"ids": leads[0], "next": f"/app/crm.lead/{leads[0]}", "lost_reason": reason, "feedback": "Too <late>\n"}
    answer = browser.post("/crm/lost", form)
    assert (answer.status_code, answer.location) == (303, f"/app/crm.lead/{leads[0]}")
    assert "Lost: Fleet" in browser.get(answer.location).text
    assert stored(instance, leads[:1], "active", "probability", "lost_reason", "lost_feedback") == [
        (False, 0, reason, "Too <late>")
    ]
    history = browser.get(f"/app/crm.lead/{leads[0]}/history").text
    assert "<strong>Lost comment</strong>" in history and "Too &lt;late&gt;" in history


def test_ticked_rows_are_lost_together_and_come_back_together(browser_of, instance, leads, reason, undoing):
    browser = browser_of("admin")
    browser.get("/app/crm.lead?view=list")
    form = {"ids": [str(id_) for id_ in leads[:2]], "do": "act:mark_lost", "next": "/app/crm.lead?view=list"}
    asked = browser.post("/app/crm.lead/bulk", form)
    text = browser.get(asked.location).text
    assert "Mark 2 records as lost" in text and "Ships &amp; boats" in text
    form = {"ids": listed(leads[:2]), "next": "/app/crm.lead?view=list", "lost_reason": reason, "feedback": "No budget"}
    answer = browser.post("/crm/lost", form)
    assert answer.location == "/app/crm.lead?view=list"
    text = browser.get(answer.location).text
    assert "2 records lost" in text
    assert stored(instance, leads, "won_status") == [("lost",), ("lost",), ("pending",)]
    undoing(int(re.findall(r'action="/undo/(\d+)"', text)[0]))
    assert stored(instance, leads, "won_status", "lost_reason") == [("pending", None)] * 3
    with instance.environment() as env:
        assert env["mail.message"].count() == 0


def test_all_that_a_list_finds_are_lost_together(browser_of, instance, leads):
    with instance.environment() as env:
        env["crm.lead"].create_many([{"name": f"Ship {number}"} for number in range(12)])
    browser = browser_of("admin")
    browser.get("/app/crm.lead?view=list")
    form = {"all": "1", "do": "act:mark_lost", "next": "/app/crm.lead?view=list&q=ship"}
    text = browser.get(browser.post("/app/crm.lead/bulk?view=list&q=ship", form).location).text
    assert "Mark 13 records as lost" in text and "and 3 more" in text
    (ids,) = re.findall(r'name="ids" value="([\d,]+)"', text)
    browser.post("/crm/lost", {"ids": ids})
    with instance.environment() as env:
        assert [row.name for row in env["crm.lead"].search("", order="id")] == ["Fleet", "Trains"]


def test_neither_reason_nor_comment_is_needed(browser_of, instance, leads):
    browser = browser_of("admin")
    browser.get(f"/crm/lost?ids={leads[0]}")
    assert browser.post("/crm/lost", {"ids": leads[0], "feedback": "  "}).location == "/app/crm.lead"
    assert stored(instance, leads[:1], "won_status", "lost_reason", "lost_feedback") == [("lost", None, None)]
    with instance.environment() as env:
        assert env["mail.message"].count() == 0


def test_won_ones_are_refused_by_name(browser_of, instance, leads):
    with instance.environment() as env:
        env["crm.lead"].call([leads[1]], "mark_won")
    browser = browser_of("admin")
    browser.get("/app/crm.lead")
    for answer in (
        browser.get(f"/crm/lost?ids={leads[0]}&ids={leads[1]}"),
        browser.post("/crm/lost", {"ids": listed(leads[:2])}),
    ):
        assert answer.status_code == 422 and "&#39;Ships &amp; boats&#39; is won" in answer.text
    assert stored(instance, leads[:1], "won_status") == [("pending",)]


def test_a_reason_that_is_gone_is_refused_beside_the_field(browser_of, instance, leads, reason):
    browser = browser_of("admin")
    browser.get(f"/crm/lost?ids={leads[0]}")
    with instance.environment() as env:
        env["crm.lost.reason"].archive(env.ref("crm.lost_reason_price"))
    answer = browser.post("/crm/lost", {"ids": leads[0], "lost_reason": reason, "feedback": "Too dear"})
    assert answer.status_code == 422 and "not there any more" in answer.text
    assert "Too dear" in answer.text and 'aria-invalid="true"' in answer.text
    assert browser.post("/crm/lost", {"ids": leads[0], "lost_reason": "x"}).status_code == 422


def test_nobody_loses_what_belongs_to_others(browser_of, instance, leads):
    with instance.environment() as env:
        env["crm.lead"].write(leads[0], user=instance.user_id("colleague"))
        env["crm.lead"].write(leads[1], user=instance.user_id("owner"))
    browser = browser_of("owner")
    assert browser.get(f"/crm/lost?ids={leads[1]}").status_code == 200
    assert browser.get(f"/crm/lost?ids={leads[0]}&ids={leads[1]}").status_code == 404
    assert browser.post("/crm/lost", {"ids": listed(leads[:2])}).status_code == 404
    assert browser.get("/crm/lost").status_code == 404 and browser.get("/crm/lost?ids=x").status_code == 400
    assert stored(instance, leads[:2], "won_status") == [("pending",)] * 2


def test_reasons_tell_how_many_were_lost_for_them(browser_of, instance, leads, reason):
    with instance.environment() as env:
        env["crm.lead"].call(leads[:2], "mark_lost", lost_reason=reason)
        row = env["crm.lost.reason"].read_ids([reason], ["leads_count"])[reason]
    assert row["leads_count"] == 2
    text = browser_of("admin").get("/app/crm.lost.reason").text
    assert re.search(r"Too expensive.*?>2<", text, re.S)
