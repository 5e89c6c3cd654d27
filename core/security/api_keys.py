"""API keys: shown once when made, found by their hash, revocable, with the time of their last use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database import Database, placed
from core.security.sessions import Generations, SignedIn, token_hash
from core.security.statements import loaded, stored, writing

MARK = "tsr"
NOTE_USE_AFTER = timedelta(minutes=1)

_CREATE = (
    "INSERT INTO core_api_key (name, prefix, key_hash, user_id, created_at, revoked) VALUES (?, ?, ?, ?, ?, FALSE)"
)
_FIND = (
    "SELECT k.id, k.user_id, k.last_used_at, u.login, u.name, u.lang, u.tz, g.access, g.addons, g.views, g.cached "
    "FROM core_api_key k JOIN res_users u ON u.id = k.user_id CROSS JOIN core_generation g "
    "WHERE k.key_hash = ? AND k.revoked IS NOT TRUE AND u.active AND g.id = 1"
)
_LISTING = (
    "SELECT id, name, prefix, created_at, last_used_at FROM core_api_key "
    "WHERE user_id = ? AND revoked IS NOT TRUE ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner sees it; the key itself cannot be shown again."""

    id: int
    name: str
    prefix: str
    created_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who holds a key, and whether its last use is due to be noted."""

    key: int
    who: SignedIn
    note_use: bool


def create(database: Database, user: int, *, name: str, now: datetime) -> str:
    """Make a key for the user and give its text: `tsr_<prefix>_<secret>`."""
    prefix = secrets.token_hex(4)
    key = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    with writing(database):
        database.execute(placed(database, _CREATE), (name, prefix, token_hash(key), user, stored(database, now)))
    return key


def find(database: Database, key: str, *, now: datetime) -> KeyHolder | None:
    """Who holds the key, in one statement; None when it is unknown or revoked, or its user is archived."""
    if not key.startswith(f"{MARK}_"):
        return None
    rows = database.fetch(placed(database, _FIND), (token_hash(key),))
    if not rows:
        return None
    id_, user, used, login, name, lang, tz, *counters = rows[0]
    used_at = loaded(database, used)
    who = SignedIn(user, login, name, lang or "en", tz or "", Generations(*counters))
    return KeyHolder(id_, who, used_at is None or now - used_at > NOTE_USE_AFTER)


def note_use(database: Database, key: int, *, now: datetime) -> None:
    """Store when the key was used last."""
    with writing(database):
        statement = placed(database, "UPDATE core_api_key SET last_used_at = ? WHERE id = ?")
        database.execute(statement, (stored(database, now), key))


def listing(database: Database, user: int) -> list[ApiKey]:
    """The user's keys that are not revoked, oldest first."""
    return [
        ApiKey(id_, name, prefix, loaded(database, created), loaded(database, used))
        for id_, name, prefix, created, used in database.fetch(placed(database, _LISTING), (user,))
    ]


def revoke(database: Database, key: int, *, user: int) -> bool:
    """Make a key of the user useless from now on; whether it was of use."""
    with writing(database):
        statement = "UPDATE core_api_key SET revoked = TRUE WHERE id = ? AND user_id = ? AND revoked IS NOT TRUE"
        return bool(database.execute(placed(database, statement), (key, user)).rowcount)
