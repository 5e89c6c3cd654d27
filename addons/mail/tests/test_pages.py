"""The conversation on the page of a record."""

import re
from io import BytesIO

import pytest

from addons.mail.pages import FOLLOWERS_SHOWN


@pytest.fixture
def halden(instance):
    with instance.environment() as env:
        return env["res.partner"].search("name == 'Halden Marine'")[0].id


def test_a_note_with_mention_and_file(browser_of, instance, halden):
    browser, page = browser_of("ines"), f"/app/res.partner/{halden}"
    assert 'class="card compose"' in browser.get(page).text
    answer = browser.post(
        f"/mail/res.partner/{halden}/post",
        {"kind": "note", "text": "@tomas see the plan", "files": (BytesIO(b"plan"), "plan.txt"), "next": page},
    )
    assert answer.status_code == 303
    assert re.fullmatch(rf"{page}#mail-\d+", answer.location)
    shown = browser.get(f"{page}/history", HX_Request="true").text
    assert "<b>Ines Varga</b> noted" in shown and "Internal" in shown and "@Tomas Okafor</a> see the plan" in shown
    assert re.search(r"core.attachment/\d+/content.*plan.txt", shown)
    text = browser.get(page).text
    assert "Following" in text and "Noted" in text and "plan.txt" in text


def test_a_message_goes_to_those_who_are_ticked(browser_of, instance, halden):
    browser = browser_of("ines")
    text = browser.get(f"/app/res.partner/{halden}").text
    assert f'name="to" value="{halden}" checked' in text and "office@halden.example" in text
    browser.post(f"/mail/res.partner/{halden}/post", {"kind": "message", "text": "Hello", "to": str(halden)})
    with instance.environment() as env:
        (message,) = env["mail.message"].search()
        assert (message.kind, [row.id for row in message.partners]) == ("message", [halden])


def test_what_is_refused_is_shown_again_to_be_corrected(browser_of, instance, halden):
    browser, page = browser_of("ines"), f"/app/res.partner/{halden}"
    back = f"{page}?back=filter%3Dmine"
    browser.get(page)
    form = {"kind": "message", "text": "Kept <b>", "files": (BytesIO(b""), "empty.txt"), "next": back}
    answer = browser.post(f"/mail/res.partner/{halden}/post", form)
    assert answer.status_code == 422
    assert "The file &#39;empty.txt&#39; is empty." in answer.text and "Choose the files again." in answer.text
    assert ">Kept &lt;b&gt;</textarea>" in answer.text and 'value="message" checked' in answer.text
    assert f'name="to" value="{halden}" checked' not in answer.text, "the box was not ticked"
    assert f'href="{back}"' in answer.text and f'name="next" value="{back}"' in answer.text
    with instance.environment() as env:
        assert env["mail.message"].count() == 0


def test_the_way_back_to_the_list_is_kept(browser_of, halden):
    browser, page = browser_of("ines"), f"/app/res.partner/{halden}?action=7&back=filter%3Dmine"
    text = browser.get(page).text
    kept = page.replace("&", "&amp;")
    assert text.count(f'name="next" value="{kept}"') >= 3, "the box, following, files"
    answer = browser.post(f"/mail/res.partner/{halden}/post", {"kind": "note", "text": "x", "next": page})
    assert answer.location.startswith(f"{page}#mail-")


def test_who_may_not_write_gets_no_box(browser_of, halden):
    browser = browser_of("tomas")
    text = browser.get(f"/app/res.partner/{halden}").text
    assert 'class="card compose"' not in text and "Follow" in text
    assert browser.post(f"/mail/res.partner/{halden}/post", {"kind": "note", "text": "x"}).status_code == 403


def test_following_and_no_longer(browser_of, instance, halden):
    browser, page = browser_of("tomas"), f"/app/res.partner/{halden}"
    browser.get(page)
    browser.post(f"/mail/res.partner/{halden}/follow", {"next": page})
    assert "You follow this" in browser.get(page).text
    browser.post(f"/mail/res.partner/{halden}/follow", {"next": page})
    assert "You no longer follow this" in browser.get(page).text
    with instance.environment() as env:
        assert env["mail.followers"].count() == 0


