"""The command line as scripts use it: forms, exit codes, JSON, refusals in words."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from core.commands import addon as addon_commands
from core.database import connect
from core.security.passwords import COST_SETTING
from core.testbed.installed import installed
from core.testing import Databases

ROOT = Path(__file__).resolve().parents[2]
EXTRA = ROOT / "tests" / "addons"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the developer's own, cheap passwords, an empty current folder."""
    for name in list(os.environ):
        if name.startswith("TESSERA_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv(COST_SETTING, "8,1,1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run() -> Run:
    """Run a command: `run("addon", "list", "--db", url)`."""

    def command(*arguments: str, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(cli.main, list(arguments))
        assert result.exit_code == exit_code, result.output
        assert "Traceback" not in result.output
        return result

    return command


@pytest.fixture
def crm_url(engine: str, databases: Databases) -> Iterator[str]:
    """A database with crm, without demo data."""
    url = installed(databases, engine, ["crm"])
    yield url
    databases.drop(url)


def test_init_then_everything_else(run: Run, engine_url: str) -> None:
    result = run("init", "--db", engine_url, "--addons", "crm", "--admin-password", "pw")
    assert "base, mail, crm" in result.stdout
    refused = run("init", "--db", engine_url, "--admin-password", "pw", exit_code=1)
    assert "is a database of Tessera already" in refused.stderr
    assert refused.stdout == ""


def test_init_asks_for_the_password_only_on_a_terminal(run: Run) -> None:
    assert "Missing option '--admin-password'" in run("init", "--db", "sqlite:///x.db", exit_code=2).stderr
    assert not Path("x.db").exists()


def test_init_refuses_a_comma_without_a_name(run: Run) -> None:
    for addons in (",", "crm,", "crm,,base"):
        told = run("init", "--db", "sqlite:///x.db", "--addons", addons, "--admin-password", "pw", exit_code=2).stderr
        assert "has a comma with no name beside it" in told
    assert not Path("x.db").exists()


def test_a_folder_is_no_database(run: Run) -> None:
    assert "is a folder, not a database" in run("addon", "list", "--db", "sqlite:///.", exit_code=1).stderr


def test_the_database_comes_from_the_variable_too(run: Run, crm_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSERA_DB", crm_url)
    monkeypatch.setenv("TESSERA_ADDONS_PATH", str(EXTRA))
    states = {entry["name"]: entry["state"] for entry in json.loads(run("addon", "list", "--json").stdout)}
    assert (states["base"], states["crm"], states["crm_extra"]) == ("installed", "installed", "available")


def test_a_database_that_is_not_there_is_refused(run: Run) -> None:
    result = run("addon", "list", exit_code=1)
    assert re.search(r"^Refused: .*tessera\.db", result.stderr)
    assert not Path("tessera.db").exists()
    assert "is not the address of a database" in run("addon", "list", "--db", "mysql://x", exit_code=1).stderr


def test_addons_are_planned_installed_and_removed(run: Run, crm_url: str) -> None:
    common = ("--db", crm_url, "--addons-path", str(EXTRA))
    planned = json.loads(run("addon", "plan", "crm_extra", "--json", *common).stdout)
    assert planned["operation"] == "install"
    assert {"action": "add", "kind": "table", "name": "crm_competitor"}.items() <= planned["steps"][0].items() or any(
        step["name"] == "crm_competitor" for step in planned["steps"]
    )
    assert "+ column crm_lead.budget (money)" in run("addon", "plan", "crm_extra", *common).stdout.splitlines()
    assert json.loads(run("addon", "install", "crm_extra", "--json", *common).stdout) == planned
    assert run("addon", "install", "crm_extra", *common).stdout == "Nothing to do.\n"
    removal = json.loads(run("addon", "plan", "crm_extra", "--purge", "--json", *common).stdout)
    assert removal["operation"] == "uninstall"
    assert json.loads(run("addon", "uninstall", "crm_extra", "--purge", "--json", *common).stdout) == removal
    assert state_of(run, common) == "available"


def state_of(run: Run, common: tuple[str, ...]) -> str:
    listed = json.loads(run("addon", "list", "--json", *common).stdout)
    return {entry["name"]: entry["state"] for entry in listed}["crm_extra"]


@pytest.mark.slow
def test_an_addon_is_detached_and_comes_back_or_is_purged(run: Run, crm_url: str) -> None:
    common = ("--db", crm_url, "--addons-path", str(EXTRA))
    run("addon", "install", "crm_extra", *common)
    planned = run("addon", "plan", "crm_extra", "--uninstall", *common).stdout
    assert "- table crm_competitor (2 rows kept aside)" in planned.splitlines()
    assert run("addon", "uninstall", "crm_extra", *common).stdout == planned
    assert state_of(run, common) == "detached"
    assert "+ kept crm_competitor (2 rows)" in run("addon", "install", "crm_extra", *common).stdout.splitlines()
    assert state_of(run, common) == "installed"
    run("addon", "uninstall", "crm_extra", *common)
    purged = run("addon", "uninstall", "crm_extra", "--purge", *common)
    assert "- kept crm_competitor (2 rows)" in purged.stdout
    (archive,) = Path().glob("before-purge-crm_extra-*.zip")
    assert f"The database as it was is in {archive}." in purged.stderr
    run("restore", str(archive), "--db", "sqlite:///before.db", "--addons-path", str(EXTRA))
    before = ("--db", "sqlite:///before.db", "--addons-path", str(EXTRA))
    assert state_of(run, before) == "detached"
    run("addon", "install", "crm_extra", *before)
    refused = run("addon", "uninstall", "crm_extra", "--purge", "--archive", str(archive), *before, exit_code=1)
    assert "exists already" in refused.stderr and state_of(run, before) == "installed"
    run("addon", "uninstall", "crm_extra", "--purge", "--no-archive", *before)
    assert "before --purge only" in run("addon", "uninstall", "crm", "--no-archive", *before, exit_code=2).stderr
    both = ("--purge", "--no-archive", "--archive", "x.zip")
    assert "not both" in run("addon", "uninstall", "crm", *both, *before, exit_code=2).stderr
    assert state_of(run, common) == "available"


def test_who_may_not_purge_gets_no_archive(run: Run, crm_url: str) -> None:
    run("user", "add", "bob", "--name", "Bob", "--db", crm_url)
    purge = ("addon", "uninstall", "crm", "--purge", "--db", crm_url, "--as")
    assert "Only administrators" in run(*purge, "bob", exit_code=1).stderr
    assert "There is no user 'eve'" in run(*purge, "eve", exit_code=1).stderr
    assert list(Path().iterdir()) == []


def test_records_are_exported(run: Run, crm_url: str) -> None:
    fields = ("--fields", "name,probability", "--where", "is_won")
    assert run("export", "crm.stage", *fields, "--db", crm_url).stdout.splitlines() == ["Name,Probability", "Won,100.0"]
    for name in ("stages.csv", "stages.xlsx"):
        told = json.loads(run("export", "crm.stage", name, *fields, "--json", "--db", crm_url).stdout)
        assert told == {"file": name, "records": 1, "fields": ["name", "probability"]}
        assert Path(name).stat().st_size > 10
    assert "exists already" in run("export", "crm.stage", "stages.csv", "--db", crm_url, exit_code=1).stderr
    assert "give FILE" in run("export", "crm.stage", "--json", "--db", crm_url, exit_code=2).stderr
    assert "ends in .csv or .xlsx" in run("export", "crm.stage", "x.pdf", "--db", crm_url, exit_code=2).stderr
    refused = run("export", "crm.stage", "y.csv", "--fields", "nmae", "--db", crm_url, exit_code=1)
    assert "'nmae' is not a field of crm.stage. Did you mean 'name'?" in refused.stderr
    assert run("export", "crm.stage", "all.csv", "--db", crm_url).stdout.startswith("4 record(s) of crm.stage written")
    assert sorted(path.name for path in Path().iterdir()) == ["all.csv", "stages.csv", "stages.xlsx"]


def test_a_database_is_backed_up_and_restored(run: Run, crm_url: str) -> None:
    written = json.loads(run("backup", "copy.zip", "--json", "--db", crm_url).stdout)
    assert written["addons"].keys() == {"base", "mail", "crm"}
    assert written["rows"]["crm_stage"] == 4
    assert "exists already" in run("backup", "copy.zip", "--db", crm_url, exit_code=1).stderr
    told = run("restore", "copy.zip", "--db", "sqlite:///copy.db").stdout
    assert told.startswith(
        f"{len(written['rows'])} tables with {sum(written['rows'].values())} rows of base, crm, mail."
    )
    refused = run("restore", "copy.zip", "--db", "sqlite:///copy.db", exit_code=1)
    assert "is a database of Tessera already" in refused.stderr


def test_a_database_is_upgraded(run: Run, crm_url: str) -> None:
    database = connect(crm_url)
    with database.transaction(write=True):
        database.execute("UPDATE core_addon SET installed_version = '0.0.9' WHERE name = 'crm'")
    database.close()
    assert "run 'tessera addon upgrade'" in run("addon", "list", "--db", crm_url, exit_code=1).stderr
    assert run("backup", "before.zip", "--db", crm_url).stdout
    rehearsed = json.loads(run("addon", "upgrade", "--dry-run", "--json", "--db", crm_url).stdout)
    assert rehearsed["addons"] == ["crm"] and rehearsed["left"] == []
    done = run("addon", "upgrade", "--db", crm_url)
    assert "~ addon crm (0.0.9 to " in done.stdout
    run("addon", "list", "--db", crm_url)
    assert "Nothing to do." in run("addon", "upgrade", "--db", crm_url).stdout


def test_addon_list_is_a_table(run: Run, crm_url: str) -> None:
    lines = run("addon", "list", "--db", crm_url).stdout.splitlines()
    assert lines[0].split() == ["NAME", "VERSION", "STATE", "TITLE"]
    assert [line.split()[0] for line in lines[1:4]] == ["base", "crm", "mail"]


def test_an_addon_that_cannot_be_read_is_listed_as_broken(run: Run, crm_url: str) -> None:
    Path("more/odd").mkdir(parents=True)
    Path("more/odd/addon.toml").write_text("title = 1\n")
    listed = json.loads(run("addon", "list", "--json", "--db", crm_url, "--addons-path", "more").stdout)
    (odd,) = [entry for entry in listed if entry["name"] == "odd"]
    assert odd["state"] == "broken"
    assert any("A013" in text for text in odd["problems"])
    refused = run("addon", "install", "odd", "--db", crm_url, "--addons-path", "more", exit_code=1)
    assert "addons/odd/addon.toml:1:1 A004" in refused.stderr
    assert refused.stderr.splitlines()[-1].endswith("problems")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("addon", "install", "cmr"), "There is no addon 'cmr'.*Did you mean 'crm'"),
        (("addon", "uninstall", "base", "--purge"), "'base' cannot be removed"),
        (("addon", "uninstall", "crm_extra", "--purge"), "'crm_extra' is not installed"),
        (("history", "crm.laed", "1"), "There is no model 'crm.laed'.*Did you mean 'crm.lead'"),
        (("history", "crm.lead", "99999"), "There is no Lead or opportunity 99999, or you may not see it"),
        (("undo", "99999"), "There is no change set 99999"),
        (("undo", "1"), "Change set 1 installed or removed an addon"),
        (("user", "key", "nobody"), "There is no user 'nobody'"),
        (
            ("user", "add", "x", "--name", "X", "--groups", "crm.won"),
            "There is no group 'crm.won'.*Did you mean 'crm.own'",
        ),
        (("user", "add", "x", "--name", "X", "--groups", "crm.stage_new"), "There is no group 'crm.stage_new'"),
        (("user", "add", "x", "--name", "X", "--as", "nobody"), "There is no user 'nobody'"),
        (("user", "add", "admin", "--name", "X"), "login"),
        (("import", "crm.lead", "nowhere.csv"), "There is no file nowhere.csv"),
    ],
)
def test_refusals_are_words_and_exit_1(run: Run, crm_url: str, arguments: tuple[str, ...], reason: str) -> None:
    result = run(*arguments, "--db", crm_url, "--addons-path", str(EXTRA), exit_code=1)
    assert result.stdout == ""
    assert re.search(rf"^Refused: .*{reason}", result.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("undo", "99999999999999999999"),
        ("history", "crm.lead", "0"),
        ("init", "--admin-password", ""),
        ("addon", "instal", "crm"),
        ("addon", "install"),
        ("history", "crm.lead", "one"),
        ("user", "add", "x"),
        ("import", "crm.lead"),
        ("import", "a", "b", "c"),
        ("addon", "plan", "crm", "base", "--purge"),
    ],
)
def test_wrong_usage_exits_2(run: Run, crm_url: str, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, *(["--db", crm_url] if len(arguments) > 1 else []), exit_code=2)
    assert "Usage:" in result.stderr


