"""What a driver's error means: a refusal people can act on, or a violation that the write pipeline explains.

Errors that only a mistake of ours can cause (bad SQL, a missing column) stay the driver's own.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import NoReturn

import psycopg

from core.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseRefusal,
    ForeignKeyViolation,
    Refusal,
    UniqueViolation,
)
from core.i18n import _

DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)
_COLUMNS_OF_KEY = re.compile(r"\(([^=]+)\)=\(")


class WriteInReadTransaction(RuntimeError):
    """A statement that writes was sent in a transaction opened for reading: a mistake of the program."""

    def __init__(self) -> None:
        super().__init__("this transaction was opened for reading; open it with write=True")


def explain(error: Exception, place: str, *, writing: bool = True) -> Exception:
    """The error of ours for a driver's error, or the error itself where there is none.

    `place` names the database for people, `writing` tells whether the transaction may write.
    """
    if isinstance(error, sqlite3.Error):
        return _explain_sqlite(error, place, writing) or error
    if isinstance(error, psycopg.Error):
        return _explain_postgresql(error, place, writing) or error
    return error


def fail(error: Exception, place: str, *, writing: bool = True) -> NoReturn:
    """Raise what `explain` gives; an error that stays the driver's own is no cause of itself."""
    explained = explain(error, place, writing=writing)
    if explained is error:
        raise error
    raise explained from error


def busy(place: str) -> DatabaseBusy:
    """Another process holds the lock."""
    return DatabaseBusy(
        _("The database {place} is locked: another process is writing to it.", place=place),
        hint=_("Try again in a moment; if it lasts, look for a program that holds it open."),
    )


def read_only(place: str) -> DatabaseReadOnly:
    """Nothing can be written."""
    return DatabaseReadOnly(
        _("The database {place} is read-only.", place=place),
        hint=_("Give this user the right to write to the file and to its folder, or use the primary server."),
    )


def full(place: str) -> DatabaseFull:
    """No room left."""
    return DatabaseFull(
        _("The database {place} is full; nothing of this change was saved.", place=place),
        hint=_("Free disk space or raise the limit that is set for the database."),
    )


def missing(place: str) -> DatabaseMissing:
    """Nothing there."""
    return DatabaseMissing(
        _("There is no database at {place}.", place=place),
        hint=_("Check the address, or create the database with 'tessera init --db ADDRESS'."),
    )


def unreachable(place: str, reason: str) -> DatabaseRefusal:
    """No answer from the server."""
    return DatabaseRefusal(
        _("The database server of {place} does not answer: {reason}", place=place, reason=reason),
        hint=_("Check that it runs, and its address, user and password."),
    )


def cannot_open(place: str) -> DatabaseRefusal:
    """The file or its folder refuses."""
    return DatabaseRefusal(
        _("The database {place} cannot be opened.", place=place),
        hint=_("Check that the folder exists and that this user may read and write there."),
    )


def is_a_folder(place: str) -> DatabaseRefusal:
    """A folder where a file should be."""
    return DatabaseRefusal(
        _("{place} is a folder, not a database.", place=place), hint=_("Give the name of a file inside it.")
    )


def not_a_database(place: str) -> DatabaseRefusal:
    """A file of another kind."""
    return DatabaseRefusal(
        _("{place} is not a database.", place=place),
        hint=_("Check the address: the file is of another kind, or was damaged."),
    )


def damaged(place: str) -> DatabaseRefusal:
    """Broken pages or a failing disk."""
    return DatabaseRefusal(
        _("The database {place} is damaged or its disk fails.", place=place),
        hint=_("Stop the program, keep a copy of the file, and restore the last backup."),
    )


def _too_large() -> Refusal:
    return Refusal(_("A number in this calculation is too large."), hint=_("Use smaller numbers."))


def _explain_sqlite(error: sqlite3.Error, place: str, writing: bool) -> Exception | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"):
        return UniqueViolation(_names_of_sqlite(str(error)))
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return ForeignKeyViolation(str(error))
    if name.startswith("SQLITE_READONLY"):
        return read_only(place) if writing else WriteInReadTransaction()
    if "integer overflow" in str(error):
        return _too_large()
    for prefix, refusal in _SQLITE_REFUSALS.items():
        if name.startswith(prefix):
            return refusal(place)
    return None


_SQLITE_REFUSALS: Mapping[str, Callable[[str], Refusal]] = {
    "SQLITE_BUSY": busy,
    "SQLITE_LOCKED": busy,
    "SQLITE_FULL": full,
    "SQLITE_CANTOPEN": cannot_open,
    "SQLITE_NOTADB": not_a_database,
    "SQLITE_CORRUPT": damaged,
    "SQLITE_IOERR": damaged,
}


def _names_of_sqlite(message: str) -> list[str]:
    _text, _colon, names = message.partition(": ")
    return [name.rpartition(".")[2].strip("'") for name in names.removeprefix("index ").split(", ")]


def _explain_postgresql(error: psycopg.Error, place: str, writing: bool) -> Exception | None:
    if isinstance(error, psycopg.errors.UniqueViolation):
        return UniqueViolation(_names_of_postgresql(error))
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return ForeignKeyViolation(str(error))
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return read_only(place) if writing else WriteInReadTransaction()
    state = error.sqlstate or ""
    if state in _POSTGRESQL_REFUSALS:
        return _POSTGRESQL_REFUSALS[state](place)
    if state == "22003":
        return _too_large()
    if state == "54000":  # an entry of an index may have 2,704 bytes
        return Refusal(_("A text is too long for a field that is indexed."), hint=_("Shorten it."))
    if state.startswith(("08", "57P")) or (not state and isinstance(error, psycopg.OperationalError)):
        return unreachable(place, str(error).strip())
    return None


_POSTGRESQL_REFUSALS: Mapping[str, Callable[[str], Refusal]] = {
    "3D000": missing,  # no such database
    "55P03": busy,  # lock not available
    "40001": busy,  # could not serialise
    "40P01": busy,  # deadlock
    "53100": full,  # disk full
    "53300": busy,  # too many connections
}


def _names_of_postgresql(error: psycopg.errors.UniqueViolation) -> list[str]:
    found = _COLUMNS_OF_KEY.search(error.diag.message_detail or "")
    if found:
        return found.group(1).replace('"', "").split(", ")
    return [error.diag.constraint_name or ""]
