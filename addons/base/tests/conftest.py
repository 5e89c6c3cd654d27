"""Fixtures of the tests of base: a database with base alone, copied for each test, and a clock that stands still."""

from datetime import UTC, datetime, timedelta

import pytest

from core.addon.instance import Instance, create_instance


class Clock:
    """Shows the same instant until it is moved."""

    def __init__(self):
        self.instant = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self):
        return self.instant

    def advance(self, **span):
        self.instant += timedelta(**span)
        return self.instant


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def instance(engine, databases, clock):
    address = databases.copy(engine, "base", _make)
    opened = Instance.open(address, clock=clock)
    yield opened
    opened.close()
    databases.drop(address)


def _make(address):
    create_instance(address, ["base"], demo=False, admin_password="secret").close()


@pytest.fixture
def env(instance):
    """The administrator's environment."""
    with instance.environment() as opened:
        yield opened


@pytest.fixture
def partners(env):
    return env["res.partner"]