def test_users_are_added_and_get_keys(run: Run, crm_url: str) -> None:
    run("user", "add", "ada", "--name", "Ada", "--groups", "crm.own,base.internal", "--password", "pw", "--db", crm_url)
    printed = run("user", "key", "ada", "--db", crm_url).stdout
    assert re.fullmatch(r"tsr_[0-9a-f]{8}_\S+\n", printed)
    refused = run("user", "add", "bob", "--name", "Bob", "--as", "ada", "--db", crm_url, exit_code=1)
    assert "Refused: You may not create" in refused.stderr


def test_import_history_and_undo(run: Run, crm_url: str) -> None:
    Path("leads.csv").write_text("name,expected_revenue\nFirst,10\nSecond,20\nThird,\n")
    arguments = ("import", "crm.lead", "leads.csv", "--json", "--db", crm_url)
    dry = json.loads(run(*arguments, "--dry-run").stdout)
    assert (dry["change_set"], dry["created"]) == (None, {"crm.lead": 3})
    done = json.loads(run(*arguments).stdout)
    assert set(done) == {"change_set", "created", "changed", "skipped", "refused", "refused_file"}
    assert (done["created"], done["refused"], done["refused_file"]) == ({"crm.lead": 3}, 0, None)
    (entry,) = json.loads(run("history", "crm.lead", "1", "--json", "--db", crm_url).stdout)
    assert (entry["change_set"], entry["operation"], entry["kind"]) == (done["change_set"], "create", "import")
    assert f"#{done['change_set']}" in run("history", "crm.lead", "1", "--db", crm_url).stdout
    number = str(done["change_set"])
    planned = json.loads(run("undo", number, "--dry-run", "--json", "--db", crm_url).stdout)
    assert (planned["deleted"], planned["change_set"]) == (3, None)
    undone = json.loads(run("undo", number, "--json", "--db", crm_url).stdout)
    assert (undone["deleted"], undone["conflicts"]) == (3, [])
    redone = json.loads(run("undo", str(undone["change_set"]), "--json", "--db", crm_url).stdout)
    assert redone["restored"] == 3


