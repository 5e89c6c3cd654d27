"""Messages: what was written on a record, and the files that came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.models import Attachment, Partner, User
from addons.mail.models.subtype import Subtype
from addons.mail.models.thread import Thread
from core import Change, FieldError, Invalid, Model, _, fields

if TYPE_CHECKING:
    from core import EnvironmentProtocol

KINDS = {"message": "Message", "note": "Note", "done": "Activity done", "event": "Event"}


def _own_partner(env: EnvironmentProtocol) -> int | None:
    found = env.sudo()["res.users"].read_ids([env.user], ["partner"]) if env.user else {}
    partner: int | None = found[env.user]["partner"] if env.user in found else None
    return partner


class Message(Model, name="mail.message", label="Message", order="-date, -id", indexes=[("record", "-date", "-id")]):
    """Something that was written on a record: a message to its followers, or a note for colleagues.

    One that tells of an event has a subtype; of kind `event` it is only news, and stands in no conversation. It is as
    open as its record. Its author may change it; what was changed stays in its history.
    """

    record = fields.Reference(of=Thread, label="Record", required=True, on_delete="cascade", index=True)
    kind = fields.Selection(KINDS, label="Kind", required=True, default="note")
    subtype = fields.Many2one(Subtype, label="Kind of event")
    subject = fields.Char(label="Subject", size=250)
    body = fields.Html(label="Text")
    date = fields.Datetime(label="Date", required=True, default=lambda env: env.now())
    author = fields.Many2one(Partner, label="Author", index=True, default=_own_partner)
    mentions = fields.Many2many(User, label="Mentions")
    partners = fields.Many2many(Partner, label="To", help="Whom it was written to besides the followers")
    attachments: fields.One2many[Attachment] = fields.One2many("core.attachment", inverse="message", label="Files")
    notifications = fields.One2many("mail.notification", inverse="message", label="Notifications")

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Nobody writes in another's name."""
        super().before_write(changes)
        if cls.env.superuser:
            return
        own = _own_partner(cls.env)
        for change in changes:
            if change.operation == "create":
                change.values["author"] = own
            elif change.changed("author"):
                raise Invalid([FieldError("author", _("The author of a message stays."))], model="mail.message")

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """The author of a new message follows its record; followers and those mentioned are told of it.

        Those who hear of an event were chosen before: see `addons.mail.events`.
        """
        super().after_write(changes)
        written = [change for change in changes if change.operation == "create" and not change["subtype"]]
        authors = {(str(change["record"]), change["author"]) for change in written if change["author"]}
        if authors:
            cls.env.registry.models["mail.followers"].follow(authors)
        if written:
            cls.env.registry.models["mail.notification"].tell(written)
        sent = [change.id for change in written if change["kind"] == "message"]
        if sent:
            cls.env.registry.models["mail.mail"].queue(cls.env.sudo()["mail.message"].browse(sent))


class AttachmentMessage(Attachment, extends=True):
    """A file may have come with a message."""

    message = fields.Many2one(Message, label="Message", on_delete="cascade", index=True)
