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

    message = fields.Many2one(Message, label="Message", required=True, readonly=True, on_delete="cascade")
    user = fields.Many2one(User, label="User", required=True, readonly=True, on_delete="cascade")
    mention = fields.Boolean(label="Mentioned", help="Written to this user, not only about something followed")
    read = fields.Boolean(label="Read")

    @classmethod
    def tell(cls, written: Sequence[Change]) -> None:
        """Tell of new messages: those mentioned, the followers, and who is responsible, each by the right to see it."""
        env = cls.env
        rows = []
        stored = env.sudo()["mail.message"].read_ids([change.id for change in written], ["mentions"])
        mentioned = {id_: set(row["mentions"]) for id_, row in stored.items()}
        heard: dict[str, set[int]] = {}
        for change in written:
            heard.setdefault(str(change["record"]), set()).update(mentioned[change.id])
        following = {record: audience(env, record) for record in heard}
        heard = {record: env.permitted_users("read", record, heard[record] | following[record]) for record in heard}
        told = sorted(set().union(*heard.values()))
        own = {id_: row["partner"] for id_, row in env.sudo()["res.users"].read_ids(told, ["partner"]).items()}
        for change in written:
            record = str(change["record"])
            for user in sorted(heard[record] & (mentioned[change.id] | following[record])):
                if own[user] != change["author"]:
                    rows.append({"message": change.id, "user": user, "mention": user in mentioned[change.id]})
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