def test_an_import_of_which_nothing_was_of_use_exits_1(run: Run, crm_url: str) -> None:
    Path("tags.csv").write_text("name,color\nA,red\nB,blue\n")
    told = json.loads(run("import", "crm.tag", "tags.csv", "--json", "--db", crm_url, exit_code=1).stdout)
    assert (told["created"], told["refused"]) == ({}, 2)


def test_undo_lists_conflicts_and_can_skip_them(run: Run, crm_url: str) -> None:
    Path("leads.csv").write_text("ref,name\nA,First\nB,Second\n")
    done = json.loads(run("import", "crm.lead", "leads.csv", "--json", "--db", crm_url).stdout)
    Path("newer.csv").write_text("ref,name\nA,Newer\n")
    run("import", "crm.lead", "newer.csv", "--key", "ref", "--db", crm_url)
    number = str(done["change_set"])
    refused = run("undo", number, "--json", "--db", crm_url, exit_code=1)
    assert [conflict["model"] for conflict in json.loads(refused.stdout)["conflicts"]] == ["crm.lead"]
    assert "conflict" in refused.stderr
    assert "CONFLICT" in run("undo", number, "--db", crm_url, exit_code=1).stdout
    skipped = json.loads(run("undo", number, "--skip-conflicts", "--json", "--db", crm_url).stdout)
    assert (skipped["deleted"], len(skipped["conflicts"])) == (1, 1)


