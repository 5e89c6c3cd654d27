"""Followers: who hears of what is written on a record."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from addons.base.models import Partner
from addons.mail.models.subtype import Subtype, read_subtypes
from addons.mail.models.thread import Thread
from core import Change, Invalid, Model, action, fields, referred


class Follower(
    Model, name="mail.followers", label="Follower", order="id", label_field="partner", unique=[("record", "partner")]
):
    """One partner who follows one record. Who is responsible for a record hears of it without following it."""

    record = fields.Reference(of=Thread, label="Record", required=True, on_delete="cascade")
    partner = fields.Many2one(Partner, label="Contact", required=True, on_delete="cascade", index=True)
    subtypes = fields.Many2many(Subtype, label="Hears of", help="Events, besides messages and notes")

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """New followers hear of what is chosen at first."""
        super().before_write(changes)
        for change in changes:
            if change.operation == "create" and change["record"]:
                model, _id = referred(str(change["record"]))
                kinds = cls.env.cached(read_subtypes).values()
                change.suggest(
                    "subtypes", tuple(kind["id"] for kind in kinds if kind["model"] == model and kind["default"])
                )

    @classmethod
    def follow(cls, pairs: Collection[tuple[str, Any]]) -> None:
        """Add followers, pairs of record and partner; those that follow already are left alone."""
        missing = set(pairs) - cls._following(pairs)
        while missing:
            try:
                with cls.env.savepoint():
                    rows = [{"record": record, "partner": partner} for record, partner in sorted(missing)]
                    cls.env.sudo()["mail.followers"].create_many(rows)
                return
            except Invalid:  # somebody else may have added one between the look and the insert
                left = missing - cls._following(missing)
                if left == missing:
                    raise
                missing = left

    @classmethod
    def _following(cls, pairs: Collection[tuple[str, Any]]) -> set[tuple[str, Any]]:
        """Those of the pairs that are stored, as far as other transactions have been committed."""
        where = "record in records and partner in partners"
        records, partners = ([*each] for each in (dict.fromkeys(column) for column in zip(*pairs, strict=True)))
        found = cls.env.sudo()["mail.followers"].read(where, ["record", "partner"], records=records, partners=partners)
        return {(row["record"], row["partner"]) for row in found}

    @action(label="Unfollow", icon="close")
    def unfollow(self) -> None:
        """Follow the record no longer."""
        self.delete_instance()
