"""A key is shown once, found by its hash, and useless once revoked."""

from datetime import UTC, datetime, timedelta

from core.security import api_keys

NOW = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)


def test_a_key_finds_its_holder_with_one_statement(signing):
    key = api_keys.create(signing, 2, name="script", now=NOW)
    with signing.counting() as counter:
        holder = api_keys.find(signing, key, now=NOW)
    assert len(counter) == 1
    assert (holder.who.user, holder.who.login, holder.who.lang, holder.who.session) == (2, "bo", "en", None)
    assert holder.who.generations.access == 5


def test_the_key_is_not_stored_and_its_prefix_names_it(signing):
    key = api_keys.create(signing, 1, name="script", now=NOW)
    assert key not in str(signing.fetch("SELECT * FROM core_api_key"))
    (listed,) = api_keys.listing(signing, 1)
    assert key.startswith(f"tsr_{listed.prefix}_")
    assert (listed.name, listed.created_at, listed.last_used_at) == ("script", NOW, None)


def test_what_is_no_key_costs_no_statement(signing):
    with signing.counting() as counter:
        assert api_keys.find(signing, "guess", now=NOW) is None
    assert len(counter) == 0
    assert api_keys.find(signing, "tsr_00000000_guess", now=NOW) is None


def test_keys_of_archived_users_open_nothing(signing):
    key = api_keys.create(signing, 1, name="script", now=NOW)
    signing.execute("UPDATE res_users SET active = 0")
    assert api_keys.find(signing, key, now=NOW) is None


def test_the_last_use_is_noted_now_and_then(signing):
    key = api_keys.create(signing, 1, name="script", now=NOW)
    holder = api_keys.find(signing, key, now=NOW)
    assert holder.note_use
    api_keys.note_use(signing, holder.key, now=NOW)
    assert not api_keys.find(signing, key, now=NOW + timedelta(seconds=30)).note_use
    assert api_keys.find(signing, key, now=NOW + timedelta(minutes=2)).note_use
    assert api_keys.listing(signing, 1)[0].last_used_at == NOW


def test_only_the_owner_revokes_a_key(signing):
    key = api_keys.create(signing, 1, name="script", now=NOW)
    (listed,) = api_keys.listing(signing, 1)
    api_keys.revoke(signing, listed.id, user=2)
    assert api_keys.find(signing, key, now=NOW)
    api_keys.revoke(signing, listed.id, user=1)
    assert api_keys.find(signing, key, now=NOW) is None
    assert api_keys.listing(signing, 1) == []
