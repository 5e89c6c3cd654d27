"""Pytest fixtures for core and addons: databases and instances on both engines, fresh for each test; a pytest plugin.

`--engine sqlite|postgresql|both` chooses; the PostgreSQL server of a test run comes from a wheel and starts on first
use.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from core.database import Database, connect
from core.logs import reference
from core.model.context import current_environment
from core.testbed.browser import Browser
from core.testbed.databases import Databases
from core.testbed.installed import installed
from core.testbed.instances import Instances

if TYPE_CHECKING:
    from core.addon.instance import Instance
    from core.records.environment import Environment
    from core.records.undo_plan import UndoReport

pytest.register_assert_rewrite("core.conformance")

__all__ = ["ENGINES", "Browser", "Clock", "Databases", "MakeInstance"]

ENGINES = ("sqlite", "postgresql")


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
    metafunc.parametrize("engine", [engine for engine in ENGINES if chosen in (engine, "both")], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server, those too that are for PostgreSQL alone whatever engine was chosen."""
    for item in items:
        params = (
            item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        )
        if "postgresql" in params:
            item.add_marker("postgresql")


def _parametrized(metafunc: pytest.Metafunc) -> bool:
    return any("engine" in str(mark.args[0]).split(",") for mark in metafunc.definition.iter_markers("parametrize"))


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


@pytest.fixture(scope="session")
def instances(databases: Databases) -> Iterator[Instances]:
    """The instances of the run that tests borrow."""
    found = Instances(databases)
    yield found
    found.close()


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
    """Fail a test that leaves an environment or a request open: the next one of its thread would see another's."""
    yield
    if current_environment.get(None) is not None:
        pytest.fail("an environment was left open", pytrace=False)
    if reference():
        pytest.fail("a request was left open: read its answer with buffered=True", pytrace=False)


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
def make_instance(engine: str, databases: Databases, instances: Instances, clock: Clock) -> Iterator[MakeInstance]:
    """Opens instances for a test; they are closed and removed after it."""
    lent = []
    real = clock

    def make(
        *addons: str,
        demo: bool = False,
        prepare: Callable[[Environment], object] | None = None,
        clock: bool = True,
        addons_path: Sequence[Path] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Instance:
        def copy() -> str:
            return installed(databases, engine, addons, demo=demo, addons_path=addons_path, prepare=prepare)

        def open_(address: str, dial: Callable[[], datetime] | None) -> Instance:
            opened: Instance = _late("core.addon.instance").Instance.open(
                address, clock=dial, addons_path=addons_path, settings=settings
            )
            return opened

        asked = sorted((settings or {}).items())
        key = (engine, tuple(sorted(addons)), demo, prepare, tuple(addons_path), tuple(asked))
        found = instances.lend(key, copy, open_, real if clock else None)
        lent.append(found)
        return found.instance

    yield make
    for each in lent:
        instances.take_back(each)


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


@pytest.fixture
def browser_of(instance: Instance, instances: Instances, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Browser]:
    """Signs a user of the instance in; the user gets a password for it."""
    monkeypatch.setenv(_late("core.security.passwords").COST_SETTING, "8,1,1")
    app = instances.app(instance, _late("core.web.app").create_app)

    def signed_in(login: str) -> Browser:
        with instance.environment(superuser=True) as env:
            env["res.users"].write(instance.user_id(login), password="secret")
        found = Browser(app)
        assert found.sign_in(login, "secret").status_code == 303
        return found

    return signed_in


@pytest.fixture
def stranger(instance: Instance, instances: Instances, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser in which nobody is signed in."""
    monkeypatch.setenv(_late("core.security.passwords").COST_SETTING, "8,1,1")
    return Browser(instances.app(instance, _late("core.web.app").create_app))
