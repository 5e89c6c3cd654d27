"""The tree of a view, every node stamped with who put it there and who changed it.

The stamps live in the attribute `_src` as JSON, since only attributes survive copying; `stripped` takes them off.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from core.data.xml import Place, attribute, attributes, parse_fragment, tag
from core.errors import ConfigurationError, Problem
from core.views.source import ViewSource

STAMP = "_src"
ROOT = "arch"
# Nodes that others anchor to by name: the name must be there and be the only one of its tag in the view.
NAMED = frozenset({"group", "notebook", "page", "counter", "filter", "group_by"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """One hand on a node: the addon, the place, and the attributes it set (none: it created the node)."""

    addon: str
    place: Place
    changed: tuple[str, ...] = ()


def load(source: ViewSource) -> etree._Element:
    """The `<arch>` holding what stands inside `<view>`, stamped. Raises ConfigurationError where it is not XML."""
    document = parse_fragment(source.arch, source.place, ROOT)
    for node, span in document.spans.items():
        if attribute(node, STAMP):
            raise ConfigurationError([span.place.problem("V002", f"<{tag(node)}> has no attribute '{STAMP}'")])
        stamp(node, Stamp(source.addon, span.place))
    return document.root


def stamp(node: etree._Element, new: Stamp) -> None:
    """Add a stamp to the node."""
    place = new.place
    kept = [*json.loads(attribute(node, STAMP) or "[]"), [new.addon, place.file, place.line, place.column, new.changed]]
    node.set(STAMP, json.dumps(kept))


def stamps(node: etree._Element) -> list[Stamp]:
    """Everybody who had a hand on the node, its creator first."""
    return [
        Stamp(addon, Place(file, line, column), tuple(changed))
        for addon, file, line, column, changed in json.loads(attribute(node, STAMP) or "[]")
    ]


def place(node: etree._Element, name: str = "") -> Place:
    """Where the node was put, or where its attribute `name` was last set."""
    found = stamps(node)
    changed = [each for each in found if name and name in each.changed]
    return (changed or found or [Stamp("", Place("", 0, 0))])[-1 if changed else 0].place


def owner(node: etree._Element, name: str = "") -> str:
    """The addon that put the node, or that last set its attribute `name`."""
    found = stamps(node)
    changed = [each for each in found if name and name in each.changed]
    return (changed[-1] if changed else found[0]).addon if found else ""


def stripped(root: etree._Element) -> etree._Element:
    """A copy without stamps, in a document of its own."""
    clean = copy.deepcopy(root)
    for node in clean.iter("*"):
        node.attrib.pop(STAMP, "")
    return clean


def describe(node: etree._Element) -> str:
    """The start tag with what tells the node apart: `<page name="notes">`."""
    key = next((name for name in ("name", "action", "group") if attribute(node, name)), "")
    return f'<{tag(node)} {key}="{attribute(node, key)}">' if key else f"<{tag(node)}>"


def excerpt(node: etree._Element, lines: int = 6) -> Iterator[str]:
    """The node and its children, one line each, as an error shows them."""
    yield describe(node)
    children = list(node.iterchildren("*"))
    for child in children[:lines]:
        yield f"  {describe(child)}"
    if len(children) > lines:
        yield f"  and {len(children) - lines} more"


def groups(node: etree._Element) -> frozenset[str]:
    """The external ids in the node's `groups`: one of them is enough to see it."""
    return frozenset(word for word in re.split(r"[,\s]+", attribute(node, "groups")) if word)


def dump(root: etree._Element) -> str:
    """The composed view as text, one element a line, two spaces each level, attributes in their order."""
    return "\n".join(_dump(stripped(root), 0))


def _dump(node: etree._Element, depth: int) -> Iterator[str]:
    shown = "".join(f' {name}="{value}"' for name, value in attributes(node).items())
    children = list(node.iterchildren("*"))
    yield f"{'  ' * depth}<{tag(node)}{shown}{'' if children else '/'}>"
    for child in children:
        yield from _dump(child, depth + 1)
    if children:
        yield f"{'  ' * depth}</{tag(node)}>"


def problem(node: etree._Element, code: str, text: str, suggestion: str = "", *, at: str = "") -> Problem:
    """A mistake on the node, at the place of its creator or of whoever set the attribute `at`."""
    return place(node, at).problem(code, text, suggestion)
