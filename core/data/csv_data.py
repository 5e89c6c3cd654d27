"""Data files in CSV: `access.csv` holds rights, `<model>.csv` records of that model; the header names the fields.

The column `id` holds the external id. Places count columns in cells, since
a cell has no character position worth showing. Users' tables are not read here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from core.data.entries import Reading, RecordEntry, Source, complete
from core.data.xml import Place
from core.errors import Problem, closest

_ACCESS_COLUMNS = ("id", "name", "model", "group", "can_create", "can_read", "can_update", "can_delete")


def read_csv(content: bytes, file: str, addon: str, stem: str) -> Reading:
    """The entries of one CSV file and its problems; `stem` is the file's name without `.csv`.

    An empty cell sets nothing.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Reading(problems=[Place(file, line, 1).problem("D004", "the file is not UTF-8")])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = _rows(reader)
    try:
        _, header = next(rows, (1, []))
        problems = list(_check_header(header, file, stem))
        if problems:
            return Reading(problems=problems)
        return _read_rows(rows, header, file, addon, "core.access" if stem == "access" else stem)
    except csv.Error as error:
        return Reading(problems=[Place(file, reader.line_num, 1).problem("D013", f"not well-formed CSV: {error}")])


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin on; lines without any cell are left out."""
    begins = 1
    for row in reader:
        if row:
            yield begins, [cell.strip() for cell in row]
        begins = reader.line_num + 1  # type: ignore[attr-defined]  # csv.reader's type is private; it has line_num


def _check_header(header: list[str], file: str, stem: str) -> Iterator[Problem]:
    place = Place(file, 1, 1)
    if "id" not in header:
        yield place.problem("D007", "the header needs the column 'id'")
    for index, name in enumerate(header):
        at = Place(file, 1, index + 1)
        if name in header[:index]:
            yield at.problem("D011", f"column '{name}' is given twice")
        elif stem == "access" and name not in _ACCESS_COLUMNS:
            yield at.problem("D006", f"access.csv has no column '{name}'", closest(name, _ACCESS_COLUMNS))
    if stem == "access" and "model" not in header:
        yield place.problem("D007", "the header needs the column 'model'")


def _read_rows(rows: Iterator[tuple[int, list[str]]], header: list[str], file: str, addon: str, model: str) -> Reading:
    reading = Reading()
    for line, row in rows:
        place = Place(file, line, 1)
        cells = {name: Source("cell", cell, Place(file, line, at)) for at, name, cell in _cells(header, row)}
        external_id = cells.pop("id", None)
        if len(row) != len(header):
            text = f"the row has {len(row)} cells, the header {len(header)}"
            reading.problems.append(place.problem("D013", text))
        elif external_id is None:
            reading.problems.append(place.problem("D007", "the row needs a value for 'id'"))
        else:
            if model == "core.access":
                cells.setdefault("name", Source("cell", external_id.text.replace("_", " "), place))
            reading.entries.append(RecordEntry(complete(external_id.text, addon), model, cells, place, addon, "csv"))
    return reading


def _cells(header: list[str], row: list[str]) -> Iterator[tuple[int, str, str]]:
    """The filled cells: number from 1, column name, text."""
    return ((at, name, cell) for at, (name, cell) in enumerate(zip(header, row, strict=False), 1) if cell)
