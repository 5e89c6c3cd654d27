"""Every error a user, an admin or an addon developer can meet: what, where, why, what to do.

A `Refusal` is the answer to a request that cannot be done; a `ConfigurationError` collects all problems of addons at
once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


class TesseraError(Exception):
    """Base of all errors raised on purpose."""


class Refusal(TesseraError):
    """A request that is refused for a reason the person asking can act on.

    `code` is a stable machine-readable name, `status` the HTTP status that fits, `text` a sentence for people.
    """

    code = "refused"
    status = 422

    def __init__(self, text: str, *, hint: str = "") -> None:
        super().__init__(with_hint(text, hint))
        self.text = text
        self.hint = hint


class AccessDenied(Refusal):
    """The user may not do this; the text never holds data of the record."""

    code = "access_denied"
    status = 403


class BrokenRule(AccessDenied):
    """A record rule cannot be read, so that its model is closed; `rule` is its id."""

    code = "broken_rule"

    def __init__(self, text: str, *, hint: str = "", rule: int) -> None:
        super().__init__(text, hint=hint)
        self.rule = rule


class NotFound(Refusal):
    """There is no such record, or the user may not know that there is."""

    code = "not_found"
    status = 404


class StaleVersion(Refusal):
    """Somebody else changed the record since the caller read it; `current` maps id to the stored version."""

    code = "stale_version"
    status = 409

    def __init__(self, text: str, *, model: str, current: Mapping[int, int]) -> None:
        super().__init__(text)
        self.model = model
        self.current = dict(current)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One value that was refused: which field of which row (position in the batch, None for one record), and why."""

    field: str
    text: str
    value: object = None
    row: int | None = None
    suggestion: str = ""


class Invalid(Refusal):
    """Values that break a constraint; `errors` names each field."""

    code = "invalid"

    def __init__(self, errors: Sequence[FieldError], *, model: str = "") -> None:
        super().__init__("; ".join(f"{error.field}: {error.text}" if error.field else error.text for error in errors))
        self.errors = tuple(errors)
        self.model = model


class ExpressionError(Refusal):
    """An expression that cannot be read; `column` counts characters from 1."""

    code = "bad_expression"
    status = 400

    def __init__(self, text: str, *, column: int, suggestion: str = "", source: str = "") -> None:
        super().__init__(f"column {column}: {text}", hint=did_you_mean(suggestion))
        self.column = column
        self.suggestion = suggestion
        self.source = source
        self.reason = text


class DatabaseRefusal(Refusal):
    """The database cannot serve: missing, locked, read-only, full, unreachable, newer than the program."""

    code = "database"
    status = 503


class DatabaseMissing(DatabaseRefusal):
    """There is no database at the address."""


class DatabaseOutdated(DatabaseRefusal):
    """The database was made by former versions of its addons, and waits for their upgrade."""


class DatabaseBusy(DatabaseRefusal):
    """Another process holds the write lock longer than the time-out."""


class DatabaseReadOnly(DatabaseRefusal):
    """The file or its folder cannot be written."""


class DatabaseFull(DatabaseRefusal):
    """The disk, or the size set for the database, is full."""


class UniqueViolation(TesseraError):
    """The database refused a duplicate; `names` are the columns (SQLite) or the index name (PostgreSQL)."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"duplicate value for {', '.join(names)}")
        self.names = tuple(names)


class ForeignKeyViolation(TesseraError):
    """The database found a reference to a row that is not there."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in an addon, with its place: printed as `file:line:column CODE text; did you mean 'x'?`."""

    file: str
    line: int
    column: int
    code: str
    text: str
    suggestion: str = ""
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        meant = f"; {did_you_mean(self.suggestion)}" if self.suggestion else ""
        return "\n".join((f"{place} {self.code} {self.text}{meant}", *(f"    {note}" for note in self.notes)))


class ConfigurationError(TesseraError):
    """All problems found in addons, none left for the next run."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def with_hint(text: str, hint: str) -> str:
    """A reason and what to do about it in one line: two sentences where the reason is one, else joined."""
    if not text or not hint:
        return text or hint
    return f"{text} {hint[:1].upper()}{hint[1:]}" if text.endswith((".", "!", "?")) else f"{text}; {hint}"


def did_you_mean(suggestion: str) -> str:
    """The phrase that offers `suggestion`; empty when there is none."""
    return f"did you mean '{suggestion}'?" if suggestion else ""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word nearest to a misspelt one, or an empty string when none is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), "")
