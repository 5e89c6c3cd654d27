"""Attempts of requests at once, where several write at a time: each sees those of the others."""

import threading

import pytest

from core.records.runtime import utc_now
from core.security import throttle
from core.web.client import present_password

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def test_attempts_of_requests_at_once_are_seen(browser_of, monkeypatch):
    browser, other = browser_of("own"), browser_of("own")
    form = {"present": "wrong", "new": "battery staple", "repeated": "battery staple"}
    check, answers = present_password.check_password, []

    def meanwhile():
        answers.extend(other.post("/account/password", form).status_code for _attempt in range(throttle.PER_LOGIN))

    def slow_check(stored, password):
        monkeypatch.setattr(present_password, "check_password", check)
        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join(60)
        return check(stored, password)

    monkeypatch.setattr(present_password, "check_password", slow_check)
    assert browser.post("/account/password", form).status_code == 422
    assert answers == [422] * (throttle.PER_LOGIN - 1) + [429]


def test_codes_given_in_requests_that_fail_stay_counted(instance):
    limit, now = throttle.code_limit(1), utc_now()
    for _attempt in range(throttle.PER_LOGIN):
        with pytest.raises(ZeroDivisionError), instance.database.transaction(write=True):
            assert not throttle.enter(instance.database, (limit,), now=now)
            raise ZeroDivisionError
    assert throttle.enter(instance.database, (limit,), now=now)
