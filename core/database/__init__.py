"""Databases by address: connections, transactions, savepoints, effects after commit, driver errors as errors of ours.

Two engines, SQLite and PostgreSQL, behind one class. Statements are text and go straight to the driver; peewee keeps
only what its models need. Nothing here knows a model, a user or a right. This package gives its public names here,
because every layer above speaks of `core.database` alone.
"""

from core.database.connections import Cursor
from core.database.database import Counter, Database, connect
from core.database.statements import placed

__all__ = ["Counter", "Cursor", "Database", "connect", "placed"]
