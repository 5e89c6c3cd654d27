"""`tessera addon new` and `addon info`: what is written can be installed, used, tested and removed."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from core.addon.instance import Instance
from core.addon.scaffold import FILES

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(cli.main, list(arguments))
    assert result.exit_code == exit_code, result.output
    return result


def test_a_new_addon_is_installed_and_told_of(make_instance: Callable[..., Instance], tmp_path: Path) -> None:
    url = make_instance("crm").database.url
    run("addon", "new", "fresh_one", "--into", str(tmp_path / "own"), "--title", "It's ours", "--depends", "crm")
    written = {str(path.relative_to(tmp_path / "own" / "fresh_one")) for path in (tmp_path / "own").rglob("*.*")}
    assert written == set(FILES)
    place = ("--addons-path", str(tmp_path / "own"), "--db", url)
    before = json.loads(run("addon", "info", "fresh_one", "--json", *place).stdout)
    assert (before["state"], before["installed_version"], before["owns"]) == ("available", None, {})
    run("addon", "install", "fresh_one", *place)
    after = json.loads(run("addon", "info", "fresh_one", "--json", *place).stdout)
    assert (after["title"], after["state"], after["installed_version"]) == ("It's ours", "installed", "1.0.0")
    assert after["depends"] == ["crm"]
    assert after["owns"]["table"] == 1
    needed = run("addon", "info", "crm", *place).stdout
    assert "needed by          fresh_one" in needed
    assert "depends            mail" in needed
    run("addon", "uninstall", "fresh_one", "--purge", "--no-archive", *place)


@pytest.mark.slow
def test_the_tests_of_a_new_addon_pass(tmp_path: Path, engine: str) -> None:
    run("addon", "new", "fresh_two", "--into", str(tmp_path), "--depends", "crm")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    command += ["--engine", engine, "-p", "no:cacheprovider", str(tmp_path / "fresh_two")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Big",), "'Big' cannot name an addon"),
        (("class",), "'class' cannot name an addon"),
        (("crm",), "There is an addon 'crm' already"),
        (("fresh", "--depends", "crn"), "Did you mean 'crm'?"),
        (("fresh", "--title", 'a "b"'), "cannot be used"),
        (("fresh", "--title", "a\nb"), "cannot be used"),
        (("taken",), "exists already"),
        (("fresh", "--title", "  "), "cannot be used"),
        (("a" * 300,), "cannot be written"),
    ],
)
def test_what_cannot_be_an_addon_is_refused(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "taken").mkdir()
    assert told in run("addon", "new", *arguments, "--into", str(tmp_path), exit_code=1).stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["taken"]


@pytest.mark.parametrize("below", ["file/own", "a" * 300])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in run("addon", "new", "fresh", "--into", str(tmp_path / below), exit_code=1).stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]


def test_the_folder_of_all_addons_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    monkeypatch.setenv("TESSERA_ADDONS_PATH", str(own))
    told = run("addon", "new", "fresh", "--into", str(own)).stdout
    assert f"tessera addon install fresh --addons-path {own}\n" in told
    assert "already" in run("addon", "new", "fresh", "--into", str(own), exit_code=1).stderr
    assert "does not exist" in run("addon", "new", "other", "--addons-path", str(tmp_path / "no"), exit_code=1).stderr


def test_what_is_told_can_be_run_as_it_is(tmp_path: Path, make_instance: Callable[..., Instance]) -> None:
    url = make_instance().database.url
    first, second = tmp_path / "first addons", tmp_path / "it's second"
    run("addon", "new", "below", "--into", str(first))
    told = run("addon", "new", "above", "--into", str(second), "--depends", "below", "--addons-path", str(first),
               "--title", "  Above all ").stdout  # fmt: skip
    command = shlex.split(told.splitlines()[-1])
    assert command[0] == "tessera"
    assert "+ addon above (1.0.0)" in run(*command[1:], "--db", url).stdout
    assert (second / "above" / "addon.toml").read_text().startswith('title = "Above all"\n')


def test_info_of_an_unknown_and_of_a_broken_addon(make_instance: Callable[..., Instance]) -> None:
    url = make_instance().database.url
    assert "Did you mean 'crm'?" in run("addon", "info", "crn", "--db", url, exit_code=1).stderr
    broken = str(ROOT / "tests" / "addons" / "broken")
    told = json.loads(run("addon", "info", "misspelt_key", "--json", "--addons-path", broken, "--db", url).stdout)
    assert told["state"] == "broken"
    assert any(" A002 " in problem for problem in told["problems"])
