"""Who may be given leads: the active users that belong to sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core import EnvironmentProtocol

GROUP, ALL_DOCUMENTS = "crm.own", "crm.all"


def groups_of_all(env: EnvironmentProtocol) -> frozenset[str]:
    """The external ids of the groups that everybody in sales belongs to: that of sales, and those that it implies."""
    superuser = env.sudo()
    groups = {row["id"]: row["implies"] for row in superuser["res.groups"].read("", ["id", "implies"])}
    belonging = {superuser.ref(GROUP).id}
    while more := {implied for id_ in belonging for implied in groups[id_]} - belonging:
        belonging |= more
    names = superuser["core.external_id"].read(
        "model == 'res.groups' and record in belonging", ["addon", "name"], belonging=sorted(belonging)
    )
    return frozenset(f"{row['addon']}.{row['name']}" for row in names)


def salespeople(env: EnvironmentProtocol) -> list[tuple[int, str]]:
    """Id and name of those whom the user may give leads to, by name.

    The active users of the group of sales, or of one that implies it, who work for a company that the user works for;
    somebody who works on own documents alone may give leads to nobody else.
    """
    superuser = env.sudo()
    groups = {row["id"]: row["implies"] for row in superuser["res.groups"].read("", ["id", "implies"])}
    belonging = {superuser.ref(GROUP).id}
    while more := {id_ for id_, implied in groups.items() if not belonging.isdisjoint(implied)} - belonging:
        belonging |= more
    rows = superuser["res.users"].read(
        "any(groups, id in belonging)", ["id", "name", "companies", "company"], belonging=sorted(belonging)
    )
    if not env.superuser and not env.has_group(ALL_DOCUMENTS):
        rows = [row for row in rows if row["id"] == env.user]
    own = set(env.companies)
    return [
        (row["id"], str(row["name"]))
        for row in rows
        if env.superuser or not own.isdisjoint({row["company"], *row["companies"]})
    ]
