"""Databases that former versions of crm made, brought up to date."""

from __future__ import annotations

from typing import Any

import pytest

from core.addon.instance import Instance
from core.addon.upgrade import upgrade
from core.database import placed
from core.errors import DatabaseOutdated

INDEX, COLUMN = "crm_lead_email_domain_id_index", "crm_lead.email_domain"


def test_leads_get_the_domain_of_their_address(make_instance: Any) -> None:
    instance = make_instance("crm")
    addresses = ["ann@acme.example", None, "no address", "bob@süd.example"]
    with instance.environment(superuser=True) as env:
        rows = env["crm.lead"].create_many(
            [{"name": "Lead", "email_from": text, "active": bool(text)} for text in addresses]
        )
        stamps = {row.id: (row.version, row.write_date) for row in rows}
    with instance.environment(superuser=True) as env:
        database = env.database
        database.execute(f"DROP INDEX {INDEX}")
        database.execute("ALTER TABLE crm_lead DROP COLUMN email_domain")
        database.execute(placed(database, "DELETE FROM core_owned WHERE name IN (?, ?)"), (INDEX, COLUMN))
        database.execute("DELETE FROM core_migration WHERE addon = 'crm'")
    with pytest.raises(DatabaseOutdated, match="addon upgrade"):
        Instance.open(instance.database.url)
    upgrade(instance.database.url)
    again = Instance.open(instance.database.url)
    with again.environment(superuser=True, write=False) as env:
        found = env["crm.lead"].read_ids(list(stamps), ["email_domain", "version", "write_date"])
    again.close()
    assert [found[id_]["email_domain"] for id_ in stamps] == ["acme.example", None, None, "süd.example"]
    assert {id_: (values["version"], values["write_date"]) for id_, values in found.items()} == stamps


def test_members_take_the_usual_number_of_leads(make_instance: Any) -> None:
    instance = make_instance("crm")
    with instance.environment(superuser=True) as env:
        team = env["crm.team"].create(name="North")
        member = env["crm.team.member"].create(team=team, user=env.user).id
    with instance.environment(superuser=True) as env:
        database = env.database
        database.execute("ALTER TABLE crm_team_member DROP COLUMN assignment_max")
        database.execute("DELETE FROM core_owned WHERE name = 'crm_team_member.assignment_max'")
        database.execute("DELETE FROM core_migration WHERE addon = 'crm' AND number > 1")
    upgrade(instance.database.url)
    again = Instance.open(instance.database.url)
    with again.environment(superuser=True, write=False) as env:
        assert env["crm.team.member"].get(member).assignment_max == 30
    again.close()
