"""What the values of one field were, step by step, read from the change log of many records at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.lang.kinds import Kind, decoder
from core.records import changelog
from core.records.query import in_chunks

if TYPE_CHECKING:
    from core.records.environment import Environment

_CHANGES = (
    "SELECT c.record, c.before, c.after, s.id, s.at, s.undoes FROM core_change c"
    " JOIN core_change_set s ON s.id = c.change_set_id"
    " WHERE c.model_no = {slot} AND c.operation = 'w' AND c.record IN ({slots}) ORDER BY c.id"
)


@dataclass(frozen=True, slots=True)
class FieldStep:
    """One change of the field's value, and the change set that made it."""

    at: datetime
    change_set: int
    old: object
    new: object


def field_history(env: Environment, model: str, ids: Collection[int], name: str) -> dict[int, list[FieldStep]]:
    """The changes of a field by record, oldest first, as if what was undone had never been; whoever asks.

    A record whose field was never changed since it was created has none.
    """
    kinds = {name: changelog.logged_fields(env.registry, model)[name]}
    convert = decoder(Kind.INSTANT, env.database.engine)
    found: dict[int, list[tuple[FieldStep, int | None]]] = {id_: [] for id_ in ids}
    for chunk, slots in in_chunks(env, sorted(found)):
        text = _CHANGES.format(slot=env.runtime.slot, slots=slots)
        rows = env.database.fetch(text, [env.runtime.model_number(model), *chunk])
        for record, before, after, change_set, at, undoes in rows:
            old, new = changelog.from_image(before, kinds), changelog.from_image(after, kinds)
            if name in new and old.get(name) != new[name]:
                when: Any = convert(at) if convert else at
                step = FieldStep(when, change_set, old.get(name), new[name])
                found[record].append((step, undoes))
    return {record: _without_undone(steps) for record, steps in found.items()}


def _without_undone(steps: Sequence[tuple[FieldStep, int | None]]) -> list[FieldStep]:
    """Leave out what was undone, with its undo; an undo that was undone itself leaves what it had undone."""
    gone: set[int] = set()
    made: Mapping[int, int | None] = {step.change_set: undoes for step, undoes in steps}
    for change_set in sorted(made, reverse=True):
        undone = made[change_set]
        if change_set not in gone and undone is not None:
            gone |= {change_set, undone}
    return [step for step, _undoes in steps if step.change_set not in gone]
