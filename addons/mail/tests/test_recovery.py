"""Choosing a password by mail: once, for a while, by whoever got the mail."""

import re

import pytest

from core import Refusal

from .conftest import add_people


@pytest.fixture
def instance(make_instance):
    settings = {"base_url": "https://crm.ours.example"}
    return make_instance("mail", prepare=add_people, settings=settings, clock=False)


def link(instance):
    """The link of the newest mail, below the public address."""
    with instance.environment(superuser=True) as env:
        mail = env["mail.mail"].search("", limit=1)[0]
        found = re.search(r'href="https://crm\.ours\.example(/password/choose\?token=[^"]+)"', mail.body)
        return mail.email_to, found[1]


def mails(instance):
    with instance.environment(superuser=True) as env:
        return env["mail.mail"].count()


def choose(stranger, path, password="battery staple", repeated=None):
    stranger.get(path)
    token = path.partition("token=")[2]
    form = {"token": token, "new": password, "repeated": password if repeated is None else repeated}
    return stranger.post("/password/choose", form)


@pytest.mark.parametrize("login", ["tomas", " TOMAS ", "tomas@ours.example"])
def test_a_forgotten_password_is_chosen_anew(stranger, instance, login):
    assert '<a href="/password/forgot">Password forgotten?</a>' in stranger.get("/sign-in").text
    stranger.get("/password/forgot")
    assert "a mail is on its way" in stranger.post("/password/forgot", {"login": login}).text
    to, path = link(instance)
    assert to == "tomas@ours.example"
    assert choose(stranger, path).location == "/sign-in"
    said = "<p>Password changed. Sign in with it.</p>"
    assert said in stranger.get("/sign-in").text and said not in stranger.get("/sign-in").text, "said once"
    assert stranger.sign_in("tomas", "battery staple").status_code == 303


def test_a_link_is_good_once(stranger, instance, browser_of):
    signed_in = browser_of("tomas")
    assert signed_in.get("/account").status_code == 200
    stranger.get("/password/forgot")
    stranger.post("/password/forgot", {"login": "tomas"})
    _to, path = link(instance)
    choose(stranger, path)
    assert signed_in.get("/account").status_code == 303, "whoever was signed in is out"
    again = stranger.get(path)
    assert again.status_code == 422 and "was used already" in again.text and 'name="new"' not in again.text
    assert choose(stranger, path, "another one").status_code == 422
    assert stranger.sign_in("tomas", "another one").status_code == 422


@pytest.mark.parametrize("login", ["nobody", "", "office@halden.example", "' or 1=1"])
def test_the_answer_does_not_tell_who_is_known(stranger, instance, login):
    stranger.get("/password/forgot")
    answer = stranger.post("/password/forgot", {"login": login})
    assert answer.status_code == 200 and "If there is such a user" in answer.text
    assert mails(instance) == 0


def test_archived_users_get_nothing(stranger, instance):
    with instance.environment() as env:
        env["res.users"].write(env["res.users"].search("login == 'tomas'")[0], active=False)
    stranger.get("/password/forgot")
    stranger.post("/password/forgot", {"login": "tomas"})
    assert mails(instance) == 0


def test_the_address_of_the_contact_does_not_count(stranger, instance):
    with instance.environment() as env:
        bare = env["res.users"].create(login="bare", name="No Address")
        env["res.partner"].write(bare.partner, email="somebody@else.example")
        with pytest.raises(Refusal, match="'bare' has no e-mail address"):
            env["res.users"].call([bare.id], "invite")
    stranger.get("/password/forgot")
    for login in ("bare", "somebody@else.example"):
        assert "If there is such a user" in stranger.post("/password/forgot", {"login": login}).text
    assert mails(instance) == 0
    with instance.environment() as env:
        (entry,) = env["core.sign_in"].search("outcome == 'no_address'")
        assert entry.login == "bare"


def test_the_address_of_the_user_counts_whatever_became_of_that_of_the_contact(stranger, instance):
    with instance.environment() as env:
        (tomas,) = env["res.users"].search("login == 'tomas'")
        env["res.partner"].write(tomas.partner, email="somebody@else.example")
    stranger.get("/password/forgot")
    stranger.post("/password/forgot", {"login": "tomas"})
    assert link(instance)[0] == "tomas@ours.example"


