"""Statement text for either engine."""

from __future__ import annotations

from core.database.database import Database


def placed(database: Database, sql: str) -> str:
    """The statement, written with `?`, in the placeholder style of the database's driver."""
    return sql.replace("?", "%s") if database.engine == "postgresql" else sql
