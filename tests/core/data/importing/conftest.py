"""A database with the system models of base and the models to import into, on both engines."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pytest

from addons.base import hooks
from core.data.importing.report import ImportResult
from core.data.importing.run import run_import
from core.database import Database, connect
from core.model.registry import Contribution, Registry, build
from core.model.schema import create_all
from core.records.environment import Environment
from core.records.runtime import Runtime
from core.testing import Databases

Opener = Callable[..., AbstractContextManager[Environment]]
Write = Callable[..., Path]
Import = Callable[..., ImportResult]


def load_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("importing_sample", Path(__file__).with_name("sample.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLE = load_sample()


def compose(database: Database) -> Registry:
    base = Contribution("base", frozenset(), tuple(hooks.models()))
    return build(database, [base, Contribution("i", frozenset({"base"}), tuple(SAMPLE.MODELS))])


def prepare(address: str) -> None:
    database = connect(address)
    registry = compose(database)
    with database.transaction(write=True):
        create_all(registry)
    with Runtime(registry).open(user=None, superuser=True, kind="install") as env:
        database.execute("INSERT INTO core_generation (id, access, addons, views, cached) VALUES (1, 1, 1, 1, 1)")
        for model in registry.models:
            database.execute(env.runtime.text("INSERT INTO core_model (name) VALUES (?)"), (model,))
        currency = env["res.currency"].create(name="EUR", symbol="€", digits=2)
        company = env["res.company"].create(name="Main", currency=currency)
        env["res.users"].create(login="admin", name="Administrator", company=company, tz="Europe/Brussels")
    database.close()


@pytest.fixture
def engine_url(engine: str, databases: Databases) -> Iterator[str]:
    address = databases.copy(engine, "importing", prepare)
    yield address
    databases.drop(address)


@pytest.fixture
def runtime(database: Database) -> Runtime:
    return Runtime(compose(database))


@pytest.fixture
def open_env(runtime: Runtime) -> Opener:
    """Open a unit of work of its own, as the administrator; committed at its end."""

    def opened(*, user: int = 1, superuser: bool = True) -> AbstractContextManager[Environment]:
        return runtime.open(user=user, superuser=superuser, kind="import", label="test")

    return opened


@pytest.fixture
def env(open_env: Opener) -> Iterator[Environment]:
    """One unit of work for the whole test."""
    with open_env() as env:
        yield env


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file; gives its path."""

    def written(content: str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return written


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused rows are written into the current folder: that of the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def load(env: Environment, write: Write) -> Import:
    """Import the text of a file, into the deals where nothing else is said."""

    def loaded(content: str, model: str = "i.sale", *, recipe: str = "", **options: object) -> ImportResult:
        path = write(recipe, "recipe.toml") if recipe else None
        return run_import(env, model=model, file=write(content), recipe=path, **options)  # type: ignore[arg-type]

    return loaded
