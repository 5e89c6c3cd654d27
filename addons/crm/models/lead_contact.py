"""Whom a lead is about: the customer, and the contact block that is filled from it and kept in step with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from addons.base.models import Address, Partner, Reachable
from addons.base.models.address import ADDRESS_FIELDS, address_of, has_address
from addons.base.models.reachable import QUALITY
from addons.base.normalise import normalise_url
from core import Model, fields

if TYPE_CHECKING:
    from core import Change, RecordsProtocol

READ = ("name", "is_company", "parent", "company_name", "function", "website", "lang", "email", "phone")
# The lead's field, the partner's field, and the normalised twin that both have.
SHARED = (("email_from", "email", "email_normalized"), ("phone", "phone", "phone_e164"))
COMPARED = ("email", "phone", "email_normalized", "phone_e164")


class LeadContact(Address, Reachable, Model):
    """The part of a lead that says who may buy."""

    email_source: ClassVar[str] = "email_from"

    partner = fields.Many2one(Partner, label="Customer", index=True, tracked=True)
    commercial_partner = fields.Computed(
        fields.Char, "partner.commercial_partner.complete_name", label="Commercial customer"
    )
    partner_name = fields.Char(label="Company name", search=True)
    contact_name = fields.Char(label="Contact name", search=True, personal=True)
    function = fields.Char(label="Job position", personal=True)
    email_from = fields.Char(label="E-mail", tracked=True, personal=True, quality="email_state")
    email_cc = fields.Char(label="Copies to", personal=True)
    email_state = fields.Computed(
        fields.Char,
        "none if email_from == none else 'correct' if email_normalized != none else 'incorrect'",
        label="E-mail quality",
        options=QUALITY,
    )
    website = fields.Char(label="Website")
    lang = fields.Char(label="Language", size=16)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Fill the contact block of leads that were given a customer."""
        for change in changes:
            if change.values.get("website"):
                change.values["website"] = normalise_url(str(change["website"]))
        joined = [change for change in changes if change.changed("partner") and change["partner"]]
        if joined:
            partners = _read_partners(cls.env.sudo()["res.partner"], joined)
            for change in joined:
                _fill(change, partners)
        super().before_write(changes)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Give a changed e-mail address or telephone number to the customer, unless only its form differs."""
        super().after_write(changes)
        given = [change for change in changes if change["partner"] and _reached_otherwise(change)]
        if not given:
            return
        partners = cls.env["res.partner"]
        if not partners.may("update"):
            return
        stored = partners.read_ids(sorted({_partner(change) for change in given}), COMPARED)
        updates: dict[int, dict[str, object]] = {}
        for change in given:
            partner = stored.get(_partner(change))
            if partner is not None:
                updates.setdefault(_partner(change), {}).update(
                    news_for_customer(change, [name for name, *_rest in SHARED if change.changed(name)], partner)
                )
        partners.write_many([(id_, values) for id_, values in updates.items() if values])


def _partner(change: Change) -> int:
    partner = change["partner"]
    return partner if isinstance(partner, int) else 0


def _read_partners(partners: RecordsProtocol, changes: Iterable[Change]) -> Mapping[int, Mapping[str, Any]]:
    """The customers, and the companies that they belong to."""
    found = partners.read_ids(sorted({_partner(change) for change in changes}), [*READ, *ADDRESS_FIELDS])
    parents = {values["parent"] for values in found.values()} - {None, *found}
    return {**found, **partners.read_ids(sorted(parents), ["name"])}


def _fill(change: Change, partners: Mapping[int, Mapping[str, Any]]) -> None:
    """The customer's values where the customer has any; the address as a whole or not at all."""
    partner = partners.get(_partner(change))
    if partner is None:
        return
    company = partners[partner["parent"]]["name"] if partner["parent"] in partners else partner["company_name"]
    values = {
        "contact_name": None if partner["is_company"] else partner["name"],
        "partner_name": company or (partner["name"] if partner["is_company"] else None),
        "function": partner["function"],
        "website": partner["website"],
        "lang": partner["lang"],
        "email_from": partner["email"],
        "phone": partner["phone"],
    }
    for name, value in values.items():
        if value:
            change.suggest(name, value)
    if has_address(partner) and not any(name in change.explicit for name in ADDRESS_FIELDS):
        change.values.update(address_of(partner))


def _reached_otherwise(change: Change) -> bool:
    return any(change.changed(name) and change[name] for name, _partner_name, _twin in SHARED)


def news_for_customer(
    lead: Change | Mapping[str, Any], changed: Collection[str], partner: Mapping[str, Any]
) -> dict[str, object]:
    """What the customer should learn of the fields that changed, by the customer's field.

    Values whose normalised form, or text where there is none, is another; what was emptied says nothing.
    """
    news: dict[str, object] = {}
    for name, partner_name, twin in SHARED:
        if name in changed and lead[name]:
            same = lead[twin] == partner[twin] if lead[twin] else lead[name] == partner[partner_name]
            if not same:
                news[partner_name] = lead[name]
    return news
