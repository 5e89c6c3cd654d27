"""The queue of outgoing mail: one row for each message and recipient, and what became of it.

waiting -> sending -> sent
   ^          |-----> waiting again after a pause, or failed
   |          '-----> failed: it may have been sent (the process died, or the server never answered)
   '-- failed (send again)
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any

from addons.base.models import Partner
from addons.mail.assignment import taken_back
from addons.mail.composing import File, check_size, compose, mail_address
from addons.mail.models.message import Message
from addons.mail.transport import Delivery, deliver
from core import (
    Change,
    FieldError,
    Invalid,
    Model,
    Refusal,
    StaleVersion,
    Step,
    _,
    action,
    enqueue,
    fields,
    referred,
)

if TYPE_CHECKING:
    from core import EnvironmentProtocol

logger = logging.getLogger("tessera.mail")

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
# How many mails are looked at in one step, and how many are told at once that the sender is wrong.
BATCH, TOLD = 20, 500


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
            # One that has failed already may hold what its contact has instead of an address, to show it.
            if change["state"] != "failed" and change.changed("email_to"):
                change.values["email_to"] = _required_address(str(change["email_to"]))
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
        """Put failed and cancelled mails back into the queue, with all their attempts.

        One that comes from a message goes to the address that its contact has now.

        :raises Refusal: there is none that an address is known for.
        """
        mails = cls.env.sudo()["mail.mail"]
        again = [row for row in rows if row.state in ("failed", "cancelled")]
        given = {row.id: _present_address(row) for row in again}
        usable = {id_: found for id_, text in given.items() if (found := mail_address(text))}
        bad = [(id_, _unusable(text)) for id_, text in given.items() if id_ not in usable]
        if bad and not usable:
            raise Refusal(bad[0][1])
        mails.write_many([(id_, {"error": text[:500]}) for id_, text in bad])
        anew = {"state": "waiting", "attempt": 0, "error": None, "due_at": cls.env.now()}
        mails.write_many([(id_, {**anew, "email_to": address}) for id_, address in usable.items()])
        enqueue(cls.env, JOB, key=JOB)  # type: ignore[arg-type]

    @action(label="Cancel", icon="blocked", groups="base.admin")
    @classmethod
    def cancel(cls, rows: Sequence[Mail]) -> None:
        """Take mails that wait out of the queue."""
        cls.env.sudo()["mail.mail"].write([row.id for row in rows if row.state == "waiting"], state="cancelled")


def _required_address(text: str) -> str:
    """The address as a header holds it.

    :raises Invalid: naming the field.
    """
    found = mail_address(text)
    if found is None:
        raise Invalid([FieldError("email_to", _unusable(text), value=text)], model="mail.mail")
    return found


def _unusable(text: str) -> str:
    return _("'{text}' is not one e-mail address that mail can be sent to; correct it on the contact.", text=text)


def _present_address(row: Mail) -> str:
    """What the contact has now; a link to a password goes to nobody but whom it was written for."""
    contact = row.partner if row.from_message else None
    return str(contact.email) if contact is not None and (contact.email or "").strip() else row.email_to


def send(env: EnvironmentProtocol, marker: Any) -> Step | None:  # noqa: ANN401  # whatever the last step gave
    """One step of the queue: note what became of the last mail, then take the next one."""
    mails = env.sudo()["mail.mail"]
    if marker:
        _note(env, marker)
    _give_up_abandoned(env)
    url = env.setting("mail_url")
    if not url:
        return None
    sender, problem = _sender(env)
    if problem:
        _tell_of_sender(env, problem)
        return None
    row, skipped = _claim(env, mails)
    if row is None:
        return Step({}) if skipped else None
    try:
        files = _files(env, row)
    except Refusal as refusal:
        if refusal.code == "database":  # that is nothing about this mail
            raise
        return _failed(mails, row, refusal)
    try:
        content = compose(row, sender, env.now(), files)
    except Exception as error:  # whatever is wrong with one mail must not hold up the others
        return _failed(mails, row, error)
    recipient, id_ = row.email_to, row.id
    # Committed as being sent: after a crash the next step finds this marker, and so knows that it does not know.
    begun = {"mail": id_, "fate": "unknown", "text": ""}
    return Step(begun, outside=lambda: _act(url, sender, recipient, id_, content))


def _act(url: str, sender: str, recipient: str, id_: int, content: bytes) -> dict[str, object]:
    found: Delivery = deliver(url, sender, recipient, content)
    return {"mail": id_, "fate": found.fate, "text": found.text}


def _failed(mails: Any, row: Any, error: Exception) -> Step:  # noqa: ANN401  # rows of the composed class
    """Note a mail that cannot be sent as it is, and go on with the next one."""
    known = isinstance(error, Refusal)
    reason = str(error) if known else f"{type(error).__name__}: {error}"
    logger.warning("mail cannot be composed", exc_info=None if known else error, extra={"values": {"mail": row.id}})
    mails.write(row, state="failed", error=_("It cannot be written as a mail: {reason}", reason=reason)[:500])
    return Step({})


def _files(env: EnvironmentProtocol, row: Any) -> list[File]:  # noqa: ANN401
    """The files that came with the message of a mail; what is kept on another record is none of them.

    :raises Refusal: they are too large together, or a content is missing.
    """
    message = row.message if row.from_message else None
    if message is None:
        return []
    where, wanted = "message == m and record == r", ["name", "type", "size", "data"]
    found = env.sudo()["core.attachment"].read(where, wanted, order="id", m=message.id, r=message.record)
    check_size(sum(file["size"] or 0 for file in found))  # before any of them is in memory
    return [File(file["name"], file["type"] or "", env.blob(file["data"])) for file in found]


def _claim(env: EnvironmentProtocol, mails: Any) -> tuple[Any, bool]:  # noqa: ANN401  # rows of the composed class
    """The next mail that is due, noted as being sent, else None; and whether others were passed over."""
    skipped = False
    for row in mails.search("state == 'waiting' and due_at <= now()", order="due_at, id", limit=BATCH):
        skipped = True
        if row.from_message and (row.message is None or row.message.kind != "message"):
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
        return row, True
    return None, skipped


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


def _sender(env: EnvironmentProtocol) -> tuple[str, str]:
    """The address that mail comes from; or what is wrong with it, and where that is corrected."""
    given = env.setting("mail_from")
    if given:
        problem = _("Mail waits: the setting mail_from, '{text}', is not an e-mail address.", text=given)
    else:
        company = (
            env.sudo()["res.company"].read_ids([env.company or 0], ["name", "partner.email"]).get(env.company or 0)
        )
        given = str(company["partner.email"] or "").strip() if company else ""
        problem = _(
            "Mail waits: '{text}', the e-mail of the company {company} that it comes from, is not one address. "
            "Correct it, or set mail_from.",
            text=given,
            company=company["name"] if company else "",
        )
    found = mail_address(given) if given else "tessera@localhost"
    return (found, "") if found else ("", problem)


def _tell_of_sender(env: EnvironmentProtocol, problem: str) -> None:
    """Leave the mails waiting, and say why where administrators look: beside each of them, and in the log."""
    logger.warning("mail waits: its sender is not an address", extra={"values": {"company": env.company}})
    mails = env.sudo()["mail.mail"]
    text = problem[:500]
    due = "state == 'waiting' and due_at <= now() and (error == none or error != said)"
    mails.write(list(mails.search(due, order="-id", limit=TOLD, said=text)), error=text)


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
        "from_name": author.name[:200] if author and author.name else None,
        "reply_to": mail_address(author.email) if author else None,
        "body": message.body,
        "message": message.id,
        "from_message": True,
    }
    given = {partner: " ".join(str(row["email"] or "").split()) for partner, row in found.items()}
    return [{**common, **mail} for mail in _addressed(given)]


def _addressed(given: Mapping[int, str]) -> Iterator[dict[str, object]]:
    """One mail for each address, and one that has failed for each contact whose e-mail is none."""
    seen = set()
    for partner, text in given.items():
        address = mail_address(text)
        if address and address not in seen:
            seen.add(address)
            yield {"partner": partner, "email_to": address}
        elif text and not address:
            yield {"partner": partner, "email_to": text[:320], "state": "failed", "error": _unusable(text)[:500]}
