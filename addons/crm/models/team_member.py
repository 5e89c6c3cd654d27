"""Who belongs to which sales team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.models import User
from addons.base.models.setting import setting
from addons.crm.models.assignment import MemberAssignment
from addons.crm.models.team import Team
from core import FieldError, Invalid, Model, _, fields

if TYPE_CHECKING:
    from core import Change

MULTI_TEAM = "crm.multi_team"


class TeamMember(
    MemberAssignment,
    Model,
    name="crm.team.member",
    label="Team member",
    order="team, id",
    cached=True,
    indexes=[("team", "user"), ("user", "active")],
):
    """One user in one team. A user is in one team at a time, unless the setting `crm.multi_team` is `true`."""

    name = fields.Computed(fields.Char, "user.name", label="Name")
    team = fields.Many2one(Team, label="Sales team", required=True, on_delete="cascade")
    user = fields.Many2one(User, label="User", required=True, on_delete="cascade")
    active = fields.Boolean(label="Active", default=True)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Refuse a second membership in one team; end those in other teams."""
        super().after_write(changes)
        joined = {change.id: change for change in changes if change["active"] and _moves(change)}
        if not joined:
            return
        members = cls.env.sudo()["crm.team.member"]
        others = members.read("user in users", ["id", "team", "user"], users=[c["user"] for c in joined.values()])
        pairs = [(other["team"], other["user"]) for other in others]
        if any(pairs.count((change["team"], change["user"])) > 1 for change in joined.values()):
            raise Invalid([FieldError("user", _("This user is a member of the team already."))])
        if setting(cls.env, MULTI_TEAM) != "true":
            latest = {change["user"]: id_ for id_, change in joined.items()}
            members.write([other["id"] for other in others if other["id"] != latest[other["user"]]], active=False)


def _moves(change: Change) -> bool:
    return change.operation == "create" or not {"team", "user", "active"}.isdisjoint(change.values)
