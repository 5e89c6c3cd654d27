"""Sales teams, in a tree: a region, the teams of its managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.hierarchy import refuse_cycles
from addons.base.models import Company, User
from addons.crm.models.assignment import TeamAssignment
from addons.mail.models import Thread
from core import Model, _, fields

if TYPE_CHECKING:
    from addons.crm.models.stage import Stage
    from addons.crm.models.team_member import TeamMember
    from addons.crm.models.team_property import TeamProperty
    from core import Change


class Team(
    TeamAssignment,
    Thread,
    Model,
    name="crm.team",
    label="Sales team",
    order="sequence, name, id",
    parent="parent",
    cached=True,
):
    """People who work on leads together, and their leader."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    sequence = fields.Integer(label="Sequence", required=True, default=10)
    parent: fields.Many2one[Team | None] = fields.Many2one(
        "crm.team", label="Parent team", on_delete="set null", index=True, help="Where cases are escalated to"
    )
    children: fields.One2many[Team] = fields.One2many("crm.team", inverse="parent", label="Teams below")
    user = fields.Many2one(User, label="Team leader", index=True)
    members: fields.One2many[TeamMember] = fields.One2many("crm.team.member", inverse="team", label="Members")
    stages: fields.Many2many[Stage] = fields.Many2many("crm.stage", inverse="teams", label="Stages of its own")
    properties: fields.One2many[TeamProperty] = fields.One2many(
        "crm.team.property", inverse="team", label="Properties", help="What its leads have besides the usual fields"
    )
    company = fields.Many2one(Company, label="Company", help="Empty: a team of all companies")
    color = fields.Integer(label="Colour")
    use_leads = fields.Boolean(
        label="Works on leads", default=True, help="Otherwise everything that comes to the team is an opportunity"
    )
    use_opportunities = fields.Boolean(label="Works on opportunities", default=True)
    active = fields.Boolean(label="Active", default=True)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Refuse a team above itself."""
        super().after_write(changes)
        refuse_cycles(cls.env.sudo()["crm.team"], changes, "parent", _("A team cannot be its own parent."))
