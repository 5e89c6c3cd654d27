"""Who may be given leads: the active users that belong to sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core import EnvironmentProtocol

GROUP = "crm.own"


def salespeople(env: EnvironmentProtocol) -> list[tuple[int, str]]:
    """Id and name of the active users of the group of sales or of one that implies it, by name.

    Only those who work for a company that the user works for, too.
    """
    superuser = env.sudo()
    groups = {row["id"]: row["implies"] for row in superuser["res.groups"].read("", ["id", "implies"])}
    belonging = {superuser.ref(GROUP).id}
    while more := {id_ for id_, implied in groups.items() if not belonging.isdisjoint(implied)} - belonging:
        belonging |= more
    rows = superuser["res.users"].read(
        "any(groups, id in belonging)", ["id", "name", "companies", "company"], belonging=sorted(belonging)
    )
    own = set(env.companies)
    return [
        (row["id"], str(row["name"]))
        for row in rows
        if env.superuser or not own.isdisjoint({row["company"], *row["companies"]})
    ]
