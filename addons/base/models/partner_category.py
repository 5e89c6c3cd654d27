"""Categories of partners: a tree of labels. A category is shown with all that stand above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.hierarchy import refuse_cycles
from core import Model, _, fields

if TYPE_CHECKING:
    from addons.base.models.partner import Partner
    from core import Change

SEPARATOR = " / "
BELOW = "parent in above and (active or not active)"


class PartnerCategory(
    Model,
    name="res.partner.category",
    label="Contact category",
    order="complete_name, id",
    label_field="complete_name",
    parent="parent",
):
    """A label of partners, such as `Customers / Wholesale`."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    complete_name = fields.Char(label="Full name", readonly=True, derived=True, search=True, index=True, copy=False)
    color = fields.Integer(label="Colour")
    parent: fields.Many2one[PartnerCategory | None] = fields.Many2one(
        "res.partner.category", label="Parent", on_delete="cascade", index=True
    )
    children: fields.One2many[PartnerCategory] = fields.One2many(
        "res.partner.category", inverse="parent", label="Children"
    )
    partners: fields.Many2many[Partner] = fields.Many2many("res.partner", inverse="categories", label="Contacts")
    active = fields.Boolean(label="Active", default=True)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Name new, renamed and moved categories with what stands above them."""
        named = [change for change in changes if not {"name", "parent"}.isdisjoint(change.values)]
        for change, complete_name in zip(named, cls._complete_names(named), strict=True):
            change.values["complete_name"] = complete_name
        super().before_write(changes)

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Keep up the full names of the categories changed, and of those below them."""
        super().derive(changes)
        records = cls.env.sudo()["res.partner.category"]
        refuse_cycles(records, changes, "parent", _("A category cannot stand below itself."))
        named = [change for change in changes if not {"name", "parent", "complete_name"}.isdisjoint(change.values)]
        names = dict(zip((change.id for change in named), cls._complete_names(named), strict=True))
        updates = {change.id: names[change.id] for change in named if change["complete_name"] != names[change.id]}
        moved = [change.id for change in named if change.operation == "write" or change.id in updates]
        for child in records.read(BELOW, ["id", "name", "parent"], above=moved) if moved else ():
            updates[child["id"]] = f"{names[child['parent']]}{SEPARATOR}{child['name']}"
        records.write_many([(id_, {"complete_name": name}) for id_, name in updates.items()])

    @classmethod
    def _complete_names(cls, changes: list[Change]) -> list[str]:
        above = sorted({parent for change in changes if isinstance(parent := change["parent"], int)})
        found = cls.env.sudo()["res.partner.category"].read_ids(above, ["complete_name"])
        names = {id_: f"{values['complete_name']}{SEPARATOR}" for id_, values in found.items()}
        return [f"{names.get(change['parent'], '')}{change['name']}" for change in changes]  # type: ignore[call-overload]  # ids
