"""Who else wants the deal."""

from __future__ import annotations

from core import Model, fields


class Competitor(Model, name="crm.competitor", label="Competitor", order="name, id"):
    """A company that competes for a lead."""

    name = fields.Char(required=True, search=True)
    parent = fields.Many2one["Competitor"]("crm.competitor", label="Belongs to", index=True)
