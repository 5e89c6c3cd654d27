"""Waiting for a word from another process: LISTEN on PostgreSQL; on SQLite, one process, the event alone.

The connection is one of its own, since a pooled one is lent to whoever comes next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from core.database.connections import open_postgresql, parse_address
from core.database.database import Database

# How long a wait on the server lasts before the event of this process is looked at.
_LOOK_SECONDS = 0.05


class Listener:
    """Waits for an event of this process or a word on the channel."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401
        self._connection = connection

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Return when the event is set, somebody notifies the channel, or the time is over."""
        if self._connection is None:
            event.wait(seconds)
            return
        deadline = time.monotonic() + seconds
        while not event.is_set() and (remaining := deadline - time.monotonic()) > 0:
            try:
                if next(self._connection.notifies(timeout=min(_LOOK_SECONDS, remaining), stop_after=1), None):
                    return
            except psycopg.OperationalError:
                self._connection = None  # the server went away: polling goes on
                return


@contextmanager
def listen(database: Database, channel: str) -> Iterator[Listener]:
    """Listen to a channel while the block runs."""
    if database.engine == "sqlite":
        yield Listener(None)
        return
    connection = open_postgresql(parse_address(database.url))
    try:
        connection.execute(f"LISTEN {channel}")
        yield Listener(connection)
    finally:
        connection.close()
