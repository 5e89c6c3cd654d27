"""Properties on a form: the fields that stand for one field of properties, for the record as it is typed so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.records.environment import Environment
from core.records.properties import spread
from core.views import properties
from core.views.form.arch import FormArch, Item, Notebook, Section
from core.views.nodes import FieldNode
from core.views.template import ShownNode, shown_node

WIDGET = "properties"


@dataclass(frozen=True, slots=True)
class Spread:
    """A form with the fields of a record's properties: `keys` are theirs by the key of the field that they stand for,
    `nodes` those of every property, `empty` the sections that nothing is left in."""

    arch: FormArch
    keys: Mapping[str, list[str]]
    nodes: Mapping[str, ShownNode]
    empty: frozenset[str]


def holding(arch: FormArch) -> list[FieldNode]:
    """The fields of properties that a form shows field by field."""
    return [item for item in arch.items() if isinstance(item, FieldNode) and item.widget.name == WIDGET]


def spread_values(env: Environment, arch: FormArch, record: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a record's properties, by names such as `properties.seats`."""
    return {
        name: value
        for node in holding(arch)
        for name, value in spread(env, node.model, node.path, record.get(node.path)).items()
    }


def spread_form(env: Environment, arch: FormArch, record: dict[str, Any]) -> Spread:
    """The form for this record; what has no value yet gets None in it."""
    shown: dict[str, list[FieldNode]] = {}
    constants: dict[str, ShownNode] = {}
    for node in holding(arch):
        shown[node.key] = properties.shown(env, node, record)
        every = {each.key: each for each in properties.nodes(env, node).values()}
        every.update((each.key, each) for each in shown[node.key])
        constants.update((key, shown_node(each)) for key, each in every.items())
        for each in every.values():
            record.setdefault(each.path, None)
    body = tuple(_part(part, shown) for part in arch.body)
    found = replace(arch, body=body)
    full = {section.key for section in arch.sections() if section.items}
    empty = frozenset(section.key for section in found.sections() if section.key in full and not section.items)
    return Spread(found, {key: [each.key for each in nodes] for key, nodes in shown.items()}, constants, empty)


def _part(part: Section | Notebook, shown: Mapping[str, Sequence[FieldNode]]) -> Section | Notebook:
    if isinstance(part, Section):
        return _section(part, shown)
    tabs = (replace(tab, sections=tuple(_section(each, shown) for each in tab.sections)) for tab in part.tabs)
    return replace(part, tabs=tuple(tabs))


def _section(section: Section, shown: Mapping[str, Sequence[FieldNode]]) -> Section:
    return replace(section, items=tuple(_items(section.items, shown)))


def _items(items: Iterable[Item], shown: Mapping[str, Sequence[FieldNode]]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, FieldNode) and item.key in shown:
            yield from shown[item.key]
        else:
            yield item
