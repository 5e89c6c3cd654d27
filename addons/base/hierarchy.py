"""Trees of records: refusing those that would bite their own tail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import FieldError, Invalid

if TYPE_CHECKING:
    from core import Change, RecordsProtocol


def refuse_cycles(records: RecordsProtocol, changes: Sequence[Change], field: str, text: str) -> None:
    """Refuse changes after which a record would be above itself; to be called when they are stored.

    :param records: unrestricted records of the model, so that no part of the tree is hidden.
    :raises Invalid: naming the field.
    """
    moved = [change.id for change in changes if change.operation == "write" and change.changed(field) and change[field]]
    if not moved:
        return
    parents = _ancestry(records, moved, field)
    for start in moved:
        seen: set[int] = set()
        current: int | None = start
        while current is not None and current not in seen:
            seen.add(current)
            current = parents.get(current)
        if current is not None:
            raise Invalid([FieldError(field, text)])


def _ancestry(records: RecordsProtocol, ids: Sequence[int], field: str) -> dict[int, int | None]:
    """The parent of every record on the way up from `ids`."""
    parents: dict[int, int | None] = {}
    level = list(ids)
    while level:
        found = records.read_ids(level, [field])
        parents.update({id_: values[field] for id_, values in found.items()})
        level = sorted({parent for id_ in found if (parent := parents[id_]) is not None and parent not in parents})
    return parents
