"""Orders: `-expected_revenue, name, partner.name` as typed terms. None sorts last in both directions; every order ends
in `id`."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import ExpressionError
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.paths import find_path, label_path
from core.lang.schema import Schema
from core.lang.source import MAX_CHARACTERS
from core.lang.tree import Path
from core.lang.typing import kind_text

MAX_TERMS = 8


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One term. `kind` is that of the value sorted by: a many2one sorts by the label of its record."""

    path: str
    descending: bool
    kind: Kind

    @property
    def text(self) -> str:
        """The term as it is written."""
        return f"-{self.path}" if self.descending else self.path


def parse_order(source: str, model: str, schema: Schema) -> tuple[OrderTerm, ...]:
    """Read an order; `id` is added unless it is there, and what stands behind it is dropped, as it can change nothing.

    Raises ExpressionError with the column and the nearest name; for to-many relations, paths that come twice, more than
    8 terms.
    """
    if len(source) > MAX_CHARACTERS:
        raise ExpressionError(_("this order is too long"), column=MAX_CHARACTERS + 1, source=source)
    terms: list[OrderTerm] = []
    start = 0
    for text in source.split(",") if source.strip() else []:
        term, column = _read_term(text, start + 1, source, model, schema)
        if any(term.path == other.path for other in terms):
            raise ExpressionError(_("'{path}' comes twice", path=term.path), column=column, source=source)
        terms.append(term)
        start += len(text) + 1
    ends = next((position for position, term in enumerate(terms) if term.path == "id"), None)
    found = terms[: ends + 1] if ends is not None else [*terms, OrderTerm("id", False, Kind.INTEGER)]
    if len(found) > MAX_TERMS:
        raise ExpressionError(_("an order has at most {limit} terms", limit=MAX_TERMS), column=1, source=source)
    return tuple(found)


def _read_term(text: str, start: int, source: str, model: str, schema: Schema) -> tuple[OrderTerm, int]:
    column = start + len(text) - len(text.lstrip())
    word = text.strip()
    descending = word.startswith("-")
    if descending:
        column += len(word) - len(word[1:].lstrip())
        word = word[1:].lstrip()
    try:
        path = find_path(word, model, schema, column=column)
    except ExpressionError as error:
        raise ExpressionError(error.reason, column=error.column, suggestion=error.suggestion, source=source) from error
    if path.kind in (Kind.REFERENCES, Kind.JSON):
        words = _("{kind} has no order") if path.kind is Kind.JSON else _("{kind} have no order")
        reason = words.format(kind=kind_text(path.kind))
        raise ExpressionError(reason, column=column, source=source)
    return OrderTerm(path.dotted, descending, sort_path(path, schema).kind), column


def sort_path(path: Path, schema: Schema) -> Path:
    """What a path sorts by: itself, or for a many2one the label of its record where there is one."""
    label = label_path(path, schema) if path.kind is Kind.REFERENCE else None
    return path if label is None else label
