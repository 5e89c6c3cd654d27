"""Instances: creating and opening databases, whom commands act as, following other processes, what does not fit."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.addon import instance as instances
from core.addon import state
from core.addon.install import Prepared, install, prepare
from core.addon.instance import Instance, create_instance
from core.database import connect
from core.errors import ConfigurationError, DatabaseMissing, DatabaseRefusal, NotFound, Refusal
from core.security.passwords import check_password
from core.testbed.installed import PASSWORD

Make = Callable[..., Instance]
Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[3]


def test_a_new_database_has_base_and_an_administrator(make_instance: Make) -> None:
    instance = make_instance()
    assert instance.installed == ("base",)
    with instance.environment(write=False) as env:
        assert env.user == instance.administrator
        assert {"base.admin", "base.internal"} <= env.groups
        assert [row["login"] for row in env["res.users"].read("", ["login"])] == ["admin"]
    ((stored,),) = instance.database.fetch("SELECT password FROM res_users WHERE login = 'admin'")
    assert check_password(stored, PASSWORD).matches


def test_every_database_has_a_secret_of_its_own_that_nobody_reads(make_instance: Make, engine_url: str) -> None:
    first = make_instance()
    second = create_instance(engine_url, [], demo=False, admin_password="pw")
    assert len(first.secret_key) >= 48
    assert first.secret_key != second.secret_key
    with second.environment(write=False) as env:
        assert [row["key"] for row in env["core.setting"].read("", ["key"])] == ["core.two_factor"]
    logged = second.database.fetch("SELECT before, after FROM core_change")
    assert not any(second.secret_key in str(row) for row in logged)
    second.close()


def test_commands_act_as_the_administrator_whatever_the_login(make_instance: Make) -> None:
    instance = make_instance()
    with instance.environment() as env:
        env["res.users"].write([instance.administrator], login="root")
        env["res.users"].create(login="ada", name="Ada")
    with instance.environment(write=False) as env:
        assert env.user == instance.administrator
    with instance.environment("ada", write=False) as env:
        assert env.user == instance.user_id("ada")
        assert not env.has_group("base.admin")
    for missing in ("admin", "Ada"):
        with pytest.raises(NotFound, match=f"There is no user '{missing}'"), instance.environment(missing):
            pass


def test_an_archived_user_cannot_work(make_instance: Make) -> None:
    instance = make_instance()
    with instance.environment() as env:
        env["res.users"].create(login="ada", name="Ada", active=False)
    with pytest.raises(NotFound), instance.environment("ada"):
        pass


def test_an_instance_follows_another_process(make_instance: Make) -> None:
    instance = make_instance("crm")
    other = Instance.open(instance.database.url, addons_path=instance.catalog.folders[1:])
    registry = other.registry
    other.refresh()
    assert other.registry is registry
    install(instance, ["crm_extra"])
    with other.environment(write=False) as env:
        assert "crm.competitor" in env.registry.models
    assert other.registry is not registry
    other.close()


LISTENING = """from core import hookimpl


@hookimpl
def record_changed(env, changes):
    for change in changes:
        if change.operation == "create" and change["name"] == "Ping":
            env["res.partner"].create(name="Pong")
