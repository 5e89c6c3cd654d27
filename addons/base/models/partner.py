"""Partners: companies, people and addresses, whoever the company has to do with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from addons.base.models.address import ADDRESS_FIELDS, Address
from addons.base.models.partner_category import PartnerCategory
from addons.base.models.partner_family import PartnerFamily
from addons.base.models.reachable import QUALITY, Reachable
from addons.base.normalise import normalise_url, split_address
from core import FieldError, Invalid, Model, Refusal, _, action, constraint, fields

if TYPE_CHECKING:
    from addons.base.models.company import Company
    from addons.base.models.user import User
    from core import Change

AddressType = Literal["contact", "invoice", "delivery", "other"]


class Partner(
    PartnerFamily,
    Reachable,
    Address,
    Model,
    name="res.partner",
    label="Contact",
    order="complete_name, id",
    label_field="complete_name",
    parent="parent",
):
    """A company, a person or an address; the people and addresses of a company are its children."""

    ref = fields.Char(label="Reference", index=True)
    email = fields.Char(label="E-mail", personal=True, quality="email_state")
    email_state = fields.Computed(
        fields.Char,
        "none if email == none else 'correct' if email_normalized != none else 'incorrect'",
        label="E-mail quality",
        options=QUALITY,
    )
    website = fields.Char(label="Website")
    function = fields.Char(label="Job position", personal=True)
    lang = fields.Char(label="Language", size=16)
    tz = fields.Char(label="Time zone", size=64)
    users: fields.One2many[User] = fields.One2many("res.users", inverse="partner", label="Users")
    user: fields.Many2one[User | None] = fields.Many2one("res.users", label="Salesperson", index=True)
    company: fields.Many2one[Company | None] = fields.Many2one(
        "res.company", label="Our company", help="Empty: shared by all companies"
    )
    categories = fields.Many2many(PartnerCategory, label="Categories")
    employee = fields.Boolean(label="One of us", help="Our own companies and people; not among the customers")
    color = fields.Integer(label="Colour")
    comment = fields.Html(label="Notes", personal=True)
    active = fields.Boolean(label="Active", default=True)

    @constraint("name", "type", "A contact needs a name.")
    def _check_name(self) -> bool:
        return bool(self.name) or self.type != "contact"

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Complete web addresses; refuse to archive a partner who signs in."""
        for change in changes:
            if change.values.get("website"):
                change.values["website"] = normalise_url(str(change["website"]))
        archived = [change.id for change in changes if change["active"] is False and change.changed("active")]
        if archived and cls.env.sudo()["res.users"].count("partner in archived", limit=1, archived=archived):
            raise Invalid([FieldError("active", _("An active user belongs to this partner; archive the user first."))])
        super().before_write(changes)

    @classmethod
    def find_or_create(cls, text: str) -> Any:  # noqa: ANN401  # a row of the composed class
        """The partner with the address in `Name <address>`, or a new one; a text without address is a name.

        :raises Refusal: the text is empty.
        """
        name, email = split_address(text)
        if not name and not email:
            raise Refusal(_("A name or an e-mail address is needed."))
        partners = cls.env["res.partner"]
        where = "email_normalized == wanted" if email else "name == wanted"
        found = partners.search(where, order="id", limit=1, wanted=email or name)
        return found[0] if found else partners.create(name=name or email, email=email)

    def address_get(self, types: Iterable[AddressType] = ("contact",)) -> dict[str, int]:
        """The id of the partner to use for each address type, this one's contact address where there is no better.

        Descendants come first, without those of another company, then the same from each partner above, up to the
        company.
        """
        wanted = {*types, "contact"}
        found: dict[str, int] = {}
        visited: set[int] = set()
        current: Partner | None = self
        while current is not None and not wanted <= found.keys():
            for partner in _descent(current, visited):
                if partner.type in wanted:
                    found.setdefault(partner.type, partner.id)
            current = None if current.is_company else current.parent
        usual = found.get("contact", self.id)
        return {kind: found.get(kind, usual) for kind in sorted(wanted)}

    @action(label="Create company", icon="company")
    def create_company(self) -> int:
        """Turn the company's name of a person into a company that the person is a contact of; gives its id."""
        partners = self.env["res.partner"]
        shared = ("company", *self.commercial_fields, *ADDRESS_FIELDS)
        values = partners.read_ids([self.id], ["company_name", "parent", *shared])[self.id]
        if not values["company_name"] or values["parent"]:
            raise Refusal(_("Only a person with a company name and without a company can be given one."))
        copied = {name: values[name] for name in shared}
        company: int = partners.create(name=values["company_name"], is_company=True, **copied).id
        partners.write([self], parent=company, company_name=None)
        return company


def _descent(partner: Partner, visited: set[int]) -> list[Partner]:
    """The partner and those below it, depth first, each once, companies below left out."""
    if partner.id in visited:
        return []
    visited.add(partner.id)
    below = [child for child in partner.children if not child.is_company]
    return [partner, *(found for child in below for found in _descent(child, visited))]
