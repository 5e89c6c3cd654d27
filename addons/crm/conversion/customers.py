"""The customers of leads that have none: found among those there are, or made from what the leads say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from addons.base.models.address import ADDRESS_FIELDS
from addons.base.normalise import split_address

if TYPE_CHECKING:
    from core import EnvironmentProtocol

MODEL = "res.partner"
# What a lead says of its customer, and what is needed to find or make one.
READ = (
    *("id", "name", "partner_name", "contact_name", "function", "email_from", "email_normalized", "phone", "website"),
    "phone_e164",
    *("lang", "description", "company", *ADDRESS_FIELDS),
)

Lead = Mapping[str, Any]


def find_customers(env: EnvironmentProtocol, leads: Sequence[Lead]) -> dict[int, int]:
    """The customer of each lead where there surely is one, by the lead's id.

    A partner with the lead's e-mail address, the first created; else the company with exactly the lead's company name,
    or its contact with exactly the lead's contact name, unless there are several or another address is known of it.

    :param leads: rows with the fields `READ`.
    """
    found = _by_email(env, leads)
    others = [lead for lead in leads if lead["id"] not in found]
    companies = find_companies(env, others)
    contacts = _contacts(env, set(companies.values()), others)
    for lead in others:
        company = companies.get(lead["id"])
        if company is None:
            continue
        person = _person(lead)
        if person:
            same = [row for row in contacts.get((company, person), ()) if _may_be(row, lead)]
            if len(same) == 1:
                found[lead["id"]] = same[0]["id"]
        elif not lead["email_normalized"]:
            found[lead["id"]] = company
    return found


def find_companies(env: EnvironmentProtocol, leads: Sequence[Lead]) -> dict[int, int]:
    """The company of exactly a lead's company name, by the lead's id; none where there are several of that name."""
    names = sorted({_clean(lead["partner_name"]) for lead in leads} - {""})
    if not names:
        return {}
    rows = env[MODEL].read("is_company and not employee and name in names", ["id", "name", "company"], names=names)
    found = {}
    for lead in leads:
        same = [row["id"] for row in rows if row["name"] == _clean(lead["partner_name"]) and _shared(row, lead)]
        if len(same) == 1:
            found[lead["id"]] = same[0]
    return found


def create_customers(
    env: EnvironmentProtocol,
    leads: Sequence[Lead],
    *,
    companies: Mapping[int, int],
    users: Mapping[int, int | None],
) -> dict[int, int]:
    """Make the customers of leads, by the lead's id.

    A contact is made from the contact's name, else from the name that stands with the e-mail address; below a company
    where the lead names one. A lead without a person is of the company that is made for it; where the company is known
    already, or there is none, it gets a contact of its own name. Leads of one of our companies that name the same
    company, or have the same e-mail address, share what is made.

    :param leads: rows with the fields `READ`.
    :param companies: the company of a lead where it is known already, by the lead's id.
    :param users: the salesperson of a lead, by the lead's id.
    """
    partners = env[MODEL]
    firsts = {_key(lead): lead for lead in reversed(leads)}
    first = [lead for lead in leads if firsts[_key(lead)] is lead]
    missing = {
        (_clean(lead["partner_name"]), lead["company"]): lead
        for lead in reversed(first)
        if _clean(lead["partner_name"]) and lead["id"] not in companies
    }
    made = partners.create_many(
        [_company(name, lead, users.get(lead["id"])) for (name, _ours), lead in missing.items()]
    )
    of_name = {key: row.id for key, row in zip(missing, made, strict=True)}
    above = {
        lead["id"]: companies.get(lead["id"]) or of_name.get((_clean(lead["partner_name"]), lead["company"]))
        for lead in first
    }
    people = [lead for lead in first if _person(lead) or lead["id"] in companies or above[lead["id"]] is None]
    contacts = partners.create_many([_contact(lead, above[lead["id"]], users.get(lead["id"])) for lead in people])
    customers = {lead["id"]: row.id for lead, row in zip(people, contacts, strict=True)}
    for lead in first:
        company = above[lead["id"]]
        if lead["id"] not in customers and company is not None:
            customers[lead["id"]] = company
    return {lead["id"]: customers[firsts[_key(lead)]["id"]] for lead in leads}


def _key(lead: Lead) -> object:
    """What two leads have in common that are about the same customer: the address, else company and person."""
    if lead["email_normalized"]:
        return lead["email_normalized"], lead["company"]
    company, person = _clean(lead["partner_name"]), _person(lead)
    return (company, person, lead["company"]) if company and person else lead["id"]


def _by_email(env: EnvironmentProtocol, leads: Sequence[Lead]) -> dict[int, int]:
    emails = sorted({lead["email_normalized"] for lead in leads if lead["email_normalized"]})
    if not emails:
        return {}
    rows = env[MODEL].read(
        "email_normalized in emails and not employee", ["id", "email_normalized", "company"], order="id", emails=emails
    )
    found = {}
    for lead in leads:
        same = [row["id"] for row in rows if row["email_normalized"] == lead["email_normalized"] and _shared(row, lead)]
        if same:
            found[lead["id"]] = same[0]
    return found


def _contacts(
    env: EnvironmentProtocol, companies: set[int], leads: Sequence[Lead]
) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """Contacts of companies that are called like the people of leads, by company and name."""
    names = sorted({_person(lead) for lead in leads} - {""})
    if not companies or not names:
        return {}
    rows = env[MODEL].read(
        "parent in parents and name in names and not is_company",
        ["id", "parent", "name", "email_normalized"],
        parents=sorted(companies),
        names=names,
    )
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["parent"], row["name"]), []).append(row)
    return found


def _may_be(partner: Mapping[str, Any], lead: Lead) -> bool:
    """Whether no other e-mail address is known of a partner of the same name."""
    known, said = partner["email_normalized"], lead["email_normalized"]
    return not known or not said or known == said


def _shared(partner: Mapping[str, Any], lead: Lead) -> bool:
    """Whether a lead of one of our companies may have the partner."""
    return partner["company"] is None or lead["company"] is None or partner["company"] == lead["company"]


def _person(lead: Lead) -> str:
    return _clean(lead["contact_name"]) or _clean(split_address(lead["email_from"] or "")[0])


def _clean(text: str | None) -> str:
    return (text or "").strip()


def _company(name: str, lead: Lead, user: int | None) -> dict[str, Any]:
    """A company as a lead describes it; how to reach it is the contact's, where the lead names one."""
    values = {**_common(lead, user), "name": name, "is_company": True}
    return values if _person(lead) else {**values, **_reached(lead)}


def _contact(lead: Lead, company: int | None, user: int | None) -> dict[str, Any]:
    name = _person(lead) or lead["name"]
    return {
        **_common(lead, user),
        **_reached(lead),
        "name": name,
        "function": lead["function"],
        "parent": company,
        "website": None if company else lead["website"],
    }


def _common(lead: Lead, user: int | None) -> dict[str, Any]:
    return {
        **{name: lead[name] for name in ("website", "lang", "company", *ADDRESS_FIELDS)},
        "user": user,
    }


def _reached(lead: Lead) -> dict[str, Any]:
    email = split_address(lead["email_from"] or "")[1] or lead["email_from"]
    return {"email": email, "phone": lead["phone"], "comment": lead["description"]}
