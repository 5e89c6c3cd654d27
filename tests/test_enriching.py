"""Leads learn about their company from an addon that knows companies."""

from __future__ import annotations

import pytest

from core.errors import Refusal

HOOKS = '''"""Knows two companies."""

from addons.crm.models import Lead
from core import Refusal, hookimpl

ASKED = []


class LeadLookUp(Lead, extends=True):
    """Asks a register of companies."""

    @classmethod
    def company_facts(cls, domains):
        ASKED.append(list(domains))
        if "down.com" in domains:
            raise Refusal("The register is closed.")
        known = {
            "acme.com": {"partner_name": "Acme", "city": "Lyon", "zip": "1", "phone": "+33123456789", "country": "FR"},
            "bolt.com": {"street": "Road 1", "country": "US", "state": "CA"},
        }
        return {**super().company_facts(domains), **{name: known[name] for name in domains if name in known}}


@hookimpl
def models():
    return [LeadLookUp]
'''


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """The folder of an addon that knows companies."""
    folder = tmp_path_factory.mktemp("elsewhere") / "register"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "addon.toml").write_text('title = "Register"\nversion = "1.0.0"\ndepends = ["crm"]\n')
    (folder / "hooks.py").write_text(HOOKS)
    return folder.parent


@pytest.fixture
def leads(make_instance, register):
    with make_instance("register", addons_path=[register]).environment() as env:
        yield env["crm.lead"]


def look_up(leads, *rows):
    return leads.call([row.id for row in rows], "enrich")


def notes(leads, row):
    return [each["body"] for each in leads.env["mail.message"].read("record == r", ["body"], r=f"crm.lead,{row.id}")]


def test_without_such_an_addon_it_is_refused(make_instance):
    with make_instance("crm").environment() as env:
        row = env["crm.lead"].create(name="Lead", email_from="ann@acme.com")
        with pytest.raises(Refusal, match="No addon"):
            look_up(env["crm.lead"], row)


def test_what_is_empty_is_filled_in_and_a_note_says_so(leads):
    row = leads.create(name="Lead", email_from="ann@acme.com", city="Paris")
    assert look_up(leads, row) == {"found": 1, "unknown": 0, "skipped": 0}
    names = ["partner_name", "city", "zip", "phone_e164", "country.code", "enriched"]
    assert leads.read_ids([row.id], names)[row.id] == {
        "id": row.id,
        "partner_name": "Acme",
        "city": "Paris",
        "zip": "1",
        "phone_e164": "+33123456789",
        "country.code": "FR",
        "enriched": True,
    }
    (note,) = notes(leads, row)
    assert "Acme" in note and "Lyon" not in note


def test_a_state_is_found_by_its_code_in_the_country(leads):
    state = leads.env["res.country.state"].read("code == 'CA' and country.code == 'US'", ["id"])[0]["id"]
    row, abroad = (leads.create(name="Lead", email_from="ann@bolt.com", **values) for values in ({}, {"country": None}))
    leads.write(abroad, country=leads.env["res.country"].read("code == 'FR'", ["id"])[0]["id"])
    look_up(leads, row, abroad)
    assert leads.read_ids([row.id], ["state"])[row.id]["state"] == state
    assert leads.read_ids([abroad.id], ["state", "country.code"])[abroad.id] == {
        "id": abroad.id,
        "state": None,
        "country.code": "FR",
    }


def test_unknown_public_and_unfit_ones(leads):
    unknown = leads.create(name="Unknown", email_from="x@nowhere.com")
    public = leads.create(name="Public", email_from="x@gmail.com")
    odd, silent = leads.create(name="Odd", email_from="no address"), leads.create(name="Silent")
    won, archived = leads.create(name="Won", email_from="a@acme.com"), leads.create(name="Old", email_from="a@acme.com")
    leads.call([won.id], "mark_won")
    leads.archive([archived.id])
    assert look_up(leads, unknown, public, odd, silent, won, archived) == {"found": 0, "unknown": 2, "skipped": 4}
    assert "Nothing is known" in notes(leads, public)[0]
    assert look_up(leads, unknown) == {"found": 0, "unknown": 0, "skipped": 1}


def test_when_it_fails_nothing_is_done(leads):
    row = leads.create(name="Lead", email_from="x@down.com")
    with pytest.raises(Refusal, match="register is closed"):
        look_up(leads, row)
    assert not leads.read_ids([row.id], ["enriched"])[row.id]["enriched"] and notes(leads, row) == []
