"""Fixtures of the tests of crm: a database with base and crm, and four users of its groups."""

import pytest

from addons.crm.models.learning import SCORING, SCORING_FIELDS
from addons.crm.scoring.job import score_leads

SCORED = "source,tags,email_state"
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


@pytest.fixture
def switch():
    """Sets the settings of scoring."""

    def set_(env, on="true", **others):
        for key, value in {SCORING: on, SCORING_FIELDS: SCORED, **others}.items():
            found = env["core.setting"].search("key == k", k=key)
            if found:
                env["core.setting"].write(found[0].id, value=value)
            else:
                env["core.setting"].create(key=key, value=value)

    return set_


@pytest.fixture
def work():
    """Does what the job does, in one transaction; gives the number of its steps."""

    def run(env):
        steps, marker = 0, None
        while (step := score_leads(env.sudo(), marker)) is not None:
            steps, marker = steps + 1, step.marker
        return steps

    return run


@pytest.fixture
def sources(env):
    return [row.id for row in env["utm.source"].create_many([{"name": "Shop"}, {"name": "Fair"}])]


@pytest.fixture
def team(env):
    return env.ref("crm.team_sales").id


@pytest.fixture
def closed(env, leads, stage, sources, team, switch):
    """Four won and five lost ones of the team: as in test_scoring, whose numbers come out."""
    shop, fair = sources
    switch(env)
    made = leads.create_many(
        [{"name": "Won", "team": team, "source": shop} for _each in range(3)]
        + [{"name": "Won", "team": team, "source": fair}]
        + [{"name": "Lost", "team": team, "source": shop, "stage": stage("qualified")}]
        + [{"name": "Lost", "team": team, "source": fair, "stage": stage("qualified")} for _each in range(2)]
        + [{"name": "Lost", "team": team, "source": fair} for _each in range(2)]
    )
    leads.call(made[:4], "mark_won")
    leads.call(made[4:], "mark_lost")
    return made


@pytest.fixture
def stage_ids(instance):
    with instance.environment() as env:
        return {name: env.ref(f"crm.stage_{name}").id for name in ("new", "proposition")}


@pytest.fixture
def lead(leads):
    """Makes leads."""

    def make(name="Lead", **values):
        return leads.create(**{"name": name, "type": "lead", "user": None, **values})

    return make


@pytest.fixture
def ann(partners):
    acme = partners.create(name="Acme", is_company=True)
    return partners.create(name="Ann Lee", parent=acme, email="ann@acme.com", phone="+33 1 23 45 67 89")
