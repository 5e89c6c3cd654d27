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
from zipfile import BadZipFile, ZipFile

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
    first = start[0]
    yield {"sheet": sheet.name, "first": first + 1}
    count = 0
    for number, cells in enumerate(sheet.iter_rows()):
        if number >= first:
            count += 1
            yield [as_plain(cell) for cell in cells]
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
