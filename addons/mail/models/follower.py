"""Followers: who hears of what is written on a record."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from addons.base.models import Partner
from addons.mail.models.thread import Thread
from core import Model, action, fields


class Follower(
    Model, name="mail.followers", label="Follower", order="id", label_field="partner", unique=[("record", "partner")]
):
    """One partner who follows one record. Who is responsible for a record hears of it without following it."""

    record = fields.Reference(of=Thread, label="Record", required=True, on_delete="cascade")
    partner = fields.Many2one(Partner, label="Contact", required=True, on_delete="cascade", index=True)

    @classmethod
    def follow(cls, pairs: Collection[tuple[str, Any]]) -> None:
        """Add followers, pairs of record and partner; those that follow already are left alone."""
        followers = cls.env.sudo()["mail.followers"]
        records = sorted({record for record, _partner in pairs})
        known = {
            (row["record"], row["partner"])
            for row in followers.read("record in records", ["record", "partner"], records=records)
        }
        followers.create_many([{"record": r, "partner": p} for r, p in sorted(set(pairs) - known)])

    @action(label="Unfollow", icon="close")
    def unfollow(self) -> None:
        """Follow the record no longer."""
        self.delete_instance()
