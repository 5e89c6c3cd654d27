"""One database: statements, transactions, savepoints, effects after commit, ids reserved ahead.

A thread has at most one connection and one transaction at a time; the connection goes back to the pool when the
transaction ends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import peewee

from core.database import failures
from core.database.connections import (
    Address,
    Connection,
    Cursor,
    Engine,
    Pool,
    check_path,
    is_lost,
    open_postgresql,
    open_sqlite,
    parse_address,
)
from core.database.lending import peewee_database
from core.errors import ForeignKeyViolation

_log = logging.getLogger(__name__)

_NO_LONG_WAIT = "SET lock_timeout = '5s'"  # what stands apart must not wait for its own thread


def connect(url: str, *, create: bool = False, file: Path | None = None) -> Database:
    """Open the database at an address and check that it answers; `create` makes it where it is missing.

    `file` is what is opened of SQLite instead of the file at the address, which is told of all the same.

    :raises DatabaseRefusal: nothing is there, or it cannot be used; the text says what to do.
    """
    address = parse_address(url)
    if file is not None:
        address = replace(address, target=str(file))
    opener = open_sqlite if address.engine == "sqlite" else open_postgresql
    if address.engine == "sqlite":
        check_path(address, create=create)
    try:
        first = opener(address, create=create)
    except failures.DRIVER_ERRORS as error:
        explained = failures.explain(error, address.place)
        known = explained is not error
        raise (explained if known else failures.unreachable(address.place, str(error))) from error
    pool = Pool(address, partial(opener, address))
    database = Database(address, pool)
    pool.adopt(first)
    return database


@dataclass(slots=True)
class Counter:
    """The statements a thread sent while it was counting; those that only open and close transactions are left out."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)


class _Lease:
    """A connection lent to a thread; it goes back when the transaction or the thread ends."""

    __slots__ = ("connection", "pool")

    def __init__(self, pool: Pool, *, fresh: bool = False) -> None:
        self.pool = pool
        self.connection: Connection = pool.take(fresh=fresh)

    def end(self, *, reuse: bool = True) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            self.pool.give(connection, reuse=reuse)

    def __del__(self) -> None:
        if getattr(self, "connection", None) is not None:
            self.end()


class _State(threading.local):
    lease: _Lease | None = None
    depth = 0  # 0 outside a transaction, then one more for each savepoint
    writing = True
    rebuilding = False

    def __init__(self) -> None:
        self.effects: list[Callable[[], None]] = []
        self.counters: list[Counter] = []


