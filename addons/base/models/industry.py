"""Industries that companies belong to."""

from __future__ import annotations

from core import Model, fields


class Industry(Model, name="res.partner.industry", label="Industry", order="name, id"):
    """A branch of business."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    active = fields.Boolean(label="Active", default=True)
