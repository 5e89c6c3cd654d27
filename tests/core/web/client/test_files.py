"""Files of a record: sent in, listed beside it, given out as nothing that acts."""

import re
from io import BytesIO

import pytest

from core.web.app import create_app
from core.web.config import WebConfig

from ..conftest import PASSWORD
from .test_form import lead

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def send(browser, path, *files, **more):
    given = [(BytesIO(content), name) for name, content in files]
    return browser.post(path, {"files": given, **more})


def attachment(instance, name):
    with instance.environment() as env:
        return env["core.attachment"].search("name == wanted", wanted=name)[0].id


def test_files_are_attached_listed_and_removed(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    assert "Add file" in browser.get(f"/app/crm.lead/{id_}").text
    answer = send(browser, f"/app/crm.lead/{id_}/files", ("scans/offer.png", PNG), ("plan.txt", b"plan"))
    assert (answer.status_code, answer.location) == (303, f"/app/crm.lead/{id_}")
    text = browser.get(f"/app/crm.lead/{id_}").text
    assert "Attached offer.png, plan.txt" in text
    assert "28 bytes" in text
    image = attachment(instance, "offer.png")
    assert f'<img src="/app/core.attachment/{image}/content"' in text
    browser.post(f"/app/core.attachment/{image}/delete", {"next": f"/app/crm.lead/{id_}"})
    text = browser.get(f"/app/crm.lead/{id_}").text
    assert "plan.txt" in text and f"/app/core.attachment/{image}/content" not in text


def test_a_picture_is_shown_everything_else_is_saved(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    send(browser, f"/app/crm.lead/{id_}/files", ("a.png", PNG), ("b.svg", SVG), ("c.html", SVG), ("d.png", SVG))
    shown = browser.client.get(f"/app/core.attachment/{attachment(instance, 'a.png')}/content", buffered=True)
    assert (shown.data, shown.mimetype) == (PNG, "image/png")
    assert shown.headers["Content-Disposition"].startswith("inline")
    for name in ("b.svg", "c.html", "d.png"):
        saved = browser.client.get(f"/app/core.attachment/{attachment(instance, name)}/content", buffered=True)
        assert (saved.data, saved.mimetype) == (SVG, "application/octet-stream")
        assert saved.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in saved.headers["Content-Security-Policy"]
        assert saved.headers["X-Content-Type-Options"] == "nosniff"
    saved = browser.client.get(f"/app/core.attachment/{attachment(instance, 'a.png')}/content?download", buffered=True)
    assert saved.headers["Content-Disposition"] == "attachment; filename=a.png"


def test_names_that_were_stored_with_line_breaks_are_sent_without(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    send(browser, f"/app/crm.lead/{id_}/files", ("a.txt", b"a"))
    file = attachment(instance, "a.txt")
    with instance.database.transaction(write=True):
        instance.database.execute("UPDATE core_attachment SET name = 'a\nb.txt'")
    saved = browser.client.get(f"/app/core.attachment/{file}/content", buffered=True)
    assert (saved.status_code, saved.data) == (200, b"a")
    assert saved.headers["Content-Disposition"] == "attachment; filename=ab.txt"


def test_a_part_of_a_file_and_one_that_is_known_already(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    send(browser, f"/app/crm.lead/{id_}/files", ("a.txt", b"0123456789"))
    address = f"/app/core.attachment/{attachment(instance, 'a.txt')}/content"
    part = browser.client.get(address, headers={"Range": "bytes=2-4"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"234")
    known = browser.client.get(address, headers={"If-None-Match": browser.get(address).headers["ETag"]}, buffered=True)
    assert known.status_code == 304


def test_files_of_hidden_records_are_hidden(browser_of, instance):
    secret = lead(instance, "Secret deal")
    with instance.environment() as env:
        file = env["core.attachment"].create(name="secret.txt", data=b"s", record=f"crm.lead,{secret}").id
    browser = browser_of("own")
    browser.get("/app/crm.lead")
    assert browser.get(f"/app/core.attachment/{file}/content").status_code == 404
    assert "secret.txt" not in browser.get("/app/core.attachment").text
    assert send(browser, f"/app/crm.lead/{secret}/files", ("a.txt", b"1")).status_code in (403, 404, 422)
    assert browser_of("boss").get(f"/app/core.attachment/{file}/content").data == b"s"


def test_who_may_not_change_a_record_attaches_nothing(browser_of, instance):
    with instance.environment() as env:
        stage = env.ref("crm.stage_new").id
        env["core.attachment"].create(name="terms.txt", data=b"t", record=f"crm.stage,{stage}")
    browser = browser_of("own")
    text = browser.get(f"/app/crm.stage/{stage}").text
    assert "terms.txt" in text and "Add file" not in text
    assert send(browser, f"/app/crm.stage/{stage}/files", ("a.txt", b"1")).status_code == 403


def test_bad_files_are_refused_and_nothing_is_kept(browser_of, instance):
    browser, id_ = browser_of("own"), lead(instance)
    browser.get(f"/app/crm.lead/{id_}")
    answer = send(browser, f"/app/crm.lead/{id_}/files", ("full.txt", b"1"), ("empty.txt", b""))
    assert (answer.status_code, answer.location) == (303, f"/app/crm.lead/{id_}")
    assert "The file &#39;empty.txt&#39; is empty. Nothing was attached." in browser.get(answer.location).text
    answer = browser.post(f"/app/crm.lead/{id_}/files", {})
    assert answer.status_code == 303 and "No file was chosen" in browser.get(f"/app/crm.lead/{id_}").text
    with instance.environment() as env:
        assert env["core.attachment"].count() == 0


def test_a_file_that_is_too_large_is_told_so(instance, browser_of):
    app = create_app(instance, WebConfig(max_upload=20))
    assert app.config["MAX_CONTENT_LENGTH"] == 20_000_000
    app.config["MAX_CONTENT_LENGTH"] = 2_000_000
    browser = type(browser_of("own"))(app)
    browser.sign_in("own", PASSWORD)
    id_ = lead(instance)
    browser.get(f"/app/crm.lead/{id_}")
    kind = "multipart/form-data; boundary=x"
    came_from = {"Referer": f"http://localhost/app/crm.lead/{id_}?back=filter%3Dmine"}
    content = b"0" * 3_000_000
    answer = browser.client.post(
        f"/app/crm.lead/{id_}/files", data=content, content_type=kind, headers=came_from, buffered=True
    )
    assert answer.status_code == 413
    assert f'href="/app/crm.lead/{id_}?back=filter%3Dmine">Back to the page before' in answer.text
    elsewhere = {"Referer": "https://other.example/app/x"}
    answer = browser.client.post(
        f"/app/crm.lead/{id_}/files", data=content, content_type=kind, headers=elsewhere, buffered=True
    )
    assert answer.status_code == 413 and "Back to the page before" not in answer.text
    assert re.search("larger than the 2 megabytes that the server takes", answer.text)


@pytest.mark.parametrize("model", ["core.attachment", "core.change_set"])
def test_what_takes_no_files_shows_none(browser_of, instance, model):
    with instance.environment() as env:
        file = env["core.attachment"].create(name="alone.txt", data=b"t").id
    browser = browser_of("admin")
    id_ = file if model == "core.attachment" else 1
    assert "Add file" not in browser.get(f"/app/{model}/{id_}").text
