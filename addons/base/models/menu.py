"""Menus: the tree in the side bar. A menu with neither action nor address groups its children."""

from __future__ import annotations

from addons.base.models.action import Action
from addons.base.models.group import Group
from core import Model, constraint, fields


class Menu(Model, name="core.menu", label="Menu", order="sequence, id", parent="parent"):
    """One entry; it is shown to members of its groups, or to everybody where it names none."""

    name = fields.Char(label="Name", required=True, translate=True)
    parent: fields.Many2one[Menu | None] = fields.Many2one("core.menu", label="Parent", on_delete="cascade", index=True)
    children: fields.One2many[Menu] = fields.One2many("core.menu", inverse="parent", label="Children")
    action = fields.Many2one(Action, label="Action", on_delete="cascade")
    new = fields.Boolean(label="Opens a new record", help="The form of a new record, as the action's button New does")
    address = fields.Char(label="Address", help="A page of an addon that it leads to instead: /crm/settings")
    sequence = fields.Integer(label="Sequence", default=10)
    icon = fields.Char(label="Icon", help="Name of a symbol of the icon sprite, without its prefix")
    groups = fields.Many2many(Group, label="Groups", help="Empty: everybody")
    active = fields.Boolean(label="Active", default=True)

    @constraint("address", "An address of a menu is a path of this site, such as /crm/settings.")
    def _check_address(self) -> bool:
        return self.address is None or (self.address.startswith("/") and not self.address.startswith(("//", "/\\")))