"""


def test_hook_record_changed_hears_of_changes_in_the_same_transaction(
    make_instance: Make, write_addon: Write, tmp_path: Path
) -> None:
    write_addon("listens", files={"hooks.py": LISTENING})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    with instance.environment() as env:
        env["res.partner"].create(name="Ping")
    install(instance, ["listens"])
    with instance.environment() as env:
        assert env["res.partner"].count("name == 'Pong'") == 0
        env["res.partner"].create(name="Ping")
        assert env["res.partner"].count("name == 'Pong'") == 1


def test_threads_following_at_once_compose_once(make_instance: Make) -> None:
    instance = make_instance()
    other = Instance.open(instance.database.url, addons_path=instance.catalog.folders[1:])
    install(instance, ["crm"])
    seen: list[object] = []

    def follow() -> None:
        other.refresh()
        seen.append(other.registry)
        other.database.release()

    threads = [threading.Thread(target=follow) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 6
    assert len(set(map(id, seen))) == 1
    other.close()


def test_two_databases_with_different_addons_live_side_by_side(make_instance: Make) -> None:
    plain, extended = make_instance("crm"), make_instance("crm", "crm_extra")
    assert "budget" not in plain.registry.declarations["crm.lead"]
    assert "budget" in extended.registry.declarations["crm.lead"]
    with plain.environment() as env:
        lead = env["crm.lead"].create(name="x", expected_revenue=0)
        env["crm.lead"].call([lead], "mark_won")
        assert env["crm.lead"].get(lead.id).stage.is_won


def test_a_database_that_is_not_empty_is_refused(make_instance: Make, engine_url: str) -> None:
    instance = make_instance()
    with pytest.raises(DatabaseRefusal, match="is a database of Tessera already"):
        create_instance(instance.database.url, [], demo=False, admin_password="pw")
    foreign = connect(engine_url)
    foreign.execute("CREATE TABLE elsewhere (id integer)")
    foreign.close()
    with pytest.raises(DatabaseRefusal, match="holds tables of something else"):
        create_instance(engine_url, [], demo=False, admin_password="pw")
    with pytest.raises(DatabaseRefusal, match=r"is not a database of Tessera.*tessera init"):
        Instance.open(engine_url)


def test_a_creation_that_fails_leaves_no_file(tmp_path: Path, write_addon: Write) -> None:
    write_addon(
        "fails_at_once",
        files={"hooks.py": "from core import hookimpl\n@hookimpl\ndef after_install(env):\n    1 / 0\n"},
    )
    file = tmp_path / "new.db"
    url = f"sqlite:///{file}"
    with pytest.raises(ZeroDivisionError):
        create_instance(url, ["fails_at_once"], demo=False, admin_password="pw", addons_path=[tmp_path / "extra"])
    with pytest.raises(Refusal, match=r"There is no addon 'nothing'"):
        create_instance(url, ["nothing"], demo=False, admin_password="pw")
    with pytest.raises(Refusal, match="A password cannot be empty"):
        create_instance(url, [], demo=False, admin_password="")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("new")] == []
    with pytest.raises(DatabaseMissing):
        Instance.open(url)


def test_an_empty_file_that_was_there_stays_when_creation_fails(tmp_path: Path, write_addon: Write) -> None:
    write_addon(
        "fails_again", files={"hooks.py": "from core import hookimpl\n@hookimpl\ndef after_install(env):\n    1 / 0\n"}
    )
    file = tmp_path / "new.db"
    file.touch()
    with pytest.raises(ZeroDivisionError):
        create_instance(
            f"sqlite:///{file}", ["fails_again"], demo=False, admin_password="pw", addons_path=[tmp_path / "extra"]
        )
    database = connect(f"sqlite:///{file}")
    assert state.tables(database) == frozenset()
    database.close()


def make(url: str) -> subprocess.Popen[bytes]:
    """Another process that creates a database."""
    command = [sys.executable, str(ROOT / "cli.py"), "init", "--db", url, "--admin-password", "pw"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_of_two_who_create_one_database_the_first_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    def overtaken(*arguments: Any, **options: Any) -> Prepared:
        assert make(url).wait(60) == 0
        return prepare(*arguments, **options)

    monkeypatch.setattr(instances, "prepare", overtaken)
    with pytest.raises(Refusal, match="meanwhile"):
        create_instance(url, [], demo=False, admin_password="other")
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]
    kept = Instance.open(url)
    with kept.environment(write=False) as env:
        assert env["res.users"].count("") == 1
    kept.close()


@pytest.mark.slow
def test_of_many_who_create_one_database_one_succeeds(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    codes = sorted(process.wait(120) for process in [make(url) for _ in range(4)])
    assert codes == [0, 1, 1, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]
    Instance.open(url).close()


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_log_of_a_database_that_is_gone_is_not_taken_for_a_part_of_the_new_one(tmp_path: Path, suffix: str) -> None:
    left = tmp_path / f"new.db{suffix}"
    left.write_bytes(b"x")
    with pytest.raises(DatabaseRefusal, match=f"new.db{suffix} is left of a database that is gone"):
        create_instance(f"sqlite:///{tmp_path / 'new.db'}", [], demo=False, admin_password="pw")
    assert left.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE core_addon SET installed_version = '99.0.0' WHERE name = 'crm'", "made by version 99.0.0 of 'crm'"),
        (
            "INSERT INTO core_migration (addon, number, name) VALUES ('crm', 7, 'later')",
            "applied the migration 0007_later",
        ),
        (
            "INSERT INTO core_addon (name, installed_version, state) VALUES ('gone', '1.0.0', 'installed')",
            "The addon 'gone' is installed in .* but was not found. Give its folder with --addons-path",
        ),
    ],
)
def test_a_database_that_does_not_fit_is_refused(make_instance: Make, statement: str, reason: str) -> None:
    instance = make_instance("crm")
    with instance.database.transaction(write=True):
        instance.database.execute(statement)
    with pytest.raises(DatabaseRefusal, match=reason):
        Instance.open(instance.database.url)


def test_a_database_without_the_newest_migration_is_refused(
    make_instance: Make, write_addon: Write, tmp_path: Path
) -> None:
    folder = write_addon("moving", files={"migrations/0001_first.py": ""})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["moving"])
    (folder / "migrations/0002_second.py").write_text("")
    with pytest.raises(DatabaseRefusal, match="is older than 'moving': its migration 0002_second was not applied"):
        Instance.open(instance.database.url, addons_path=[tmp_path / "extra"])


def test_an_installed_addon_that_broke_is_told_with_its_problems(
    make_instance: Make, write_addon: Write, tmp_path: Path
) -> None:
    folder = write_addon("breaking")
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["breaking"])
    (folder / "addon.toml").write_text("title = ")
    with pytest.raises(ConfigurationError, match=r"addons/breaking/addon.toml:1:9 A001"):
        Instance.open(instance.database.url, addons_path=[tmp_path / "extra"])