def test_too_many_requests_wait(stranger, instance):
    stranger.get("/password/forgot")
    answers = [stranger.post("/password/forgot", {"login": "tomas"}).status_code for _count in range(12)]
    assert answers[:10] == [200] * 10 and answers[10:] == [429, 429]
    assert mails(instance) == 10


def test_those_who_forgot_theirs_keep_nobody_out(stranger):
    stranger.get("/password/forgot")
    for count in range(51):
        answer = stranger.post("/password/forgot", {"login": f"nobody{count}"})
    assert answer.status_code == 429
    assert stranger.sign_in("nobody", "wrong").status_code == 422


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "WzEsMl0.bad"])
def test_a_damaged_link(stranger, token):
    answer = stranger.get(f"/password/choose?token={token}")
    assert answer.status_code == 422 and "This link is damaged." in answer.text


@pytest.mark.parametrize(
    ("password", "repeated", "text"),
    [("short", "short", "at least 8 characters"), ("long enough", "long enuogh", "not repeated alike")],
)
def test_a_password_that_is_refused_keeps_the_link(stranger, instance, password, repeated, text):
    stranger.get("/password/forgot")
    stranger.post("/password/forgot", {"login": "tomas"})
    _to, path = link(instance)
    answer = choose(stranger, path, password, repeated)
    assert answer.status_code == 422 and text in answer.text
    assert choose(stranger, path).status_code == 303


def test_a_chosen_password_may_look_like_a_hash(stranger, instance):
    typed = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"
    stranger.get("/password/forgot")
    stranger.post("/password/forgot", {"login": "tomas"})
    _to, path = link(instance)
    assert choose(stranger, path, typed).status_code == 303
    assert stranger.sign_in("tomas", typed).status_code == 303


def test_forms_of_other_sites_are_refused(stranger, instance):
    stranger.get("/password/forgot")
    answer = stranger.post("/password/forgot", {"login": "tomas"}, Origin="https://evil.example")
    assert answer.status_code == 403 and mails(instance) == 0
    stranger.token = "wrong"
    assert stranger.post("/password/forgot", {"login": "tomas"}).status_code == 403


def test_the_host_that_a_request_names_is_not_believed(stranger, instance):
    stranger.get("/password/forgot", Host="evil.example")
    stranger.post("/password/forgot", {"login": "tomas"}, Host="evil.example")
    with instance.environment(superuser=True) as env:
        assert all("evil.example" not in row.body for row in env["mail.mail"].search())


def test_an_invitation(stranger, instance, browser_of):
    with instance.environment() as env:
        user = env["res.users"].create(login="new", name="New One", email="new@ours.example").id
        env["res.users"].call([user], "invite")
        bare = env["res.users"].create(login="bare", name="No Address").id
        with pytest.raises(Refusal, match="'bare' has no e-mail address") as refused:
            env["res.users"].call([bare], "invite")
        assert "Settings, Users" in str(refused.value.hint)
    to, path = link(instance)
    assert to == "new@ours.example"
    assert choose(stranger, path).status_code == 303
    assert stranger.sign_in("new", "battery staple").status_code == 303
    assert "Invite by mail" in browser_of("ines").get(f"/app/res.users/{user}").text


def test_hook_sign_in_links_stand_below_the_form(stranger):
    assert "Password forgotten?" in stranger.get("/sign-in").text


def test_hook_topbar_is_on_every_page(browser_of, instance):
    browser = browser_of("tomas")
    with instance.environment() as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        env["mail.activity"].create(record=halden, user=instance.user_id("tomas"), date_deadline=env.today())
        env["res.partner"].call([halden.id], "log_note", text="@tomas look")
    assert 'hx-get="/mail/news/count"' in browser.get("/app/res.partner").text
    count = browser.get("/mail/news/count").text
    assert '<span class="badge">2</span>' in count and "1 unread, 0 overdue, 1 due today" in count
    text = browser.get("/mail/news").text
    assert "0 overdue, 1 today, 0 later" in text and "Contact" in text