class Database:
    """A database that any number of threads may use; made by `connect`."""

    def __init__(self, address: Address, pool: Pool) -> None:
        self.url: str = address.url
        self.engine: Engine = address.engine
        self.place: str = address.place
        self._pool = pool
        self._apart = pool.twin()
        self._state = _State()
        self.peewee: peewee.Database = peewee_database(self)

    def __repr__(self) -> str:
        return f"<Database {self.place}>"

    # Statements

    def execute(self, sql: str, params: Sequence[object] = ()) -> Cursor:
        """Send one statement with the engine's own placeholders (`?` or `%s`, a literal `%` doubled on PostgreSQL).

        :raises Refusal: locked, full, read-only, unreachable, a number too large.
        :raises UniqueViolation, ForeignKeyViolation: the values do not fit the rows that are there.
        """
        state = self._state
        for counter in state.counters:
            counter.statements.append(sql)
        try:
            cursor: Cursor = self.connection().execute(sql, params)
        except failures.DRIVER_ERRORS as error:
            self._fail(error)
        return cursor

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Send one statement for many rows in one go; the number of rows changed."""
        for counter in self._state.counters:
            counter.statements.append(sql)
        cursor = self.connection().cursor()
        try:
            cursor.executemany(sql, rows)
        except failures.DRIVER_ERRORS as error:
            self._fail(error)
        return int(cursor.rowcount)

    def fetch(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        for counter in self._state.counters:
            counter.statements.append(sql)
        try:
            rows: list[tuple[Any, ...]] = self.connection().execute(sql, params).fetchall()
        except failures.DRIVER_ERRORS as error:
            self._fail(error)
        return rows

    def fetch_apart(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Send one statement that is committed by itself, whatever becomes of the open transaction, and give its rows.

        SQLite has one writer at a time: there it belongs to the open transaction.
        """
        if self.engine == "sqlite":
            return self.fetch(sql, params)
        for counter in self._state.counters:
            counter.statements.append(sql)
        lease = _Lease(self._apart)
        try:
            lease.connection.execute(_NO_LONG_WAIT)
            rows: list[tuple[Any, ...]] = lease.connection.execute(sql, params).fetchall()
        except failures.DRIVER_ERRORS as error:
            failures.fail(error, self.place, writing=True)
        finally:
            lease.end(reuse=not is_lost(lease.connection, inside=False))
        return rows

    def stream(self, sql: str, batch: int) -> Iterator[tuple[Any, ...]]:
        """The rows of one statement, fetched by and by inside the open transaction; memory does not grow with them."""
        for counter in self._state.counters:
            counter.statements.append(sql)
        connection = self.connection()
        cursor = connection.cursor() if self.engine == "sqlite" else connection.cursor(name="stream")
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(batch):
                yield from rows
        except failures.DRIVER_ERRORS as error:
            self._fail(error)
        finally:
            cursor.close()

    def reserve_ids(self, table: str, count: int) -> list[int]:
        """Ids for `count` new rows of a table, ascending, never given before and never given again."""
        if self.engine == "postgresql":
            sequence = f'"{table}"'
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            return [row[0] for row in self.fetch(sql, (sequence, count))]
        if not self.in_transaction:
            raise RuntimeError("ids are reserved in a transaction opened with write=True")
        if not self._state.writing:
            raise failures.WriteInReadTransaction
        found = self.fetch("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq", (count, table))
        if not found:
            self.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, count))
        last: int = found[0][0] if found else count
        return list(range(last - count + 1, last + 1))

    @contextmanager
    def counting(self) -> Iterator[Counter]:
        """Collect the statements that this thread sends inside the block."""
        counter = Counter()
        self._state.counters.append(counter)
        try:
            yield counter
        finally:
            self._state.counters.remove(counter)

    # Transactions

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction()`."""
        return self._state.depth > 0

    @contextmanager
    def transaction(self, *, write: bool, rebuild: bool = False, snapshot: bool = False) -> Iterator[None]:
        """Begin, and commit at the end or roll back when the block raises; never inside another one.

        `rebuild` is for migrations that replace whole tables on SQLite: foreign keys rest meanwhile and are checked as
        a whole before the commit. `snapshot`: everything is read as it was at one moment.
        """
        if self.in_transaction:
            raise RuntimeError("a transaction is open already in this thread; use savepoint() inside it")
        self._begin(write=write, rebuild=rebuild, snapshot=snapshot)
        try:
            yield
            if rebuild and self.engine == "sqlite":
                self._check_references()
        except BaseException:
            self._abandon()
            raise
        else:
            effects = self._commit()
        for effect in effects:
            self._run(effect)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back only what happened inside the block, effects included, when it raises."""
        state = self._state
        if not state.depth:
            raise RuntimeError("a savepoint needs an open transaction")
        name = f"s{state.depth}"
        waiting = len(state.effects)
        self._control(f"SAVEPOINT {name}")
        state.depth += 1
        try:
            yield
        except BaseException:
            del state.effects[waiting:]
            if not is_lost(self.connection(), inside=True):
                self._control(f"ROLLBACK TO SAVEPOINT {name}")
                self._control(f"RELEASE SAVEPOINT {name}")
            raise
        else:
            self._control(f"RELEASE SAVEPOINT {name}")
        finally:
            state.depth -= 1

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Run `effect` once the transaction is committed, in the order given; at once where none is open.

        An effect that fails is logged and does not stop the later ones.
        """
        (self._state.effects.append if self.in_transaction else self._run)(effect)

    # Connections

    def connection(self) -> Connection:
        """The driver's connection of this thread, taken from the pool when there is none yet."""
        if self._state.lease is None:
            self._state.lease = _Lease(self._pool)
        return self._state.lease.connection

    def release(self) -> None:
        """Give this thread's connection back; a transaction does it by itself at its end."""
        self._release()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._pool.closed

    def disconnect(self) -> None:
        """Close the connections nobody uses; the next statement opens one."""
        self._release()
        self._pool.drop_idle()
        self._apart.drop_idle()

    def close(self) -> None:
        """Close the connections nobody uses, and each other one as soon as its thread has done with it."""
        if self.in_transaction:
            raise RuntimeError("a database is closed outside its transactions")
        self._release()
        self._pool.close()
        self._apart.close()

    # The inner side

    def _begin(self, *, write: bool, rebuild: bool, snapshot: bool) -> None:
        state = self._state
        state.writing, state.rebuilding = write, rebuild
        if self.engine == "postgresql":
            level = " ISOLATION LEVEL REPEATABLE READ" if snapshot else ""
            self._begin_postgresql(f"BEGIN{level}" if write else f"BEGIN{level} READ ONLY")
        else:
            if rebuild:
                self._control("PRAGMA foreign_keys = OFF")
            if not write:
                self._control("PRAGMA query_only = ON")
            self._control("BEGIN IMMEDIATE" if write else "BEGIN", release=True)
        state.depth = 1

    def _begin_postgresql(self, begin: str) -> None:
        try:
            self.connection().execute(begin)
        except failures.DRIVER_ERRORS:
            self._release(reuse=False)  # the server dropped it while it lay in the pool
            self._state.lease = _Lease(self._pool, fresh=True)
            self._control(begin, release=True)

    def _control(self, sql: str, *, release: bool = False) -> None:
        """Send a statement that only steers transactions; it is not counted."""
        try:
            self.connection().execute(sql)
        except failures.DRIVER_ERRORS as error:
            if release:
                self._release(reuse=False)
            self._fail(error)

    def _check_references(self) -> None:
        broken = self.fetch("PRAGMA foreign_key_check")
        if broken:
            raise ForeignKeyViolation(", ".join(sorted({str(row[0]) for row in broken})))

    def _commit(self) -> list[Callable[[], None]]:
        try:
            self._control("COMMIT")
        except BaseException:
            self._abandon()
            raise
        effects, self._state.effects = self._state.effects, []
        self._end()
        return effects

    def _abandon(self) -> None:
        self._state.effects = []
        try:
            self.connection().execute("ROLLBACK")
        except failures.DRIVER_ERRORS:
            _log.debug("rollback failed, the connection is dropped", exc_info=True)
            self._end(reuse=False)
        else:
            self._end()

    def _end(self, *, reuse: bool = True) -> None:
        state = self._state
        state.depth = 0
        if reuse and self.engine == "sqlite":
            if not state.writing:
                self.connection().execute("PRAGMA query_only = OFF")
            if state.rebuilding:
                self.connection().execute("PRAGMA foreign_keys = ON")
        state.writing, state.rebuilding = True, False
        self._release(reuse=reuse)

    def _release(self, *, reuse: bool = True) -> None:
        if not self.peewee.is_closed():
            self.peewee.close()
        lease, self._state.lease = self._state.lease, None
        if lease is not None:
            lease.end(reuse=reuse)

    def _run(self, effect: Callable[[], None]) -> None:
        try:
            effect()
        except Exception:
            _log.exception("an effect after commit failed")

    def _fail(self, error: Exception) -> NoReturn:
        """Raise the error of ours; a transaction that is lost takes no further statement."""
        state = self._state
        if state.lease is not None and is_lost(state.lease.connection, inside=self.in_transaction):
            if self.in_transaction:
                state.lease.connection.close()
            else:
                self._release(reuse=False)
        failures.fail(error, self.place, writing=state.writing)
