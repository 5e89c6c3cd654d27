"""What is kept of sign-ins: who, from where, and nothing of what was typed as a login that nobody has."""

from datetime import UTC, datetime, timedelta

from core.security import sign_ins
from core.security.throttle import WINDOW

NOW = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)


def test_an_entry_tells_when_what_and_from_where(signing):
    with sign_ins.coming_from("192.0.2.1", "Firefox/140.0"):
        sign_ins.note(signing, "signed_in", 1, now=NOW)
    sign_ins.note(signing, "key_created", 1, now=NOW + timedelta(hours=1), done_by=2)
    sign_ins.note(signing, "signed_in", 2, now=NOW)
    assert sign_ins.listing(signing, 1, limit=5) == [
        sign_ins.SignIn(NOW + timedelta(hours=1), "key_created", "", "", "Bo"),
        sign_ins.SignIn(NOW, "signed_in", "192.0.2.1", "Firefox/140.0", ""),
    ]
    assert len(sign_ins.listing(signing, 1, limit=1)) == 1


def test_what_one_does_oneself_names_nobody_else(signing):
    sign_ins.note(signing, "password_changed", 1, now=NOW, done_by=1)
    assert sign_ins.listing(signing, 1, limit=1)[0].done_by == ""


def test_what_is_nobodys_login_is_not_kept(signing):
    sign_ins.note(signing, "wrong_password", None, now=NOW)
    sign_ins.note_blocked(signing, login="my secret pass phrase", now=NOW)
    rows = signing.fetch("SELECT outcome, user_id, login FROM core_sign_in ORDER BY id")
    assert rows == [("wrong_password", None, None), ("blocked", None, None)]


def test_whoever_goes_on_knocking_is_noted_once_in_a_window(signing):
    with sign_ins.coming_from("192.0.2.1", ""):
        for login in ("ada", "Ada", "bo", "nobody", "no one"):
            sign_ins.note_blocked(signing, login=login, now=NOW)
        sign_ins.note_blocked(signing, login="ada", now=NOW + WINDOW)
    with sign_ins.coming_from("192.0.2.2", ""):
        sign_ins.note_blocked(signing, login="ada", now=NOW)
    found = signing.fetch("SELECT login, address FROM core_sign_in ORDER BY id")
    first, second = "192.0.2.1", "192.0.2.2"
    assert found == [("ada", first), ("bo", first), (None, first), ("ada", first), ("ada", second)]


def test_one_statement_each(signing):
    with signing.counting() as counter:
        sign_ins.note(signing, "signed_in", 1, now=NOW)
        sign_ins.note_blocked(signing, login="ada", now=NOW)
    assert len(counter) == 2
