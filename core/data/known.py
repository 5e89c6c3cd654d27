"""The external ids of a database, read at once: what data files name is looked up among them."""

from __future__ import annotations

from collections.abc import Mapping

from core.database import Database, placed

# Model and id of every record that has an external id, by that id.
KnownIds = Mapping[str, tuple[str, int]]


def known_ids(database: Database, model: str = "") -> dict[str, tuple[str, int]]:
    """Every external id of the database, or those of a model's records."""
    where = " WHERE model = ?" if model else ""
    sql = placed(database, f"SELECT addon || '.' || name, model, record FROM core_external_id{where}")
    return {name: (known, record) for name, known, record in database.fetch(sql, (model,) if model else ())}
