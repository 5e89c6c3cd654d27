"""What an archive says of itself, and whether its contents are what it says: all is checked before anything is made.

A zip file with one member a table, a JSON list of values for each row, and `archive.json` at its end: format, addons
with their versions, and for each table its columns with their kinds, the number of rows, the last id given and the
SHA-256 of its member. Values stand as in the history: money in ten-thousandths, instants in microseconds since 1970.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.addon.discovery import BASE
from core.addon.manifest import Version
from core.errors import Refusal
from core.i18n import _
from core.lang.kinds import INTEGER_MAX, Kind

FORMAT = 1
CONTENTS = "archive.json"
PRODUCT = "tessera"
_NAME = re.compile(r"(?!sqlite_|pg_)[a-z_][a-z0-9_]{0,62}\Z", re.IGNORECASE)
_STORED = {kind.value for kind in Kind} - {Kind.REFERENCES.value, Kind.INTERVAL.value, Kind.NONE.value}
# What reading raises where a file is no zip file, or one that was damaged or made by hand.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError)


class BadArchive(Refusal):
    """A file that is no archive, or no longer the one that was written."""

    code = "bad_archive"


@dataclass(frozen=True, slots=True)
class Member:
    """One table of an archive; `columns` maps names to kinds, in order."""

    table: str
    columns: Mapping[str, str]
    rows: int
    last_id: int
    sha256: str

    @property
    def file(self) -> str:
        """Its name inside the archive."""
        return f"tables/{self.table}.jsonl"


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself."""

    addons: Mapping[str, str]
    tables: tuple[Member, ...]
    at: str
    format: int = FORMAT
    product: str = field(default=PRODUCT)


@dataclass(frozen=True, slots=True)
class Checked:
    """An archive whose members were read; `empty` holds the columns, by table and name, that are empty in some row."""

    path: Path
    contents: Contents
    empty: frozenset[tuple[str, str]]


def read_contents(path: Path) -> Contents:
    """What an archive holds, after all of it was checked; raises what `check` raises."""
    return check(path).contents


def check(path: Path) -> Checked:
    """Read an archive, and compare every member with its checksum, its columns and its number of rows.

    Raises Refusal for a file that cannot be read; BadArchive for one that is none, is of a newer format, was damaged,
    or lacks what every database has.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            contents = _contents(json.loads(archive.read(CONTENTS)), path)
            empty = {
                (member.table, name) for member in contents.tables for name in _empty_columns(archive, member, path)
            }
    except OSError as error:
        raise Refusal(_("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error)) from error
    except _DAMAGE as error:
        raise BadArchive(_("{path} is not an archive, or is damaged.", path=path)) from error
    return Checked(path, contents, frozenset(empty))


def _contents(said: object, path: Path) -> Contents:
    """What `archive.json` says; ValueError or KeyError where it has another shape."""
    said = _mapping(said)
    if said.get("product") != PRODUCT or said.get("format") != FORMAT:
        raise BadArchive(_("{path} is an archive of another program or version.", path=path))
    addons = {name: str(Version.parse(_text(version))) for name, version in _mapping(said["addons"]).items()}
    listed = said["tables"]
    if not isinstance(listed, list):
        raise ValueError("tables")
    members = tuple(_member(_mapping(each)) for each in listed)
    if BASE not in addons or _twice([member.table for member in members]):
        raise ValueError("addons, or a table twice")
    return Contents(addons, members, _text(said["at"]))


def _member(said: Mapping[str, object]) -> Member:
    columns = {name: _text(kind) for name, kind in _mapping(said["columns"]).items()}
    table = _text(said["table"])
    if not columns or not set(columns.values()) <= _STORED or _twice(columns):
        raise ValueError("columns")
    if not all(map(_NAME.match, (table, *columns))):
        raise ValueError("names")  # which become a part of statements
    return Member(table, columns, _number(said["rows"]), _number(said["last_id"]), _text(said["sha256"]))


def _twice(names: Iterable[str]) -> bool:
    found = [name.lower() for name in names]  # as databases compare them
    return len(set(found)) < len(found)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("a mapping was expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text was expected")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= INTEGER_MAX:
        raise ValueError("a number was expected")
    return value


def _empty_columns(archive: zipfile.ZipFile, member: Member, path: Path) -> set[str]:
    """The columns that are empty in some row; BadArchive where the member is not what was written."""
    digest, count = hashlib.sha256(), 0
    names = list(member.columns)
    empty: set[str] = set()
    with archive.open(member.file) as file:
        for line in file:
            digest.update(line)
            count += 1
            row = _row(line, len(names))
            if None in row:
                empty.update(name for name, value in zip(names, row, strict=True) if value is None)
    if digest.hexdigest() != member.sha256 or count != member.rows:
        raise BadArchive(_("{path} is damaged: the table '{table}' is not as it was.", path=path, table=member.table))
    return empty


def _row(line: bytes, size: int) -> list[object]:
    row = json.loads(line)
    if not isinstance(row, list) or len(row) != size:
        raise ValueError("a row has a value for each column")
    return row
