"""A board view as values."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from core.data.xml import attribute
from core.views.checks import words
from core.views.nodes import FieldNode, Reader

LIMIT = 30


@dataclass(frozen=True, slots=True)
class BoardArch:
    """The field whose values are the columns, the amounts summed in their heads, the fields of a card."""

    model: str
    group: FieldNode
    sum: FieldNode | None
    weighted: FieldNode | None
    quick: tuple[FieldNode, ...]
    cards: tuple[FieldNode, ...]
    order: str
    limit: int


def read(root: etree._Element, reader: Reader) -> BoardArch:
    """Read a checked board. Its column field is always read: without it there is no board, and records refuse it."""
    group = Reader(reader.registry, reader.model, None, reader.mentioned).field(_named(attribute(root, "group")))
    assert group is not None  # a reader of everything leaves nothing out
    return BoardArch(
        model=reader.model,
        group=group,
        sum=_single(reader, attribute(root, "sum")),
        weighted=_single(reader, attribute(root, "weighted")),
        quick=tuple(node for name in words(attribute(root, "quick_create")) if (node := _single(reader, name))),
        cards=tuple(reader.fields(root.find("card"))),
        order=attribute(root, "order"),
        limit=int(attribute(root, "limit") or LIMIT),
    )


def _named(path: str) -> etree._Element:
    node = etree.Element("field")
    node.set("name", path)
    return node


def _single(reader: Reader, path: str) -> FieldNode | None:
    """A field that the board names in an attribute."""
    return reader.field(_named(path)) if path else None
