"""A session is found by its token alone, lives while it is used, and ends when it is revoked."""

from datetime import UTC, datetime, timedelta

from core.security import sessions

NOW = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_token_finds_who_signed_in_with_one_statement(signing):
    token = sessions.start(signing, 1, now=NOW, user_agent="browser")
    with signing.counting() as counter:
        found = sessions.find(signing, token, now=NOW)
    assert len(counter) == 1
    assert (found.user, found.login, found.name, found.lang, found.tz) == (1, "ada", "Ada", "de", "Europe/Berlin")
    assert found.generations == sessions.Generations(5, 6, 7, 8)
    assert not found.prolong


def test_the_token_itself_is_not_stored(signing):
    token = sessions.start(signing, 1, now=NOW)
    stored = signing.fetch("SELECT token_hash FROM core_session")[0][0]
    assert token not in stored and stored == sessions.token_hash(token)
    assert sessions.start(signing, 1, now=NOW) != token


def test_unknown_tokens_and_archived_users_are_nobody(signing):
    token = sessions.start(signing, 1, now=NOW)
    assert sessions.find(signing, "guess", now=NOW) is None
    assert sessions.find(signing, "", now=NOW) is None
    signing.execute("UPDATE res_users SET active = 0 WHERE id = 1")
    assert sessions.find(signing, token, now=NOW) is None


def test_a_session_ends_when_it_was_not_used_for_its_life(signing):
    token = sessions.start(signing, 1, now=NOW, life=HOUR)
    assert sessions.find(signing, token, now=NOW + HOUR - timedelta(seconds=1))
    assert sessions.find(signing, token, now=NOW + HOUR) is None


def test_use_moves_the_end(signing):
    token = sessions.start(signing, 1, now=NOW, life=HOUR)
    later = NOW + timedelta(minutes=50)
    found = sessions.find(signing, token, now=later)
    assert found.prolong
    sessions.touch(signing, found.session, now=later)
    again = sessions.find(signing, token, now=later + timedelta(minutes=59))
    assert again is not None
    assert sessions.find(signing, token, now=later + HOUR) is None


def test_use_is_noted_only_now_and_then(signing):
    token = sessions.start(signing, 1, now=NOW)
    assert not sessions.find(signing, token, now=NOW + timedelta(minutes=4)).prolong
    assert sessions.find(signing, token, now=NOW + timedelta(minutes=6)).prolong


def test_touching_what_is_gone_does_nothing(signing):
    sessions.touch(signing, 999, now=NOW)
    assert signing.fetch("SELECT count(*) FROM core_session") == [(0,)]


def test_revoking(signing):
    first, second = (sessions.start(signing, 1, now=NOW) for _each in range(2))
    other = sessions.start(signing, 2, now=NOW)
    sessions.revoke(signing, first)
    assert sessions.find(signing, first, now=NOW) is None
    assert sessions.find(signing, second, now=NOW)
    sessions.revoke_all(signing, 1)
    assert sessions.find(signing, second, now=NOW) is None
    assert sessions.find(signing, other, now=NOW)


def test_one_of_my_sessions_can_be_ended_but_nobody_elses(signing):
    token = sessions.start(signing, 1, now=NOW, user_agent="phone")
    (listed,) = sessions.listing(signing, 1, now=NOW)
    assert (listed.user_agent, listed.created_at) == ("phone", NOW)
    sessions.revoke_session(signing, listed.id, user=2)
    assert sessions.find(signing, token, now=NOW)
    sessions.revoke_session(signing, listed.id, user=1)
    assert sessions.listing(signing, 1, now=NOW) == []


def test_ended_sessions_are_purged(signing):
    sessions.start(signing, 1, now=NOW, life=HOUR)
    kept = sessions.start(signing, 1, now=NOW, life=3 * HOUR)
    sessions.purge(signing, now=NOW + 2 * HOUR)
    assert signing.fetch("SELECT token_hash FROM core_session") == [(sessions.token_hash(kept),)]
