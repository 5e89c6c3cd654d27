"""The first records of several values of one field, in one statement: one branch each, each with its own limit.

A branch is the query of a page, so that it has the reader's rights and uses the index of the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.lang.bound import Bound
from core.lang.joining import conjunction
from core.lang.tree import Expression
from core.records.environment import Environment
from core.records.query import Query, Select, require_readable, select_page
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
    require_readable(env, model, wanted)
    if not values or not env[model].may("read"):
        return [[] for _value in values]
    with_key = env.registry.parse(f"{path} == {_KEY}", model, {_KEY: bound})
    without = env.registry.parse(f"{path} == none", model)
    texts, parameters = [], []
    for number, value in enumerate(values):
        query = Query(
            env,
            model,
            _both(narrowing, without if value is None else with_key),
            {**narrowing.bound, **({} if value is None else {_KEY: value})},
        )
        selected = _selected(query, wanted, order)
        texts.append(f"SELECT {number} AS branch, b{number}.* FROM ({selected.statement.text}) AS b{number}")
        parameters += query.bound(selected.statement, {"_limit": limit})
    rows = env.database.fetch(" UNION ALL ".join(texts), parameters)
    found: list[list[dict[str, Any]]] = [[] for _value in values]
    branch_of = [int(str(row[0])) for row in rows]
    for branch, row in zip(branch_of, selected.decode(row[1:] for row in rows), strict=True):
        found[branch].append(dict(zip(wanted, row, strict=False)))
    return found


def _selected(query: Query, wanted: Sequence[str], order: str | None) -> Select:
    """The statement of one branch, kept by its shape: the same for all values."""
    terms = query.order(order)
    text = ",".join(term.text for term in terms)
    return query.kept("page", (tuple(wanted), text, None), lambda: select_page(query, wanted, terms, None))


def _both(narrowing: Narrowing, condition: Expression) -> Expression:
    return conjunction([narrowing.expression, condition]) if narrowing.expression else condition
