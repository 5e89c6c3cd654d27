"""The composed views of one database."""

from __future__ import annotations

from collections.abc import Mapping

from core.database import Database
from core.model.registry import Registry


class ViewStore:
    """Where pages find the views of a model."""

    def __init__(self, database: Database, registry: Registry, depends: Mapping[str, frozenset[str]]) -> None:
        self.database = database
        self.registry = registry
        self.depends = depends
