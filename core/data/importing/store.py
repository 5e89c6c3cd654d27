"""What an import has to remember of its rows, in a scratch database that spills to the disk: memory stays constant.

It is private to one import and disappears with it. It holds row numbers, keys, texts that are looked up, and refusals.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, NamedTuple, Self

Outcome = Literal["created", "changed", "skipped"]

_TABLES = """
CREATE TABLE planned (model TEXT, field TEXT, word TEXT, step INTEGER, row INTEGER, record INTEGER);
CREATE INDEX planned_word ON planned (word, model, field);
CREATE INDEX planned_row ON planned (step, row);
CREATE TABLE missing (number INTEGER PRIMARY KEY, step INTEGER, model TEXT, field TEXT, word TEXT, text TEXT,
    rule INTEGER);
CREATE TABLE refused (step INTEGER, row INTEGER, columns TEXT, value TEXT, reason TEXT, suggestion TEXT,
    PRIMARY KEY (step, row)) WITHOUT ROWID;
CREATE TABLE seen (step INTEGER, key TEXT, row INTEGER, digest BLOB, PRIMARY KEY (step, key)) WITHOUT ROWID;
CREATE TABLE pending (step INTEGER, row INTEGER, outcome TEXT, rule INTEGER, model TEXT, fields TEXT, word TEXT,
    col TEXT, text TEXT);
