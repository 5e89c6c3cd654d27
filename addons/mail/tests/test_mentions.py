"""Whom a mention is completed to: users who may read the record, and nobody else."""

import pytest

from addons.mail.mentions import LONGEST_TEXT, MOST, offered


@pytest.fixture
def logins(halden):
    """The logins that are offered to an environment for a text on the contact."""
    return lambda env, text="": [login for login, _name in offered(env, "res.partner", halden.id, text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["admin", "mira", "tomas"]),
        ("to", ["tomas", "admin"]),  # Administrator holds it, too
        ("TOM", ["tomas"]),
        ("okaf", ["tomas"]),
        ("lund", ["mira"]),
        ("m", ["mira", "admin", "tomas"]),  # what begins with it comes first
        ("ines", []),  # oneself
        ("nobody", []),
        ("%", []),
        ("' or 1=1", []),
        ("x" * 10 * LONGEST_TEXT, []),
    ],
)
def test_logins_and_names_are_found(ines, logins, text, found):
    assert logins(ines, text) == found


def test_who_may_not_read_the_record_is_not_offered(env, ines, logins, halden):
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    env.sudo()["res.users"].write(ines.user, companies=[env.company, other.id])
    env.sudo()["res.partner"].write(halden, company=other.id)
    assert logins(env.as_user(ines.user), "tomas") == []
    assert "tomas" not in logins(env.as_user(ines.user))


def test_archived_users_and_logins_that_no_mention_holds_are_not_offered(env, ines, logins):
    env["res.users"].write(env["res.users"].search("login == 'tomas'")[0], active=False)
    internal = env.ref("base.internal").id
    for login in ("tom at home", "(tom)", "tom@ours.example", "tom.o"):
        env["res.users"].create(login=login, name="Tom", groups=[internal])
    assert logins(ines, "tom") == ["tom@ours.example", "tom.o"]


def test_few_are_offered_of_many(env, ines, logins):
    internal = env.ref("base.internal").id
    env["res.users"].create_many([{"login": f"u{n}", "name": f"User {n}", "groups": [internal]} for n in range(50)])
    assert len(logins(ines)) == len(logins(ines, "u")) == MOST


def test_the_answer_to_a_page(browser_of, instance):
    with instance.environment() as env:
        halden = env["res.partner"].search("name == 'Halden Marine'")[0].id
    browser = browser_of("ines")
    assert f'data-mentions="/mail/res.partner/{halden}/mentions"' in browser.get(f"/app/res.partner/{halden}").text
    answer = browser.get(f"/mail/res.partner/{halden}/mentions?q=tom")
    assert answer.json == {"options": [{"id": "tomas", "label": "Tomas Okafor @tomas"}]}
    assert browser.get("/mail/res.partner/99999/mentions?q=tom").status_code == 404
    assert browser.get("/mail/no.such/1/mentions?q=tom").status_code == 404
    assert browser.get("/mail/res.country/1/mentions?q=tom").json == {"options": []}


def test_strangers_are_told_nothing(stranger):
    assert stranger.get("/mail/res.partner/1/mentions?q=tom").status_code == 303
