"""What a conversation gives to a model: messages, notes and followers of each of its records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

from addons.mail.composing import check_size
from addons.mail.text import mentioned_logins, to_html
from core import FieldError, Invalid, Model, Refusal, _, action, fields, reference_to

if TYPE_CHECKING:
    from addons.mail.models.follower import Follower
    from addons.mail.models.message import Message

Kind = Literal["message", "note", "done"]


class Thread(Model):
    """A model whose records have a conversation. Whoever may change a record may write in its conversation."""

    messages: fields.One2many[Message] = fields.One2many("mail.message", inverse="record", label="Messages")
    followers: fields.One2many[Follower] = fields.One2many("mail.followers", inverse="record", label="Followers")

    @property
    def reference(self) -> str:
        """The text that names this record."""
        return reference_to(self._name, self.id)  # type: ignore[attr-defined]  # of the composed class

    @action(label="Log a note", icon="note")
    def log_note(self, *, text: str) -> int:
        """Write a note for colleagues; `@login` tells a colleague of it. Gives the id of the message."""
        return int(self.post(text, kind="note").id)

    @action(label="Write a message", icon="mail")
    def write_message(self, *, text: str, partners: Sequence[int] = ()) -> int:
        """Write a message to the followers, and to `partners` by id. Gives the id of the message."""
        return int(self.post(text, kind="message", partners=partners).id)

    def post(
        self,
        text: str,
        *,
        kind: Kind = "note",
        partners: Collection[int] = (),
        files: Sequence[tuple[str, bytes]] = (),
        template: int | None = None,
        **values: object,
    ) -> Any:  # noqa: ANN401  # a row of the composed class
        """Write plain text into the conversation; a row of `mail.message`.

        :param partners: whom a message is written to besides the followers, by id.
        :param files: name and content of what goes with it.
        :param template: the id of a template that gives subject and text, where there is no text.
        :raises Refusal: there is nothing to say and no file, or the files of a message are too large.
        :raises Invalid: somebody is mentioned who may not see the record.
        """
        text = (text or "").strip()
        if template and not text:
            subject, body = self.env["mail.template"].get(template).filled(self.id)
            values = {"subject": subject or None, "body": body, **values}
        elif not text and not files:
            raise Refusal(_("There is nothing to send."), hint=_("Write something, or attach a file."))
        if kind == "message":
            check_size(sum(len(data) for _name, data in files))
        users = self._mentioned(text)
        message = self.env["mail.message"].create(
            record=self.reference,
            kind=kind,
            mentions=[user["id"] for user in users],
            partners=list(partners),
            **{
                "body": to_html(text, {user["login"].lower(): (user["id"], user["name"]) for user in users}),
                **values,
            },
        )
        if files:
            given = {"record": self.reference, "message": message.id}
            self.env["core.attachment"].create_many([{"name": name, "data": data, **given} for name, data in files])
        return message

    def _mentioned(self, text: str) -> list[dict[str, Any]]:
        """The users that a text mentions, all of whom may see the record."""
        logins = mentioned_logins(text)
        if not logins:
            return []
        users = self.env.sudo()["res.users"].read("", ["id", "login", "name"])
        found = [user for user in users if user["login"].lower() in logins]
        blind = [user["name"] for user in found if not self.env.as_user(user["id"]).permits("read", self.reference)]
        if blind:
            text = _("{names} may not see this record.", names=", ".join(blind))
            raise Invalid([FieldError("mentions", text)], model="mail.message")
        return found

    def correspondents(self) -> list[int]:
        """Whom outside a message on this record is usually written to: ids of partners."""
        partner = getattr(self, "partner_id", None)
        return [partner] if isinstance(partner, int) else []
