"""Values of the write pipeline that hooks of definitions see: one `Change` per row, `Link` for links added and
removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Operation = Literal["create", "write", "delete"]


class Link:
    """Links of a many2many to add and to remove, by id; rows may be given in place of ids."""

    __slots__ = ("add", "remove")

    def __init__(self, add: Iterable[object] = (), remove: Iterable[object] = ()) -> None:
        self.add: tuple[int, ...] = tuple(dict.fromkeys(_id(item) for item in add))
        self.remove: tuple[int, ...] = tuple(dict.fromkeys(_id(item) for item in remove))

    def __repr__(self) -> str:
        return f"Link(add={list(self.add)}, remove={list(self.remove)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Link) and (self.add, self.remove) == (other.add, other.remove)

    def __hash__(self) -> int:
        return hash((self.add, self.remove))

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)

    def apply(self, ids: Iterable[int]) -> tuple[int, ...]:
        """The ids that are linked after the change, in the order of `ids`, new ones last."""
        kept = dict.fromkeys(id_ for id_ in ids if id_ not in self.remove)
        return tuple({**kept, **dict.fromkeys(self.add)})


def _id(item: object) -> int:
    found = item if isinstance(item, int) else getattr(item, "id", None)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ValueError(f"{item!r} is neither a saved row nor an id")
    return found


class Change:
    """What happens to one row: its stored values `before` (none for a create) and the new `values` (changed or given
    ones).

    Values are Python values as declared: a many2one is an id or None, a many2many in `values` a tuple of ids or a
    `Link`. `explicit` holds the names the caller gave; hooks may set others with `suggest`, or any value through
    `values`.
    """

    __slots__ = ("before", "explicit", "id", "operation", "values")

    def __init__(
        self,
        operation: Operation,
        id: int,
        before: Mapping[str, object],
        values: dict[str, object],
        explicit: frozenset[str] = frozenset(),
    ) -> None:
        self.operation: Operation = operation
        self.id = id
        self.before = before
        self.values = values
        self.explicit = explicit

    def __repr__(self) -> str:
        return f"<Change {self.operation} {self.id} {sorted(self.values)}>"

    def __getitem__(self, name: str) -> object:
        """The value after the change; None where neither old nor new values have it."""
        return self.values[name] if name in self.values else self.before.get(name)

    def changed(self, name: str) -> bool:
        """Whether the value differs from the stored one; on create, whether it is something."""
        if name not in self.values:
            return False
        return self.values[name] != self.before.get(name)

    def suggest(self, name: str, value: object) -> None:
        """Set a value unless the caller gave one: what people state wins over what is derived."""
        if name not in self.explicit:
            self.values[name] = value
