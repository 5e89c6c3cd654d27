"""Notifications: what a colleague is to look at, until it was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from addons.base.models import User
from addons.mail.models.message import Message
from core import Change, Model, action, fields, referred

if TYPE_CHECKING:
    from core import EnvironmentProtocol


class Notification(
    Model,
    name="mail.notification",
    label="Notification",
    order="-id",
    history=False,
    unique=[("message", "user")],
    indexes=[("user", "read", "-id")],
):
    """One message that one user was told of."""

    message = fields.Many2one(Message, label="Message", required=True, on_delete="cascade")
    user = fields.Many2one(User, label="User", required=True, on_delete="cascade")
    mention = fields.Boolean(label="Mentioned", help="Written to this user, not only about something followed")
    read = fields.Boolean(label="Read")

    @classmethod
    def tell(cls, written: Sequence[Change]) -> None:
        """Tell of new messages: those mentioned, the followers, and who is responsible, each by the right to see it."""
        env = cls.env
        rows = []
        stored = env.sudo()["mail.message"].read_ids([change.id for change in written], ["mentions"])
        for change in written:
            record, author = str(change["record"]), change["author"]
            mentioned = set(stored[change.id]["mentions"])
            for user in sorted(mentioned | audience(env, record)):
                if env.sudo()["res.users"].get(user).partner_id == author:
                    continue
                if env.as_user(user).permits("read", record):
                    rows.append({"message": change.id, "user": user, "mention": user in mentioned})
        env.sudo()["mail.notification"].create_many(rows)

    @action(label="Mark as read", icon="check")
    @classmethod
    def mark_read(cls, rows: Sequence[Notification]) -> None:
        """Take them off the list of what is new."""
        cls.env["mail.notification"].write(list(rows), read=True)


def audience(env: EnvironmentProtocol, record: str) -> set[int]:
    """The users who hear of what is written on a record: its followers, and who is responsible for it."""
    model, id_ = referred(record)
    partners = [row["partner"] for row in env.sudo()["mail.followers"].read("record == r", ["partner"], r=record)]
    found: set[int] = set()
    if partners:
        users = env.sudo()["res.users"].read("partner in partners", ["id"], partners=partners)
        found = {row["id"] for row in users}
    info = env.registry.schema[model].fields.get("user")
    if info is not None and info.target == "res.users":
        responsible: Any = env.sudo()[model].read_ids([id_], ["user"]).get(id_, {}).get("user")
        found |= {responsible} - {None}
    return found
