"""Model rights: which operations a group may do on a model. Rights add up; no right means no access."""

from __future__ import annotations

from addons.base.models.group import Group
from core import Model, fields


class Access(Model, name="core.access", label="Access right", order="model, id"):
    """One line of rights; without a group it holds for everybody who is signed in."""

    name = fields.Char(label="Name", help="What the line is for, for people who read the list")
    model = fields.Char(label="Model", required=True, index=True)
    group = fields.Many2one(Group, label="Group", on_delete="cascade", index=True, help="Empty: everybody signed in")
    can_create = fields.Boolean(label="Create")
    can_read = fields.Boolean(label="Read")
    can_update = fields.Boolean(label="Update")
    can_delete = fields.Boolean(label="Delete")
