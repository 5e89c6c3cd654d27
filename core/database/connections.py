"""Opening and lending of driver connections: one opener per engine, one pool per database.

A connection is lent to one thread at a time. The pool starts no thread of its own and keeps the last returned one on
top.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Condition
from time import monotonic
from typing import Any, Literal, Protocol, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.pq import TransactionStatus

from core.database import failures
from core.errors import DatabaseRefusal
from core.i18n import _
from core.sqlite_functions import SQLITE_FUNCTIONS

# The driver's connection: sqlite3.Connection or psycopg.Connection; what we call on it is the same on both.
Connection = Any
Engine = Literal["sqlite", "postgresql"]

DEFAULT_TIMEOUT = 10.0
DEFAULT_POOL_SIZE = 32
_OWN_OPTIONS = ("timeout", "pool_size", "max_page_count", "mode", "synchronous")


class Cursor(Protocol):
    """What a statement gives: rows as tuples of driver values."""

    @property
    def rowcount(self) -> int: ...
    @property
    def description(self) -> Sequence[Any] | None: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Address:
    """A database address, taken apart. `place` names it for people, without a password; `target` is a path or a
    server's URL.

    Options of ours follow a `?`: `timeout` (seconds to wait for a lock), `pool_size`; for SQLite `mode=ro`,
    `max_page_count` and `synchronous`. Others go to the PostgreSQL driver.
    """

    url: str
    engine: Engine
    target: str
    place: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def timeout(self) -> float:
        """Seconds to wait for a lock or a connection."""
        return float(self.options.get("timeout", DEFAULT_TIMEOUT))

    @property
    def pool_size(self) -> int:
        """How many connections may be lent at a time."""
        return int(self.options.get("pool_size", DEFAULT_POOL_SIZE))


def parse_address(url: str) -> Address:
    """Take apart `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user@host/name`.

    :raises DatabaseRefusal: the address is of another form.
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    options = {name: value for name, value in given.items() if name in _OWN_OPTIONS}
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        path = os.path.abspath(unquote(parts.path[1:]))
        return Address(url, "sqlite", path, path, options)
    if parts.scheme in ("postgresql", "postgres"):
        rest = urlencode({name: value for name, value in given.items() if name not in _OWN_OPTIONS})
        target = urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
        place = f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return Address(url, "postgresql", target, place, options)
    raise DatabaseRefusal(
        _("'{url}' is not the address of a database.", url=url.partition("?")[0].rpartition("@")[2]),
        hint=_("Write sqlite:///file.db, sqlite:////path/file.db or postgresql://user@host/name."),
    )


def check_path(address: Address, *, create: bool) -> None:
    """Refuse the path of an SQLite file that cannot be opened, or made where `create` asks for it."""
    if os.path.isdir(address.target):
        raise failures.is_a_folder(address.place)
    if not create and not os.path.exists(address.target):
        raise failures.missing(address.place)
    if create and not os.path.isdir(os.path.dirname(address.target)):
        raise failures.cannot_open(address.place)


