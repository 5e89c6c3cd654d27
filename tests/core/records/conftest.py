"""A database with the system models of base and a little sales model, on both engines."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from addons.base import hooks
from core.database import Database
from core.model.registry import Contribution, Registry, build
from core.model.schema import create_all
from core.records.environment import Environment
from core.records.runtime import Runtime

Opener = Callable[..., AbstractContextManager[Environment]]


def load_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("records_sample", Path(__file__).with_name("sample.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLE = load_sample()


@pytest.fixture
def registry(database: Database) -> Registry:
    contributions = [
        Contribution("base", frozenset(), tuple(hooks.models())),
        Contribution("t", frozenset({"base"}), tuple(SAMPLE.MODELS)),
    ]
    registry = build(database, contributions)
    with database.transaction(write=True):
        create_all(registry)
    return registry


@pytest.fixture
def admin(runtime: Runtime) -> int:
    """The first user; the counters that caches depend on are there too."""
    with runtime.open(user=None, superuser=True, kind="install") as env:
        env.database.execute("INSERT INTO core_generation (id, access, addons, views, cached) VALUES (1, 1, 1, 1, 1)")
        for model in env.registry.models:
            env.runtime.text("INSERT INTO core_model (name) VALUES (?)")
            env.database.execute(env.runtime.text("INSERT INTO core_model (name) VALUES (?)"), (model,))
        currency = env["res.currency"].create(name="EUR", symbol="€", digits=2)
        company = env["res.company"].create(name="Main", currency=currency)
        return env["res.users"].create(login="admin", name="Administrator", company=company).id


@pytest.fixture
def runtime(registry: Registry) -> Runtime:
    return Runtime(registry)


@pytest.fixture
def open_env(runtime: Runtime, admin: int) -> Opener:
    """Open a unit of work of its own; everything in it is committed at its end."""

    @contextmanager
    def opened(
        *, user: int = admin, superuser: bool = True, kind: str = "command", label: str = ""
    ) -> Iterator[Environment]:
        with runtime.open(user=user, superuser=superuser, kind=kind, label=label) as env:
            yield env

    return opened


@pytest.fixture
def env(open_env: Opener) -> Iterator[Environment]:
    """One unit of work for the whole test."""
    with open_env() as env:
        yield env
