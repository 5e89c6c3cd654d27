"""Fixtures of the tests of crm: a database with base and crm, four users of its groups, a clock that stands still."""

from datetime import UTC, datetime, timedelta

import pytest

from core.addon.instance import Instance, create_instance

USERS = {"owner": "crm.own", "colleague": "crm.own", "everybody": "crm.all", "boss": "crm.manager"}


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
    address = databases.copy(engine, "crm", _make)
    opened = Instance.open(address, clock=clock)
    yield opened
    opened.close()
    databases.drop(address)


def _make(address):
    made = create_instance(address, ["crm"], demo=False, admin_password="secret")
    with made.environment() as env:
        for login, group in USERS.items():
            env["res.users"].create(login=login, name=login.title(), groups=[env.ref(group)])
    made.close()


@pytest.fixture
def env(instance):
    """The administrator's environment."""
    with instance.environment() as opened:
        yield opened


@pytest.fixture
def user(env):
    """The id of a user by login."""
    return lambda login: env["res.users"].read("login == wanted", ["id"], wanted=login)[0]["id"]


@pytest.fixture
def as_user(env, user):
    """The environment of a user, in the same transaction."""
    return lambda login: env.as_user(user(login))


@pytest.fixture
def leads(env):
    return env["crm.lead"]


@pytest.fixture
def partners(env):
    return env["res.partner"]


@pytest.fixture
def stage(env):
    """A stage that was shipped, by the last part of its external id."""
    return lambda name: env.ref(f"crm.stage_{name}")


@pytest.fixture
def stored(env):
    """Some stored values of a row, archived or not."""

    def read(row, *fields):
        values = env[row._name].read_ids([row.id], fields)[row.id]
        return tuple(values[name] for name in fields)

    return read
