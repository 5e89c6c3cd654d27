"""Transactions and instants for either engine, for the tables that security reads and writes below the records."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from core.database import Database
from core.lang.kinds import Kind, decoder, encoder


def writing(database: Database) -> AbstractContextManager[None]:
    """A transaction to write in: the one that is open, else one of its own."""
    return nullcontext() if database.in_transaction else database.transaction(write=True)


def stored(database: Database, instant: datetime) -> object:
    """An aware datetime as the driver takes it."""
    encode = encoder(Kind.INSTANT, database.engine)
    return encode(instant) if encode else instant


def loaded(database: Database, value: object) -> datetime | None:
    """A stored instant as an aware datetime in UTC."""
    decode = decoder(Kind.INSTANT, database.engine)
    found = value if value is None or decode is None else decode(value)
    assert found is None or isinstance(found, datetime)
    return found
