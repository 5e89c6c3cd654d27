"""A registry without a database file, for tests of composition, and a contribution in one line."""

from collections.abc import Callable

import pytest

from core.database import Database, connect
from core.model.composition import Contribution
from core.model.definition import Model
from core.model.registry import Registry, build


@pytest.fixture(scope="session")
def unused(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database that stays empty."""
    return connect(f"sqlite:///{tmp_path_factory.mktemp('unused')}/unused.db", create=True)


@pytest.fixture
def give() -> Callable[..., Contribution]:
    """`give("crm", Lead, Stage, depends="base mail")`: what an addon contributes."""

    def make(addon: str, *definitions: type[Model], depends: str = "") -> Contribution:
        return Contribution(addon, frozenset(depends.split()), definitions)

    return make


@pytest.fixture
def compose(unused: Database) -> Callable[..., Registry]:
    """Build a registry of contributions."""
    return lambda *contributions: build(unused, contributions)
