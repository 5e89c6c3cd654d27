"""How partners belong together: companies, their contacts, and what contacts take over from their company.

commercial partner   the nearest company upwards, or the topmost partner; itself for a company
commercial fields    live on the commercial partner and are pushed down to its contacts
address              a contact of type `contact` lives where its parent lives, as long as nobody says otherwise
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from addons.base.hierarchy import refuse_cycles
from addons.base.models.address import ADDRESS_FIELDS, address_of, has_address
from addons.base.models.industry import Industry
from core import Model, _, fields

if TYPE_CHECKING:
    from addons.base.models.partner import Partner
    from core import Change, RecordsProtocol

TYPES = {"contact": "Contact", "invoice": "Invoice address", "delivery": "Delivery address", "other": "Other address"}
NAMING = frozenset({"name", "type", "is_company", "company_name", "parent"})
DERIVED = frozenset({"complete_name", "commercial_partner"})
FAMILY = "(parent in above or commercial_partner in above) and (active or not active)"


class PartnerFamily(Model):
    """The part of a partner that says to whom it belongs."""

    commercial_fields: ClassVar[tuple[str, ...]] = ("vat", "company_registry", "industry")

    name = fields.Char(label="Name", search=True, personal=True)
    complete_name = fields.Char(
        label="Full name", readonly=True, derived=True, search=True, index=True, copy=False, personal=True
    )
    type = fields.Selection(TYPES, label="Address type", default="contact", required=True)
    is_company = fields.Boolean(label="Is a company")
    parent: fields.Many2one[Partner | None] = fields.Many2one(
        "res.partner", label="Company", on_delete="set null", index=True
    )
    children: fields.One2many[Partner] = fields.One2many(
        "res.partner", inverse="parent", label="Contacts and addresses"
    )
    commercial_partner: fields.Many2one[Partner | None] = fields.Many2one(
        "res.partner", label="Commercial partner", readonly=True, derived=True, index=True, copy=False
    )
    company_name = fields.Char(label="Company name", help="The company of a person, where it is no contact yet")
    vat = fields.Char(label="Tax id")
    company_registry = fields.Char(label="Company registry")
    industry = fields.Many2one(Industry, label="Industry")

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Name partners, find their commercial partner, and let new contacts take over what is their company's."""
        moved = [change for change in changes if not NAMING.isdisjoint(change.values)]
        relatives = Relatives.of(cls.env.sudo()["res.partner"], moved, cls.commercial_fields)
        for change in moved:
            change.values.update(relatives.derived(change))
            if change.changed("parent"):
                _take_over(change, relatives, cls.commercial_fields)
        super().before_write(changes)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Hand addresses and commercial fields down to contacts, and the first contact's address up."""
        super().after_write(changes)
        partners = cls.env.sudo()["res.partner"]
        _fill_parents(partners, [change for change in changes if change.operation == "create" and change["parent"]])
        shared = {*ADDRESS_FIELDS, *cls.commercial_fields}
        written = [change for change in changes if change.operation == "write" and not shared.isdisjoint(change.values)]
        _hand_down(partners, {change.id: change for change in written}, cls.commercial_fields)

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Keep up names and commercial partners of the partners changed, and of those below them."""
        super().derive(changes)
        partners = cls.env.sudo()["res.partner"]
        refuse_cycles(partners, changes, "parent", _("A partner cannot be its own parent."))
        moved = [change for change in changes if not (NAMING | DERIVED).isdisjoint(change.values)]
        relatives = Relatives.of(partners, moved, ())
        updates = {change.id: _differing(change, relatives.derived(change)) for change in moved}
        changed = [change.id for change in moved if change.operation == "write"]
        if changed:
            members = [_Member(values) for values in partners.read(FAMILY, [*NAMING, *DERIVED, "id"], above=changed)]
            below = Relatives.of(partners, members, ())
            updates.update({member.id: _differing(member, below.derived(member)) for member in members})
        partners.write_many([(id_, values) for id_, values in updates.items() if values])


class _Member:
    """A stored partner, asked like a change."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.id: int = values["id"]

    def __getitem__(self, name: str) -> object:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Relatives:
    """The parents of some partners and the companies above these, by id."""

    known: Mapping[Any, Mapping[str, Any]]

    @classmethod
    def of(
        cls, partners: RecordsProtocol, members: Iterable[Change | _Member], commercial_fields: Iterable[str]
    ) -> Relatives:
        """Read what the members need to know: one query, and one more where there are contacts of contacts."""
        wanted = ["name", "is_company", "commercial_partner", *ADDRESS_FIELDS, *commercial_fields]
        above = {parent for member in members if isinstance(parent := member["parent"], int)}
        known: dict[Any, Mapping[str, Any]] = {**partners.read_ids(sorted(above), wanted)}
        higher = {values["commercial_partner"] for values in known.values()} - {*known, None}
        known.update(partners.read_ids(sorted(higher), wanted))
        return cls(known)

    def parent(self, member: Change | _Member) -> Mapping[str, Any] | None:
        """The values of a partner's parent."""
        return self.known.get(member["parent"])

    def commercial(self, member: Change | _Member) -> object:
        """The id of the commercial partner; of a partner that has no id yet, None stands for itself."""
        parent = self.parent(member)
        if parent is None or member["is_company"]:
            return member.id or None
        return parent["commercial_partner"] or member["parent"]

    def derived(self, member: Change | _Member) -> dict[str, object]:
        """The commercial partner and the full name: `Company, Contact` below a company."""
        name = str(member["name"] or _(TYPES[str(member["type"] or "contact")]))
        commercial = self.commercial(member)
        parent, company = self.parent(member), self.known.get(commercial)
        above = member["company_name"]
        if parent is not None:
            above = company["name"] if company is not None and company["is_company"] else parent["name"]
        complete_name = f"{above}, {name}" if above and not member["is_company"] else name
        return {"commercial_partner": commercial, "complete_name": complete_name}


