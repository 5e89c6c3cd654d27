"""Why deals are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from addons.crm.models.lead import Lead


class LostReason(Model, name="crm.lost.reason", label="Lost reason", order="name, id"):
    """One reason to choose when a lead is marked as lost."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    leads: fields.One2many[Lead] = fields.One2many("crm.lead", inverse="lost_reason", label="Lost leads")
    leads_count = fields.Computed(
        fields.Integer, "count(leads, active or not active)", label="Lost", help="How many leads were lost for it"
    )
    active = fields.Boolean(label="Active", default=True)
