"""A search view as values."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from core.data.xml import attribute, tag
from core.lang.schema import FieldInfo
from core.views import arch
from core.views.checks import words
from core.views.nodes import Reader


@dataclass(frozen=True, slots=True)
class SearchField:
    """What typed text is looked for in: one of the paths must match."""

    name: str
    label: str
    operator: str
    paths: tuple[str, ...]
    info: FieldInfo


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that can be switched on."""

    name: str
    label: str
    condition: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping that is offered; `field` as a list's `group` has it."""

    name: str
    label: str
    field: str


@dataclass(frozen=True, slots=True)
class SearchArch:
    """Fields, filters (those of one tuple are alternatives, tuples add up) and groupings."""

    fields: tuple[SearchField, ...]
    filters: tuple[tuple[Filter, ...], ...]
    groupings: tuple[Grouping, ...]


def read(root: etree._Element, reader: Reader) -> SearchArch:
    """Read a checked search."""
    fields: list[SearchField] = []
    filters: list[list[Filter]] = [[]]
    groupings: list[Grouping] = []
    for node in root.iterchildren("*"):
        name, label = attribute(node, "name"), attribute(node, "label")
        if tag(node) == "separator":
            filters.append([])
        elif tag(node) == "field":
            fields.extend(_field(node, reader))
        elif reader.sees(arch.groups(node)) and tag(node) == "filter":
            filters[-1].append(Filter(name, label, attribute(node, "condition")))
        elif reader.sees(arch.groups(node)):
            groupings.append(Grouping(name, label, attribute(node, "field")))
    return SearchArch(tuple(fields), tuple(tuple(each) for each in filters if each), tuple(groupings))


def _field(node: etree._Element, reader: Reader) -> list[SearchField]:
    found = reader.field(node)
    if found is None:
        return []
    paths = tuple(words(attribute(node, "paths"))) or (found.path,)
    return [SearchField(found.path, found.label, attribute(node, "operator") or "contains", paths, found.info)]
