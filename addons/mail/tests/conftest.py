"""A database with sales and three people, so that there is something to talk about."""

from email import message_from_bytes, policy

import pytest

PEOPLE = (("ines", "Ines Varga"), ("tomas", "Tomas Okafor"), ("mira", "Mira Lund"))


def add_people(env) -> None:
    """Colleagues, and a contact outside."""
    internal, admin = env.ref("base.internal").id, env.ref("base.admin").id
    for login, name in PEOPLE:
        groups = [admin] if login == "ines" else [internal]
        env["res.users"].create(login=login, name=name, groups=groups, email=f"{login}@ours.example")
    env["res.partner"].create(name="Halden Marine", is_company=True, email="office@halden.example")


def queue(instance, *addresses, **values):
    with instance.environment(superuser=True) as env:
        found = env["mail.mail"].create_many(
            [{"subject": "Hello", "email_to": each, "body": "<p>Hi</p>", **values} for each in addresses]
        )
        return [row.id for row in found]


def states(instance):
    with instance.environment(superuser=True) as env:
        return [(row.state, row.attempt, row.error) for row in env["mail.mail"].search("", order="id")]


def sent(folder):
    """The mails in the folder, by recipient."""
    files = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    return sorted(files, key=lambda mail: mail["To"])


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail"


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