def open_sqlite(address: Address, *, create: bool = False) -> Connection:
    """A connection in autocommit: WAL, every commit on disk, foreign keys on, our functions registered."""
    mode = "rwc" if create else address.options.get("mode", "rw")
    connection = sqlite3.connect(
        f"file:{quote(address.target)}?mode={mode}",
        uri=True,
        timeout=address.timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    try:
        if mode != "ro":
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {_word(address.options.get('synchronous', 'FULL'))}")
        connection.execute("PRAGMA foreign_keys = ON")
        if "max_page_count" in address.options:
            connection.execute(f"PRAGMA max_page_count = {int(address.options['max_page_count'])}")
        for name, arity, function in SQLITE_FUNCTIONS:
            connection.create_function(name, arity, cast(Any, function), deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _word(text: str) -> str:
    if not text.isalpha():
        raise DatabaseRefusal(_("'{text}' is not an option of a database.", text=text))
    return text


def open_postgresql(address: Address, *, create: bool = False) -> Connection:
    """A connection in autocommit whose zone is UTC and whose lock waits end; `create` makes the database where it is
    missing.

    :raises DatabaseMissing: the server has no such database.
    """
    try:
        connection = psycopg.connect(address.target, autocommit=True)
    except psycopg.OperationalError as error:
        if not _lacks_database(address):
            raise
        if not create:
            raise failures.missing(address.place) from error
        _create_postgresql(address)
        connection = psycopg.connect(address.target, autocommit=True)
    connection.execute(f"SET timezone TO 'UTC'; SET lock_timeout TO {int(address.timeout * 1000)}".encode())
    return connection


def _lacks_database(address: Address) -> bool:
    """Ask the server's own database: a refused connection does not say why in a form a program can read."""
    try:
        with psycopg.connect(_maintenance(address), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_name(address),))
            return known.fetchone() is None
    except psycopg.OperationalError:
        return False


def _create_postgresql(address: Address) -> None:
    quoted = _name(address).replace('"', '""')
    with psycopg.connect(_maintenance(address), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING 'UTF8'".encode())


def _maintenance(address: Address) -> str:
    return urlunsplit(urlsplit(address.target)._replace(path="/postgres"))


def _name(address: Address) -> str:
    return unquote(urlsplit(address.target).path[1:])


class Pool:
    """Connections that no thread uses at the moment, and the count of those in use."""

    def __init__(self, address: Address, opener: Callable[[], Connection]) -> None:
        self._address = address
        self._open = opener
        self._idle: list[Connection] = []
        self._lent = 0
        self.closed = False
        self._process = os.getpid()
        self._inherited: list[Connection] = []
        self._changed = Condition()

    def twin(self) -> Pool:
        """Another pool of connections to the same database, so that who holds one of this never waits for a second."""
        return Pool(self._address, self._open)

    def take(self, *, fresh: bool = False) -> Connection:
        """A connection for the calling thread; `fresh` drops the idle ones first (the server was restarted).

        :raises DatabaseBusy: all are lent, and none came back in time.
        """
        if fresh:
            self.drop_idle()
        if self._process != os.getpid():
            self._leave_to_parent()
        with self._changed:
            self._wait_for_room()
            self._lent += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self._open()
        except Exception as error:
            self._returned()
            failures.fail(error, self._address.place)

    def _leave_to_parent(self) -> None:
        """After a fork the connections belong to the parent: they are neither used nor closed here."""
        self._inherited += self._idle
        self._idle, self._lent, self._process = [], 0, os.getpid()

    def _wait_for_room(self) -> None:
        deadline = monotonic() + self._address.timeout
        while self._lent >= self._address.pool_size:
            remaining = deadline - monotonic()
            if remaining <= 0 or not self._changed.wait(remaining):
                raise failures.busy(self._address.place)

    def adopt(self, connection: Connection) -> None:
        """Add a connection that was opened elsewhere."""
        with self._changed:
            self._idle.append(connection)

    def give(self, connection: Connection, *, reuse: bool = True) -> None:
        """Take a connection back; it is closed unless it can be lent again."""
        self._returned()
        if reuse and not self.closed and is_idle(connection):
            with self._changed:
                self._idle.append(connection)
            return
        connection.close()

    def _returned(self) -> None:
        with self._changed:
            self._lent -= 1
            self._changed.notify()

    def drop_idle(self) -> None:
        """Close all connections that are not lent."""
        with self._changed:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close idle connections now, and each lent one when it comes back."""
        self.closed = True
        self.drop_idle()


def is_lost(connection: Connection, *, inside: bool) -> bool:
    """Whether the transaction in which (`inside`) an error happened, or the connection itself, is there no more.

    SQLite rolls back by itself when the disk is full; what followed would be committed statement by statement.
    """
    if isinstance(connection, sqlite3.Connection):
        return inside and not connection.in_transaction
    return bool(connection.closed or connection.pgconn.transaction_status == TransactionStatus.UNKNOWN)


def is_idle(connection: Connection) -> bool:
    """Whether the connection is open, sound and outside a transaction."""
    if isinstance(connection, sqlite3.Connection):
        return not connection.in_transaction
    return not connection.closed and bool(connection.pgconn.transaction_status == TransactionStatus.IDLE)