CREATE TABLE deferred (step INTEGER, record INTEGER, field TEXT, rule INTEGER, text TEXT);
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused: in which column, which value, the reason, and what may help."""

    column: str
    value: str
    reason: str
    suggestion: str = ""


class Refused(NamedTuple):
    """A refused row: its number and its faults, several joined by ` | ` in each place."""

    row: int
    column: str
    value: str
    reason: str
    suggestion: str


class Planned(NamedTuple):
    """A record that the import creates: by which row of which step, and its id once it is written."""

    step: int
    row: int
    record: int | None


class Missing(NamedTuple):
    """A related record to create on request: by which rule, and the text that names it."""

    number: int
    model: str
    field: str
    text: str
    rule: int


class Pending(NamedTuple):
    """A reference to a record of the same file that was not found while its row was checked.

    `fields` are those that may hold the word, each between bars: `|name|ref|`.
    """

    row: int
    outcome: Outcome
    rule: int
    model: str
    fields: str
    word: str
    column: str
    text: str


class Deferred(NamedTuple):
    """A reference that is written once the record it leads to has been created."""

    record: int
    field: str
    rule: int
    text: str


class Store:
    """The memory of one import."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with closing(self._database.execute(sql, values)) as cursor:
            return cursor.fetchall()

    # Records to come

    def plan(self, step: int, row: int, model: str, words: Iterable[tuple[str, str]]) -> None:
        """Remember that a row creates a record which can be found by (field, word)."""
        self._database.executemany(
            "INSERT INTO planned VALUES (?, ?, ?, ?, ?, NULL)",
            [(model, field, word, step, row) for field, word in words],
        )

    def planned(self, model: str, field: str, word: str) -> list[Planned]:
        """The records to come that are called so; two at most."""
        sql = "SELECT step, row, record FROM planned WHERE model = ? AND field = ? AND word = ? LIMIT 2"
        return [Planned(*found) for found in self._all(sql, (model, field, word))]  # type: ignore[arg-type]  # as stored

    def written(self, step: int, records: Iterable[tuple[int, int]]) -> None:
        """Note the ids of the records that rows (row, id) have created."""
        self._database.executemany(
            "UPDATE planned SET record = ? WHERE step = ? AND row = ?", [(id_, step, row) for row, id_ in records]
        )

    def unplan(self, step: int, row: int) -> None:
        """Forget what a row would have created."""
        self._database.execute("DELETE FROM planned WHERE step = ? AND row = ?", (step, row))

    # Related records to create on request; a negative row number in `planned` stands for one

    def miss(self, step: int, model: str, field: str, word: str, text: str, rule: int) -> None:
        """Remember a related record to create before the step is written."""
        sql = "INSERT INTO missing (step, model, field, word, text, rule) VALUES (?, ?, ?, ?, ?, ?)"
        number = self._database.execute(sql, (step, model, field, word, text, rule)).lastrowid or 0
        self.plan(step, -number, model, [(field, word)])

    def missing(self, step: int) -> Iterator[list[Missing]]:
        """The related records to create before the step, in batches, each for one rule."""
        last = 0
        sql = (
            "SELECT number, model, field, text, rule FROM missing WHERE step = ? AND number > ?"
            " ORDER BY number LIMIT 1000"
        )
        while found := [Missing(*entry) for entry in self._all(sql, (step, last))]:  # type: ignore[arg-type]  # as stored
            yield from _runs(found)
            last = found[-1].number

    # Refused rows

    def refuse(self, step: int, row: int, faults: Sequence[Fault]) -> None:
        """Remember a refused row; what it would have created is forgotten."""
        joined = [
            " | ".join(part)
            for part in zip(*((f.column, f.value, f.reason, f.suggestion) for f in faults), strict=True)
        ]
        self._database.execute("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?)", (step, row, *joined))
        self.unplan(step, row)

    def refused_count(self, step: int) -> int:
        """How many rows of the step are refused."""
        return int(str(self._all("SELECT count(*) FROM refused WHERE step = ?", (step,))[0][0]))

    def refused_between(self, step: int, first: int, last: int) -> dict[int, Refused]:
        """The refused rows with these numbers."""
        sql = "SELECT row, columns, value, reason, suggestion FROM refused WHERE step = ? AND row BETWEEN ? AND ?"
        found = [Refused(*entry) for entry in self._all(sql, (step, first, last))]  # type: ignore[arg-type]  # as stored
        return {refused.row: refused for refused in found}

    def first_refused(self, step: int, limit: int) -> list[Refused]:
        """The first refused rows of the step."""
        sql = "SELECT row, columns, value, reason, suggestion FROM refused WHERE step = ? ORDER BY row LIMIT ?"
        return [Refused(*entry) for entry in self._all(sql, (step, limit))]  # type: ignore[arg-type]  # as stored

    # Keys of the file's own rows

    def see(self, step: int, key: str, row: int, digest: bytes) -> tuple[int, bytes]:
        """The row that has the key, and the digest of its values: an earlier one, or else this one."""
        sql = "SELECT row, digest FROM seen WHERE step = ? AND key = ?"
        found = self._all(sql, (step, key))
        if found:
            return found[0]  # type: ignore[return-value]  # as stored
        self._database.execute("INSERT INTO seen VALUES (?, ?, ?, ?)", (step, key, row, digest))
        return row, digest

    # References within one file

    def wait(self, step: int, pending: Pending) -> None:
        """Remember a reference to decide on at the end of the file."""
        self._database.execute("INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (step, *pending))

    def unmet(self, step: int) -> list[Pending]:
        """Up to 1,000 references, of rows that are not refused, to records that no row of the import creates."""
        sql = (
            "SELECT row, outcome, rule, model, fields, word, col, text FROM pending p WHERE step = ?"
            " AND NOT EXISTS (SELECT 1 FROM planned n WHERE n.word = p.word AND n.model = p.model"
            " AND instr(p.fields, '|' || n.field || '|'))"
            " AND NOT EXISTS (SELECT 1 FROM refused r WHERE r.step = p.step AND r.row = p.row) LIMIT 1000"
        )
        return [Pending(*entry) for entry in self._all(sql, (step,))]  # type: ignore[arg-type]  # as stored

    def defer(self, step: int, deferred: Iterable[Deferred]) -> None:
        """Remember references to write at the end of the step."""
        self._database.executemany(
            "INSERT INTO deferred VALUES (?, ?, ?, ?, ?)", [(step, *entry) for entry in deferred]
        )

    def deferred(self, step: int) -> Iterator[list[Deferred]]:
        """The references to write at the end of the step, in batches."""
        last = 0
        sql = (
            "SELECT rowid, record, field, rule, text FROM deferred WHERE step = ? AND rowid > ?"
            " ORDER BY rowid LIMIT 1000"
        )
        while found := self._all(sql, (step, last)):
            yield [Deferred(*entry[1:]) for entry in found]  # type: ignore[arg-type]  # as stored
            last = int(str(found[-1][0]))


def _runs(entries: list[Missing]) -> Iterator[list[Missing]]:
    run: list[Missing] = []
    for entry in entries:
        if run and (entry.model, entry.rule) != (run[0].model, run[0].rule):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run
