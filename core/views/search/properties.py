"""What a search offers of properties: looking in those that are text, grouping by those that have few values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from core.i18n import _
from core.records.environment import Environment
from core.records.properties import Property, definitions
from core.records.traits import unreadable
from core.views.search.arch import Grouping, SearchArch, SearchField

_GROUPED = frozenset({"selection", "boolean", "date"})
_SEARCHED = frozenset({"selection", "text"})


def with_properties(env: Environment, model: str, view: SearchArch) -> SearchArch:
    """A search with the properties that records of the model may have; several of one label tell whose they are."""
    found = list(_properties(env, model))
    fields = [
        SearchField(each.path(field), label, "contains", (each.path(field),), each.info(field))
        for field, each, label in found
        if each.type in _SEARCHED
    ]
    groupings = [
        Grouping(each.path(field), label, each.path(field) + (":month" if each.type == "date" else ""))
        for field, each, label in found
        if each.type in _GROUPED
    ]
    return replace(view, fields=(*view.fields, *fields), groupings=(*view.groupings, *groupings))


def _properties(env: Environment, model: str) -> Iterator[tuple[str, Property, str]]:
    """The field, the definition and the label of each property in use."""
    hidden = unreadable(env, model)
    for info in env.registry.schema[model].fields.values():
        if not info.definitions or info.name in hidden:
            continue
        used = [each for each in definitions(env, model, info.name).by_name.values() if each.active]
        count = Counter(each.label for each in used)
        asked = [each.owner or 0 for each in used if count[each.label] > 1]
        owners = env.labels(str(env.registry.schema[model].fields[info.by].target), asked) if asked else {}
        for each in used:
            owner = owners.get(each.owner or 0, "") if count[each.label] > 1 else ""
            label = _("{label} ({owner})", label=each.label, owner=owner) if owner else each.label
            yield info.name, each, label
