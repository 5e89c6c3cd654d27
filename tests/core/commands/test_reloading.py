"""`tessera serve --reload`: a real server that begins again when files change, and comes back after broken ones."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from core.addon.discovery import discover
from core.addon.instance import create_instance
from core.addon.scaffold import new_addon
from core.commands.reloading import addons_of, stamps
from core.database import connect
from core.security.passwords import COST_SETTING

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60


class Serving:
    """A supervised server, and what it has said so far."""

    def __init__(self, url, folder):
        command = [sys.executable, "-m", "cli", "serve", "--reload", "--db", url, "--addons-path", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--port", "0", "--workers", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, pattern, *, after=0):
        """The next line that has the pattern in it; fails when none comes."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for number, line in enumerate(self.lines[after:], after):
                if found := re.search(pattern, line):
                    return number + 1, found[0]
            time.sleep(0.05)
        raise AssertionError(f"no {pattern} in: {''.join(self.lines[after:])}")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.thread.join(PATIENCE)
        self.process.stdout.close()
        return code


@pytest.fixture
def addon(tmp_path):
    (tmp_path / "addons").mkdir()
    return new_addon(discover([]), tmp_path / "addons", "parts", title="Parts", depends=())


@pytest.fixture
def url(tmp_path, addon, monkeypatch):
    monkeypatch.setenv(COST_SETTING, "8,1,1")
    address = f"sqlite:///{tmp_path}/reload.db"
    create_instance(address, ["parts"], demo=False, admin_password="pw", addons_path=[addon.parent]).close()
    return address


@pytest.fixture
def serving(url, addon):
    found = Serving(url, addon.parent)
    yield found
    if found.process.poll() is None:
        found.end()


def views(url):
    database = connect(url)
    try:
        return str(database.fetch("SELECT arch FROM core_view"))
    finally:
        database.close()


def answers(address):
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
        return answer.status == 200


@pytest.mark.slow
def test_the_server_begins_again_and_comes_back_after_a_broken_file(serving, url, addon):
    address = r"http://127\.0\.0\.1:\d+"
    at, first = serving.wait_for(address)
    assert answers(first)

    view = next(addon.glob("views/*.xml"))
    text = view.read_text()
    view.write_text(text.replace('<field name="name"/>', '<field name="name" label="Renamed"/>'))
    at, _line = serving.wait_for(f"Changed: .*{view.name}", after=at)
    at, second = serving.wait_for(address, after=at)
    assert answers(second) and "Renamed" in views(url)

    model = next(addon.glob("models/*.py"), addon / "models.py")
    source = model.read_text()
    model.write_text(source + "\nthis is no python\n")
    at, _line = serving.wait_for("The server has ended", after=at)
    assert any(model.name in line for line in serving.lines)
    model.write_text(source)
    at, third = serving.wait_for(address, after=at)
    assert answers(third)

    view.write_text("<tessera><view/></tessera>")
    at, _line = serving.wait_for("when this is mended", after=at)
    view.write_text(text)
    at, fourth = serving.wait_for(address, after=at)
    assert answers(fourth)
    assert serving.end() == 0
    with pytest.raises(OSError):
        answers(fourth)


def test_what_is_looked_at(tmp_path):
    for name in ("a.py", "views/b.xml", "tests/c.py", "__pycache__/a.pyc", ".d.py.swp", "README.md", "e.html~"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert {path.relative_to(tmp_path).as_posix() for path in stamps([tmp_path])} == {"a.py", "views/b.xml"}
    assert stamps([tmp_path / "nowhere"]) == {}
    before = stamps([tmp_path])
    os.utime(tmp_path / "a.py", ns=(1, 1))
    assert stamps([tmp_path])[tmp_path / "a.py"] == 1 != before[tmp_path / "a.py"]


def test_which_addons_are_read_again():
    folders = {Path("core"): "", Path("x/parts"): "parts", Path("x/other"): "other"}

    def found(*names):
        return set(addons_of(map(Path, names), folders))

    assert found("core/views/common.rng", "x/parts/models/a.py", "x/parts/static/a.css") == set()
    assert found("x/parts/views/a.xml", "x/parts/security/access.csv", "x/parts/models/a.py") == {"parts"}
    assert found("x/parts/addon.toml", "x/other/migrations/0001_first.py") == {"parts", "other"}
