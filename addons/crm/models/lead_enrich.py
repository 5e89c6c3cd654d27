"""Filling leads in with what is known of companies: by an addon that extends `company_facts`, crm knows nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addons.crm.merging import MODEL
from addons.crm.similar import domain_of, public_domains
from addons.crm.words import value_in_words
from core import Model, Refusal, _, action, fields, reference_to

if TYPE_CHECKING:
    from core import EnvironmentProtocol

FACTS = ("partner_name", "street", "city", "zip", "phone", "website")
READ = ("id", "email_from", "email_normalized", "active", "probability", "enriched", "country", "state", *FACTS)


class LeadEnrich(Model):
    """The part of a lead that learns about its company from its e-mail address."""

    enriched = fields.Boolean(label="Looked up", copy=False, help="Its company was looked up, whatever came of it")

    @classmethod
    def company_facts(cls, domains: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """What is known of companies, by the domain of their e-mail addresses: for addons to extend.

        Each has some of `partner_name`, `street`, `city`, `zip`, `phone`, `website`, `country` (ISO 3166-1 alpha-2) and
        `state` (its code in that country). A domain that is left out is not known. Whatever is raised changes nothing.
        """
        return {}

    @action(label="Look up the company", icon="search")
    @classmethod
    def enrich(cls, leads: Sequence[LeadEnrich]) -> dict[str, int]:
        """Fill in what is empty; counts of leads that were `found`, `unknown` and `skipped`.

        Skipped are archived and closed ones, those that were looked up before, and those whose address cannot be read.

        :raises Refusal: no addon that is installed knows any company.
        """
        env = cls.env
        if cls.company_facts.__func__ is LeadEnrich.company_facts.__func__:  # type: ignore[attr-defined]
            raise Refusal(_("No addon that looks companies up is installed."))
        rows = list(env[MODEL].read_ids([lead.id for lead in leads], READ).values())  # type: ignore[attr-defined]
        asked = [row for row in rows if _eligible(row)]
        domains = {row["id"]: domain_of(row["email_normalized"]) for row in asked}
        facts = cls.company_facts(sorted({domain for domain in domains.values() if domain} - public_domains(env)))
        places = _places(env, facts.values())
        updates, notes = [], []
        for row in asked:
            known = facts.get(domains[row["id"]] or "", {})
            values = _values(row, known, places)
            updates.append((row["id"], {**values, "enriched": True}))
            notes.append({"record": reference_to(MODEL, row["id"]), "kind": "note", "body": _said(env, known, values)})
        env[MODEL].write_many(updates)
        env["mail.message"].create_many(notes)
        found = sum(bool(facts.get(domain or "")) for domain in domains.values())
        return {"found": found, "unknown": len(asked) - found, "skipped": len(rows) - len(asked)}


def _eligible(row: Mapping[str, Any]) -> bool:
    open_ = row["active"] and (row["probability"] or 0) < 100
    return bool(open_ and row["email_normalized"] and not row["enriched"])


def _places(env: EnvironmentProtocol, facts: Iterable[Mapping[str, str]]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Ids of country and state (0 where it is not known) by their codes."""
    codes = sorted({each["country"].upper() for each in facts if each.get("country")})
    if not codes:
        return {}
    countries = env["res.country"].read("code in codes", ["id", "code"], codes=codes)
    places = {(row["code"], ""): (row["id"], 0) for row in countries}
    wanted = ["id", "code", "country", "country.code"]
    states = env["res.country.state"].read("country.code in codes", wanted, codes=codes)
    places.update({(row["country.code"], row["code"]): (row["country"], row["id"]) for row in states})
    return places


def _values(
    row: Mapping[str, Any], known: Mapping[str, str], places: Mapping[tuple[str, str], tuple[int, int]]
) -> dict[str, Any]:
    """What the lead gets: only what is empty."""
    values: dict[str, Any] = {name: known[name] for name in FACTS if known.get(name) and not row[name]}
    code = known.get("country", "").upper()
    country, state = places.get((code, known.get("state", ""))) or places.get((code, "")) or (0, 0)
    if country and not row["country"]:
        values["country"] = country
    if state and not row["state"] and row["country"] in (None, country):
        values["state"] = state
    return values


def _said(env: EnvironmentProtocol, known: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """The note about what was found."""
    if not known:
        return str(Markup("<p>{}</p>").format(_("Nothing is known of the company behind the e-mail address.")))
    info = env.registry.schema[MODEL].fields
    lines = [
        Markup("{}: {}").format(_(info[name].label or name), value_in_words(env, name, value))
        for name, value in values.items()
    ]
    heading = _("The company was looked up; filled in:") if lines else _("The company was looked up; all was there.")
    return str(Markup("<p>{}</p>").format(heading) + Markup("<br>").join(lines))
