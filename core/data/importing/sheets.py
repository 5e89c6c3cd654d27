"""Reads a workbook in a process of its own: `sheets.py FILE [SHEET]` prints a sheet as lines of JSON.

A workbook may be made, or damaged, so that reading it fills the memory, never ends or takes the process along. Here it
takes along this process alone. It imports nothing of the product, so that it begins in a moment.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile, is_zipfile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

# What a workbook may hold unpacked: it is read into memory as a whole, and a few kilobytes can hide gigabytes.
MOST_BYTES = 512 * 1024 * 1024
# The cells of the smallest rectangle around all that a sheet holds, which is what is kept in memory.
MOST_CELLS = 16_000_000
MOST_MEMORY = 8 * MOST_BYTES
MOST_SECONDS = 600
try:
    import resource

    LIMITS = ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS))
except ImportError:  # Windows has no such limits
    LIMITS = ()  # type: ignore[assignment]

_ZIP = b"PK\x03\x04"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")  # the part of an OLE file that holds a workbook with a password
_PIECE = 1 << 20
_LONGEST_TAG = 1 << 10
# A cell that holds something: one that is only styled is written as an empty tag, and does not count.
_CELL = re.compile(
    rb"""<(?:\w{1,20}:)?c\s(?:[^>]{0,200}?\s)?r\s?=\s?["']([A-Za-z]{1,9})([0-9]{1,18})["'](?:[^>]{0,400}[^>/])?>"""
)

# A cell whose formula ends in an error, which calamine gives as an empty one: its attributes, and the error.
_ERROR = re.compile(
    rb"""<(?:\w{1,20}:)?c\s([^>]{0,200}?\bt\s?=\s?["']e["'][^>]{0,200}(?<!/))>"""
    rb"""(?:(?!<(?:\w{1,20}:)?c[\s/>]).){0,9000}?<(?:\w{1,20}:)?v>([^<]{1,40})<""",
    re.DOTALL,
)
_REFERENCE = re.compile(rb"""\br\s?=\s?["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_LONGEST_CELL = 10_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Value = float | str | bool | time | date | datetime | timedelta


class Refused(Exception):
    """The workbook cannot be read: why, as a word for the caller, and in detail."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


def lines(path: Path, wanted: str | None) -> Iterator[object]:
    """What is printed: name and first row of the sheet, then its rows, then their number.

    The sheet is the one called `wanted`, else the first visible one that holds something.

    :raises Refused: it cannot be read.
    """
    _check_sizes(path)
    sheet = _found(path, wanted)
    start = sheet and sheet.start
    if sheet is None or start is None:
        raise Refused("empty")
    (first, left), count = start, 0
    broken = _errors_of(path, sheet.name)
    yield {"sheet": sheet.name, "first": first + 1}
    for number, cells in enumerate(sheet.iter_rows()):
        if number >= first:
            count += 1
            plain = [as_plain(cell) for cell in cells]
            for column, error in broken.get(number + 1, ()):
                if 0 <= column - left - 1 < len(plain):
                    plain[column - left - 1] = error
            yield plain
    yield {"rows": count}


def as_plain(value: Value) -> float | str | bool:
    """A cell as JSON has it: dates and times as ISO 8601 writes them, an instant at midnight as a date."""
    if isinstance(value, datetime):
        shown = value.replace(microsecond=0)
        return shown.date().isoformat() if shown.time() == time() else shown.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else value


def extent(file: IO[bytes]) -> tuple[int, int]:
    """The last row and the last column that a cell of a sheet's XML says it is in."""
    rows = columns = 0
    rest = b""
    while piece := file.read(_PIECE):
        text = rest + piece
        for letters, digits in _CELL.findall(text):
            rows = max(rows, int(digits))
            columns = max(columns, column_number(letters))
        rest = text[-_LONGEST_TAG:]  # a tag may lie across two pieces; a cell that is seen twice does no harm
    return rows, columns


def errors(file: IO[bytes]) -> dict[int, list[tuple[int, str]]]:
    """The errors that cells of a sheet's XML show: by row, each with its column."""
    found: dict[int, list[tuple[int, str]]] = {}
    rest = b""
    while piece := file.read(_PIECE):
        text = rest + piece
        for attributes, error in _ERROR.findall(text):
            if place := _REFERENCE.search(attributes):
                found.setdefault(int(place[2]), []).append((column_number(place[1]), error.decode("utf-8", "replace")))
        rest = text[-_LONGEST_CELL:]
    return found


def column_number(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _found(path: Path, wanted: str | None) -> CalamineSheet | None:
    try:
        book = CalamineWorkbook.from_path(str(path))
        if wanted is not None:
            return book.get_sheet_by_name(wanted)
        for known in book.sheets_metadata:
            if known.typ == SheetTypeEnum.WorkSheet and known.visible == SheetVisibleEnum.Visible:
                sheet = book.get_sheet_by_name(known.name)
                if sheet.start is not None:
                    return sheet
    except PasswordError as error:
        raise Refused("password") from error
    except CalamineError as error:
        raise Refused("unreadable", str(error)) from error
    return None


def _errors_of(path: Path, sheet: str) -> dict[int, list[tuple[int, str]]]:
    """The errors of a sheet of an .xlsx file; none of another file, where they cannot be told from empty cells."""
    if not is_zipfile(path):
        return {}
    with ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part not in archive.namelist():
            return {}
        with archive.open(part) as file:
            return errors(file)


def _part(archive: ZipFile, sheet: str) -> str:
    """Where a workbook keeps the XML of a sheet (ECMA-376, part 1, 18.2.19); nothing where it is no .xlsx."""
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, relations} <= set(archive.namelist()):
        return ""
    sheets = ElementTree.fromstring(archive.read(book)).iter()
    wanted = next(
        (found.get(_RELATION) for found in sheets if found.get("name") == sheet and _RELATION in found.keys()), ""
    )
    for relation in ElementTree.fromstring(archive.read(relations)).iter():
        if relation.get("Id") == wanted:
            target = relation.get("Target", "")
            return target[1:] if target.startswith("/") else f"xl/{target}"
    return ""


def _check_sizes(path: Path) -> None:
    """Refuse what is known to be too large, or to be protected, before any of it is read as a workbook."""
    with path.open("rb") as file:
        if file.read(4) != _ZIP:
            file.seek(0)
            if _PROTECTED in file.read(MOST_BYTES):
                raise Refused("password")
            return
    try:
        with ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise Refused("bytes", str(MOST_BYTES // 1024 // 1024))
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with archive.open(name) as sheet:
                        _check_extent(*extent(sheet))
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise Refused("unreadable", str(error)) from error


def _check_extent(rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise Refused("cells", f"{rows:,} x {columns:,}")


def _limit() -> None:
    """Let this process have no more memory and time than reading a workbook takes."""
    for what, most in LIMITS:
        resource.setrlimit(what, (most, most))


def main(path: str, sheet: str | None = None) -> None:
    """Print the sheet, whose name is given as JSON; a refusal is printed, too."""
    _limit()
    try:
        for line in lines(Path(path), None if sheet is None else json.loads(sheet)):
            print(json.dumps(line))
    except Refused as refused:
        print(json.dumps({"refused": refused.why, "detail": refused.detail}))


if __name__ == "__main__":
    main(*sys.argv[1:])
