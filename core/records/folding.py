"""Folding changes: several changes of one record as one net change, links included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.model.change import Link
from core.records import changelog


@dataclass(slots=True)
class Folded:
    """The net change of one record in the set: first and last operation, former and new values, net links."""

    model: str
    record: int
    first: str
    last: str
    last_change: int
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    added: dict[str, set[int]] = field(default_factory=dict)
    removed: dict[str, set[int]] = field(default_factory=dict)

    def take(self, change: int, operation: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        """Add the next change of the same record."""
        self.last, self.last_change = operation, change
        for name, value in before.items():
            if isinstance(value, Link):
                self._move(name, added=(), removed=value.add)
            elif name not in self.before:
                self.before[name] = value
        for name, value in after.items():
            if isinstance(value, Link):
                self._move(name, added=value.add, removed=value.remove)
            else:
                self.after[name] = value

    def _move(self, name: str, *, added: Iterable[int], removed: Iterable[int]) -> None:
        plus, minus = self.added.setdefault(name, set()), self.removed.setdefault(name, set())
        for id_ in added:
            minus.discard(id_) if id_ in minus else plus.add(id_)
        for id_ in removed:
            plus.discard(id_) if id_ in plus else minus.add(id_)

    def net_nothing(self, current: Mapping[str, object]) -> bool:
        """Whether the record, as it is now, shows no trace of these changes."""
        moved = any(self.added.values()) or any(self.removed.values())
        return (
            self.last != changelog.DELETED
            and not moved
            and all(current.get(name) == value for name, value in self.before.items())
        )
