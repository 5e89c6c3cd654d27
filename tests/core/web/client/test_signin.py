"""Signing in and out: what is told, what is kept, and what does not get through."""

import pytest

from core.security import sessions, throttle
from core.testing import Browser
from core.web.app import create_app
from core.web.client.signin import safe_target
from core.web.config import WebConfig
from core.web.identity import SESSION_COOKIE

from ..conftest import PASSWORD


def cookie(response, name):
    return next(line for line in response.headers.getlist("Set-Cookie") if line.startswith(f"{name}="))


def test_the_right_password_opens_the_start(stranger):
    response = stranger.sign_in("own", PASSWORD)
    assert (response.status_code, response.location) == (303, "/")
    kept = cookie(response, SESSION_COOKIE)
    assert "HttpOnly" in kept and "SameSite=Lax" in kept
    assert "Secure" not in kept and "Max-Age" not in kept
    assert stranger.get("/").status_code == 302


@pytest.mark.parametrize(("login", "password"), [("own", "wrong"), ("nobody", "correct horse"), ("own", "")])
def test_wrong_credentials_do_not_tell_which_part(stranger, login, password):
    stranger.get("/sign-in")
    response = stranger.post("/sign-in", {"login": login, "password": password})
    assert response.status_code == 422
    assert "do not belong together" in response.text
    assert f'value="{login}"' in response.text and "correct horse" not in response.text
    assert stranger.get("/").status_code == 303


def test_the_login_may_be_typed_with_capitals(stranger):
    assert stranger.sign_in(" Own ", PASSWORD).status_code == 303


def test_what_was_wanted_comes_after_signing_in(stranger):
    response = stranger.get("/app/crm.lead?q=fleet")
    assert response.status_code == 303
    assert response.location == "/sign-in?next=/app/crm.lead?q%3Dfleet"
    assert 'name="next" value="/app/crm.lead?q=fleet"' in stranger.get(response.location).text
    form = {"login": "own", "password": "correct horse", "next": "/app/crm.lead?q=fleet"}
    assert stranger.post("/sign-in", form).location == "/app/crm.lead?q=fleet"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\nSet-Cookie: x", "javascript:x"],
)
def test_no_way_to_another_site(target):
    assert safe_target(target) == ""


def test_staying_signed_in(stranger):
    stranger.get("/sign-in")
    response = stranger.post("/sign-in", {"login": "own", "password": "correct horse", "remember": "1"})
    assert "Max-Age=2592000" in cookie(response, SESSION_COOKIE)


def test_a_form_without_its_token_is_refused(stranger):
    stranger.get("/sign-in")
    stranger.token = "0" * 64
    response = stranger.post("/sign-in", {"login": "own", "password": "correct horse"})
    assert response.status_code == 403 and "too old" in response.text


def test_a_form_from_another_site_is_refused(stranger):
    stranger.get("/sign-in")
    form = {"login": "own", "password": "correct horse"}
    response = stranger.post("/sign-in", form, Origin="https://evil.example")
    assert response.status_code == 403 and "another site" in response.text


def test_too_many_attempts_wait(stranger):
    for _attempt in range(throttle.PER_LOGIN):
        assert stranger.sign_in("own", "wrong").status_code == 422
    response = stranger.sign_in("own", PASSWORD)
    assert response.status_code == 429
    assert "Too many attempts" in response.text and int(response.headers["Retry-After"]) > 800


def test_an_office_behind_one_address_signs_in(app, monkeypatch):
    monkeypatch.setattr(throttle, "PER_ADDRESS", 3)
    assert [Browser(app).sign_in(login, PASSWORD).status_code for login in ("own", "all", "boss") * 2] == [303] * 6
    assert [Browser(app).sign_in(f"guess{count}", PASSWORD).status_code for count in range(4)] == [422] * 3 + [429]


def test_signing_out_ends_the_session_everywhere(browser_of, instance):
    browser = browser_of("own")
    browser.get("/app/crm.lead")
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.get("/app/crm.lead").status_code == 303
    assert instance.database.fetch("SELECT count(*) FROM core_session WHERE revoked IS NOT TRUE") == [(0,)]


def test_signing_out_needs_the_token(browser_of):
    browser = browser_of("own")
    browser.token = "0" * 64
    assert browser.post("/sign-out").status_code == 403
    assert browser.get("/app/crm.lead").status_code == 200


def test_a_revoked_session_ends_with_the_next_request(browser_of, instance):
    browser = browser_of("own")
    sessions.revoke_all(instance.database, instance.user_id("own"))
    assert browser.get("/app/crm.lead").status_code == 303
    answer = browser.get("/app/crm.lead", **{"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/sign-in")


def test_an_archived_user_is_out(browser_of, instance):
    browser = browser_of("own")
    with instance.environment() as env:
        env["res.users"].archive(instance.user_id("own"))
    assert browser.get("/app/crm.lead").status_code == 303


def test_cookies_are_secure_behind_https(instance):
    client = create_app(instance, WebConfig(base_url="https://crm.example.com")).test_client()
    assert "Secure" in client.get("/sign-in").headers["Set-Cookie"]


def test_the_address_of_the_client_leads_to_the_start(browser_of):
    browser = browser_of("boss")
    start = browser.get("/").location
    assert start.startswith("/app/crm.lead")
    assert browser.get("/app/").location == start
    assert browser.get("/app").location.endswith("/app/")
