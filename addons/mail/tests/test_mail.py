"""Outgoing mail: at most once for each message and recipient, put off when a server is away, told when it failed."""

import smtplib
import socket
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from addons.mail import composing, transport
from addons.mail.composing import plain_text
from addons.mail.models.mail import ABANDONED, ATTEMPTS, JOB
from core import Invalid

from .conftest import add_people, queue, sent, states


class Server:
    """An SMTP server on loopback that keeps what it is given, and refuses when told to."""

    def __init__(self):
        self.received, self.refusal, self.at = [], "", "DATA"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusal and self.at == "RCPT":
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.at == "silence":  # the text has arrived, the answer is lost
            self.received.append(envelope)
            server.transport.abort()
        if self.refusal and self.at == "DATA":
            return self.refusal
        self.received.append(envelope)
        return "250 OK"


@pytest.fixture
def server():
    kept = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    kept.url = f"smtp://127.0.0.1:{port}"
    yield kept
    controller.stop()


@pytest.fixture
def instance(make_instance, folder):
    return make_instance("mail", prepare=add_people, settings={"mail_url": f"file://{folder}"})


def sending_to(instance, url):
    """From now on mail goes there."""
    instance.runtime.settings = {"mail_url": url, "mail_from": "crm@ours.example"}


def test_a_message_goes_out_to_those_it_is_written_to(instance, work_off, folder):
    with instance.environment("ines") as env:
        halden, other = env["res.partner"].create_many(
            [{"name": "Signe", "email": "signe@halden.example"}, {"name": "Erlend", "email": "erlend@halden.example"}]
        )
        env["mail.followers"].create(record=halden, partner=other)
        env["mail.followers"].create(record=halden, partner=env["res.users"].search("login == 'tomas'")[0].partner)
        halden.post("Dear Signe,\n\nsee https://x.example <now>", kind="message", partners=[halden.id])
        halden.post("not for outsiders", kind="note")
    work_off()
    first, second = sent(folder)
    assert (first["To"], second["To"]) == ("erlend@halden.example", "signe@halden.example")
    assert second["Subject"] == "Signe"
    assert second["Reply-To"] == "ines@ours.example" and "Ines Varga" in second["From"]
    assert second["Message-ID"].endswith("@tessera.invalid>") and second["Message-ID"] != first["Message-ID"]
    text, html = second.get_body(("plain",)).get_content(), second.get_body(("html",)).get_content()
    assert text == "Dear Signe,\n\nsee https://x.example <now>\n"
    assert '<a href="https://x.example"' in html and "&lt;now&gt;" in html
    assert states(instance) == [("sent", 1, None)] * 2


def test_smtp(instance, work_off, server):
    sending_to(instance, server.url)
    queue(instance, "signe@halden.example", from_name="Ines Värga")
    work_off()
    (envelope,) = server.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("crm@ours.example", ["signe@halden.example"])
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["From"] == "Ines Värga <crm@ours.example>"
    assert states(instance) == [("sent", 1, None)]
    work_off()
    assert len(server.received) == 1


def test_what_is_refused_for_now_is_tried_again_after_a_pause(instance, work_off, server, clock):
    sending_to(instance, server.url)
    server.refusal = "451 try later"
    queue(instance, "signe@halden.example")
    for attempt, minutes in enumerate((1, 3, 9, 27, 81), 1):
        work_off()
        assert states(instance) == [("waiting", attempt, "451 try later")]
        clock.advance(hours=(minutes - 0.5) / 60)
        work_off()
        assert states(instance)[0][1] == attempt, "it waits for its pause to end"
        clock.advance(hours=6 / 60)
    work_off()
    assert states(instance) == [("failed", ATTEMPTS, "451 try later")]
    server.refusal = ""
    with instance.environment() as env:
        env["mail.mail"].call([env["mail.mail"].search()[0].id], "send_again")
    work_off()
    assert states(instance) == [("sent", 1, None)]


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
def test_what_is_refused_for_good_has_failed(instance, work_off, server, at):
    sending_to(instance, server.url)
    server.refusal, server.at = "550 no such user", at
    queue(instance, "nobody@halden.example")
    work_off()
    assert states(instance) == [("failed", 1, "550 no such user")]


def test_a_server_that_is_away_is_waited_for(instance, work_off):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sending_to(instance, f"smtp://127.0.0.1:{port}")
    queue(instance, "signe@halden.example")
    work_off()
    ((state, attempt, error),) = states(instance)
    assert (state, attempt) == ("waiting", 1)
    assert "refused" in error


def test_an_answer_that_is_lost_is_not_sent_twice(instance, work_off, server, clock):
    sending_to(instance, server.url)
    server.at = "silence"
    queue(instance, "signe@halden.example")
    for _round in range(3):
        work_off()
        clock.advance(hours=5)
    assert len({id(envelope) for envelope in server.received}) == 1
    ((state, attempt, error),) = states(instance)
    assert (state, attempt) == ("failed", 1)
    assert "nobody knows whether it arrived" in error


