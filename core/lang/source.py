"""From source text to Python's syntax tree: the only place that meets hostile text.

Nothing is ever evaluated. Columns are counted in characters from 1, although Python counts bytes. How deep and how
large a tree may be is checked by the reader of the tree, as it goes.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import NoReturn

from core.errors import ExpressionError
from core.i18n import _

MAX_CHARACTERS = 4000

_SUSPECT = re.compile(r"[#\\]|\d[A-Za-z]")
_QUOTED = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
_COMMENT = re.compile(rf"{_QUOTED}|(#)")
_GLUED_NUMBER = re.compile(rf"{_QUOTED}|(?<![\w.])\.?\d[\d_]*+\.?+[\d_]*+(?:[eE][+-]?\d+)?+([A-Za-z])")
_ESCAPE = re.compile(r"\\(?:[\\'\"nrtux]|U00)|(\\)")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of an expression and its syntax tree. `skipped` characters of blank stand before the tree's first."""

    text: str
    tree: ast.expr
    skipped: int
    ascii: bool

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where a node stands, as character offsets."""
        start, end = node.col_offset, node.end_col_offset or 0
        if not self.ascii:
            data = self.text[self.skipped :].encode()
            start, end = len(data[:start].decode()), len(data[:end].decode())
        return start + self.skipped, end + self.skipped

    def refuse(self, text: str, span: tuple[int, int], suggestion: str = "") -> NoReturn:
        """Raise ExpressionError for the place."""
        raise ExpressionError(text, column=span[0] + 1, suggestion=suggestion, source=self.text)


def read_source(text: str) -> Source:
    """Parse text that is not blank. Raises ExpressionError for anything that is not one Python expression."""
    _check_characters(text)
    line = text.replace("\r", " ").replace("\n", " ")
    body = line.lstrip(" \t")
    skipped = len(line) - len(body)
    try:
        return Source(text, ast.parse(body, mode="eval").body, skipped, text.isascii())
    except SyntaxError as error:
        column = min(error.offset or len(body) + 1, len(body) + 1) + skipped
        raise ExpressionError(_("this is not an expression"), column=column, source=text) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(_("this is too deep or not an expression"), column=1, source=text) from error


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        reason = _(
            "an expression has at most {limit} characters, this has {count}", limit=MAX_CHARACTERS, count=len(text)
        )
        raise ExpressionError(reason, column=MAX_CHARACTERS + 1, source=text)
    if not text.isprintable():
        for column, char in enumerate(text, 1):
            if char == "\0" or "\ud800" <= char <= "\udfff":
                raise ExpressionError(_("this character is not allowed"), column=column, source=text)
    if _SUSPECT.search(text):
        _check_suspect(text)


def _check_suspect(text: str) -> None:
    """Refuse what Python would swallow (a comment takes the joined lines after it) or only warn about."""
    for pattern, reason in (
        (_COMMENT, _("comments are not allowed")),
        (_GLUED_NUMBER, _("a blank is missing after the number, or this is not a decimal number")),
        (_ESCAPE, _("unknown escape; write a backslash as \\\\")),
    ):
        for found in pattern.finditer(text):
            if found.group(1):
                raise ExpressionError(reason, column=found.start(1) + 1, source=text)
