"""The peewee database of one of ours: it uses the connection that ours lends to the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import peewee

from core.database.connections import Connection

if TYPE_CHECKING:
    from core.database.database import Database


class _Lent:
    """Makes a peewee database use the connection that ours lends to the thread."""

    owner: Database

    def _connect(self) -> Connection:
        return self.owner.connection()

    def _close(self, conn: Connection) -> None:
        """The connection belongs to the pool."""


class _Sqlite(_Lent, peewee.SqliteDatabase):
    pass


class _Postgresql(_Lent, peewee.PostgresqlDatabase):
    pass


def peewee_database(owner: Database) -> peewee.Database:
    """The database as peewee takes it."""
    bound: peewee.Database
    if owner.engine == "sqlite":
        bound = _Sqlite(owner.place)
    else:
        bound = _Postgresql(owner.place, prefer_psycopg3=True)
    bound.owner = owner
    return bound
