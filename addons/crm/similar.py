"""Leads that may be about the same customer as another one: a hint, not the rule by which leads are merged.

Three questions are asked: who has the same e-mail domain (of a public provider: the same address), who is with the same
customer (the commercial partner, or anybody below it), who has the same telephone number. What more than `MOST` others
answer is too vague to say anything and counts for nothing. Archived leads and those of other people are found as well,
those of companies one does not work for are not, and neither are leads of which somebody said that they are distinct;
of a lead that one may not open nothing is told but whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.base.models.setting import setting
from addons.base.public_mail import PUBLIC_MAIL
from addons.crm.merging import MODEL
from core import _

if TYPE_CHECKING:
    from core import EnvironmentProtocol

MOST = 20
PUBLIC_SETTING = "crm.public_mail"
OTHERS = "id != own and own not in distinct and (company == none or company in my_companies) and (active or not active)"
QUESTIONS = {
    "email": f"email_normalized == wanted and {OTHERS}",
    "email_domain": f"email_domain == wanted and {OTHERS}",
    "customer": f"within(partner, wanted) and {OTHERS}",
    "phone": f"phone_e164 == wanted and {OTHERS}",
}
CRITERIA = ("email_normalized", "email_domain", "phone_e164", "partner")
CUSTOMER = "partner.commercial_partner"
CUSTOMER_NAME = "partner.commercial_partner.complete_name"
SHOWN = ("name", "type", "stage.name", "user.name", "won_status", "active")


@dataclass(frozen=True, slots=True)
class Criteria:
    """What others are compared by. `own` is the lead's id, 0 for one that is not stored; `customer` is a commercial
    partner; of the e-mail either the address or the domain is asked for."""

    own: int
    email: str | None
    domain: str | None
    customer: int | None
    phone: str | None
    customer_name: str = ""
    won: bool = False

    def questions(self, public: frozenset[str]) -> dict[str, object]:
        """What is asked for, by question."""
        exact = self.domain is None or self.domain in public
        wanted = {
            "email": self.email if exact else None,
            "email_domain": None if exact else self.domain,
            "customer": self.customer,
            "phone": self.phone,
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Similar:
    """A lead that was found, with its reasons (`email`, `email_domain`, `customer`, `phone`) and what is shown of it.

    Of one that the user may not open there is neither id nor reason nor value, only its salesperson's name.
    """

    id: int | None
    reasons: tuple[str, ...]
    salesperson: str
    values: Mapping[str, Any]


def domain_of(email: object) -> str | None:
    """The domain of a normalised address."""
    return email.rpartition("@")[2] if isinstance(email, str) else None


def public_domains(env: EnvironmentProtocol) -> frozenset[str]:
    """The domains that say nothing: those of public providers, and those named in the setting `crm.public_mail`."""
    added = setting(env, PUBLIC_SETTING).lower().replace(",", " ").split()
    return PUBLIC_MAIL.union(name.lstrip("@") for name in added) if added else PUBLIC_MAIL


def criteria_of(env: EnvironmentProtocol, lead: int) -> Criteria:
    """What a stored lead is compared by."""
    found = env.sudo()[MODEL].read_ids([lead], [*CRITERIA, CUSTOMER, CUSTOMER_NAME, "won_status"]).get(lead, {})
    return _criteria(lead, found, found.get(CUSTOMER), found.get(CUSTOMER_NAME))


def criteria_of_typed(env: EnvironmentProtocol, lead: int | None, values: Mapping[str, object]) -> Criteria:
    """What a lead with these values would be compared by; `lead` is its id where it is stored already."""
    made = env[MODEL].defaults(values)
    partner: object = made.get("partner")
    read: Mapping[str, Any] = {}
    if isinstance(partner, int):
        asked = ["commercial_partner", "commercial_partner.complete_name"]
        read = env.sudo()["res.partner"].read_ids([partner], asked).get(partner, {})
    return _criteria(lead or 0, made, read.get("commercial_partner"), read.get("commercial_partner.complete_name"))


def _criteria(lead: int, values: Mapping[str, Any], customer: int | None, name: str | None) -> Criteria:
    return Criteria(
        lead,
        values.get("email_normalized"),
        values.get("email_domain"),
        customer,
        values.get("phone_e164"),
        name or "",
        values.get("won_status") == "won",
    )


def find_similar(env: EnvironmentProtocol, criteria: Criteria) -> list[Similar]:
    """The similar leads: those with most reasons first, then open ones, then the newest; closed ones at the end."""
    asked = criteria.questions(public_domains(env))
    if not asked or not env[MODEL].may("read"):
        return []
    answers = env.sudo()[MODEL].read_each(
        [(QUESTIONS[name], {"wanted": value, "own": criteria.own}) for name, value in asked.items()],
        ["id", "email_normalized", "user.name"],
        order="-id",
        limit=MOST + 1,
    )
    rows: dict[int, dict[str, Any]] = {}
    reasons: dict[int, list[str]] = {}
    for name, answer in zip(asked, answers, strict=True):
        for row in answer if len(answer) <= MOST else ():
            rows[row["id"]] = row
            same = name == "email_domain" and row["email_normalized"] == criteria.email
            reasons.setdefault(row["id"], []).append("email" if same else name)
    open_ = env[MODEL].read_ids(sorted(rows), SHOWN)
    found = [
        Similar(id_, tuple(reasons[id_]), str(row["user.name"] or ""), open_[id_])
        if id_ in open_
        else Similar(None, (), str(row["user.name"] or ""), {})
        for id_, row in rows.items()
    ]
    return sorted(found, key=_place)


def _place(each: Similar) -> tuple[Any, ...]:
    if each.id is None:
        return 1, each.salesperson
    return 0, -len(each.reasons), each.values["won_status"] != "pending", not each.values["active"], -each.id


def reason_in_words(reason: str, criteria: Criteria) -> str:
    """Why a lead was found."""
    return {
        "email": _("same e-mail address"),
        "email_domain": _("same e-mail domain {domain}", domain=criteria.domain or ""),
        "customer": _("same customer: {name}", name=criteria.customer_name),
        "phone": _("same telephone number"),
    }[reason]
