"""A database with sales and three people, so that there is something to talk about."""

import pytest

PEOPLE = (("ines", "Ines Varga"), ("tomas", "Tomas Okafor"), ("mira", "Mira Lund"))


def add_people(env) -> None:
    """Colleagues, and a contact outside."""
    internal, admin = env.ref("base.internal").id, env.ref("base.admin").id
    for login, name in PEOPLE:
        groups = [admin] if login == "ines" else [internal]
        env["res.users"].create(login=login, name=name, groups=groups, email=f"{login}@ours.example")
    env["res.partner"].create(name="Halden Marine", is_company=True, email="office@halden.example")


@pytest.fixture
def instance(make_instance):
    return make_instance("mail", prepare=add_people)


@pytest.fixture
def halden(env):
    """The contact outside."""
    (found,) = env["res.partner"].search("name == 'Halden Marine'")
    return found


@pytest.fixture
def ines(as_user):
    return as_user("ines")


@pytest.fixture
def tomas(as_user):
    return as_user("tomas")
