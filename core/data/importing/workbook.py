"""Workbooks of spreadsheets: .xlsx, .xls and .ods as rows of text, read with python-calamine.

A number becomes a text of its own type, which is read as it stands. Since refused rows come back as CSV, it is also one
that the rules for numbers read in one way only: a point before the decimals, and never exactly three of them. Dates and
times are written as ISO 8601 has them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from core.data.importing.numbers import Typed
from core.data.importing.problems import ImportRefused
from core.i18n import _

_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_PROGRAM = Path(__file__).with_name("sheets.py")


def is_workbook(path: Path) -> bool:
    """Whether the file begins as workbooks do."""
    with path.open("rb") as file:
        return file.read(4) in _MARKS


def first_sheet(path: Path) -> tuple[str, list[str]]:
    """Name and first row of the first visible sheet that is not empty.

    :raises ImportRefused: the file has none, or cannot be read.
    """
    with closing(_lines(path)) as lines:
        head = next(lines)
        return head["sheet"], [as_text(cell) for cell in next(lines, [])]


def sheet_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet from the first one that holds something, with their numbers in the spreadsheet.

    :raises ImportRefused: the file cannot be read.
    """
    with closing(_lines(path, sheet)) as lines:
        head = next(lines)
        for number, cells in enumerate(lines, start=head["first"]):
            yield number, [as_text(cell) for cell in cells]


def as_text(value: float | str | bool) -> str:
    """A cell as text: a whole number has no decimals, others are exact and never have three."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return Typed(_number(value)) if isfinite(value) else str(value)


def _number(value: float) -> str:
    text = format(Decimal(repr(value)), "f")
    whole, _point, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}.{decimals}0" if len(decimals) == 3 else f"{whole}.{decimals}"


def _lines(path: Path, sheet: str | None = None) -> Generator[Any]:
    """What the reading process tells of a sheet: its name, then its rows. It ends with this generator.

    :raises ImportRefused: the process refuses the file, or comes to no end.
    """
    # -P: what lies beside the program is not to be taken for modules of Python's own.
    command = [sys.executable, "-P", str(_PROGRAM), str(path.absolute())]
    if sheet is not None:
        command.append(json.dumps(sheet))
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="ascii"
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                found = json.loads(line) if line.endswith("\n") else None
                if isinstance(found, dict) and "refused" in found:
                    raise _refusal(path, found["refused"], found["detail"])
                if found is None or (isinstance(found, dict) and "rows" in found):
                    break
                yield found
            else:
                found = None
            if found is None:
                raise _refusal(path, "unreadable", _("reading it breaks off, or needs too much memory"))
        finally:
            process.kill()


def _refusal(path: Path, why: str, detail: str) -> ImportRefused:
    file = path.name
    match why:
        case "empty":
            return ImportRefused(_("{file} is empty.", file=file))
        case "password":
            return ImportRefused(
                _("{file} is protected by a password.", file=file), hint=_("Save it without one first.")
            )
        case "bytes":
            return ImportRefused(
                _("{file} holds more than {most} MB.", file=file, most=detail),
                hint=_("Save the sheet as CSV, which is read in any size."),
            )
        case "cells":
            return ImportRefused(
                _("{file} has cells as far apart as {extent}.", file=file, extent=detail),
                hint=_("Remove what stands far from the table, or save the sheet as CSV."),
            )
    return ImportRefused(
        _("{file} is not text, and cannot be read as a workbook: {reason}.", file=file, reason=detail),
        hint=_("Save the sheet as .xlsx or CSV."),
    )
