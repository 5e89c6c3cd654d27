"""Our own companies: those that use this database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.hierarchy import refuse_cycles
from addons.base.models.country import Country
from addons.base.models.currency import Currency
from addons.base.models.partner import Partner
from addons.base.models.zone import is_zone
from core import Model, _, constraint, fields

if TYPE_CHECKING:
    from addons.base.models.user import User
    from core import Change


class Company(Model, name="res.company", label="Company", order="name, id", parent="parent"):
    """A company that users work for. Its partner is how others see it; created with it where none is given."""

    name = fields.Char(label="Name", required=True, unique=True, search=True)
    partner = fields.Many2one(Partner, label="Contact", required=True, on_delete="restrict", index=True)
    currency = fields.Many2one(Currency, label="Currency", required=True, on_delete="restrict")
    country = fields.Many2one(Country, label="Country", on_delete="restrict", help="Its telephone habits hold here")
    parent: fields.Many2one[Company | None] = fields.Many2one(
        "res.company", label="Parent company", on_delete="restrict", index=True
    )
    children: fields.One2many[Company] = fields.One2many("res.company", inverse="parent", label="Subsidiaries")
    users: fields.Many2many[User] = fields.Many2many("res.users", inverse="companies", label="Users")
    lang = fields.Char(label="Language", size=16)
    tz = fields.Char(label="Time zone", size=64)

    @constraint("tz", "This is not a time zone such as 'Europe/Paris'.")
    def _check_tz(self) -> bool:
        return is_zone(self.tz)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Create the partner of a new company."""
        bare = [change for change in changes if change.operation == "create" and not change["partner"]]
        created = cls.env.sudo()["res.partner"].create_many(
            [{"name": change["name"], "is_company": True, "country": change["country"]} for change in bare]
        )
        for change, partner in zip(bare, created, strict=True):
            change.values["partner"] = partner.id
        super().before_write(changes)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Rename the partner with the company."""
        super().after_write(changes)
        companies, partners = cls.env.sudo()["res.company"], cls.env.sudo()["res.partner"]
        refuse_cycles(companies, changes, "parent", _("A company cannot be its own parent."))
        renamed = [change for change in changes if change.operation == "write" and change.changed("name")]
        for change in renamed:
            partners.write([change["partner"]], name=change["name"])
