"""The ledger: which addons are installed, what each of them owns, what it shipped, and which migrations ran."""

from __future__ import annotations

from addons.base.models.external_id import ExternalId
from addons.base.models.history import ChangeSet
from core import Model, fields


class Addon(Model, name="core.addon", label="Addon", order="name, id", history=False, system=True):
    """An addon this database knows: installed, or detached with its data kept aside."""

    name = fields.Char(label="Name", required=True, unique=True)
    installed_version = fields.Char(label="Version", required=True)
    title = fields.Char(label="Title")
    state = fields.Selection({"installed": "Installed", "detached": "Detached"}, label="State", default="installed")
    installed_at = fields.Datetime(label="Installed")
    change_set = fields.Many2one(ChangeSet, label="Detached by", on_delete="set null")


class Owned(
    Model,
    name="core.owned",
    label="Owned object",
    order="addon, kind, name, id",
    history=False,
    system=True,
    indexes=[("addon", "kind", "name")],
):
    """One object with exactly one owner: a table, a column, an index, a row, a model or a field."""

    addon = fields.Char(label="Addon", required=True)
    kind = fields.Char(label="Kind", required=True)
    name = fields.Char(label="Name", required=True)
    detail = fields.Text(label="Detail", help="A JSON object")


class Shipped(
    Model,
    name="core.shipped",
    label="Shipped value",
    order="id",
    label_field="field",
    history=False,
    system=True,
    unique=[("external", "addon", "field")],
):
    """What an addon's data file said of one field: the source text and the value that was written for it."""

    addon = fields.Char(label="Addon", required=True)
    external = fields.Many2one(ExternalId, label="External id", required=True, on_delete="cascade")
    field = fields.Char(label="Field", required=True)
    source = fields.Text(label="Source")
    value = fields.Text(label="Value")


class Migration(
    Model,
    name="core.migration",
    label="Migration",
    order="addon, number, id",
    history=False,
    system=True,
    unique=[("addon", "number")],
):
    """A numbered step of an addon that was applied to this database."""

    addon = fields.Char(label="Addon", required=True)
    number = fields.Integer(label="Number", required=True)
    name = fields.Char(label="Name")
    applied_at = fields.Datetime(label="Applied")
