"""Workbooks of spreadsheets: .xlsx, .xls and .ods as rows of text, read with python-calamine.

A number becomes the text that the rules for numbers read in one way only: a point before the decimals, and never
exactly three of them, since "1.234" could be a thousand. Dates and times are written as ISO 8601 has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.data.importing.problems import ImportRefused
from core.i18n import _

Value = float | str | bool | time | date | datetime | timedelta
_ZIP = b"PK\x03\x04"
_MARKS = (_ZIP, b"\xd0\xcf\x11\xe0")
# What a workbook may hold unpacked: it is read into memory as a whole, and a few kilobytes can hide gigabytes.
MOST_BYTES = 512 * 1024 * 1024


def is_workbook(path: Path) -> bool:
    """Whether the file begins as workbooks do."""
    with path.open("rb") as file:
        return file.read(4) in _MARKS


def first_sheet(path: Path) -> tuple[str, list[str]]:
    """Name and first row of the first visible sheet that is not empty; ImportRefused when the file has none."""
    with _opened(path) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
                for _number, cells in _rows(workbook.get_sheet_by_name(sheet.name)):
                    return sheet.name, cells
    raise ImportRefused(_("{file} is empty.", file=path.name))


def sheet_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet with their numbers as the spreadsheet shows them, counted from its first row."""
    with _opened(path) as workbook:
        yield from _rows(workbook.get_sheet_by_name(sheet))


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """The rows from the first one that holds something, which is the header and so counts as 1."""
    if sheet.start is None:
        return
    for number, cells in enumerate(sheet.to_python(skip_empty_area=True), start=1):
        yield number, [as_text(cell) for cell in cells]


def _opened(path: Path) -> CalamineWorkbook:
    _check_size(path)
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise ImportRefused(
            _("{file} is protected by a password.", file=path.name), hint=_("Save it without one first.")
        ) from error
    except (CalamineError, OSError) as error:
        raise ImportRefused(
            _("{file} is not text, and cannot be read as a workbook: {reason}.", file=path.name, reason=error),
            hint=_("Save the sheet as .xlsx or CSV."),
        ) from error


def _check_size(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) != _ZIP:
            return
    try:
        with ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except BadZipFile:
        return  # what is wrong with it is told when it is opened
    if size > MOST_BYTES:
        raise ImportRefused(
            _("{file} holds more than {most} MB.", file=path.name, most=MOST_BYTES // 1024 // 1024),
            hint=_("Save the sheet as CSV, which is read in any size."),
        )


def as_text(value: Value) -> str:
    """A cell as text.

    A whole number has no decimals, others are exact and never have three; an instant at midnight is a date.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return _number(value)
    if isinstance(value, datetime):
        shown = value.replace(microsecond=0)
        return shown.date().isoformat() if shown.time() == time() else shown.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    text = format(Decimal(repr(value)), "f")
    whole, _point, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}.{decimals}0" if len(decimals) == 3 else f"{whole}.{decimals}"
