"""The queue of outgoing mail: one row for each message and recipient, and what became of it.

waiting -> sending -> sent
   ^          |-----> waiting again after a pause, or failed
   |          '-----> failed: it may have been sent (the process died, or the server never answered)
   '-- failed (send again)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html import unescape
from typing import TYPE_CHECKING, Any

import nh3

from addons.base.models import Partner
from addons.mail.assignment import taken_back
from addons.mail.models.message import Message
from addons.mail.transport import BAD_HEADER, Delivery, deliver, is_address
from core import Change, FieldError, Invalid, Model, StaleVersion, Step, _, action, enqueue, fields, referred

if TYPE_CHECKING:
    from core import EnvironmentProtocol

STATES = {
    "waiting": "Waiting",
    "sending": "Being sent",
    "sent": "Sent",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
JOB = "mail.send"
ATTEMPTS = 6
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
# A mail that has been "being sent" for so long is nobody's any more.
ABANDONED = timedelta(minutes=15)


class Mail(
    Model,
    name="mail.mail",
    label="Outgoing mail",
    order="-id",
    label_field="subject",
    history=False,
    indexes=[("state", "due_at")],
):
    """One message to one recipient. It is sent at most once: what may have been sent is not sent again by itself."""

    subject = fields.Char(label="Subject", required=True, size=250, search=True)
    email_to = fields.Char(label="To", required=True, size=320, personal=True)
    from_name = fields.Char(label="From", size=200, help="Whose name stands before the address of the settings")
    reply_to = fields.Char(label="Reply to", size=320)
    body = fields.Html(label="Text")
    partner = fields.Many2one(Partner, label="Contact", on_delete="set null")
    message = fields.Many2one(Message, label="Message", on_delete="set null", index=True)
    from_message = fields.Boolean(label="Comes from a message", help="Not sent any more once the message is gone")
    activity: fields.Many2one[Any] = fields.Many2one(
        "mail.activity", label="Activity", on_delete="set null", index=True
    )
    from_activity = fields.Boolean(label="Tells of an activity", help="Not sent any more once it is somebody else's")
    forget = fields.Boolean(label="Forget its text once it is sent", help="It holds a secret link")
    state = fields.Selection(STATES, label="State", required=True, default="waiting")
    due_at = fields.Datetime(label="Due", default=lambda env: env.now())
    attempt = fields.Integer(label="Attempts", default=0)
    error = fields.Char(label="What went wrong", size=500)
    sent_at = fields.Datetime(label="Sent on")
    header_id = fields.Char(label="Message-ID", size=250, copy=False)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """A mail has one recipient, whose address can be one, and a number of its own."""
        super().before_write(changes)
        for change in changes:
            if change.changed("email_to"):
                _require_address(str(change["email_to"]))
            if change.operation == "create" and not change["header_id"]:
                change.values["header_id"] = make_msgid(domain="tessera.invalid")

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """New mail is sent as soon as the transaction is committed, or when it is due."""
        super().after_write(changes)
        env: Any = cls.env  # an environment by its protocol
        waiting = [change for change in changes if change.operation == "create" and change["state"] == "waiting"]
        later = {due for change in waiting if isinstance(due := change["due_at"], datetime) and due > env.now()}
        if any(change["due_at"] not in later for change in waiting):
            enqueue(env, JOB, key=JOB)
        for due in sorted(later):  # without the key: what is to be sent at once must not wait for these
            enqueue(env, JOB, at=due)

    @classmethod
    def queue(cls, messages: Sequence[Message]) -> None:
        """Write mails to those outside that messages are written to: their partners, and followers who are no users."""
        cls.env.sudo()["mail.mail"].create_many([row for message in messages for row in outgoing(cls.env, message)])

    @action(label="Send again", icon="mail", groups="base.admin")
    @classmethod
    def send_again(cls, rows: Sequence[Mail]) -> None:
        """Put failed and cancelled mails back into the queue, with all their attempts."""
        ids = [row.id for row in rows if row.state in ("failed", "cancelled")]
        cls.env.sudo()["mail.mail"].write(ids, state="waiting", attempt=0, error=None, due_at=cls.env.now())
        enqueue(cls.env, JOB, key=JOB)  # type: ignore[arg-type]

    @action(label="Cancel", icon="blocked", groups="base.admin")
    @classmethod
    def cancel(cls, rows: Sequence[Mail]) -> None:
        """Take mails that wait out of the queue."""
        cls.env.sudo()["mail.mail"].write([row.id for row in rows if row.state == "waiting"], state="cancelled")


def _require_address(text: str) -> None:
    """Refuse what the header of a mail cannot hold.

    :raises Invalid: naming the field.
    """
    if not is_address(text):
        said = _("'{text}' is not an e-mail address.", text=text)
        raise Invalid([FieldError("email_to", said, value=text)], model="mail.mail")


def send(env: EnvironmentProtocol, marker: Any) -> Step | None:  # noqa: ANN401  # whatever the last step gave
    """One step of the queue: note what became of the last mail, then take the next one."""
    mails = env.sudo()["mail.mail"]
    if marker:
        _note(env, marker)
    _give_up_abandoned(env)
    url = env.setting("mail_url")
    if not url:
        return None
    row = _claim(env, mails)
    if row is None:
        return None
    sender = env.setting("mail_from") or _company_address(env) or "tessera@localhost"
    try:
        message = compose(row, sender, env)
    except BAD_HEADER as error:  # one that no header can hold must not hold up the others
        mails.write(row, state="failed", error=str(error)[:500])
        return Step({})
    recipient, id_ = row.email_to, row.id
    # Committed as being sent: after a crash the next step finds this marker, and so knows that it does not know.
    begun = {"mail": id_, "fate": "unknown", "text": ""}
    return Step(begun, outside=lambda: _act(url, sender, recipient, id_, message))


def _act(url: str, sender: str, recipient: str, id_: int, message: EmailMessage) -> dict[str, object]:
    found: Delivery = deliver(url, sender, recipient, message)
    return {"mail": id_, "fate": found.fate, "text": found.text}


def _claim(env: EnvironmentProtocol, mails: Any) -> Any:  # noqa: ANN401  # rows of the composed class
    """The next mail that is due, noted as being sent; None where there is none."""
    for row in mails.search("state == 'waiting' and due_at <= now()", order="due_at, id", limit=20):
        if row.from_message and row.message_id is None:
            mails.write(row, state="cancelled", error=_("The message was taken back."))
            continue
        if taken_back(row):
            mails.write(row, state="cancelled", error=_("The activity was taken back."))
            continue
        try:
            values = {"state": "sending", "attempt": row.attempt + 1, "due_at": env.now() + ABANDONED}
            mails.write(row, version=row.version, **values)
        except StaleVersion:
            continue  # another worker was faster
        return row
    return None


def _note(env: EnvironmentProtocol, marker: dict[str, Any]) -> None:
    """What became of a mail that was being sent."""
    mails = env.sudo()["mail.mail"]
    found = mails.browse([marker["mail"]])
    if not found or found[0].state != "sending":
        return
    row, now = found[0], env.now()
    if marker["fate"] == "sent":
        mails.write(row, state="sent", sent_at=now, error=None, **({"body": None} if row.forget else {}))
    elif marker["fate"] == "again" and row.attempt < ATTEMPTS:
        pause = min(FIRST_PAUSE * 3 ** (row.attempt - 1), LONGEST_PAUSE)
        mails.write(row, state="waiting", due_at=now + pause, error=marker["text"][:500])
    else:
        mails.write(row, state="failed", error=_last_words(marker)[:500])


def _last_words(marker: dict[str, Any]) -> str:
    if marker["fate"] != "unknown":
        return str(marker["text"])
    text = _("It was being sent and nobody knows whether it arrived; it is not sent again by itself.")
    return f"{text} {marker['text']}".strip()


def _give_up_abandoned(env: EnvironmentProtocol) -> None:
    """Mails whose sender vanished without a trace have failed."""
    mails = env.sudo()["mail.mail"]
    for row in mails.search("state == 'sending' and due_at < now()"):
        mails.write(row, state="failed", error=_last_words({"fate": "unknown", "text": ""}))


def _company_address(env: EnvironmentProtocol) -> str:
    found = env.sudo()["res.company"].read_ids([env.company or 0], ["partner.email"])
    return str(found[env.company]["partner.email"] or "") if env.company in found else ""


def compose(row: Any, sender: str, env: EnvironmentProtocol) -> EmailMessage:  # noqa: ANN401
    """The message as it goes out: formatted text, and the same as plain text (RFC 2046, 5.1.4)."""
    message = EmailMessage()
    message["Subject"] = " ".join(row.subject.split())
    message["From"] = Address(row.from_name or "", addr_spec=sender)
    message["To"] = Address(addr_spec=row.email_to)
    if row.reply_to:
        message["Reply-To"] = row.reply_to
    message["Date"] = format_datetime(env.now())
    message["Message-ID"] = row.header_id
    message["Auto-Submitted"] = "auto-generated" if not row.from_message else "no"
    body = row.body or ""
    message.set_content(plain_text(body))
    message.add_alternative(f"<!doctype html><html><body>{body}</body></html>", subtype="html")
    return message


def plain_text(body: str) -> str:
    """Formatted text as lines: paragraphs apart, links with their addresses kept as they are read."""
    spaced = body.replace("</p>", "\n\n").replace("<br>", "\n").replace("</li>", "\n")
    return unescape(nh3.clean(spaced, tags=set())).strip() + "\n"


def outgoing(env: EnvironmentProtocol, message: Any) -> list[dict[str, object]]:  # noqa: ANN401
    """The mails of one message, one for each address."""
    model, id_ = referred(message.record)
    outside = "record == r and not any(partner.users)"
    following = env.sudo()["mail.followers"].read(outside, ["partner"], r=message.record)
    wanted = dict.fromkeys([*(partner.id for partner in message.partners), *(row["partner"] for row in following)])
    found = env.sudo()["res.partner"].read_ids([id_ for id_ in wanted if id_ != message.author_id], ["email"])
    name = env.registry.schema[model].label_field
    label = env.sudo()[model].read_ids([id_], [name]).get(id_, {}).get(name)
    author = message.author
    common = {
        "subject": str(message.subject or label or _("Message"))[:250],
        "from_name": author.name if author else None,
        "reply_to": author.email if author else None,
        "body": message.body,
        "message": message.id,
        "from_message": True,
    }
    by_address = {str(row["email"]).lower(): partner for partner, row in found.items() if row["email"]}
    return [{**common, "partner": id_, "email_to": found[id_]["email"]} for id_ in by_address.values()]
