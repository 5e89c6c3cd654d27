"""The properties of a team: what its leads, and those of the teams below it, have besides the fields of every lead."""

from __future__ import annotations

from addons.base.models import Property
from addons.crm.models.team import Team
from core import Model, fields


class TeamProperty(
    Property,
    Model,
    name="crm.team.property",
    label="Property",
    plural="Properties",
    label_field="label",
    order="sequence, id",
    cached=True,
):
    """One property of a team's leads."""

    team = fields.Many2one(Team, label="Sales team", required=True, on_delete="cascade", index=True)
