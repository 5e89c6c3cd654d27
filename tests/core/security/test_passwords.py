"""Hashing is argon2id, upgrades itself, and tells nothing by its time."""

import time

import pytest

from core.errors import Refusal
from core.security import passwords
from core.security.passwords import COST_SETTING, Cost, check_password, hash_password

CHEAP = Cost(memory=8, passes=1, lanes=1)


def test_a_password_matches_its_hash_and_no_other():
    stored = hash_password("correct horse", CHEAP)
    assert stored.startswith("$argon2id$")
    assert check_password(stored, "correct horse", CHEAP).matches
    assert not check_password(stored, "correct horses", CHEAP).matches
    assert hash_password("correct horse", CHEAP) != stored


def test_the_default_cost_is_the_recommended_one():
    assert Cost() == Cost(19456, 2, 1)


def test_a_hash_of_another_cost_is_replaced():
    verdict = check_password(hash_password("pw", CHEAP), "pw", Cost(16, 1, 1))
    assert verdict.matches and verdict.rehashed
    assert "m=16,t=1,p=1" in verdict.rehashed
    assert check_password(verdict.rehashed, "pw", Cost(16, 1, 1)).rehashed is None


@pytest.mark.parametrize("parameters", ["m=4194304,t=1,p=1", "m=8,t=1000000000,p=1", "m=512,t=1,p=64"])
def test_a_hash_that_is_too_dear_is_not_checked(monkeypatch, parameters):
    dear, checked = hash_password("pw", CHEAP).replace("m=8,t=1,p=1", parameters), []
    monkeypatch.setattr(passwords.PasswordHasher, "verify", lambda _hasher, stored, _given: checked.append(stored))
    assert not check_password(dear, "pw", CHEAP).matches
    assert checked == []


def test_a_cost_that_is_configured_is_never_too_dear(monkeypatch):
    monkeypatch.setattr(passwords, "DEAREST", CHEAP)
    dearer = Cost(memory=16, passes=2, lanes=2)
    assert check_password(hash_password("pw", dearer), "pw", dearer).matches
    assert not check_password(hash_password("pw", dearer), "pw", CHEAP).matches


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$broken"])
def test_no_hash_or_a_broken_one_matches_nothing(stored):
    assert not check_password(stored, "pw", CHEAP).matches
    assert not check_password(stored, "", CHEAP).matches


def test_a_user_without_password_takes_the_time_of_a_wrong_password():
    cost = Cost(memory=4096, passes=2, lanes=1)
    stored = hash_password("right", cost)

    def fastest(hashed):
        times = []
        for _round in range(5):
            begun = time.perf_counter()
            assert not check_password(hashed, "wrong", cost).matches
            times.append(time.perf_counter() - begun)
        return min(times)

    assert fastest(None) == pytest.approx(fastest(stored), rel=0.5)


def test_an_empty_or_endless_password_is_refused():
    with pytest.raises(Refusal, match="empty"):
        hash_password("", CHEAP)
    with pytest.raises(Refusal, match="1024"):
        hash_password("x" * 1025, CHEAP)


def test_an_endless_password_never_matches_its_beginning():
    stored = hash_password("x" * 1024, CHEAP)
    assert check_password(stored, "x" * 1024, CHEAP).matches
    assert not check_password(stored, "x" * 1025, CHEAP).matches


def test_the_cost_comes_from_the_setting(monkeypatch):
    monkeypatch.setenv(COST_SETTING, "16,1,1")
    assert "m=16,t=1,p=1" in hash_password("pw")
    monkeypatch.setenv(COST_SETTING, "16,much")
    with pytest.raises(Refusal, match=COST_SETTING):
        hash_password("pw")
