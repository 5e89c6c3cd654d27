"""Comparisons and membership: from two read nodes to the condition they mean.

A many2one beside text means the label of its record; a to-many relation may stand beside `in` and `== none`; empty text
is none.
"""

from __future__ import annotations

from typing import Literal as OneOf
from typing import cast

from core.i18n import _
from core.lang.kinds import Kind
from core.lang.paths import label_path, target_of
from core.lang.tree import Compare, Constant, Filled, In, Member, Name, Node, Not, Or, Path, Span
from core.lang.typing import IDS, ORDERED, Raw, RawList, Typer, kind_text

Operator = OneOf["==", "<", "<=", ">", ">="]


class Comparisons:
    """Builds the conditions of one expression."""

    def __init__(self, typer: Typer) -> None:
        self.typer = typer

    def compare(self, operator: str, left: Node, right: Node, span: Span) -> Node:
        """`==`, `!=` and the order comparisons."""
        if operator == "==":
            return self.equal(left, right, span)
        if operator == "!=":
            return Not(Kind.BOOLEAN, span, self.equal(left, right, span))
        left, right = self.typer.scalar(left), self.typer.scalar(right)
        for node in (left, right):
            if node.kind not in ORDERED:
                self.typer.refuse(_("{kind} has no order", kind=kind_text(node.kind)), node.span)
        left, right = self.typer.unify(left, right)
        return Compare(Kind.BOOLEAN, span, cast(Operator, operator), left, right)

    def equal(self, left: Node, right: Node, span: Span) -> Node:
        """`==`; none may stand on either side."""
        left, right = _without_blank(left), _without_blank(right)
        if left.kind is Kind.NONE and not isinstance(left, RawList):
            left, right = right, left
        if right.kind is Kind.NONE and isinstance(left, Path) and left.kind is Kind.REFERENCES:
            return Not(Kind.BOOLEAN, span, Filled(Kind.BOOLEAN, span, left))
        left, right = self._labels(self.typer.scalar(left), self.typer.scalar(right))
        return Compare(Kind.BOOLEAN, span, "==", *self.typer.unify(left, right))

    def membership(self, left: Node, right: Node, span: Span) -> Node:
        """`in` a list, a list bound by name, or a to-many relation."""
        if isinstance(right, Path) and right.kind is Kind.REFERENCES:
            return self._member(right, self.typer.settle(self.typer.scalar(left)), span)
        if isinstance(right, RawList):
            return self._among(left, right, span)
        if isinstance(right, Name) and right.many:
            if isinstance(left, Path) and left.kind is Kind.REFERENCES:
                return self._member(left, right, span)
            left, right = self._labels(self.typer.scalar(left), right)
            return In(Kind.BOOLEAN, span, *self.typer.unify(left, right))
        suggestion = "contains(text, part)" if right.kind is Kind.TEXT else ""
        self.typer.refuse(_("after 'in' stands a list or a relation to many records"), right.span, suggestion)

    def _among(self, left: Node, right: RawList, span: Span) -> Node:
        items = [_without_blank(item) for item in right.items]
        relation = left if isinstance(left, Path) and left.kind is Kind.REFERENCES else None
        parts = [self._one_of(left, relation, raws, right.span) for raws in _by_kind(items)]
        for item in items:
            if isinstance(item, Raw):
                continue
            if relation is not None:
                parts.append(self._member(relation, item, item.span))
            else:
                parts.append(self.equal(left, item, item.span))
        if len(parts) == 1:
            return parts[0]
        return Or(Kind.BOOLEAN, span, tuple(parts)) if parts else Constant(Kind.BOOLEAN, span, False)

    def _one_of(self, left: Node, relation: Path | None, raws: list[Raw], span: Span) -> Node:
        kind = raws[0].kind
        if relation is not None:
            wanted = Kind.TEXT if kind is Kind.TEXT else Kind.REFERENCE
            return self._member(relation, self.typer.list_of(raws, wanted, relation, span), span)
        if isinstance(left, Raw):
            left = self.typer.settle(left)
        left = self._labelled(self.typer.scalar(left), kind)
        return In(Kind.BOOLEAN, span, left, self.typer.list_of(raws, left.kind, left, span))

    def _member(self, relation: Path, choices: Node, span: Span) -> Node:
        if choices.kind is Kind.TEXT:
            if label_path(relation, self.typer.schema) is None:
                self.typer.refuse(_("the records of '{name}' have no label", name=relation.dotted), relation.span)
        elif choices.kind not in IDS:
            found = kind_text(choices.kind)
            reason = _("records are named by their label or their id, not by {kind}", kind=found)
            self.typer.refuse(reason, choices.span)
        else:
            self.typer.check_targets(relation, choices)
        return Member(Kind.BOOLEAN, span, relation, choices)

    def _labels(self, left: Node, right: Node) -> tuple[Node, Node]:
        return self._labelled(left, right.kind), self._labelled(right, left.kind)

    def _labelled(self, node: Node, beside: Kind) -> Node:
        """The label of a many2one that stands beside text, else the node itself."""
        if beside is not Kind.TEXT or not isinstance(node, Path) or node.kind is not Kind.REFERENCE:
            return node
        return self.label(node)

    def label(self, path: Path) -> Node:
        """The label of the record a many2one leads to."""
        found = label_path(path, self.typer.schema) if target_of(path, self.typer.schema) else None
        if found is None:
            self.typer.refuse(_("the record of '{name}' has no label", name=path.dotted), path.span)
        return found


def _without_blank(node: Node) -> Node:
    return Constant(Kind.NONE, node.span, None) if isinstance(node, Raw) and node.value == "" else node


def _by_kind(items: list[Node]) -> list[list[Raw]]:
    """The literals of a list: texts apart from numbers."""
    raws = [item for item in items if isinstance(item, Raw)]
    texts = [raw for raw in raws if raw.kind is Kind.TEXT]
    numbers = [raw for raw in raws if raw.kind is not Kind.TEXT]
    return [group for group in (numbers, texts) if group]
