"""What a create or a write would be refused for, found out without a trace: nothing is stored, no id is used up.

Rights, values, what `before_write` makes of them, required fields and constraints are checked as by the pipeline. Not
checked is what only stored rows can tell: constraints that query, unique values, record rules on the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.model.change import Change
from core.records import checks
from core.records.images import lock_images
from core.records.pipeline import _before_write, _explicit, _take_links, default_values
from core.records.values import check_given

if TYPE_CHECKING:
    from core.records.environment import Environment


class _Over(Exception):
    """Ends a rehearsal that went well."""


def rehearse_create(env: Environment, model: str, items: Sequence[Mapping[str, object]]) -> None:
    """Check new records as `create_many` would, in one batch.

    :raises Refusal: the same as `create_many`.
    """
    checks.require_right(env, model, "create")
    if not items:
        return
    single = len(items) == 1
    given = [check_given(env, model, item, None if single else row) for row, item in enumerate(items)]
    changes = [Change("create", 0, {}, {**item.values, **item.links}, _explicit(item)) for item in given]
    for name, value in default_values(env, model).items():
        for change in changes:
            change.values.setdefault(name, value)
    with _without_trace(env):
        _before_write(env, model, changes)
        links = _take_links(env, model, changes)
        rows = [_whole(env, model, change) for change in changes]
        records = env.registry.models[model].adopt_all(rows)
        checks.check_new(env, model, changes, records)
        checks.check_references(env, model, changes, links)


def rehearse_write(env: Environment, model: str, items: Sequence[tuple[int, Mapping[str, object]]]) -> None:
    """Check changes of records as `write_many` would, in one batch.

    :raises Refusal: the same as `write_many`.
    """
    checks.require_right(env, model, "update")
    if not items:
        return
    given = [check_given(env, model, values) for _id, values in items]
    images = lock_images(env, model, [id_ for id_, _values in items], "update")
    changes = [
        Change("write", id_, images[id_], {**item.values, **item.links}, _explicit(item))
        for (id_, _values), item in zip(items, given, strict=True)
    ]
    with _without_trace(env):
        _before_write(env, model, changes)
        _take_links(env, model, changes)
        records = env.registry.models[model].adopt_all([{**change.before, **change.values} for change in changes])
        names = frozenset(name for change in changes for name in change.values)
        checks.check_changed(env, model, changes, records, names)


def _whole(env: Environment, model: str, change: Change) -> dict[str, object]:
    blank = {info.name: None for info in env.registry.schema[model].fields.values() if info.column}
    return {**blank, **change.values}


@contextmanager
def _without_trace(env: Environment) -> Iterator[None]:
    """Take back what the hooks of the model do inside the block."""
    try:
        with env.savepoint(), env:
            yield
            raise _Over
    except _Over:
        pass