def test_one_of_many_followers_sees_that_they_follow(browser_of, instance, halden):
    with instance.environment() as env:
        others = env["res.partner"].create_many([{"name": f"P{number}"} for number in range(FOLLOWERS_SHOWN)])
        own = env["res.users"].get(instance.user_id("tomas")).partner_id
        rows = [{"record": f"res.partner,{halden}", "partner": id_} for id_ in (*(row.id for row in others), own)]
        env["mail.followers"].create_many(rows)
    assert 'aria-pressed="true"' in browser_of("tomas").get(f"/app/res.partner/{halden}").text


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/mail/res.partner/{id}/post", {"kind": "note", "text": " "}, 422),
        ("/mail/res.partner/{id}/post", {"kind": "done", "text": "x"}, 422),
        ("/mail/res.partner/{id}/post", {"kind": "note", "text": "x" * 10}, 303),
        ("/mail/res.partner/99999/post", {"kind": "note", "text": "x"}, 404),
        ("/mail/res.country/1/post", {"kind": "note", "text": "x"}, 422),
        ("/mail/no.such/1/post", {"kind": "note", "text": "x"}, 404),
        ("/mail/res.partner/99999/follow", {}, 404),
    ],
)
def test_bad_requests_write_nothing(browser_of, instance, halden, path, form, status):
    browser = browser_of("ines")
    browser.get("/app/res.partner")
    assert browser.post(path.format(id=halden), form).status_code == status
    with instance.environment() as env:
        assert env["mail.message"].count() == (status == 303)


def test_a_long_conversation_takes_few_statements(browser_of, instance, halden):
    with instance.environment() as env:
        env["mail.message"].create_many(
            [{"record": f"res.partner,{halden}", "body": f"<p>{number}</p>"} for number in range(5_000)]
        )
    browser = browser_of("tomas")
    browser.get(f"/app/res.partner/{halden}/history", HX_Request="true")
    with instance.database.counting() as counter:
        text = browser.get(f"/app/res.partner/{halden}/history", HX_Request="true").text
    assert text.count('class="bubble') in (19, 20)
    assert len(counter.statements) <= 8, "\n".join(counter.statements)


def test_an_activity_is_planned_moved_and_done(browser_of, instance, halden):
    browser, page = browser_of("ines"), f"/app/res.partner/{halden}"
    assert "Nothing is planned." in browser.get(page).text
    with instance.environment() as env:
        call = env.ref("mail.activity_call").id
    form = {"type": str(call), "summary": "Call Signe", "date_deadline": "2026-03-01", "user": "", "next": page}
    assert browser.post(f"/mail/res.partner/{halden}/plan", form).location == page
    text = browser.get(page).text
    assert "Planned: Call Signe" in text and '<span class="due overdue">' in text and "1 day late" in text
    with instance.environment() as env:
        activity = env["mail.activity"].search()[0].id
    browser.post(f"/mail/activity/{activity}/move", {"to": "tomorrow", "next": page})
    assert "Tomorrow" in browser.get(page).text
    answer = browser.post(f"/mail/activity/{activity}/done", {"feedback": "Reached her", "then": "plan", "next": page})
    assert answer.location == f"{page}#plan-activity"
    assert "Nothing is planned." in browser.get(page).text
    history = browser.get(f"{page}/history", HX_Request="true").text
    assert "finished Call Signe" in history and "Reached her" in history


def test_the_form_that_plans_is_a_part_or_a_page(browser_of, halden):
    browser = browser_of("ines")
    part = browser.get(f"/mail/res.partner/{halden}/plan", HX_Request="true").text
    assert "<html" not in part and "To-do" in part and "Tomas Okafor" in part
    assert "<html" in browser.get(f"/mail/res.partner/{halden}/plan").text
    assert browser.get("/mail/res.partner/99999/plan").status_code == 404


def test_the_list_of_activities_leads_to_their_records(browser_of, instance, halden):
    with instance.environment("ines") as env:
        env["mail.activity"].create(record=f"res.partner,{halden}", summary="Call Signe")
    browser = browser_of("ines")
    browser.get("/app/mail.activity")
    text = browser.get("/app/mail.activity").text
    assert f'<a href="/app/res.partner/{halden}">Halden Marine</a>' in text
    assert "New activity" not in text


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/mail/res.partner/{id}/plan", {"type": "x"}, 422),
        ("/mail/res.partner/{id}/plan", {"type": "99999"}, 422),
        ("/mail/res.partner/{id}/plan", {"date_deadline": "soon"}, 422),
        ("/mail/res.partner/99999/plan", {}, 404),
        ("/mail/res.country/1/plan", {}, 422),
        ("/mail/activity/99999/done", {}, 404),
        ("/mail/activity/99999/move", {"to": "today"}, 404),
        ("/mail/activity/99999/move", {"to": "never"}, 422),
    ],
)
def test_bad_plans_change_nothing(browser_of, instance, halden, path, form, status):
    browser = browser_of("ines")
    browser.get("/app/res.partner")
    assert browser.post(path.format(id=halden), form).status_code == status
    with instance.environment() as env:
        assert env["mail.activity"].count() == 0
