"""Limits on attempts to sign in, counted in a table so that several processes see one count.

Attempts are noted before the password is looked at, so that many at once cannot slip through; keys are hashed, because
they are made of logins and addresses.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database import Database
from core.security.statements import loaded, placed, stored, writing
from core.text import fold

WINDOW = timedelta(minutes=15)
PER_LOGIN = 10
PER_ADDRESS = 50

_TAKE_BACK = "DELETE FROM core_attempt WHERE id = (SELECT max(id) FROM core_attempt WHERE key = ?)"
_COUNT = 'SELECT count(*), min("at") FROM core_attempt WHERE key = ? AND "at" > ?'


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts with the key in a window."""

    key: str
    most: int


def limits(login: str, address: str, *, kind: str = "") -> tuple[Limit, Limit]:
    """The two limits of an attempt: on the login and on the network address it comes from.

    `kind` names attempts at something else than signing in, which count by themselves.
    """
    return (
        Limit(_key(f"{kind}login", fold(login)), PER_LOGIN),
        Limit(_key(f"{kind}address", _network(address)), PER_ADDRESS),
    )


def code_limit(user: int) -> Limit:
    """The limit on codes of somebody who gave the right password; that does not forget them."""
    return Limit(_key("code", str(user)), PER_LOGIN)


def password_limit(user: int) -> Limit:
    """The limit on present passwords that somebody who is signed in gives again."""
    return Limit(_key("present", str(user)), PER_LOGIN)


def enter(database: Database, limits: tuple[Limit, ...], *, now: datetime) -> timedelta:
    """Note an attempt; zero when it may go on, else how long to wait. A refused attempt does not prolong the wait."""
    moment = stored(database, now)
    insert = placed(database, 'INSERT INTO core_attempt (key, "at") VALUES (?, ?)')
    with writing(database):
        database.execute(
            placed(database, 'DELETE FROM core_attempt WHERE "at" <= ?'), (stored(database, now - WINDOW),)
        )
        for limit in limits:
            database.execute(insert, (limit.key, moment))
    wait = max(_wait(database, limit, now) for limit in limits)
    if wait:
        _forget(database, limits, moment)
    return wait


def succeeded(database: Database, login: str, address: str) -> None:
    """Forget the attempts on a login, and one of its address, after the right password was given.

    The others of the address stay: whoever has one password may be guessing that of somebody else.
    """
    of_login, of_address = limits(login, address)
    forget(database, of_login)
    with writing(database):
        database.execute(placed(database, _TAKE_BACK), (of_address.key,))


def forget(database: Database, limit: Limit) -> None:
    """Forget the attempts that a limit counts."""
    with writing(database):
        database.execute(placed(database, "DELETE FROM core_attempt WHERE key = ?"), (limit.key,))


def _wait(database: Database, limit: Limit, now: datetime) -> timedelta:
    count, oldest = database.fetch(placed(database, _COUNT), (limit.key, stored(database, now - WINDOW)))[0]
    first = loaded(database, oldest)
    if count <= limit.most or first is None:
        return timedelta(0)
    return max(first + WINDOW - now, timedelta(seconds=1))


def _forget(database: Database, limits: tuple[Limit, ...], moment: object) -> None:
    statement = placed(
        database,
        'DELETE FROM core_attempt WHERE id = (SELECT max(id) FROM core_attempt WHERE key = ? AND "at" = ?)',
    )
    with writing(database):
        for limit in limits:
            database.execute(statement, (limit.key, moment))


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def _network(address: str) -> str:
    """The address, or for IPv6 its /64: one customer's line has that many (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
