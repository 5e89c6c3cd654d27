"""`tessera serve --reload`, for developers: the server as a process of its own, begun again when a file changes.

Files are looked at once a second. This process imports nothing of addons, so a file that is broken stops the server
alone; it comes back when the file is mended. Data files that changed are brought into the database first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType

import click

import core
from core.addon import state
from core.addon.discovery import discover
from core.commands.options import open_database
from core.config import Settings
from core.errors import TesseraError
from core.i18n import _

EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 15.0
LEFT_OUT = frozenset({"__pycache__", "tests", "node_modules"})
NO_SOURCES = frozenset({".pyc", ".pyo", ".md", ".swp", ".tmp", ".orig"})
DATA = frozenset({".xml", ".csv", ".toml"})
TOLD = 3

Stamps = dict[Path, int]


def supervise(settings: Settings) -> int:
    """Serve until it is told to stop, beginning again whenever a file changed; gives the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    server = _Server(settings)
    try:
        return server.run()
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()


class _Server:
    """The process that serves, the folders that are watched, and the addons whose data files wait to be read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.folders: dict[Path, str] = {}
        self.seen: Stamps = {}
        self.outdated: set[str] = set()

    def run(self) -> int:
        """Serve and look, until the server ends because it was told to."""
        self.watch({Path(core.__file__).parent: ""})
        self.start()
        while True:
            time.sleep(EVERY_SECONDS)
            ended = self.process.poll() if self.process else None
            if ended == 0:
                return 0  # it was told to stop
            if ended is not None:
                self.process = None
                click.echo(_("The server has ended. It begins again when a file changes."), err=True)
            seen, self.seen = self.seen, stamps(self.folders)
            changed = sorted(path for path in seen.keys() | self.seen.keys() if seen.get(path) != self.seen.get(path))
            if changed:
                self.again(changed)

    def watch(self, folders: Mapping[Path, str]) -> None:
        """Look at folders from now on."""
        fresh = {folder: addon for folder, addon in folders.items() if folder not in self.folders}
        self.folders |= fresh
        self.seen |= stamps(fresh)

    def again(self, changed: list[Path]) -> None:
        """Tell what changed, and begin again."""
        names = ", ".join(map(str, changed[:TOLD]))
        more = _(" and {count} more", count=len(changed) - TOLD) if len(changed) > TOLD else ""
        click.echo(_("Changed: {names}{more}", names=names, more=more), err=True)
        self.stop()
        self.outdated |= set(addons_of(changed, self.folders))
        if self.upgrade():
            self.start()

    def upgrade(self) -> bool:
        """Read the data files of addons again, as `tessera addon upgrade` does; whether that went well."""
        if not self.outdated:
            return True
        paths = [part for path in self.settings.addons_path for part in ("--addons-path", str(path))]
        command = ["addon", "upgrade", *sorted(self.outdated), "--db", self.settings["db"], *paths]
        done = subprocess.run([*_program(), *command], check=False).returncode == 0
        if done:
            self.outdated.clear()
        else:
            click.echo(_("The server begins again when this is mended."), err=True)
        return done

    def start(self) -> None:
        """Begin to serve, and look at what is installed by now; files are looked at before they are loaded."""
        self.watch(_addon_folders(self.settings))
        arguments = [argument for argument in sys.argv[1:] if argument != "--reload"]
        self.process = subprocess.Popen([*_program(), *arguments])

    def stop(self) -> None:
        """Let the server end its requests and jobs, but do not wait for ever."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stamps(folders: Iterable[Path]) -> Stamps:
    """When each source file below the folders was changed last."""
    return {path: stamp for folder in folders for path, stamp in _files(str(folder))}


def addons_of(changed: Iterable[Path], folders: Mapping[Path, str]) -> Iterator[str]:
    """The addons whose data files or migrations are among what changed."""
    for path in changed:
        for folder, addon in folders.items():
            if addon and path.is_relative_to(folder):
                inside = path.relative_to(folder)
                if path.suffix in DATA or inside.parts[0] == "migrations":
                    yield addon


def _files(folder: str) -> Iterator[tuple[Path, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # it is being replaced, or gone
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith("~") or entry.name in LEFT_OUT:
            continue
        if entry.is_dir():
            yield from _files(entry.path)
        elif os.path.splitext(entry.name)[1] not in NO_SOURCES:
            try:
                yield Path(entry.path), entry.stat().st_mtime_ns
            except OSError:
                continue  # gone since the folder was read


def _addon_folders(settings: Settings) -> dict[Path, str]:
    """The folders of the installed addons that can be found; of those that are broken, their server tells."""
    try:
        catalog = discover(settings.addons_path)
        with open_database(settings) as database:
            installed = state.installed_versions(database)
    except TesseraError:
        return {}
    known = [name for name in installed if name in catalog.names and name not in catalog.broken]
    return {catalog[name].folder: name for name in known}


def _program() -> list[str]:
    """How this program was started, without its arguments."""
    return [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv) + 1]]


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