def test_undo_is_told_in_words(run: Run, crm_url: str) -> None:
    Path("leads.csv").write_text("name\nFirst\nSecond\n")
    number = str(json.loads(run("import", "crm.lead", "leads.csv", "--json", "--db", crm_url).stdout)["change_set"])
    dry = run("undo", number, "--dry-run", "--db", crm_url).stdout
    assert dry == "Would bring back 0, change back 0 and delete 2 records.\n"
    done = run("undo", number, "--db", crm_url).stdout
    assert re.fullmatch(r"Brought back 0, changed back 0 and deleted 2 records; this is change set \d+\.\n", done)


def test_an_import_is_told_in_words(run: Run, crm_url: str) -> None:
    Path("leads.csv").write_text("name,probability\nFirst,10\nSecond,much\n")
    told = run("import", "crm.lead", "leads.csv", "--refused", "back.csv", "--db", crm_url).stdout
    assert "created 1 crm.lead" in told
    assert "Refused rows: back.csv" in told
    assert "much" in Path("back.csv").read_text()


def test_config_tells_values_and_origins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSERA_BASE_URL", "https://crm.example.com")
    Path("tessera.toml").write_text("threads = 8\n")
    shown = json.loads(run("config", "--json", "--db", "postgresql://a:secret@h/n").stdout)
    assert shown["db"] == {"value": "postgresql://a:***@h/n", "origin": "flag"}
    assert shown["base_url"] == {"value": "https://crm.example.com", "origin": "TESSERA_BASE_URL"}
    assert shown["threads"] == {"value": "8", "origin": "tessera.toml"}
    assert shown["port"] == {"value": "8069", "origin": "default"}
    assert "threads" in run("config").stdout
    refused = run("config", "--port", "high", exit_code=1)
    assert "port (from flag) must be a number" in refused.stderr
    assert "--log-level" in run("--help").stdout


