"""Rows of a search: read lazily, once, in one statement; a relation of one row is loaded for all rows of its search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from core.model.record import Record

if TYPE_CHECKING:
    from core.records.records import Records


class Rows(Sequence[Record]):
    """The rows that a search found. The statement runs on first use, with the environment the search was made in."""

    __slots__ = ("_found", "_read", "_records")

    def __init__(self, records: Records, read: Callable[[], list[dict[str, Any]]]) -> None:
        self._records = records
        self._read = read
        self._found: list[Record] | None = None

    @property
    def rows(self) -> list[Record]:
        """All rows, fetched on first use."""
        if self._found is None:
            self._found = self._records.adopt(self._read())
        return self._found

    @property
    def ids(self) -> list[int]:
        """The ids, in order."""
        return [row.id for row in self.rows]

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.rows)
