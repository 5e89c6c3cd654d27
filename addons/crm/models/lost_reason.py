"""Why deals are lost."""

from __future__ import annotations

from core import Model, fields


class LostReason(Model, name="crm.lost.reason", label="Lost reason", order="name, id"):
    """One reason to choose when a lead is marked as lost."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    active = fields.Boolean(label="Active", default=True)
