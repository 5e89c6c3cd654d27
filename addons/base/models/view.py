"""Views as shipped by addons: the exact source of one view or of one extension of a view."""

from __future__ import annotations

from core import Model, fields


class View(Model, name="core.view", label="View", order="name, priority, id", indexes=[("model", "type")]):
    """A view, or with `extends` a change to one. `file`, `line` and `column` say where `arch` begins."""

    name = fields.Char(label="External id", required=True, index=True)
    model = fields.Char(label="Model", required=True)
    type = fields.Char(label="Type", required=True)
    extends = fields.Char(label="Extends", index=True)
    arch = fields.Text(label="Architecture")
    file = fields.Char(label="File")
    line = fields.Integer(label="Line")
    column = fields.Integer(label="Column")
    priority = fields.Integer(label="Priority", default=16, help="Lower comes first")
    addon = fields.Char(label="Addon", index=True)
    active = fields.Boolean(label="Active", default=True)
