"""What the examination of a database finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.records.environment import Environment


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, in words, and what its repair would do.

    `model` is a model or, for what no model describes, a table; `old` and `new` are values as text. `logged` says that
    the repair is in the history and can be undone; `mend` does it, None where people must decide.
    """

    check: str
    model: str
    id: int | None
    text: str
    field: str = ""
    old: str = ""
    new: str = ""
    action: str = ""
    logged: bool = False
    mend: Callable[[Environment], None] | None = None
