"""What an action opens a model with: its condition, the filters that are on, grouping, order, values of new records."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

FIELDS = (
    "id",
    "name",
    "record_name",
    "model",
    "views",
    "condition",
    "filters",
    "group_by",
    "order",
    "defaults",
    "help",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """An action as values; one that opens everything unless said otherwise. `record_name` is that of one of them.

    `views` are view types; `named` has the external ids of those that are not the usual ones of their type.
    """

    model: str
    name: str = ""
    record_name: str = ""
    views: tuple[str, ...] = ("list", "form")
    condition: str = ""
    filters: tuple[str, ...] = ()
    group: str = ""
    order: str = ""
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    help: str = ""
    named: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Opening:
        """The opening of a row of core.action, read with FIELDS."""
        views = views_of(row["views"])
        return cls(
            model=row["model"],
            name=row["name"] or "",
            record_name=row["record_name"] or "",
            views=tuple(kind for kind, _name in views) or ("list", "form"),
            condition=row["condition"] or "",
            filters=_words(row["filters"]),
            group=row["group_by"] or "",
            order=row["order"] or "",
            defaults=MappingProxyType(json.loads(row["defaults"] or "{}")),
            help=row["help"] or "",
            named=MappingProxyType({kind: name for kind, name in views if name}),
        )


def views_of(text: str | None) -> tuple[tuple[str, str], ...]:
    """The view types that an action names, each with the external id of its view where one is named."""
    return tuple((kind, name) for kind, _colon, name in (word.partition(":") for word in _words(text)))


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text or "") if word)