def test_an_unexpected_failure_prints_a_reference_and_logs_it(
    run: Run, crm_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_arguments: object, **_keywords: object) -> None:
        raise ValueError("ada@example.com")

    monkeypatch.setattr(addon_commands.installing, "plan_install", explode)
    result = run("addon", "plan", "crm", "--db", crm_url, exit_code=1)
    reference = re.search(r"Reference ([0-9A-Z]{4}-[0-9A-Z]{4})\.", result.stderr)
    assert reference is not None
    assert f"reference={reference[1]}" in result.stderr
    assert "error=ValueError" in result.stderr
    assert "ada@example.com" not in result.stderr


def test_an_interruption_exits_130(run: Run, crm_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object, **_keywords: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(addon_commands.installing, "plan_install", interrupt)
    result = run("addon", "plan", "crm", "--db", crm_url, exit_code=130)
    assert "rolled back" in result.stderr


@pytest.fixture
def serving(databases: Databases) -> Iterator[subprocess.Popen[str]]:
    """`tessera serve` of a database with crm, as a process."""
    url = installed(databases, "sqlite", ["crm"])
    command = [sys.executable, "-m", "cli", "serve", "--db", url, "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def wait_for_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["core.py", "addons.py", "core/__init__.py"])
@pytest.mark.parametrize("beside", ["the current folder", "the script"])
def test_a_file_that_hides_a_package_is_named_and_not_run(tmp_path: Path, name: str, beside: str) -> None:
    folder = tmp_path / "work"
    hiding = folder / name
    hiding.parent.mkdir(parents=True)
    hiding.write_text("print('it was run')\n")
    (folder / "start.py").write_text("from cli import main\n\nmain()\n")
    start = ["-m", "cli"] if beside == "the current folder" else [str(folder / "start.py")]
    command = [sys.executable, *start, "--version"]
    where = folder if beside == "the current folder" else tmp_path
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    package = name.partition("/")[0].removesuffix(".py")
    told = f"{hiding} hides the package '{package}' of Tessera: rename it, or work in another folder.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
    hiding.unlink()
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("tessera, version")


@pytest.mark.slow
def test_serve_prints_its_address_answers_and_stops(serving: subprocess.Popen[str]) -> None:
    address = wait_for_address(serving)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
        assert json.load(answer) == {"status": "ok"}
    serving.send_signal(signal.SIGTERM)
    output, log = serving.communicate(timeout=10)
    assert serving.returncode == 0
    assert output == ""
    assert "Traceback" not in log
    assert "event=request" in log or " request " in log


@pytest.mark.slow
def test_serve_stops_at_an_interruption(serving: subprocess.Popen[str]) -> None:
    wait_for_address(serving)
    serving.send_signal(signal.SIGINT)
    _output, log = serving.communicate(timeout=10)
    assert serving.returncode == 0
    assert "Traceback" not in log


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_port_in_use_is_refused(run: Run, crm_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("serve", "--db", crm_url, "--port", str(port), exit_code=1)
    assert f"Port {port} of 127.0.0.1 is in use" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_address_that_is_not_ours_is_refused(run: Run, crm_url: str) -> None:
    result = run("serve", "--db", crm_url, "--host", "203.0.113.1", "--port", "0", exit_code=1)
    assert "203.0.113.1 port 0 cannot be listened on" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_installation_that_is_stopped_half_way_leaves_nothing(
    databases: Databases, tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "slow" / "sleeps"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "addon.toml").write_text('title = "Sleeps"\nversion = "1.0.0"\n')
    (folder / "hooks.py").write_text(
        "import time\nfrom pathlib import Path\nfrom core import hookimpl\n\n\n@hookimpl\n"
        f"def after_install(env):\n    Path({str(tmp_path / 'begun')!r}).touch()\n    time.sleep(60)\n"
    )
    url = installed(databases, "sqlite", [])
    arguments = ["addon", "install", "sleeps", "--db", url, "--addons-path", str(tmp_path / "slow")]
    process = subprocess.Popen([sys.executable, "-m", "cli", *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "begun").exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(how)
    _output, log = process.communicate(timeout=20)
    assert process.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in log
    listed = CliRunner().invoke(cli.main, ["addon", "list", "--json", "--db", url])
    assert [entry["name"] for entry in json.loads(listed.stdout) if entry["state"] == "installed"] == ["base"]
