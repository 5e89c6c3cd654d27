"""The record of sign-ins: who got in and who did not, and what happened to passwords, keys and second factors.

What was typed as a login is kept only where it is one: people type passwords into the wrong field. Where a request came
from is known to all that happens within it, so that hooks of models can tell it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from core.database import Database, placed
from core.security.statements import loaded, stored, writing
from core.security.throttle import WINDOW

Outcome = Literal[
    "signed_in",
    "wrong_password",
    "wrong_code",
    "blocked",
    "archived",
    "signed_out",
    "session_ended",
    "password_changed",
    "no_address",
    "key_created",
    "key_revoked",
    "two_factor_on",
    "two_factor_off",
]
# Outcomes as people call them; they are keys of the catalogue.
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "signed_in": "Signed in",
        "wrong_password": "Wrong password",
        "wrong_code": "Wrong code",
        "blocked": "Too many attempts",
        "archived": "Archived user",
        "signed_out": "Signed out",
        "session_ended": "Session ended",
        "password_changed": "Password changed",
        "no_address": "Password forgotten, but no e-mail address",
        "key_created": "API key created",
        "key_revoked": "API key revoked",
        "two_factor_on": "Two-factor sign-in turned on",
        "two_factor_off": "Two-factor sign-in turned off",
    }
)
LONGEST = 200

_NOTE = (
    'INSERT INTO core_sign_in ("at", outcome, user_id, login, address, browser, done_by_id) '
    "VALUES (?, ?, ?, (SELECT login FROM res_users WHERE id = ?), ?, ?, ?)"
)
# Once in a window for a user and an address: whoever goes on knocking does not fill the table.
_BLOCKED = (
    'INSERT INTO core_sign_in ("at", outcome, user_id, login, address, browser) '
    "SELECT ?, 'blocked', u.id, u.login, ?, ? FROM (SELECT 1 AS one) o LEFT JOIN res_users u ON u.id = "
    "COALESCE(CAST(? AS BIGINT), (SELECT id FROM res_users WHERE login IN (?, ?) ORDER BY login = ? DESC LIMIT 1)) "
    "WHERE NOT EXISTS (SELECT 1 FROM core_sign_in s WHERE s.\"at\" > ? AND s.outcome = 'blocked' "
    "AND COALESCE(s.address, '') = ? AND COALESCE(s.user_id, 0) = COALESCE(u.id, 0))"
)
_LISTING = (
    'SELECT s."at", s.outcome, s.address, s.browser, d.name FROM core_sign_in s '
    "LEFT JOIN res_users d ON d.id = s.done_by_id WHERE s.user_id = ? ORDER BY s.id DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: network address and what the browser calls itself; empty on the command line."""

    address: str = ""
    agent: str = ""


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One entry as the user it is about sees it; `done_by` is somebody else who did it."""

    at: datetime | None
    outcome: str
    address: str
    browser: str
    done_by: str


@contextmanager
def coming_from(address: str, agent: str) -> Iterator[None]:
    """Tell all that is noted inside the block where it came from."""
    token = _origin.set(Origin(address[:LONGEST], agent[:LONGEST]))
    try:
        yield
    finally:
        _origin.reset(token)


def note(database: Database, outcome: Outcome, user: int | None, *, now: datetime, done_by: int | None = None) -> None:
    """Keep what happened to a user; None stands for a login that nobody has. One statement.

    `done_by` is who did it, where that may be somebody else.
    """
    origin = _origin.get()
    other = done_by if done_by != user else None
    values = (stored(database, now), outcome, user, user, origin.address or None, origin.agent or None, other)
    with writing(database):
        database.execute(placed(database, _NOTE), values)


def note_blocked(database: Database, *, now: datetime, login: str = "", user: int | None = None) -> None:
    """Keep that attempts on a login, or of a user, were refused because there were too many. One statement."""
    origin, small = _origin.get(), login.lower()
    since = stored(database, now - WINDOW)
    named = (stored(database, now), origin.address or None, origin.agent or None, user, login, small, login)
    with writing(database):
        database.execute(placed(database, _BLOCKED), (*named, since, origin.address))


def listing(database: Database, user: int, *, limit: int) -> list[SignIn]:
    """What happened to a user, newest first."""
    rows = database.fetch(placed(database, _LISTING), (user, limit))
    return [
        SignIn(loaded(database, at), outcome, address or "", browser or "", name or "")
        for at, outcome, address, browser, name in rows
    ]
