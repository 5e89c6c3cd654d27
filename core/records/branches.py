"""The first records of each of several conditions, or their number, in one statement: one branch each with its limit.

A branch is the query of a page or of a count, so that it has the reader's rights; a page uses the index of the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.lang.tree import Expression
from core.records.query import Query, Select, select_count, select_page

if TYPE_CHECKING:
    from core.records.environment import Environment

# A condition, and the values of the names in it.
Asked = tuple[str | Expression, Mapping[str, object]]


def read_branches(
    env: Environment, model: str, asked: Sequence[Asked], fields: Sequence[str], order: str | None, limit: int
) -> list[list[dict[str, Any]]]:
    """For each condition its first `limit` records, as dicts by path; rights to model and fields are the caller's to
    check."""
    if not asked:
        return []
    paths, texts, parameters, selects = tuple(dict.fromkeys(fields)), [], [], []
    for number, (where, names) in enumerate(asked):
        query = Query(env, model, where, names)
        selected = _selected(query, paths, order)
        texts.append(f"SELECT {number} AS branch, b{number}.* FROM ({selected.statement.text}) AS b{number}")
        parameters += query.bound(selected.statement, {"_limit": limit})
        selects.append(selected)
    found: list[list[dict[str, Any]]] = [[] for _each in asked]
    for row in env.database.fetch(" UNION ALL ".join(texts), parameters):
        branch = int(str(row[0]))
        (values,) = selects[branch].decode([row[1:]])
        found[branch].append(dict(zip(paths, values, strict=False)))
    return found


def count_branches(
    env: Environment, asked: Sequence[tuple[str, str | Expression, Mapping[str, object]]], limit: int
) -> list[int]:
    """For each model, condition and values of its names the number of records, counted up to `limit`; 0 where the
    reader may not read any."""
    texts, parameters = [], []
    for number, (model, where, names) in enumerate(asked):
        if env[model].may("read"):
            query = Query(env, model, where, names)
            statement = select_count(query)
            texts.append(f"SELECT {number}, ({statement.text})")
            parameters += query.bound(statement, {"_limit": limit})
    rows = env.database.fetch(" UNION ALL ".join(texts), parameters) if texts else ()
    found = {int(str(number)): int(str(count)) for number, count in rows}
    return [found.get(number, 0) for number in range(len(asked))]


def _selected(query: Query, paths: tuple[str, ...], order: str | None) -> Select:
    """The statement of one branch, kept by its shape."""
    terms = query.order(order)
    text = ",".join(term.text for term in terms)
    return query.kept("page", (paths, text, None), lambda: select_page(query, paths, terms, None))