def test_a_worker_that_dies_between_sending_and_noting_sends_nothing_twice(
    instance, folder, clock, monkeypatch, work_off
):
    queue(instance, "signe@halden.example", "erlend@halden.example")

    class Killed(BaseException):
        """The process is gone."""

    def deliver(*arguments):
        transport.deliver(*arguments)
        raise Killed

    monkeypatch.setattr("addons.mail.models.mail.deliver", deliver)
    with pytest.raises(Killed):
        work_off()
    monkeypatch.undo()
    assert [state for state, *_rest in states(instance)] == ["sending", "waiting"]
    clock.advance(hours=1)  # the lease has ended
    work_off()
    assert [mail["To"] for mail in sent(folder)] == ["erlend@halden.example", "signe@halden.example"]
    assert [state for state, *_rest in states(instance)] == ["failed", "sent"]


def test_a_mail_that_nobody_sends_any_more_has_failed(instance, work_off, clock):
    work_off()
    (id_,) = queue(instance, "signe@halden.example", state="sending")
    with instance.environment(superuser=True) as env:
        env["mail.mail"].write(id_, due_at=env.now() + ABANDONED)
    clock.advance(hours=1)
    work_off()
    ((state, _attempt, error),) = states(instance)
    assert state == "failed" and "nobody knows" in error


def test_a_message_that_is_taken_back_is_not_sent(instance, undoing, work_off, folder):
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        halden.post("a slip", kind="message", partners=[halden.id])
        written = env.change_set
    assert undoing(written).conflicts == []
    work_off()
    assert states(instance) == [("cancelled", 0, "The message was taken back.")]
    assert sent(folder) == []


def test_without_a_server_mail_waits(instance, work_off, folder, clock):
    instance.runtime.settings = {}
    queue(instance, "signe@halden.example")
    work_off()
    assert states(instance) == [("waiting", 0, None)]
    instance.runtime.settings = {"mail_url": f"file://{folder}"}
    clock.advance(hours=1)
    work_off()
    assert len(sent(folder)) == 1, "every few minutes it is looked for"


@pytest.mark.parametrize("error", [AttributeError, TypeError, IndexError, ValueError, RecursionError])
def test_one_that_cannot_be_sent_holds_up_nobody(instance, work_off, monkeypatch, error):
    first, _second = queue(instance, "signe@halden.example", "erlend@halden.example")

    def failing(row, *arguments):
        if row.id == first:
            raise error("odd")
        return composing.compose(row, *arguments)

    monkeypatch.setattr("addons.mail.models.mail.compose", failing)
    work_off()
    (state, _attempt, reason), (other, *_rest) = states(instance)
    assert (state, other) == ("failed", "sent")
    assert reason == f"It cannot be written as a mail: {error.__name__}: odd"


def test_lines_end_as_servers_demand(instance, work_off, server):
    sending_to(instance, server.url)
    queue(instance, "signe@halden.example", body="<p>Gr\u00fc\u00dfe</p><p>.</p>")
    work_off()
    content = server.received[0].original_content
    assert content.isascii() and content.count(b"\r\n") == content.count(b"\n") > 10


def test_a_mail_is_cancelled_by_administrators_alone(instance, work_off, folder):
    (id_,) = queue(instance, "signe@halden.example")
    with instance.environment("ines") as env:
        env["mail.mail"].call([id_], "cancel")
    work_off()
    assert states(instance)[0][0] == "cancelled" and sent(folder) == []
    with instance.environment("tomas") as env:
        assert not env["mail.mail"].may("read")


@pytest.mark.parametrize("address", ["nobody", "a@b, c@d", "a@b\nBcc: x@y", "@", ""])
def test_what_is_no_address_is_refused(instance, address):
    with instance.environment(superuser=True) as env, pytest.raises(Invalid):
        env["mail.mail"].create(subject="x", email_to=address)


def test_a_folder_that_cannot_be_written(instance, work_off, tmp_path):
    (tmp_path / "file").write_text("x")
    sending_to(instance, f"file://{tmp_path}/file/below")
    queue(instance, "signe@halden.example")
    work_off()
    ((state, attempt, error),) = states(instance)
    assert (state, attempt) == ("waiting", 1)
    assert "file/below" in error


def test_a_password_is_not_sent_in_the_clear(monkeypatch):
    class Plain(smtplib.SMTP):
        def __init__(self, host, port, timeout):
            super().__init__(timeout=timeout)

        def ehlo(self, name=""):
            self.esmtp_features = {}
            return 250, b"ok"

    monkeypatch.setattr(transport.smtplib, "SMTP", Plain)
    found = transport.deliver("smtp://me:secret@mail.example:25", "a@b", "c@d", None)
    assert found.fate == "again" and "no encryption" in found.text and "secret" not in found.text


def test_formatted_text_as_plain_text():
    body = "<p>A &amp; B</p><p>one<br>two</p><ul><li>x</li><li>y</li></ul>"
    assert plain_text(body) == "A & B\n\none\ntwo\n\nx\ny\n"
    assert plain_text("") == "\n"


def test_a_link_is_forgotten_once_it_is_sent(instance, work_off, folder):
    queue(instance, "signe@halden.example", forget=True)
    work_off()
    assert "Hi" in sent(folder)[0].get_body(("plain",)).get_content()
    with instance.environment(superuser=True) as env:
        assert env["mail.mail"].search()[0].body is None


def test_the_job_is_scheduled_too(instance, work_off):
    work_off()
    with instance.environment() as env:
        assert env["core.schedule"].count("name == wanted", wanted=JOB) == 1
