"""Whom a message goes to and what goes with it: odd addresses, senders that are none, files."""

import pytest

from addons.mail.composing import LARGEST_FILES, mail_address
from addons.mail.models.mail import BATCH
from core import Refusal

from .conftest import add_people, queue, sent, states


@pytest.fixture
def instance(make_instance, folder):
    return make_instance("mail", prepare=add_people, settings={"mail_url": f"file://{folder}"})


@pytest.mark.parametrize("text", ["tel.: 123", "mail.: x", ".:", " .>", ". <a@b.c>", "a@", "two\nlines"])
def test_an_odd_answer_address_is_left_out(instance, work_off, folder, text):
    queue(instance, "signe@halden.example", reply_to=text)
    with instance.environment("ines") as env:
        env.sudo()["res.partner"].write(env.sudo()["res.users"].get(env.user).partner_id, email=text)
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        halden.post("Hello", kind="message", partners=[halden.id])
    work_off()
    assert [state for state, *_rest in states(instance)] == ["sent", "sent"]
    assert {mail["Reply-To"] for mail in sent(folder)} == {mail_address(text)}, "an address or nothing"


@pytest.mark.parametrize("text", ["a@x.com, b@x.com", "n/a", "j\u00f6rg@ex\u00e4mple.com"])
def test_a_contact_without_a_usable_address_blocks_nobody(instance, work_off, folder, text):
    with instance.environment("ines") as env:
        bad, good = env["res.partner"].create_many(
            [{"name": "Bad", "email": text}, {"name": "Good", "email": "Joe <Joe@X.com>"}]
        )
        good.post("Hello", kind="message", partners=[bad.id, good.id])
    work_off()
    assert [mail["To"] for mail in sent(folder)] == ["joe@x.com"]
    (state, _attempt, reason), (other, *_rest) = states(instance)
    assert (state, other) == ("failed", "sent")
    assert reason.startswith(f"'{text}' is not one e-mail address")
    with instance.environment() as env:
        failed = env["mail.mail"].search("state == 'failed'")[0].id
        with pytest.raises(Refusal, match="correct it on the contact"), env.savepoint():
            env["mail.mail"].call([failed], "send_again")
        env["res.partner"].write(bad.id, email="gerd@ex\u00e4mple.com")
        env["mail.mail"].call([failed], "send_again")
    work_off()
    assert [mail["To"] for mail in sent(folder)] == ["gerd@xn--exmple-cua.com", "joe@x.com"]


def test_nobody_gets_a_message_twice(instance, work_off, folder):
    with instance.environment("ines") as env:
        one, same = env["res.partner"].create_many(
            [{"name": "Joe", "email": "joe@x.com"}, {"name": "Joe again", "email": "Joe <JOE@x.com>"}]
        )
        env["mail.followers"].create_many([{"record": one, "partner": each} for each in (one, same)])
        one.post("Hello", kind="message", partners=[same.id, one.id])
    work_off()
    assert [mail["To"] for mail in sent(folder)] == ["joe@x.com"]


def test_an_odd_address_of_the_company_keeps_mail_waiting_and_is_told(instance, work_off, folder, clock, caplog):
    queue(instance, "signe@halden.example")
    with instance.environment() as env:
        company = env["res.company"].get(env.company)
        env["res.partner"].write(company.partner, email="info@x.com, sales@x.com")
        name = company.name
    work_off()
    ((state, attempt, error),) = states(instance)
    assert (state, attempt, sent(folder)) == ("waiting", 0, [])
    assert f"'info@x.com, sales@x.com', the e-mail of the company {name} " in error and "set mail_from" in error
    assert "mail waits: its sender is not an address" in caplog.messages
    with instance.environment() as env:
        env["res.partner"].write(env["res.company"].get(env.company).partner, email="info@x.com")
    clock.advance(hours=1)
    work_off()
    assert states(instance) == [("sent", 1, None)]
    assert sent(folder)[0]["From"] == "info@x.com"


def test_a_batch_of_messages_that_were_taken_back_stops_nothing(instance, work_off):
    queue(instance, *[f"gone{number}@x.com" for number in range(BATCH)], from_message=True)
    queue(instance, *[f"good{number}@x.com" for number in range(3)])
    work_off()
    assert [state for state, *_rest in states(instance)] == ["cancelled"] * BATCH + ["sent"] * 3


def test_the_files_of_a_message_go_with_it(instance, work_off, folder):
    files = [("plan.pdf", b"%PDF-1.7"), ("a/\u202egpj.html", b"<script>"), ("x.eml", b"Subject: x"), ("n.txt", b"n")]
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        message = halden.post("See", kind="message", partners=[halden.id], files=files)
        env["core.attachment"].create(name="stray", data=b"s", message=message.id)
        halden.post("Internal", kind="note", partners=[halden.id], files=[("secret.txt", b"secret")])
    work_off()
    (mail,) = sent(folder)
    assert [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()] == [
        ("plan.pdf", "application/pdf"),
        ("gpj.html", "application/octet-stream"),
        ("x.eml", "application/octet-stream"),
        ("n.txt", "text/plain"),
    ]
    assert [part.get_content_disposition() for part in mail.iter_attachments()] == ["attachment"] * 4
    assert next(mail.iter_attachments()).get_content() == b"%PDF-1.7"
    assert mail.get_body(("plain",)).get_content() == "See\n"


def test_files_that_are_too_large_are_refused(instance, work_off, folder, monkeypatch):
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        with pytest.raises(Refusal, match=r"have 16 MB together; a message may have 15 MB\. Send fewer or smaller"):
            halden.post("See", kind="message", files=[("a", b"a"), ("b", b"b" * LARGEST_FILES)])
        halden.post("See", kind="message", partners=[halden.id], files=[("a", b"abc")])
    monkeypatch.setattr("addons.mail.composing.LARGEST_FILES", 2)
    work_off()
    ((state, _attempt, error),) = states(instance)
    assert state == "failed" and "a message may have" in error and sent(folder) == []


def test_a_message_that_became_a_note_is_not_sent(instance, work_off, folder):
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        message = halden.post("a slip", kind="message", partners=[halden.id])
        env["mail.message"].write(message, kind="note")
    work_off()
    assert states(instance)[0][0] == "cancelled" and sent(folder) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("Joe <J@X.com>", "j@x.com"), ("crm@intranet", "crm@intranet"), ("a@b, c@d", None), ("n/a", None), (None, None)],
)
def test_one_address_in_a_text(text, found):
    assert mail_address(text) == found


@pytest.mark.parametrize("address", ['"a b"@x.com', "n/a", ""])
def test_an_address_that_lies_in_the_queue_already_holds_up_nobody(instance, work_off, folder, address):
    first, _second = queue(instance, "signe@halden.example", "erlend@halden.example")
    with instance.environment() as env:
        env.database.execute(f"UPDATE mail_mail SET email_to = '{address}' WHERE id = {first}")
    work_off()
    assert "erlend@halden.example" in [mail["To"] for mail in sent(folder)]
    assert states(instance)[1][0] == "sent"
