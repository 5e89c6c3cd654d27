"""Codes of an app and recovery codes: what is accepted, that it is accepted once, and what is stored."""

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from core.errors import Refusal
from core.security import two_factor

NOW = datetime(2026, 3, 17, 10, 0, 10, tzinfo=UTC)
SESSION, OTHER_SESSION = 7, 8
STEP = timedelta(seconds=two_factor.STEP_SECONDS)


def secret_of(database):
    return database.fetch("SELECT secret FROM core_two_factor WHERE user_id = 1")[0][0]


def code_at(database, moment):
    return pyotp.TOTP(secret_of(database)).at(moment)


@pytest.fixture
def codes(signing):
    """The recovery codes of somebody whose second factor was turned on an hour ago."""
    early = NOW - timedelta(hours=1)
    two_factor.begin(signing, 1, SESSION, now=early)
    return two_factor.confirm(signing, 1, SESSION, code_at(signing, early), now=early)


def test_a_secret_counts_once_it_was_confirmed(signing):
    assert two_factor.status(signing, 1) == two_factor.Status()
    two_factor.begin(signing, 1, SESSION, now=NOW)
    assert not two_factor.status(signing, 1).on
    assert two_factor.pending(signing, 1, SESSION, now=NOW) == secret_of(signing)
    assert not two_factor.accept(signing, 1, code_at(signing, NOW), now=NOW)
    with pytest.raises(two_factor.CodeRefused):
        two_factor.confirm(signing, 1, SESSION, "000000", now=NOW)
    codes = two_factor.confirm(signing, 1, SESSION, code_at(signing, NOW), now=NOW)
    assert two_factor.status(signing, 1) == two_factor.Status(on=True, codes=10)
    assert len(set(codes)) == 10


def test_a_new_secret_takes_the_place_of_an_unconfirmed_one_only(signing):
    two_factor.begin(signing, 1, SESSION, now=NOW)
    first = secret_of(signing)
    two_factor.begin(signing, 1, SESSION, now=NOW)
    assert secret_of(signing) != first
    two_factor.confirm(signing, 1, SESSION, code_at(signing, NOW), now=NOW)
    with pytest.raises(Refusal, match="on already"):
        two_factor.begin(signing, 1, SESSION, now=NOW)
    with pytest.raises(two_factor.CodeRefused):
        two_factor.confirm(signing, 1, SESSION, code_at(signing, NOW), now=NOW)


def test_a_secret_belongs_to_the_session_that_began_it(signing):
    two_factor.begin(signing, 1, SESSION, now=NOW)
    assert two_factor.pending(signing, 1, OTHER_SESSION, now=NOW) == ""
    with pytest.raises(two_factor.CodeRefused, match="Set it up again"):
        two_factor.confirm(signing, 1, OTHER_SESSION, code_at(signing, NOW), now=NOW)
    assert not two_factor.status(signing, 1).on
    assert two_factor.confirm(signing, 1, SESSION, code_at(signing, NOW), now=NOW)


def test_a_secret_that_is_not_confirmed_ends(signing):
    two_factor.begin(signing, 1, SESSION, now=NOW)
    later = NOW + two_factor.PENDING_LIFE
    assert two_factor.pending(signing, 1, SESSION, now=later - STEP) != ""
    assert two_factor.pending(signing, 1, SESSION, now=later) == ""
    with pytest.raises(two_factor.CodeRefused, match="too old"):
        two_factor.confirm(signing, 1, SESSION, code_at(signing, later), now=later)


def test_a_secret_that_another_one_replaced_meanwhile_is_not_confirmed(signing, monkeypatch):
    two_factor.begin(signing, 1, SESSION, now=NOW)
    code, step = code_at(signing, NOW), two_factor._step

    def replaced(*arguments):
        two_factor.begin(signing, 1, SESSION, now=NOW)
        return step(*arguments)

    monkeypatch.setattr(two_factor, "_step", replaced)
    with pytest.raises(two_factor.CodeRefused, match="took its place"):
        two_factor.confirm(signing, 1, SESSION, code, now=NOW)
    assert two_factor.status(signing, 1) == two_factor.Status()


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_go_wrong_by_one_step(signing, codes, steps, good):
    assert two_factor.accept(signing, 1, code_at(signing, NOW + steps * STEP), now=NOW) is good


def test_a_code_is_accepted_once_and_so_are_those_before_it(signing, codes):
    code = code_at(signing, NOW)
    assert two_factor.accept(signing, 1, f" {code[:3]} {code[3:]}", now=NOW)
    assert not two_factor.accept(signing, 1, code, now=NOW)
    assert not two_factor.accept(signing, 1, code_at(signing, NOW - STEP), now=NOW)
    assert two_factor.accept(signing, 1, code_at(signing, NOW + STEP), now=NOW + STEP)


def test_the_code_that_confirmed_is_good_no_more(signing):
    two_factor.begin(signing, 1, SESSION, now=NOW)
    code = code_at(signing, NOW)
    two_factor.confirm(signing, 1, SESSION, code, now=NOW)
    assert not two_factor.accept(signing, 1, code, now=NOW)


def test_a_recovery_code_is_good_once_however_it_is_typed(signing, codes):
    assert two_factor.accept(signing, 1, codes[0].lower().replace("-", " ").replace("0", "o"), now=NOW)
    assert not two_factor.accept(signing, 1, codes[0], now=NOW)
    assert two_factor.status(signing, 1).codes == 9
    assert not two_factor.accept(signing, 2, codes[1], now=NOW)
    fresh = two_factor.new_codes(signing, 1)
    assert not two_factor.accept(signing, 1, codes[1], now=NOW)
    assert two_factor.accept(signing, 1, fresh[1], now=NOW)


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "é" * 2000, "0000-0000-0000-0000"])
def test_what_is_no_code_is_refused(signing, codes, given):
    assert not two_factor.accept(signing, 1, given, now=NOW)


def test_recovery_codes_are_stored_as_hashes(signing, codes):
    stored = str(signing.fetch("SELECT code_hash FROM core_recovery_code"))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_turned_off_nothing_is_left(signing, codes):
    assert two_factor.turn_off(signing, 1)
    assert not two_factor.turn_off(signing, 1)
    assert two_factor.status(signing, 1) == two_factor.Status()
    assert not two_factor.accept(signing, 1, codes[0], now=NOW)


def test_of_many_at_once_with_one_code_one_gets_in(signing, codes):
    code, entered = code_at(signing, NOW), []

    def run():
        if two_factor.accept(signing, 1, code, now=NOW):
            entered.append(1)
        signing.release()

    workers = [threading.Thread(target=run) for _each in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert entered == [1]


@pytest.mark.parametrize(
    ("setting", "expected"), [(None, False), ("", False), ("everybody", True), ("base.admin", True), ("a.b", False)]
)
def test_whom_it_is_demanded_of(setting, expected):
    assert two_factor.demands(setting, lambda name: name == "base.admin") is expected


def test_apps_are_told_whose_secret_it_is():
    address = two_factor.address("J" * 32, login="ada@x", issuer="Ours & Co")
    assert address.startswith("otpauth://totp/Ours%20%26%20Co:ada%40x?secret=JJJJ")
    picture = two_factor.picture(address)
    assert picture.startswith("<svg") and "style=" not in picture
