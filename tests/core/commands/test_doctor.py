"""Orphans and lost things: a sound database has none; each kind is found, repaired or left to people, and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from click.testing import CliRunner

import cli
from core.addon.doctor.examination import examine, repair
from core.addon.doctor.finding import Finding
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.jobs.queue import enqueue
from core.records.undo import undo

Make = Callable[..., Instance]


@pytest.fixture
def instance(make_instance: Make) -> Instance:
    return make_instance("crm", demo=True)


def spoil(instance: Instance, sql: str, values: Sequence[object] = ()) -> None:
    """Change the database behind the back of core; foreign keys rest meanwhile."""
    database = instance.database
    if database.engine == "sqlite":
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(sql, values)
        database.execute("PRAGMA foreign_keys = ON")
        return
    with database.transaction(write=True):
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(sql.replace("?", "%s"), values)


def found(instance: Instance) -> list[Finding]:
    with instance.environment() as env:
        return examine(env)


def told(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    return [(each.check, each.model, each.id, each.field, each.old, each.new, each.mend is None) for each in findings]


def repaired(instance: Instance) -> int | None:
    with instance.environment(label="doctor") as env:
        outcomes = repair(env)
        assert [outcome.reason for outcome in outcomes if not outcome.repaired] == []
    assert found(instance) == []
    return env.change_set


def test_a_sound_database_has_nothing(instance: Instance) -> None:
    assert found(instance) == []


def test_references_to_what_is_gone(instance: Instance) -> None:
    with instance.environment() as env:
        lead = env["crm.lead"].read("partner != none", ["id", "partner"], limit=1)[0]
        note = env["core.attachment"].create(name="A", data=b"x", record=f"crm.lead,{lead['id']}").id
    spoil(instance, "UPDATE crm_lead SET partner_id = 99999 WHERE id = ?", (lead["id"],))
    spoil(instance, "UPDATE core_attachment SET record = 'crm.lead,99999' WHERE id = ?", (note,))
    findings = found(instance)
    assert told([each for each in findings if each.check == "reference"]) == [
        ("reference", "core.attachment", note, "record", "crm.lead,99999", "", False),
        ("reference", "crm.lead", lead["id"], "partner", "res.partner,99999", "", False),
    ]
    assert all(each.logged for each in findings)
    change_set = repaired(instance)
    with instance.environment() as env:
        assert env["crm.lead"].read_ids([lead["id"]], ["partner"])[lead["id"]]["partner"] is None
        report = undo(env, change_set, skip_conflicts=True)
        assert len(report.conflicts) == 2  # what they named is still gone


def test_a_required_reference_is_left_to_people(instance: Instance) -> None:
    spoil(instance, "UPDATE res_users SET company_id = 99999 WHERE login = 'ines'")
    (finding,) = found(instance)
    assert (finding.check, finding.model, finding.field, finding.mend) == ("reference", "res.users", "company", None)


def test_links_without_an_end(instance: Instance) -> None:
    spoil(instance, "INSERT INTO crm_lead_tags (owner_id, target_id) VALUES (1, 99999)")
    spoil(instance, "INSERT INTO crm_lead_tags (owner_id, target_id) VALUES (99999, 1)")
    assert told(found(instance)) == [
        ("link", "crm.lead", 1, "tags", "99999", "", False),
        ("link", "crm.lead", 99999, "tags", "1", "", False),
    ]
    repaired(instance)


def test_external_ids_without_a_record(instance: Instance) -> None:
    spoil(instance, "UPDATE core_external_id SET record = 99999 WHERE addon = 'crm' AND name = 'stage_won'")
    (finding,) = found(instance)
    assert (finding.check, finding.old, finding.logged) == ("external id", "99999", False)
    assert "crm.stage_won names crm.stage,99999" in finding.text
    repaired(instance)


def test_contents_that_are_damaged_or_missing(instance: Instance) -> None:
    with instance.environment() as env:
        for content in (b"one", b"two"):
            env["core.attachment"].create(name="A", data=content)
    names = [row["hash"] for row in instance_rows(instance)]
    spoil(instance, "UPDATE core_blob SET content = ? WHERE hash = ?", (b"other", names[-2]))
    spoil(instance, "DELETE FROM core_blob WHERE hash = ?", (names[-1],))
    damaged, missing = found(instance)
    assert (damaged.check, damaged.model, damaged.old) == ("content", "core.blob", names[-2])
    assert (missing.check, missing.model, missing.field, missing.old) == (
        "content",
        "core.attachment",
        "data",
        names[-1],
    )
    assert damaged.mend is None and missing.mend is None


def instance_rows(instance: Instance) -> list[dict[str, object]]:
    with instance.environment(superuser=True) as env:
        return env["core.blob"].read("", ["id", "hash"], order="id")


def test_jobs_of_nobody(instance: Instance) -> None:
    with instance.environment() as env:
        id_ = enqueue(env, "base.clean")
    spoil(instance, "UPDATE core_job SET name = 'gone.job' WHERE id = ?", (id_,))
    assert told(found(instance)) == [("job", "core.job", id_, "state", "waiting", "cancelled", False)]
    repaired(instance)


def test_folded_twins(instance: Instance) -> None:
    spoil(instance, "UPDATE crm_lead SET name_fold = 'other' WHERE id = 1")
    (finding,) = found(instance)
    assert (finding.check, finding.model, finding.id, finding.old) == ("twin", "crm.lead", 1, "other")
    repaired(instance)
    with instance.environment() as env:
        assert 1 in [row["id"] for row in env["crm.lead"].read("contains(name, n)", ["id"], n=finding.new)]


def test_derived_values(instance: Instance) -> None:
    with instance.environment() as env:
        partner = env["res.partner"].read("name == 'Halden Marine'", ["id", "complete_name"])[0]
    spoil(
        instance, "UPDATE res_partner SET complete_name = 'X', complete_name_fold = 'x' WHERE id = ?", (partner["id"],)
    )
    assert told(found(instance)) == [
        ("derived", "res.partner", partner["id"], "complete_name", "X", partner["complete_name"], False)
    ]
    repaired(instance)


def test_the_ledger_and_the_database(instance: Instance) -> None:
    spoil(instance, "CREATE TABLE stray (id INTEGER)")
    spoil(instance, "ALTER TABLE crm_tag ADD COLUMN stray INTEGER")
    spoil(instance, "CREATE INDEX stray_index ON crm_tag (id)")
    owned = "INSERT INTO core_owned (addon, kind, name, detail, version, create_date, write_date) "
    copied = "SELECT 'crm', ?, ?, detail, 1, create_date, write_date FROM core_owned WHERE kind = 'table' LIMIT 1"
    for kind, name in (("table", "crm_gone"), ("kept", "kept_gone")):
        spoil(instance, owned + copied, (kind, name))
    texts = [each.text for each in found(instance)]
    assert texts == [
        "the table crm_gone of crm is not there",
        "the table stray belongs to no addon",
        "the column crm_tag.stray belongs to no addon",
        "the index stray_index belongs to no addon",
        "the table kept_gone, kept for crm, is not there",
        "records were not looked at, because tables, columns or indexes are missing",
    ]
    with instance.environment() as env:
        assert not any(outcome.repaired for outcome in repair(env))


def test_a_table_that_is_gone_does_not_hide_what_else_is_wrong(instance: Instance) -> None:
    spoil(instance, "UPDATE crm_lead SET name_fold = 'other' WHERE id = 1")
    spoil(instance, "DROP TABLE crm_lead_tags")
    texts = [each.text for each in found(instance)]
    assert "the table crm_lead_tags of crm is not there" in texts
    assert texts[-1].startswith("records were not looked at")


def test_what_is_kept_for_an_unknown_addon(make_instance: Make) -> None:
    instance = make_instance("crm")
    spoil(instance, "CREATE TABLE kept_other (id INTEGER)")
    owned = "INSERT INTO core_owned (addon, kind, name, detail, version, create_date, write_date) "
    copied = "SELECT 'other', 'kept', 'kept_other', detail, 1, create_date, write_date FROM core_owned LIMIT 1"
    spoil(instance, owned + copied)
    assert [each.text for each in found(instance)] == ["the table kept_other is kept for other, which is unknown"]


def test_references_to_records_of_a_detached_addon_are_left(instance: Instance) -> None:
    with instance.environment() as env:
        lead = env["crm.lead"].search("", limit=1)[0]
        env["core.attachment"].create(name="offer.txt", record=f"crm.lead,{lead.id}", data=b"offer")
    uninstall(instance, "crm")
    assert [each for each in found(instance) if each.check == "reference"] == []


def test_the_command(instance: Instance) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, ["doctor", *arguments, "--db", instance.database.url])
        return result.exit_code, result.stdout

    assert run() == (0, "All is well.\n")
    assert json.loads(run("--json")[1]) == {"change_set": None, "findings": []}
    with instance.environment() as env:
        lead = env["crm.lead"].read("partner != none", ["id"], limit=1)[0]["id"]
    spoil(instance, "UPDATE crm_lead SET partner_id = 99999 WHERE id = ?", (lead,))
    spoil(instance, "UPDATE crm_lead SET name_fold = 'other' WHERE id = 1")
    spoil(instance, "UPDATE res_users SET company_id = 99999 WHERE login = 'ines'")
    code, text = run()
    assert code == 1 and "3 found." in text
    assert f"crm.lead,{lead}  partner names res.partner,99999, which is gone" in text
    assert "--repair would empty the field: partner res.partner,99999 -> -" in text
    assert "by hand: delete the record, or choose another" in text
    assert found(instance) != []
    code, text = run("--repair")
    assert code == 1 and "2 of 3 repaired." in text and "This is change set" in text
    assert "repaired: partner res.partner,99999 -> -\n" in text and "(outside the history)" in text
    (left,) = json.loads(run("--json")[1])["findings"]
    assert (left["model"], left["field"], left["repairable"]) == ("res.users", "company", False)
