"""Whose activities they are: the zone in which the days of a user begin and end, and whether to write to the user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from addons.base.models import Company, User
from core import Change, fields

if TYPE_CHECKING:
    from core import EnvironmentProtocol


def zones(env: EnvironmentProtocol, users: Iterable[object]) -> dict[int, str]:
    """The zone of each user by id, an IANA name: the user's own, else that of the user's company, else UTC.

    One statement; what is no id of a user is left out.
    """
    wanted = sorted({user for user in users if isinstance(user, int)})
    rows = env.sudo()["res.users"].read_ids(wanted, ["tz", "company.tz"])
    return {id_: row["tz"] or row["company.tz"] or "UTC" for id_, row in rows.items()}


class ActivityOwner(User, extends=True):
    """A user whose activities are due where the user is."""

    activity_mails = fields.Boolean(label="Mails about assigned activities", default=True)

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Tell anew when activities are due, where the zone of their owner changed."""
        super().derive(changes)
        moved = [
            change.id
            for change in changes
            if change.operation == "write" and not {"tz", "company"}.isdisjoint(change.values)
        ]
        if moved:
            cls.env.registry.models["mail.activity"].keep_up(moved)


class CompanyZone(Company, extends=True):
    """A company in whose zone those work who have none of their own."""

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Tell anew when the activities of these users are due, where the zone of the company changed."""
        super().derive(changes)
        moved = [change.id for change in changes if change.operation == "write" and "tz" in change.values]
        if moved:
            where = "company in moved and tz == none and (active or not active)"
            users = cls.env.sudo()["res.users"].read(where, ["id"], moved=moved)
            cls.env.registry.models["mail.activity"].keep_up([user["id"] for user in users])
