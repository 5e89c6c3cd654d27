"""The first addon of the README, built from the page's own text: planned, installed, used, taken away."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

FILE = re.compile(r"^`(my_addons/[^`]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TESSERA = [sys.executable, "-c", "import cli; cli.main()"]


@pytest.fixture
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(readme: str, tmp_path: Path) -> Path:
    """A folder with the files that the page shows."""
    for name, text in FILE.findall(readme):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*TESSERA, *arguments], cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_first_addon_of_the_page_works(readme: str, folder: Path) -> None:
    lines = "".join(COMMANDS.findall(readme)).splitlines()
    typed = [shlex.split(line)[1:] for line in lines]
    init, plan, install, serve, uninstall = typed
    assert serve[0] == "serve"
    run(folder, *init)
    assert "budget" in run(folder, *plan)
    run(folder, *install)
    code = (
        "from pathlib import Path; from core.addon.instance import Instance\n"
        "instance = Instance.open('sqlite:///try.db', addons_path=[Path('my_addons')])\n"
        "with instance.environment() as env:\n"
        "    print(env['crm.lead'].create(name='Fleet', budget=1500).budget)\n"
        "instance.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "1500", done.stderr
    run(folder, *uninstall)
    assert "crm_budget" not in run(folder, "addon", "list", "--db", "sqlite:///try.db")


def test_the_targets_named_exist(readme: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert {
        name for name in re.findall(r"\bmake (\w+)", readme) if not re.search(rf"^{name}:", makefile, re.M)
    } == set()
