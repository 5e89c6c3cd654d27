"""Registries of a small shop, with and without a database; a way to compose views written in a test."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from addons.base import hooks
from core.data.xml import Place
from core.database import Database, connect
from core.model.registry import Contribution, Registry, build
from core.model.schema import create_all
from core.records.environment import Environment
from core.records.runtime import Runtime
from core.testing import Databases
from core.views.checks import Scope
from core.views.compose import Composition, compose
from core.views.source import ViewSource
from core.views.state import State
from core.views.store import ViewStore

GROUPS = frozenset({"base.internal", "base.admin", "shop.boss"})


def load_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("views_sample", Path(__file__).with_name("sample.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLE = load_sample()


def contributions() -> list[Contribution]:
    return [
        Contribution("base", frozenset(), tuple(hooks.models())),
        Contribution("shop", frozenset({"base"}), SAMPLE.SHOP),
        Contribution("more", frozenset({"shop"}), SAMPLE.MORE),
        Contribution("other", frozenset({"shop"}), SAMPLE.OTHER),
    ]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The registry, on a database that stays empty."""
    return build(connect(f"sqlite:///{tmp_path_factory.mktemp('shop')}/unused.db", create=True), contributions())


@pytest.fixture
def scope(shop: Registry) -> Scope:
    return Scope.of(shop, GROUPS)


@dataclass(frozen=True)
class Write:
    """`write("shop", '<form>...</form>', type="form")`: a view as a test writes it."""

    def __call__(
        self,
        addon: str,
        arch: str,
        *,
        type: str = "form",
        extends: str = "",
        name: str = "",
        model: str = "shop.deal",
        priority: int = 16,
    ) -> ViewSource:
        called = f"{addon}.{name or 'deal_' + type}"
        place = Place(f"addons/{addon}/views/{name or type}.xml", 1, 1)
        return ViewSource(called, model, type, extends, arch, place, priority, addon)


@pytest.fixture
def write() -> Write:
    return Write()


@pytest.fixture
def composed(scope: Scope) -> Callable[..., Composition]:
    return lambda *sources: compose(sources, scope)


@pytest.fixture
def problems(composed: Callable[..., Composition]) -> Callable[..., list[str]]:
    """The problems of views, as they are printed."""
    return lambda *sources: [str(problem) for problem in composed(*sources).problems]


@dataclass
class FakeLinks:
    """Addresses that show what they were made of."""

    sprite: str = "/icons.svg"
    csrf: str = "token"
    here: str = "/here"
    carried: list[tuple[str, str]] = field(default_factory=list)

    def kept(self) -> list[tuple[str, str]]:
        return self.carried

    def state(self, state: State) -> str:
        return f"/here?{state.query()}"

    def listing(self, model: str, where: str) -> str:
        return f"/{model}?{State(where=where).query()}"

    def record(self, model: str, id_: int) -> str:
        return f"/{model}/{id_}"

    def edit(self, model: str, id_: int) -> str:
        return f"/{model}/{id_}/edit"

    def save(self, model: str, id_: int | None) -> str:
        return f"/{model}/{id_ or ''}"

    def act(self, model: str, id_: int, action: str) -> str:
        return f"/{model}/{id_}/do/{action}"

    def field(self, model: str, id_: int, name: str) -> str:
        return f"/{model}/{id_}/field/{name}"

    def refresh(self, model: str, id_: int | None) -> str:
        return f"/{model}/{id_ or 'new'}/refresh"

    def hints(self, model: str, id_: int | None) -> str:
        return f"/{model}/{id_ or 'new'}/hints"

    def options(self, model: str) -> str:
        return f"/{model}/options"


@pytest.fixture
def links() -> FakeLinks:
    return FakeLinks()


def prepare(address: str) -> None:
    """A database with the tables, a company, a user and a group."""
    database = connect(address)
    registry = build(database, contributions())
    with database.transaction(write=True):
        create_all(registry)
    runtime = Runtime(registry)
    with runtime.open(user=None, superuser=True, kind="install") as core:
        core.database.execute("INSERT INTO core_generation (id, access, addons, views, cached) VALUES (1, 1, 1, 1, 1)")
        for model in registry.models:
            core.database.execute(runtime.text("INSERT INTO core_model (name) VALUES (?)"), (model,))
        currency = core["res.currency"].create(name="EUR", symbol="€", digits=2)
        company = core["res.company"].create(name="Main", currency=currency)
        core["res.users"].create(login="ines", name="Ines Varga", company=company)
        boss = core["res.groups"].create(name="Boss")
        core["core.external_id"].create(addon="shop", name="boss", model="res.groups", record=boss.id)
    database.close()


@pytest.fixture(scope="session")
def shops(databases: Databases) -> Iterator[Callable[[str], Registry]]:
    """One registry and database for each engine and run; every test rolls back what it wrote."""
    opened: dict[str, Registry] = {}

    def of(engine: str) -> Registry:
        if engine not in opened:
            opened[engine] = build(connect(databases.copy(engine, "views of a shop", prepare)), contributions())
        return opened[engine]

    yield of
    for registry in opened.values():
        registry.database.close()


@pytest.fixture
def registry(engine: str, shops: Callable[[str], Registry]) -> Registry:
    return shops(engine)


@pytest.fixture
def database(registry: Registry) -> Database:
    return registry.database


class Undone(Exception):
    """Ends a test's transaction without keeping anything."""


@pytest.fixture
def env(registry: Registry) -> Iterator[Environment]:
    """The user Ines without rights to check, in one transaction that is rolled back."""
    ((user,),) = registry.database.fetch("SELECT id FROM res_users WHERE login = 'ines'")
    with suppress(Undone), Runtime(registry).open(user=user, superuser=True) as opened:
        yield opened
        raise Undone


@pytest.fixture
def store(env: Environment, registry: Registry, database: Database) -> ViewStore:
    return ViewStore(database, registry, registry.closure)


@pytest.fixture
def put(env: Environment) -> Callable[[ViewSource], None]:
    """Write a view into the database, as installing an addon does."""

    def run(source: ViewSource) -> None:
        env["core.view"].create(
            name=source.name,
            model=source.model,
            type=source.type,
            extends=source.extends or None,
            arch=source.arch,
            file=source.place.file,
            line=source.place.line,
            column=source.place.column,
            priority=source.priority,
            addon=source.addon,
        )

    return run
