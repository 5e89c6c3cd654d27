"""Fixtures of the tests of crm: a database with base and crm, and four users of its groups."""

import pytest

USERS = {"owner": "crm.own", "colleague": "crm.own", "everybody": "crm.all", "boss": "crm.manager"}


def add_users(env):
    for login, group in USERS.items():
        env["res.users"].create(login=login, name=login.title(), groups=[env.ref(group)])


@pytest.fixture
def instance(make_instance):
    return make_instance("crm", prepare=add_users)


@pytest.fixture
def user(env):
    """The id of a user by login."""
    return lambda login: env["res.users"].read("login == wanted", ["id"], wanted=login)[0]["id"]


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
