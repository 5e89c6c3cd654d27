"""What becomes of leads that come in by themselves: by mail, by a form of a website, from a partner's system."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from markupsafe import Markup

from addons.crm.assignment.carrying_out import OFF, mode
from addons.crm.assignment.takers import companies_of
from addons.crm.merging import MODEL
from core import _, reference_to

if TYPE_CHECKING:
    from core import EnvironmentProtocol

READ = ("id", "company", "team", "team.name", "team.user", "team.user.name", "team.user.active")


def arrived(env: EnvironmentProtocol, leads: Collection[int]) -> None:
    """Give leads of nobody to the leader of their team, with a note, unless they are assigned by rules.

    For whatever creates leads that nobody types in: call it once for all that came, as soon as they are created with
    `user=None` and their team. It acts as the system, since who sent them may have no rights at all.
    """
    if mode(env) != OFF:
        return
    superuser = env.sudo()
    rows = [
        row
        for row in superuser[MODEL].read("user == none and team.user != none and id in leads", READ, leads=list(leads))
        if row["team.user.active"]
    ]
    companies = companies_of(env, {row["team.user"] for row in rows})
    given = [row for row in rows if row["company"] is None or row["company"] in companies[row["team.user"]]]
    superuser[MODEL].write_many([(row["id"], {"user": row["team.user"], "team": row["team"]}) for row in given])
    superuser["mail.message"].create_many(
        [
            {
                "record": reference_to(MODEL, row["id"]),
                "kind": "note",
                "author": None,
                "body": Markup("<p>{}</p>").format(
                    _("Given to {name}, who leads {team}.", name=row["team.user.name"], team=row["team.name"])
                ),
            }
            for row in given
        ]
    )