def _differing(member: Change | _Member, values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if member[name] != value}


def _take_over(change: Change, relatives: Relatives, commercial_fields: Iterable[str]) -> None:
    """What a partner gets from the parent it was just given."""
    parent = relatives.parent(change)
    if parent is None:
        return
    if change["type"] == "contact" and not has_address(change):
        for name, value in address_of(parent).items():
            change.suggest(name, value)
    company = relatives.known.get(change["commercial_partner"])
    if company is not None and not change["is_company"]:
        for name in commercial_fields:
            if company[name] is not None:
                change.suggest(name, company[name])


def _fill_parents(partners: RecordsProtocol, changes: Iterable[Change]) -> None:
    """Give a parent without address the one of its first contact."""
    first = {change["parent"]: change for change in changes if change["type"] == "contact" and has_address(change)}
    parents = partners.read_ids(sorted(id_ for id_ in first if isinstance(id_, int)), ADDRESS_FIELDS)
    bare = [id_ for id_, values in parents.items() if not has_address(values)]
    if not bare:
        return
    where = "parent in above and type == 'contact' and (active or not active)"
    counts = partners.aggregate(where, by=["parent"], measures=["id:count"], above=bare)
    only = {group["parent"] for group in counts if group["id:count"] == 1}
    partners.write_many([(id_, address_of(first[id_])) for id_ in bare if id_ in only])


def _hand_down(partners: RecordsProtocol, changes: Mapping[int, Change], commercial_fields: Iterable[str]) -> None:
    """Write to contacts what changed above them: commercial fields, and the address where they lived together."""
    if not changes:
        return
    asked = ["id", "parent", "type", "is_company", *ADDRESS_FIELDS, *commercial_fields]
    updates = []
    for child in partners.read("parent in above and (active or not active)", asked, above=list(changes)):
        change = changes[child["parent"]]
        values: dict[str, object] = {}
        if not child["is_company"]:
            values.update({name: change[name] for name in commercial_fields if name in change.values})
        together = not has_address(child) or address_of(child) == address_of(change.before)
        if child["type"] == "contact" and together:
            values.update({name: change[name] for name in ADDRESS_FIELDS if name in change.values})
        if values:
            updates.append((child["id"], values))
    partners.write_many(updates)
