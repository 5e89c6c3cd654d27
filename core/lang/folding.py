"""Which folding `contains` and `startswith` use: the full one where the field has a stored twin, else the one
PostgreSQL can do itself."""

from __future__ import annotations

from collections.abc import Callable

from core.lang.tree import Match, Node, Path, is_fixed
from core.sqlite_functions import fold_plain
from core.text import fold


def folds_fully(match: Match) -> bool:
    """Whether both sides can be had in full folding: from a stored twin, or in Python where no record is needed."""
    return _has_twin(match.text) and (_has_twin(match.needle) or is_fixed(match.needle))


def fold_function(match: Match) -> Callable[[object], str | None]:
    """The folding of the match, for text or none."""
    folding = fold if folds_fully(match) else fold_plain
    return lambda text: None if text is None else folding(str(text))


def _has_twin(node: Node) -> bool:
    return isinstance(node, Path) and node.fields[-1].fold is not None
