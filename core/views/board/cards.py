"""The first cards of all columns of a board, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.lang.bound import Bound
from core.lang.joining import conjunction
from core.lang.tree import Expression
from core.records.environment import Environment
from core.views.search.narrowing import Narrowing

_KEY = "column_key"

# Path of the field, what its values are bound as, the values.
Branches = tuple[str, Bound, Sequence[object]]


def first_cards(
    env: Environment,
    model: str,
    narrowing: Narrowing,
    branches: Branches,
    wanted: Sequence[str],
    order: str | None,
    limit: int,
) -> list[list[dict[str, Any]]]:
    """For each value the first `limit` records that have it, as dicts by path; links are left out.

    :raises AccessDenied: a field is closed to the reader.
    """
    path, bound, values = branches
    if not env[model].may("read"):
        return [[] for _value in values]
    with_key = _both(narrowing, env.registry.parse(f"{path} == {_KEY}", model, {_KEY: bound}))
    without = _both(narrowing, env.registry.parse(f"{path} == none", model))
    asked = [
        (without, narrowing.bound) if value is None else (with_key, {**narrowing.bound, _KEY: value})
        for value in values
    ]
    return env[model].read_each(asked, wanted, order=order, limit=limit)


def _both(narrowing: Narrowing, condition: Expression) -> Expression:
    return conjunction([narrowing.expression, condition]) if narrowing.expression else condition
