"""Attempts are counted per login and per address, in the database, and the wait ends."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.security import throttle

NOW = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
NO_WAIT = timedelta(0)


def attempt(database, login="ada", address="192.0.2.1", now=NOW):
    return throttle.enter(database, throttle.limits(login, address), now=now)


def test_the_eleventh_attempt_on_a_login_waits_wherever_it_comes_from(signing):
    for number in range(throttle.PER_LOGIN):
        assert attempt(signing, address=f"192.0.2.{number}") == NO_WAIT
    assert attempt(signing, address="198.51.100.7") == throttle.WINDOW
    assert attempt(signing, login="bo") == NO_WAIT


def test_case_and_accents_do_not_give_more_attempts(signing):
    for login in ["ada", "ADA", "Ada", "àda"] * 3:
        waited = attempt(signing, login=login)
    assert waited > NO_WAIT


def test_one_address_cannot_try_many_logins(signing):
    for number in range(throttle.PER_ADDRESS):
        assert attempt(signing, login=f"user{number}") == NO_WAIT
    assert attempt(signing, login="another") > NO_WAIT
    assert attempt(signing, login="another", address="192.0.2.2") == NO_WAIT


def test_addresses_of_one_ipv6_line_count_together(signing):
    assert throttle.limits("a", "2001:db8::1")[1] == throttle.limits("a", "2001:db8::ffff:2")[1]
    assert throttle.limits("a", "2001:db8::1")[1] != throttle.limits("a", "2001:db8:0:1::1")[1]
    assert throttle.limits("a", "unknown")[1].key.startswith("address:")


def test_the_wait_ends_and_refused_attempts_do_not_prolong_it(signing):
    for _number in range(throttle.PER_LOGIN):
        attempt(signing)
    for minute in range(1, 15):
        assert attempt(signing, now=NOW + timedelta(minutes=minute)) == throttle.WINDOW - timedelta(minutes=minute)
    assert attempt(signing, now=NOW + throttle.WINDOW) == NO_WAIT


def test_the_right_password_forgets_the_attempts_on_the_login(signing):
    for _number in range(throttle.PER_LOGIN):
        attempt(signing)
    throttle.succeeded(signing, "Ada", "192.0.2.1")
    assert attempt(signing) == NO_WAIT


def test_right_passwords_use_up_nothing_of_their_address(signing):
    for number in range(throttle.PER_ADDRESS + 5):
        assert attempt(signing, login=f"user{number}") == NO_WAIT
        throttle.succeeded(signing, f"user{number}", "192.0.2.1")


def test_a_right_password_takes_back_one_attempt_of_its_address_only(signing):
    for number in range(throttle.PER_ADDRESS):
        attempt(signing, login=f"user{number}")
    throttle.succeeded(signing, "user0", "192.0.2.1")
    assert attempt(signing, login="guessed") == NO_WAIT
    assert attempt(signing, login="guessed again") > NO_WAIT


def test_attempts_of_another_kind_count_by_themselves(signing):
    other = throttle.limits("ada", "192.0.2.1", kind="other ")
    for _number in range(throttle.PER_LOGIN):
        throttle.enter(signing, other, now=NOW)
    assert throttle.enter(signing, other, now=NOW) > NO_WAIT
    assert attempt(signing) == NO_WAIT
    for number in range(throttle.PER_ADDRESS):
        throttle.enter(signing, throttle.limits(f"user{number}", "192.0.2.1", kind="other "), now=NOW)
    assert attempt(signing, login="bo") == NO_WAIT


def test_codes_count_by_themselves(signing):
    limit = throttle.code_limit(1)
    for _number in range(throttle.PER_LOGIN):
        assert throttle.enter(signing, (limit,), now=NOW) == NO_WAIT
    throttle.succeeded(signing, "1", "192.0.2.1")
    assert throttle.enter(signing, (limit,), now=NOW) == throttle.WINDOW
    assert throttle.enter(signing, (throttle.code_limit(2),), now=NOW) == NO_WAIT
    assert attempt(signing, login="1") == NO_WAIT
    throttle.forget(signing, limit)
    assert throttle.enter(signing, (limit,), now=NOW) == NO_WAIT


def test_old_attempts_are_deleted(signing):
    attempt(signing)
    attempt(signing, login="bo", now=NOW + throttle.WINDOW)
    assert signing.fetch("SELECT count(*) FROM core_attempt") == [(2,)]


def test_neither_logins_nor_addresses_are_stored(signing):
    attempt(signing, login="ada@example.com", address="192.0.2.1")
    stored = str(signing.fetch("SELECT key FROM core_attempt"))
    assert "ada" not in stored and "192" not in stored


@pytest.mark.parametrize("threads", [4])
def test_many_at_once_do_not_slip_through(signing, threads):
    allowed = []

    def run():
        for _number in range(10):
            if attempt(signing) == NO_WAIT:
                allowed.append(1)
        signing.release()

    workers = [threading.Thread(target=run) for _each in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert 0 < len(allowed) <= throttle.PER_LOGIN
