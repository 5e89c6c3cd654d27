"""The record of sign-ins, as requests and pages make it and administrators read it."""

import re

from core.security import throttle
from core.testing import Browser

from ..conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def kept(instance, *fields):
    with instance.environment(superuser=True) as env:
        rows = env["core.sign_in"].read("outcome != 'password_changed' or login != 'admin'", fields, order="id")
    return [tuple(row.values()) if len(fields) > 1 else row[fields[0]] for row in rows]


def outcomes(instance, login):
    return [outcome for found, outcome in kept(instance, "login", "outcome") if found == login][1:]


def test_sign_ins_that_worked_and_did_not(app, instance):
    def from_elsewhere(environ, start_response):
        return app({**environ, "REMOTE_ADDR": "192.0.2.9", "HTTP_USER_AGENT": FIREFOX}, start_response)

    stranger = Browser(from_elsewhere)
    stranger.sign_in("own", "wrong")
    stranger.sign_in("correct horse battery", "own")
    stranger.sign_in("Own", PASSWORD)
    stranger.get("/app/crm.lead")
    stranger.post("/sign-out")
    rows = kept(instance, "login", "outcome", "address", "browser")
    assert [row[:2] for row in rows][-4:] == [
        ("own", "wrong_password"),
        (None, "wrong_password"),
        ("own", "signed_in"),
        ("own", "signed_out"),
    ]
    assert {row[2:] for row in rows[-4:]} == {("192.0.2.9", FIREFOX)}


def test_archived_users_and_too_many_attempts(stranger, instance):
    with instance.environment() as env:
        env["res.users"].archive(instance.user_id("all"))
    assert stranger.sign_in("all", PASSWORD).status_code == 422
    for _attempt in range(throttle.PER_LOGIN + 2):
        stranger.sign_in("own", "wrong")
    assert outcomes(instance, "all") == ["archived"]
    assert outcomes(instance, "own") == ["wrong_password"] * throttle.PER_LOGIN + ["blocked"]


def test_a_sign_in_costs_one_statement_more(stranger, instance):
    stranger.get("/sign-in")
    with instance.database.counting() as counter:
        stranger.post("/sign-in", {"login": "own", "password": PASSWORD})
    assert sum("core_sign_in" in each for each in counter.statements) == 1


def test_what_happens_on_the_account_page(browser_of, instance):
    browser, other = browser_of("own"), browser_of("own")
    browser.get("/account")
    browser.post("/account/sessions/end-others")
    browser.post("/account/sessions/end-others")
    assert other.get("/account").status_code == 303
    browser.post("/account/keys", {"name": "nightly"})
    revoke = re.search(r'action="(/account/keys/\d+/revoke)"', browser.get("/account").text)[1]
    browser.post(revoke)
    browser.post(revoke)
    form = {"present": PASSWORD, "new": "battery staple", "repeated": "battery staple"}
    browser.post("/account/password", form)
    assert outcomes(instance, "own")[2:] == ["session_ended", "key_created", "key_revoked", "password_changed"]
    text = browser.get("/account").text
    assert "What happened lately" in text and "API key revoked" in text


def test_a_password_that_somebody_else_chose_names_them(browser_of, instance):
    browser = browser_of("own")
    with instance.environment() as env:
        env.sudo()["res.users"].write(instance.user_id("own"), password="another one")
    assert kept(instance, "outcome", "done_by")[-1] == ("password_changed", instance.administrator)
    assert "by Administrator" in browser.get("/account").text


def test_administrators_see_all_and_others_nothing(browser_of):
    text = browser_of("admin").get("/app/core.sign_in").text
    assert "Signed in" in text and "own" in text
    browser = browser_of("own")
    assert browser.get("/app/core.sign_in").status_code == 403
    assert "Sign-ins" not in browser.get("/app/crm.lead").text
