"""`tessera doctor`: every kind of damage is found where it is, and only what can be mended by itself is mended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from click.testing import CliRunner, Result

import cli
from core import enqueue
from core.addon.instance import Instance
from core.testing import MakeInstance

Run = Callable[..., Result]


@pytest.fixture
def instance(make_instance: MakeInstance) -> Instance:
    return make_instance("crm", demo=True)


@pytest.fixture
def run(instance: Instance) -> Run:
    def command(*arguments: str, exit_code: int, name: str = "doctor") -> Result:
        result = CliRunner().invoke(cli.main, [name, *arguments, "--db", instance.database.url])
        assert result.exit_code == exit_code, result.output
        return result

    return command


@pytest.fixture
def found(run: Run) -> Callable[..., list[dict[str, Any]]]:
    def findings(*arguments: str, exit_code: int = 1) -> list[dict[str, Any]]:
        return json.loads(run("--json", *arguments, exit_code=exit_code).output)["findings"]

    return findings


def damage(instance: Instance, *statements: str) -> None:
    """Run SQL that no constraint stops, as a disk or a careless script would."""
    instance.database.release()
    url = instance.database.url
    if instance.database.engine == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path)) as connection:  # enforces no foreign keys
            connection.executescript(";".join(statements))
    else:
        with psycopg.connect(url) as server:
            server.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                server.execute(statement)


def test_nothing_is_wrong_with_a_new_database(run):
    assert run(exit_code=0).output == "All is well.\n"
    assert json.loads(run("--json", exit_code=0).output) == {"change_set": None, "findings": []}


def test_a_reference_to_a_record_that_is_gone_is_emptied_and_can_be_taken_back(instance, run, found):
    damage(instance, "UPDATE crm_lead SET partner_id = 987654 WHERE id = 1")
    (finding,) = found()
    assert (finding["model"], finding["id"], finding["field"]) == ("crm.lead", 1, "partner")
    assert finding["text"] == "partner names res.partner,987654, which is gone"
    assert (finding["repairable"], finding["undoable"], finding["repaired"]) == (True, True, False)
    assert len(found()) == 1, "looking changes nothing"

    repaired = json.loads(run("--repair", "--json", exit_code=1).output)
    assert repaired["findings"][0]["repaired"]
    assert found(exit_code=0) == []
    with instance.environment() as env:
        assert env["crm.lead"].read_ids([1], ["partner"])[1]["partner"] is None
    run(str(repaired["change_set"]), "--dry-run", exit_code=0, name="undo")


def test_the_text_says_what_repairing_would_change(instance, run):
    damage(instance, "UPDATE crm_lead SET name_fold = 'something else' WHERE id = 1")
    output = run(exit_code=1).output
    assert "crm.lead,1  the folded text of name is another" in output
    assert "--repair would fold it anew: name something else -> " in output
    assert "1 found." in output
    assert "(outside the history)" in run("--repair", exit_code=1).output
    assert run(exit_code=0).output == "All is well.\n"


def test_a_required_reference_is_left_to_people(instance, found):
    damage(instance, "UPDATE mail_activity SET type_id = 987654")
    findings = found("--repair")
    assert findings, "the demo plans activities"
    assert {(each["model"], each["field"], each["repaired"]) for each in findings} == {("mail.activity", "type", False)}
    assert {each["action"] for each in findings} == {"delete the record, or choose another"}


def test_links_and_external_ids(instance, found):
    damage(
        instance,
        "INSERT INTO core_external_id (addon, name, model, record) VALUES ('crm', 'gone', 'crm.lead', 987654)",
        "INSERT INTO crm_lead_tags (owner_id, target_id) VALUES (1, 987654)",
    )
    findings = found()
    assert {each["check"] for each in findings} >= {"link", "external id"}
    link = next(each for each in findings if each["check"] == "link")
    assert (link["model"], link["id"], link["field"], link["old"]) == ("crm.lead", 1, "tags", "987654")
    named = next(each for each in findings if each["check"] == "external id")
    assert named["text"] == "crm.gone names crm.lead,987654, which is gone"
    assert all(each["repaired"] for each in found("--repair"))
    assert found(exit_code=0) == []


def test_a_job_that_nobody_declares_is_cancelled(instance, found):
    with instance.environment() as env:
        enqueue(env, "mail.send")
    damage(instance, "UPDATE core_job SET name = 'nobody.has_this'")
    findings = [each for each in found("--repair") if each["check"] != "twin"]
    assert {(each["check"], each["new"], each["repaired"]) for each in findings} == {("job", "cancelled", True)}
    with instance.environment() as env:
        assert [row["state"] for row in env["core.job"].read("", ["state"])] == ["cancelled"] * len(findings)


def test_contents_that_were_damaged_or_lost(instance, found):
    with instance.environment() as env:
        env["core.attachment"].create(record="crm.lead,1", name="a.txt", data=b"as it was")
        env["core.attachment"].create(record="crm.lead,1", name="b.txt", data=b"to be lost")
    changed = "x'00'" if instance.database.engine == "sqlite" else r"'\x00'::bytea"
    ids = [row[0] for row in instance.database.fetch("SELECT id FROM core_blob ORDER BY id")]
    damage(
        instance,
        f"UPDATE core_blob SET content = {changed} WHERE id = {ids[-2]}",
        f"DELETE FROM core_blob WHERE id = {ids[-1]}",
    )
    findings = found("--repair")
    assert [(each["check"], each["model"]) for each in findings] == [
        ("content", "core.blob"),
        ("content", "core.attachment"),
    ]
    assert {(each["repaired"], each["action"]) for each in findings} == {(False, "bring it back from a backup")}


def test_a_derived_value_that_is_another(instance, found):
    damage(instance, "UPDATE res_partner SET complete_name = 'Nobody' WHERE id = 2")
    twin, finding = found("--repair")
    assert (twin["check"], twin["field"]) == ("twin", "complete_name")
    assert (finding["check"], finding["model"], finding["id"]) == ("derived", "res.partner", 2)
    assert (finding["field"], finding["old"], finding["repaired"]) == ("complete_name", "Nobody", True)
    assert found(exit_code=0) == []


def test_objects_that_nobody_owns_or_that_are_missing(instance, found):
    damage(
        instance,
        "CREATE TABLE stray (id INTEGER PRIMARY KEY)",
        "ALTER TABLE crm_lead ADD COLUMN stray INTEGER",
        "DROP TABLE crm_lead_tags",
        "INSERT INTO core_owned (addon, kind, name) VALUES ('vanished', 'kept', 'kept_vanished')",
    )
    texts = {each["text"] for each in found()}
    assert "the table stray belongs to no addon" in texts
    assert "the column crm_lead.stray belongs to no addon" in texts
    assert "the table crm_lead_tags of crm is not there" in texts
    assert any("kept_vanished" in text for text in texts)
