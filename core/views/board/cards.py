"""The first cards of all columns of a board, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.lang.joining import conjunction
from core.lang.tree import Expression
from core.records.environment import Environment
from core.views.search.narrowing import Narrowing


@dataclass(frozen=True, slots=True)
class Branch:
    """What the records of one column have in common: a condition, and the values of the names in it."""

    condition: Expression
    names: Mapping[str, object] = field(default_factory=dict)


def first_cards(
    env: Environment,
    model: str,
    narrowing: Narrowing,
    branches: Sequence[Branch],
    wanted: Sequence[str],
    order: str | None,
    limit: int,
) -> list[list[dict[str, Any]]]:
    """For each branch its first `limit` records, as dicts by path; links are left out.

    :raises AccessDenied: a field is closed to the reader.
    """
    if not env[model].may("read"):
        return [[] for _branch in branches]
    asked = [(_both(narrowing, branch.condition), {**narrowing.bound, **branch.names}) for branch in branches]
    return env[model].read_each(asked, wanted, order=order, limit=limit)


def _both(narrowing: Narrowing, condition: Expression) -> Expression:
    return conjunction([narrowing.expression, condition]) if narrowing.expression else condition
