"""Archives: a restored database is the one that was backed up, whichever the engines; damage is noticed."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.addon.archive import backup
from core.addon.archived import BadArchive, Contents, read_contents
from core.addon.instance import Instance, restore_instance
from core.addon.state import tables
from core.addon.uninstall import uninstall
from core.database import Database, connect
from core.errors import DatabaseRefusal, Refusal
from core.model.dump import dump
from core.testing import ENGINES, Databases

pytestmark = pytest.mark.slow

EXTRA = (Path(__file__).resolve().parents[2] / "addons",)
Make = Callable[..., Instance]


@pytest.fixture
def full(make_instance: Make) -> Instance:
    """An instance with values of every kind, links, history, and what a detached addon left."""
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        rival = env["crm.competitor"].create(name="Rival Ä'\"").id
        tags = [env["crm.tag"].create(name=name).id for name in ("a", "b")]
        lead = env["crm.lead"].create(name="Deal\n1", budget="12.5", rivals=[rival], tags=tags, confidential=True)
        env["crm.lead"].write(lead, expected_revenue="1000.25", date_deadline="2026-12-31")
        env["crm.tag"].delete(env["crm.tag"].create(name="gone").id)
    uninstall(instance, "crm_extra")
    return instance


@pytest.fixture
def target(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    address = databases.fresh(request.param)
    yield address
    databases.drop(address)


def rows(database: Database) -> dict[str, int]:
    return {name: database.fetch(f'SELECT count(*) FROM "{name}"')[0][0] for name in sorted(tables(database))}


@pytest.mark.parametrize("target", ENGINES, indirect=True)
def test_a_restored_database_is_the_one_that_was_backed_up(full: Instance, target: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    written = backup(full.database, first)
    restore_instance(target, first, addons_path=EXTRA)
    restored = Instance.open(target, addons_path=EXTRA)
    try:
        again = backup(restored.database, second)
        assert [(each.table, each.rows, each.sha256) for each in again.tables] == [
            (each.table, each.rows, each.sha256) for each in written.tables
        ]
        for before, after in zip(written.tables, again.tables, strict=True):
            assert after.last_id >= before.last_id, "no id is given again"
        assert rows(restored.database) == rows(full.database)
        if restored.database.engine == full.database.engine:
            assert dump(restored.database) == dump(full.database)
        with restored.environment() as env:
            (lead,) = env["crm.lead"].read("", ["name", "expected_revenue", "tags"])
            assert (lead["name"], str(lead["expected_revenue"]), len(lead["tags"])) == ("Deal\n1", "1000.25", 2)
            assert env["crm.tag"].create(name="next").id == max(lead["tags"]) + 2, "no id is given again"
    finally:
        restored.close()


def test_what_happens_meanwhile_is_not_in_it(full: Instance, tmp_path: Path) -> None:
    def meddle(done: int, _total: int | None) -> None:
        if done == 1:
            other = Instance.open(full.database.url, addons_path=EXTRA)
            with other.environment() as env:
                env["crm.tag"].create(name="meanwhile")
            other.close()

    before = rows(full.database)["crm_tag"]
    contents = backup(
        full.database, tmp_path / "x.zip", progress=lambda done, total: run_in_thread(meddle, done, total)
    )
    assert {each.table: each.rows for each in contents.tables}["crm_tag"] == before
    assert rows(full.database)["crm_tag"] == before + 1


def test_two_archives_of_one_name_are_not_mixed_up_and_their_owner_alone_reads_them(
    full: Instance, tmp_path: Path
) -> None:
    path = tmp_path / "x.zip"
    quick: list[Contents] = []

    def meddle(_done: int, _total: int | None) -> None:
        assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
        if not quick:
            other = connect(full.database.url)
            quick.append(backup(other, path))
            other.close()

    with pytest.raises(Refusal, match="exists already"):
        backup(full.database, path, progress=lambda done, total: run_in_thread(meddle, done, total))
    assert read_contents(path) == quick[0]
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]
    assert path.stat().st_mode & 0o777 == 0o600


def run_in_thread(work: Callable[[int, int | None], None], done: int, total: int | None) -> None:
    thread = threading.Thread(target=work, args=(done, total))
    thread.start()
    thread.join()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_damage_is_noticed_and_nothing_is_made(full: Instance, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    backup(full.database, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(b"Deal", b"Meal") if name == "tables/crm_lead.jsonl" else content)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-100])
    text = tmp_path / "text.zip"
    text.write_text("no archive")
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(newer, "w") as archive:
        archive.writestr("archive.json", json.dumps({"product": "tessera", "format": 99}))
    url = f"sqlite:///{tmp_path / 'new.db'}"
    for damaged, reason in (
        (changed, "the table 'crm_lead' is not as it was"),
        (cut, "is damaged"),
        (text, "is damaged"),
        (newer, "of another program or version"),
    ):
        with pytest.raises(BadArchive, match=reason):
            restore_instance(url, damaged, addons_path=EXTRA)
    with pytest.raises(Refusal, match="cannot be read"):
        restore_instance(url, tmp_path / "nowhere.zip", addons_path=EXTRA)
    assert not (tmp_path / "new.db").exists()
    assert read_contents(path).addons.keys() == {"base", "mail", "crm"}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_refusals_leave_everything_as_it_was(full: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.zip"
    backup(full.database, path)
    with pytest.raises(Refusal, match="exists already"):
        backup(full.database, path)
    with pytest.raises(Refusal, match="cannot be written"):
        backup(full.database, tmp_path / "nowhere" / "x.zip")
    with pytest.raises(DatabaseRefusal, match="is a database of Tessera already"):
        restore_instance(full.database.url, path, addons_path=EXTRA)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as copied:
        for name in archive.namelist():
            content = archive.read(name)
            copied.writestr(name, content.replace(b'"crm": "0.2.2"', b'"crm": "9.1.0"'))
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(Refusal, match=r"needs version 9\.1\.0 of 'crm'"):
        restore_instance(url, other, addons_path=EXTRA)
    assert not (tmp_path / "new.db").exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other.zip", "x.zip"]


@pytest.fixture
def parts(make_instance: Make, tmp_path: Path) -> dict[str, Any]:
    """What an archive of a database with base holds: `archive.json` and the rows of each table, to be spoilt."""
    path = tmp_path / "good.zip"
    backup(make_instance().database, path)
    found = unpacked(path)
    path.unlink()
    return found


def unpacked(path: Path) -> dict[str, Any]:
    """What an archive holds, by the names of its members."""
    with zipfile.ZipFile(path) as archive:
        rows: dict[str, Any] = {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name != "archive.json"
        }
        return rows | {"archive.json": json.loads(archive.read("archive.json"))}


def packed(parts: dict[str, Any], path: Path, raw: dict[str, bytes] | None = None, *, count: bool = True) -> Path:
    """An archive of the parts with right checksums, and numbers of rows unless `count` is False."""
    said = parts["archive.json"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in parts.items():
            if name == "archive.json":
                continue
            content = (raw or {}).get(name) or b"".join(json.dumps(row).encode() + b"\n" for row in rows)
            archive.writestr(name, content)
            for member in said["tables"] if isinstance(said, dict) and isinstance(said["tables"], list) else ():
                if f"tables/{member['table']}.jsonl" == name:
                    member["sha256"] = hashlib.sha256(content).hexdigest()
                    member["rows"] = content.count(b"\n") if count else member["rows"]
        archive.writestr("archive.json", json.dumps(said))
    return path


def table(parts: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in parts["archive.json"]["tables"] if each["table"] == name)
    return found


def put(parts: dict[str, Any], name: str, column: str, value: object) -> None:
    """Another value in the first row of a table."""
    parts[f"tables/{name}.jsonl"][0][list(table(parts, name)["columns"]).index(column)] = value


def without(parts: dict[str, Any], name: str) -> None:
    parts["archive.json"]["tables"].remove(table(parts, name))


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "a list": lambda parts: parts.update({"archive.json": []}),
    "addons in a list": lambda parts: parts["archive.json"].update(addons=["base"]),
    "no addons": lambda parts: parts["archive.json"].update(addons={}),
    "a version that is none": lambda parts: parts["archive.json"].update(addons={"base": "1"}),
    "tables in a mapping": lambda parts: parts["archive.json"].update(tables={}),
    "no moment": lambda parts: parts["archive.json"].pop("at"),
    "a key less": lambda parts: table(parts, "res_users").pop("last_id"),
    "an unknown kind": lambda parts: table(parts, "res_users")["columns"].update(login="word"),
    "a kind that is not stored": lambda parts: table(parts, "res_users")["columns"].update(login="references"),
    "columns in a list": lambda parts: table(parts, "res_users").update(columns=["id"]),
    "a name that is a statement": lambda parts: table(parts, "res_users").update(table='x" (id); --'),
    "a number below nothing": lambda parts: table(parts, "res_users").update(last_id=-1),
    "truth for a number": lambda parts: table(parts, "res_users").update(last_id=True),
    "a table twice": lambda parts: parts["archive.json"]["tables"].append(table(parts, "res_users")),
    "a short row": lambda parts: parts["tables/res_users.jsonl"][0].pop(),
    "a row that is no list": lambda parts: parts["tables/res_users.jsonl"].append({}),
    "no core table": lambda parts: without(parts, "core_addon"),
    "none of the tables": lambda parts: parts["archive.json"].update(tables=[]),
    "no addon installed": lambda parts: parts["tables/core_addon.jsonl"].clear(),
    "no generation": lambda parts: parts["tables/core_generation.jsonl"].clear(),
    "a text for a number": lambda parts: put(parts, "res_users", "version", "one"),
    "a number for a text": lambda parts: put(parts, "res_users", "login", 7),
    "a number that is too large": lambda parts: put(parts, "res_users", "version", 2**70),
    "an instant beyond all years": lambda parts: put(parts, "res_users", "create_date", 2**62),
    "half a character": lambda parts: put(parts, "res_users", "login", "\ud800"),
    "an id that is empty": lambda parts: put(parts, "res_users", "id", None),
    "a version that is empty": lambda parts: put(parts, "res_users", "version", None),
    "an id twice": lambda parts: parts["tables/res_groups.jsonl"].append(parts["tables/res_groups.jsonl"][0]),
    "a reference that leads nowhere": lambda parts: put(parts, "res_users", "create_uid", 999_999),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_right_checksums_of_wrong_contents_are_no_archive(
    parts: dict[str, Any], engine: str, engine_url: str, tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    spoil(parts)
    path = packed(parts, tmp_path / "spoilt.zip")
    with pytest.raises(BadArchive):
        restore_instance(engine_url, path)
    database = connect(engine_url)
    assert tables(database) == set()
    database.close()
    if engine == "sqlite":
        with pytest.raises(BadArchive):
            restore_instance(f"sqlite:///{tmp_path / 'new.db'}", path)
        assert [each.name for each in tmp_path.iterdir()] == ["spoilt.zip"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("line", [b"no json\n", b"[1, 2\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n"])
def test_a_row_that_is_no_json_is_no_archive(parts: dict[str, Any], tmp_path: Path, line: bytes) -> None:
    path = packed(parts, tmp_path / "spoilt.zip", {"tables/res_users.jsonl": line})
    with pytest.raises(BadArchive, match="is not an archive, or is damaged"):
        restore_instance(f"sqlite:///{tmp_path / 'new.db'}", path)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_numbers_of_rows_are_compared(parts: dict[str, Any], tmp_path: Path) -> None:
    table(parts, "res_users")["rows"] += 1
    with pytest.raises(BadArchive, match="the table 'res_users' is not as it was"):
        read_contents(packed(parts, tmp_path / "spoilt.zip", count=False))


def test_what_was_not_spoilt_is_restored(parts: dict[str, Any], engine_url: str, tmp_path: Path) -> None:
    restore_instance(engine_url, packed(parts, tmp_path / "fine.zip"))
    restored = Instance.open(engine_url)
    backup(restored.database, tmp_path / "again.zip")
    restored.close()
    again = unpacked(tmp_path / "again.zip")
    assert again.pop("archive.json")["addons"] == parts.pop("archive.json")["addons"]
    assert again == parts


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_archive_without_an_addon_that_another_needs_is_refused(full: Instance, tmp_path: Path) -> None:
    backup(full.database, tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive, zipfile.ZipFile(tmp_path / "less.zip", "w") as copied:
        for name in archive.namelist():
            copied.writestr(name, archive.read(name).replace(b'"crm": "0.2.2"', b'"crm_extra": "1.2.0"'))
    with pytest.raises(BadArchive, match="lacks the addon 'crm'"):
        restore_instance(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "less.zip", addons_path=EXTRA)
