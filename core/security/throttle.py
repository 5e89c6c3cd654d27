"""Limits on attempts to sign in, counted in a table so that several processes see one count.

Attempts are noted before the password is looked at, so that many at once cannot slip through; inside a request they are
committed by themselves, or those at once would not see each other. Keys are hashed, because they are made of logins and
addresses.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database import Database, placed
from core.security.statements import loaded, stored
from core.text import fold

WINDOW = timedelta(minutes=15)
PER_LOGIN = 10
PER_ADDRESS = 50

_NOTE = 'INSERT INTO core_attempt (key, "at") VALUES (?, ?) RETURNING id'
_OLD = 'DELETE FROM core_attempt WHERE "at" <= ? RETURNING id'
_FORGET = "DELETE FROM core_attempt WHERE key = ? RETURNING id"
_TAKE_BACK = "DELETE FROM core_attempt WHERE id = (SELECT max(id) FROM core_attempt WHERE key = ?) RETURNING id"
_REFUSED = (
    'DELETE FROM core_attempt WHERE id = (SELECT max(id) FROM core_attempt WHERE key = ? AND "at" = ?) RETURNING id'
)
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
    noted = [(limit.key, moment) for limit in limits]
    _write(database, [(_OLD, (stored(database, now - WINDOW),)), *((_NOTE, values) for values in noted)])
    wait = max(_wait(database, limit, now) for limit in limits)
    if wait:
        _write(database, [(_REFUSED, values) for values in noted])
    return wait


def succeeded(database: Database, login: str, address: str) -> None:
    """Forget the attempts on a login, and one of its address, after the right password was given.

    The others of the address stay: whoever has one password may be guessing that of somebody else.
    """
    of_login, of_address = limits(login, address)
    _write(database, [(_FORGET, (of_login.key,)), (_TAKE_BACK, (of_address.key,))])


def forget(database: Database, limit: Limit) -> None:
    """Forget the attempts that a limit counts."""
    _write(database, [(_FORGET, (limit.key,))])


def _write(database: Database, statements: Iterable[tuple[str, tuple[object, ...]]]) -> None:
    """Send the statements in a transaction of their own; where one is open, each is committed by itself.

    On SQLite they belong to the open one: it has one writer at a time, so there are no others at once.
    """
    if database.in_transaction:
        for sql, values in statements:
            database.fetch_apart(placed(database, sql), values)
        return
    with database.transaction(write=True):
        for sql, values in statements:
            database.fetch(placed(database, sql), values)


def _wait(database: Database, limit: Limit, now: datetime) -> timedelta:
    read = database.fetch_apart if database.in_transaction else database.fetch
    count, oldest = read(placed(database, _COUNT), (limit.key, stored(database, now - WINDOW)))[0]
    first = loaded(database, oldest)
    if count <= limit.most or first is None:
        return timedelta(0)
    return max(first + WINDOW - now, timedelta(seconds=1))


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
