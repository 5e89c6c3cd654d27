"""Users and companies: their partners, passwords, companies and rights."""

import pytest

from core import AccessDenied, Invalid, hash_password


@pytest.fixture
def users(env):
    return env["res.users"]


def password_of(env, user):
    ((stored,),) = env.database.fetch(f"SELECT password FROM res_users WHERE id = {user.id}")
    return stored


def test_a_user_gets_a_partner_and_a_company(users, env):
    joe = users.create(login="joe", name="Joe", email="joe@acme.com")
    assert (joe.partner.name, joe.partner.email) == ("Joe", "joe@acme.com")
    assert joe.company.id == env.company
    assert [company.id for company in joe.companies] == [env.company]


def test_name_and_email_of_the_partner_follow(users, env):
    joe = users.create(login="joe", name="Joe")
    users.write(joe, name="Joseph", email="joseph@acme.com")
    partner = env["res.partner"].get(joe.partner.id)
    assert (partner.name, partner.email_normalized) == ("Joseph", "joseph@acme.com")


def test_a_password_is_stored_as_a_hash(env):
    users = env.sudo()["res.users"]
    joe = users.create(login="joe", name="Joe", password="open sesame")
    first = password_of(env, joe)
    users.write(joe.id, password="another one")
    second = password_of(env, joe)
    assert first != second
    assert all(stored.startswith("$argon2id$") for stored in (first, second))
    made = hash_password("made before")
    users.write(joe.id, password=made)
    assert password_of(env, joe) == made
    users.write(joe.id, password=None)
    assert password_of(env, joe) is None


def test_a_password_that_looks_like_a_hash_is_hashed(env):
    users = env.sudo()["res.users"]
    typed = str(hash_password("what for"))
    joe = users.create(login="joe", name="Joe", password=typed)
    assert password_of(env, joe).startswith("$argon2id$") and password_of(env, joe) != typed
    users.write(joe.id, password=typed)
    assert password_of(env, joe) != typed


def test_a_password_is_never_read_and_never_logged(users, env):
    env.sudo()["res.users"].create(login="joe", name="Joe", password="open sesame")
    with pytest.raises(AccessDenied):
        users.read("", ["password"])
    with pytest.raises(AccessDenied):
        users.write(env.user, password="mine")
    logged = env.database.fetch("SELECT before, after FROM core_change")
    assert not any("password" in str(image) for image in logged)


def test_two_users_cannot_share_a_login(users, env):
    users.create(login="joe", name="Joe")
    with pytest.raises(Invalid), env.savepoint():
        users.create(login="joe", name="Other")


@pytest.mark.parametrize("values", [{"login": " joe "}, {"tz": "Mars/Olympus"}, {"tz": "../../etc"}])
def test_values_that_do_not_fit_are_refused(users, values):
    with pytest.raises(Invalid):
        users.create(**{"login": "joe", "name": "Joe", **values})


def test_one_cannot_archive_oneself(users, env):
    with pytest.raises(Invalid, match="signed in"):
        users.archive(env.user)


def test_another_company_is_added_to_those_one_works_for(users, env):
    euro = env.ref("base.currency_eur")
    other = env["res.company"].create(name="Other", currency=euro)
    joe = users.create(login="joe", name="Joe")
    users.write(joe, company=other)
    assert {company.id for company in users.get(joe.id).companies} == {env.company, other.id}


def test_a_company_gets_a_partner(env):
    euro = env.ref("base.currency_eur")
    companies = env["res.company"]
    other = companies.create(name="Other", currency=euro, tz="Europe/Paris")
    assert (other.partner.name, other.partner.is_company) == ("Other", True)
    companies.write(other, name="Another")
    assert env["res.partner"].get(other.partner.id).name == "Another"
    below = companies.create(name="Below", currency=euro, parent=other)
    with pytest.raises(Invalid, match="own parent"):
        companies.write(other, parent=below)


def test_the_administrator_is_an_internal_user(env):
    assert {"base.admin", "base.internal"} <= env.groups


def test_internal_users_read_and_administrators_write(users, env):
    joe = users.create(login="joe", name="Joe", groups=[env.ref("base.internal")])
    theirs = env.as_user(joe.id)
    assert theirs["res.partner"].count() == env["res.partner"].count()
    assert theirs["res.users"].count() == env["res.users"].count()
    for model, values in (("res.partner", {"name": "X"}), ("res.users", {"login": "x", "name": "X"})):
        with pytest.raises(AccessDenied):
            theirs[model].create(**values)
    for model in ("core.change_set", "core.session", "core.setting", "core.access"):
        with pytest.raises(AccessDenied):
            theirs[model].count()


def test_partners_of_other_companies_are_hidden(users, env):
    euro = env.ref("base.currency_eur")
    other = env["res.company"].create(name="Other", currency=euro)
    joe = users.create(login="joe", name="Joe", groups=[env.ref("base.internal")])
    hidden = env.sudo()["res.partner"].create(name="Theirs", company=other.id)
    shared = env["res.partner"].create(name="Everybody's")
    found = {row.id for row in env.as_user(joe.id)["res.partner"].search("")}
    assert shared.id in found
    assert hidden.id not in found


def test_the_secret_key_is_hidden_from_administrators(env):
    assert env["core.setting"].count("key == 'core.secret_key'") == 0
    assert env.sudo()["core.setting"].count("key == 'core.secret_key'") == 1


def test_system_tables_are_written_by_core_alone(env):
    for model, values in (("core.addon", {"name": "x", "version": "1.0.0"}), ("core.change_set", {"kind": "x"})):
        with pytest.raises(AccessDenied):
            env[model].create(**values)


def test_a_second_factor_is_demanded_of_everybody_or_of_a_group_that_there_is(env):
    (row,) = env["core.setting"].search("key == 'core.two_factor'")
    for known in ("everybody", "base.admin", None):
        env["core.setting"].write(row, value=known)
    for unknown in ("Everybody", "base.nobody", "base.user_admin", "admin"):
        with pytest.raises(Invalid, match="external id of a group"):
            env["core.setting"].write(row, value=unknown)


def test_who_has_no_second_factor_is_found(users, env):
    assert users.count("two_factor") == 0
    env.sudo()["core.two_factor"].create(user=env.user, secret="x")
    assert users.count("two_factor") == 0
    env.sudo()["core.two_factor"].write(env.sudo()["core.two_factor"].search(), confirmed_at=env.now())
    assert [row["two_factor"] for row in users.read("login == 'admin'", ["two_factor"])] == [True]
    with pytest.raises(AccessDenied):
        env["core.two_factor"].read("", ["secret"])
    with pytest.raises(AccessDenied):
        env["core.two_factor"].delete(env["core.two_factor"].search())
