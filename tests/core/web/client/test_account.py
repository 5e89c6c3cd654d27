"""One's own account: open sessions, the password, API keys."""

import re

import pytest

from core.security import throttle
from core.web.client.account import browser_name

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

PASSWORD = "correct horse"


def signed_in_twice(browser_of):
    first, second = browser_of("own"), browser_of("own")
    first.get("/account")
    return first, second


def test_all_other_sessions_end(browser_of):
    first, second = signed_in_twice(browser_of)
    assert first.post("/account/sessions/end-others").location == "/account"
    assert first.get("/app/crm.lead").status_code == 200
    assert second.get("/app/crm.lead").status_code == 303


def test_one_session_ends_but_nobody_elses(browser_of, instance):
    first, second = signed_in_twice(browser_of)
    boss = browser_of("boss")
    other = re.search(r'action="(/account/sessions/\d+/end)"', first.get("/account").text)[1]
    boss.get("/account")
    boss.post(other)
    assert second.get("/app/crm.lead").status_code == 200
    first.post(other)
    assert second.get("/app/crm.lead").status_code == 303


def test_a_new_password_ends_the_other_sessions(browser_of, stranger):
    first, second = signed_in_twice(browser_of)
    form = {"present": PASSWORD, "new": "battery staple", "repeated": "battery staple"}
    assert first.post("/account/password", form).status_code == 303
    assert first.get("/account").status_code == 200
    assert second.get("/account").status_code == 303
    assert stranger.sign_in("own", PASSWORD).status_code == 422
    assert stranger.sign_in("own", "battery staple").status_code == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"present": "wrong", "new": "battery staple", "repeated": "battery staple"}, "present password is wrong"),
        ({"present": PASSWORD, "new": "tiny-pw", "repeated": "tiny-pw"}, "at least 8"),
        ({"present": PASSWORD, "new": "battery staple", "repeated": "battery"}, "repeated alike"),
    ],
)
def test_a_password_that_is_refused(browser_of, stranger, form, words):
    browser, _other = signed_in_twice(browser_of)
    response = browser.post("/account/password", form)
    assert response.status_code == 422 and words in response.text
    assert form["new"] not in response.text
    assert stranger.sign_in("own", PASSWORD).status_code == 303


def test_present_passwords_cannot_be_guessed(browser_of, instance):
    browser, _other = signed_in_twice(browser_of)
    form = {"present": "wrong", "new": "battery staple", "repeated": "battery staple"}
    for _attempt in range(throttle.PER_LOGIN):
        assert browser.post("/account/password", form).status_code == 422
    assert browser.post("/account/password", {**form, "present": PASSWORD}).status_code == 429
    with instance.environment(superuser=True) as env:
        outcomes = [row["outcome"] for row in env["core.sign_in"].read("login == 'own'", ["outcome"], order="id")]
    assert outcomes[-1] == "blocked"


def test_a_key_is_shown_once_and_revoked(browser_of, app):
    browser, _other = signed_in_twice(browser_of)
    text = browser.post("/account/keys", {"name": "nightly script"}).text
    key = re.search(r"tsr_[0-9a-f]{8}_[\w-]+", text)[0]
    listed = browser.get("/account").text
    assert "nightly script" in listed and key not in listed
    headers = {"Authorization": f"Bearer {key}"}
    assert app.test_client().get("/api/crm.lead", headers=headers, buffered=True).status_code == 200
    browser.post(re.search(r'action="(/account/keys/\d+/revoke)"', listed)[1])
    assert app.test_client().get("/api/crm.lead", headers=headers, buffered=True).status_code == 401


def test_browsers_have_names(browser_of):
    chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
    assert browser_name(chrome) == "Chrome, Linux"
    assert browser_name(f"{chrome} Edg/130.0") == "Edge, Linux"
    assert browser_name("curl/8") == "curl/8"
    assert browser_name("") == "Unknown"
