"""A board view as values."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from core.data.xml import attribute
from core.lang.kinds import Kind
from core.lang.tree import Expression
from core.views.checks import words
from core.views.nodes import ButtonNode, FieldNode, Reader

LIMIT = 30


@dataclass(frozen=True, slots=True)
class BoardArch:
    """The field whose values are the columns, the amounts summed in their heads, the fields of a card.

    `unit` is the span of time that a column stands for where the field is a date or an instant.
    """

    model: str
    group: FieldNode
    unit: str
    sum: FieldNode | None
    weighted: FieldNode | None
    also: FieldNode | None
    buttons: tuple[ButtonNode, ...]
    quick: tuple[FieldNode, ...]
    cards: tuple[FieldNode, ...]
    readonly: Expression | None
    order: str
    limit: int

    @property
    def totals(self) -> tuple[FieldNode, ...]:
        """What is summed in the heads of columns."""
        return tuple(node for node in (self.sum, self.weighted, self.also) if node)

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """What is asked of each record besides the conditions of its card: whether it stays, and its buttons."""
        asked = (self.readonly, *(button.invisible for button in self.buttons))
        return tuple(each for each in asked if each)

    @property
    def by(self) -> str:
        """What the cards are sorted into columns by, as an aggregate takes it."""
        return f"{self.group.path}:{self.unit}" if self.unit else self.group.path

    @property
    def movable(self) -> bool:
        """Whether a card can get the value of another column; no instant stands for a span of time."""
        return bool(self.group.edit) and self.group.info.kind is not Kind.INSTANT


def read(root: etree._Element, reader: Reader) -> BoardArch:
    """Read a checked board. Its column field is always read: without it there is no board, and records refuse it."""
    path, _colon, unit = attribute(root, "group").partition(":")
    group = Reader(reader.registry, reader.model, None, reader.mentioned).field(_named(path))
    assert group is not None  # a reader of everything leaves nothing out
    return BoardArch(
        model=reader.model,
        group=group,
        unit=unit,
        sum=_single(reader, attribute(root, "sum")),
        weighted=_single(reader, attribute(root, "weighted")),
        also=_single(reader, attribute(root, "also")),
        buttons=reader.buttons(root.find("header")),
        quick=tuple(node for name in words(attribute(root, "quick_create")) if (node := _single(reader, name))),
        cards=tuple(reader.fields(root.find("card"))),
        readonly=reader.expression(root, "readonly", reader.model),
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
