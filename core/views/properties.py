"""Properties in views: each shown as a field of its own, and all of a record in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.i18n import _
from core.records.environment import Environment
from core.records.properties import Property, definitions
from core.views.kit import Kit
from core.views.nodes import FieldNode, currency_path, is_fixed
from core.views.widgets import default_widget, edit_widget


def nodes(env: Environment, node: FieldNode) -> dict[str, FieldNode]:
    """A field for each property of a field of properties, by its name such as `properties.seats`."""
    known = definitions(env, node.model, node.path).by_name.values()
    return {found.path: found for found in (_node(env, node, each) for each in known)}


def node_at(env: Environment, node: FieldNode, path: str) -> FieldNode | None:
    """The field of one property, None where it is none of them."""
    return nodes(env, node).get(path)


def _node(env: Environment, node: FieldNode, found: Property) -> FieldNode:
    info, registry = found.info(node.path), env.registry
    widget = default_widget(info)
    return replace(
        node,
        key=f"{node.key}-{found.name}",
        path=info.name,
        info=info,
        label=info.label,
        help="",
        widget=widget,
        edit="" if is_fixed(registry, node.model, node.info) else edit_widget(widget, info),
        currency_path=currency_path(registry, node.path, node.model, info),
        full=False,
    )


def shown(env: Environment, node: FieldNode, record: Mapping[str, Any]) -> list[FieldNode]:
    """The fields that a record shows: its own properties in their order, then others that it has a value of."""
    known, every = definitions(env, node.model, node.path), nodes(env, node)
    own = [f"{node.path}.{each.name}" for each in known.of(record.get(node.info.by))]
    others = [path for path in every if path not in own and record.get(path) not in (None, False)]
    labels = env.labels(_owner_model(env, node), [known.by_name[_name(path)].owner or 0 for path in others])
    return [
        *(every[path] for path in own),
        *(_from(every[path], labels.get(known.by_name[_name(path)].owner or 0, "")) for path in others),
    ]


def _name(path: str) -> str:
    return path.partition(".")[2]


def _from(node: FieldNode, owner: str) -> FieldNode:
    """The field of a property that another record defines, which its label says."""
    return replace(node, label=_("{label} (from {owner})", label=node.label, owner=owner) if owner else node.label)


def _owner_model(env: Environment, node: FieldNode) -> str:
    return str(env.registry.schema[node.model].fields[node.info.by].target)


def in_words(env: Environment, kit: Kit, model: str, field: str, stored: object) -> Iterator[tuple[str, str]]:
    """Label and value of each property that has one, for people; name and value where the definition is gone."""
    values: Mapping[str, object] = stored if isinstance(stored, Mapping) else {}
    known = definitions(env, model, field).by_name
    for name, each in known.items():
        if name in values:
            yield each.label, kit.property(each, values[name])
    yield from ((name, str(value)) for name, value in values.items() if name not in known)
