"""Sessions of people who signed in: a random token in their browser, only its hash in the database.

A session ends by sign-out, by revocation, or when it was not used for its lifetime; use prolongs it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database import Database, placed
from core.security.statements import loaded, stored, writing

TOKEN_BYTES = 32
TOUCH_AFTER = timedelta(minutes=5)
SHORT_LIFE = timedelta(hours=12)
LONG_LIFE = timedelta(days=30)

_FIND = (
    "SELECT s.id, s.user_id, s.created_at, s.seen_at, s.expires_at, u.login, u.name, u.lang, u.tz, "
    "s.restricted, g.access, g.addons, g.views, g.cached "
    "FROM core_session s JOIN res_users u ON u.id = s.user_id CROSS JOIN core_generation g "
    "WHERE s.token_hash = ? AND s.revoked IS NOT TRUE AND s.expires_at > ? AND u.active AND g.id = 1"
)
_START = (
    "INSERT INTO core_session (token_hash, user_id, created_at, seen_at, expires_at, user_agent, revoked, restricted) "
    "VALUES (?, ?, ?, ?, ?, ?, FALSE, ?)"
)
_LISTING = (
    "SELECT id, created_at, seen_at, expires_at, user_agent FROM core_session "
    "WHERE user_id = ? AND revoked IS NOT TRUE AND expires_at > ? ORDER BY seen_at DESC, id DESC"
)


@dataclass(frozen=True, slots=True)
class Generations:
    """Counters that tell whether rights, addons, views or cached records changed since something was kept."""

    access: int
    addons: int
    views: int
    cached: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, found by a session's token or an API key; `session` is None for a key.

    `restricted`: a second factor has to be set up before anything else.
    """

    user: int
    login: str
    name: str
    lang: str
    tz: str
    generations: Generations
    session: int | None = None
    prolong: bool = False
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it in a list."""

    id: int
    created_at: datetime | None
    seen_at: datetime | None
    expires_at: datetime | None
    user_agent: str


def token_hash(token: str) -> str:
    """What is stored of a token. The token is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    database: Database,
    user: int,
    *,
    now: datetime,
    life: timedelta = SHORT_LIFE,
    user_agent: str = "",
    restricted: bool = False,
) -> str:
    """Begin a session of the user and give its token, which is known to nobody else from then on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    moment = stored(database, now)
    ends, agent = stored(database, now + life), user_agent[:200] or None
    values = (token_hash(token), user, moment, moment, ends, agent, restricted)
    with writing(database):
        database.execute(placed(database, _START), values)
    return token


def find(database: Database, token: str, *, now: datetime) -> SignedIn | None:
    """Who holds the token: session, user and generations in one statement; None when unknown, revoked or expired."""
    rows = database.fetch(placed(database, _FIND), (token_hash(token), stored(database, now)))
    if not rows:
        return None
    id_, user, created, seen, expires, login, name, lang, tz, restricted, *counters = rows[0]
    seen_at = loaded(database, seen) or loaded(database, created)
    stale = seen_at is None or now - seen_at > TOUCH_AFTER
    assert expires is not None
    generations = Generations(*counters)
    return SignedIn(user, login, name, lang or "en", tz or "", generations, id_, stale, bool(restricted))


def touch(database: Database, session: int, *, now: datetime) -> None:
    """Note the use of a session and move its end by the lifetime it was given."""
    rows = database.fetch(placed(database, "SELECT seen_at, expires_at FROM core_session WHERE id = ?"), (session,))
    if not rows:
        return
    seen, expires = loaded(database, rows[0][0]), loaded(database, rows[0][1])
    if seen is None or expires is None or now <= seen:
        return
    with writing(database):
        database.execute(
            placed(database, "UPDATE core_session SET seen_at = ?, expires_at = ? WHERE id = ?"),
            (stored(database, now), stored(database, now + (expires - seen)), session),
        )


def lift(database: Database, session: int) -> None:
    """Let a restricted session go everywhere, after the second factor was set up."""
    with writing(database):
        database.execute(placed(database, "UPDATE core_session SET restricted = FALSE WHERE id = ?"), (session,))


def revoke(database: Database, token: str) -> list[int]:
    """End the session of a token (sign-out); the user whose it was, where it was open."""
    return _revoke(database, {"token_hash": token_hash(token)})


def revoke_session(database: Database, session: int, *, user: int) -> bool:
    """End one session of the user, from their list of sessions; whether it was open."""
    return bool(_revoke(database, {"id": session, "user_id": user}))


def revoke_all(database: Database, user: int, *, keep: int | None = None) -> int:
    """End every session of the user but one: after a change of password, or when a device is lost; their number."""
    statement = "UPDATE core_session SET revoked = TRUE WHERE user_id = ? AND id <> ? AND revoked IS NOT TRUE"
    with writing(database):
        return int(database.execute(placed(database, statement), (user, keep or 0)).rowcount)


def listing(database: Database, user: int, *, now: datetime) -> list[OpenSession]:
    """The user's open sessions, the one used last first."""
    rows = database.fetch(placed(database, _LISTING), (user, stored(database, now)))
    return [
        OpenSession(id_, loaded(database, begun), loaded(database, seen), loaded(database, ends), agent or "")
        for id_, begun, seen, ends, agent in rows
    ]


def purge(database: Database, *, now: datetime) -> None:
    """Delete the sessions that ended before now."""
    with writing(database):
        database.execute(placed(database, "DELETE FROM core_session WHERE expires_at <= ?"), (stored(database, now),))


def _revoke(database: Database, which: Mapping[str, object]) -> list[int]:
    """End the open sessions with these values; whose they were."""
    condition = " AND ".join(f"{column} = ?" for column in which)
    statement = f"UPDATE core_session SET revoked = TRUE WHERE {condition} AND revoked IS NOT TRUE RETURNING user_id"
    with writing(database):
        return [user for (user,) in database.fetch(placed(database, statement), tuple(which.values()))]
