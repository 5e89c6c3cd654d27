"""A list view as values; forms read the lists of their related records with it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from core.data.xml import attribute
from core.lang.kinds import Kind
from core.lang.tree import Constant, Expression
from core.views.nodes import ButtonNode, FieldNode, Reader

LIMIT = 80
RELATED_LIMIT = 40
_ROLES: Mapping[str, frozenset[Kind]] = {
    "title": frozenset(Kind),
    "aside": frozenset({Kind.MONEY}),
    "meta": frozenset({Kind.REFERENCE}),
    "end": frozenset({Kind.DATE, Kind.INSTANT}),
}

_UNSORTED = frozenset({"tags", "records", "html", "textarea"})


@dataclass(frozen=True, slots=True)
class ListArch:
    """Columns that are shown, fields that are only read (for conditions), and how rows are ordered and grouped."""

    model: str
    record_name: str
    columns: tuple[FieldNode, ...]
    unseen: tuple[FieldNode, ...]
    buttons: tuple[ButtonNode, ...]
    order: str
    limit: int
    group: str

    @property
    def sums(self) -> tuple[FieldNode, ...]:
        """The columns with totals."""
        return tuple(node for node in self.columns if node.sum)

    def roles(self) -> dict[str, str]:
        """Which column goes where when a row becomes a card: key of the node -> role.

        Where the view names none: the first column is the title, then the first amount, relation and date.
        """
        named = {node.card: node.key for node in self.columns if node.card}
        free = [node for node in self.columns if not node.card]
        for role, kinds in _ROLES.items():
            found = next((node for node in free if node.info.kind in kinds), None)
            if role not in named and found is not None:
                named[role] = found.key
                free.remove(found)
        return {key: role for role, key in named.items()}


def read(root: etree._Element, reader: Reader, model: str = "") -> ListArch:
    """Read a checked list over the records of `model` (the view's own where none is given)."""
    fields = [node for node in reader.fields(root, model) if node.optional != "hide"]
    limit = LIMIT if not model else RELATED_LIMIT
    return ListArch(
        model=model or reader.model,
        record_name=attribute(root, "record_name"),
        columns=tuple(node for node in fields if not always(node.invisible)),
        unseen=tuple(node for node in fields if always(node.invisible)),
        buttons=reader.buttons(root.find("header")),
        order=attribute(root, "order"),
        limit=int(attribute(root, "limit") or limit),
        group=attribute(root, "group"),
    )


def order_of(node: FieldNode) -> str:
    """The path that rows are ordered by for a column; empty where there is no order to it."""
    if node.widget.name in _UNSORTED:
        return ""
    return node.path if node.widget.name == "stage" else node.label_path or node.path


def always(expression: Expression | None) -> bool:
    """Whether a modifier holds for every record: it is the word true."""
    return expression is not None and isinstance(expression.tree, Constant) and expression.tree.value is True
