"""External ids: the names by which addons call the records they ship."""

from __future__ import annotations

from core import Model, fields


class ExternalId(
    Model,
    name="core.external_id",
    label="External id",
    order="addon, name, id",
    history=False,
    system=True,
    unique=[("addon", "name")],
    indexes=[("model", "record")],
):
    """`<addon>.<name>` stands for one record."""

    addon = fields.Char(label="Addon", required=True)
    name = fields.Char(label="Name", required=True)
    model = fields.Char(label="Model", required=True)
    record = fields.Integer(label="Record", required=True)
