"""A CSV file or a workbook as a header and a stream of rows, whatever its encoding and delimiter. Cells become text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple, Self

from core.data.importing.encoding import SAMPLE, check_encoding, detect
from core.data.importing.numbers import Typed
from core.data.importing.problems import ImportRefused
from core.data.importing.workbook import first_sheet, is_workbook, sheet_rows
from core.i18n import _

MOST_COLUMNS = 1_000
SHOWN = 200
DELIMITERS = ",;\t|"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, its cells, and what is wrong with its shape.

    `raw` is the beginning of the text of a row that could not be cut into cells.
    """

    number: int
    cells: list[str]
    problem: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read any number of times, each time from its beginning; a CSV file in constant memory.

    `sheet` is the sheet of a workbook that is read; it is empty for CSV.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    stamp: tuple[int, int] = (0, 0)
    sheet: str = ""

    def check_unchanged(self) -> None:
        """Raise ImportRefused when somebody has written to the file since it was opened."""
        if self.stamp != _stamp(self.path):
            raise ImportRefused(_("{file} was changed while it was read. Nothing was imported.", file=self.path.name))

    @property
    def shown(self) -> str:
        """Encoding and delimiter in words, or the sheet of a workbook."""
        if self.sheet:
            return _("sheet '{sheet}'", sheet=self.sheet)
        return f"{self.encoding}, {NAMES.get(self.delimiter, repr(self.delimiter))}"

    def rows(self) -> Iterator[Row]:
        """The rows after the header; blank lines are passed over but counted. ImportRefused if bytes cannot be read."""
        for row in islice(self._numbered(), 1, None):
            if row.problem or any(row.cells):
                yield row if row.problem else self._shaped(row.number, row.cells)

    def _numbered(self) -> Iterator[Row]:
        """The rows as they stand in the file, header and blank ones too."""
        if self.sheet:
            for number, cells in sheet_rows(self.path, self.sheet):
                yield Row(number, cells)
            return
        with _open(self.path, self.encoding) as file:
            lines = _Lines(file)
            try:
                yield from _numbered(_records(lines, self.delimiter), lines)
            except UnicodeError as error:
                raise _undecodable(self.path, self.encoding) from error

    def _shaped(self, number: int, cells: list[str]) -> Row:
        width = len(self.header)
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            text = _("{found} columns where the header has {expected}", found=len(cells), expected=width)
            return Row(number, cells, text, self.delimiter.join(cells)[:SHOWN])
        if "\0" in "".join(cells):
            return Row(number, cells, _("the row holds a NUL character"))
        return Row(number, [_cell(cell) for cell in cells])


def open_source(path: Path, *, encoding: str = "", delimiter: str = "") -> Source:
    """Detect what is not given and read the header.

    A workbook (.xlsx, .xls, .ods) is read from its first visible sheet that is not empty.

    Raises ImportRefused: file missing, empty or unreadable, wrong encoding, no header, double or too many columns.
    """
    if not path.is_file():
        raise ImportRefused(_("There is no file {file}.", file=path))
    stamp = _stamp(path)
    if is_workbook(path):
        sheet, header = first_sheet(path)
        return Source(path, "utf-8", ",", _checked(path, header), stamp, sheet)
    encoding = check_encoding(path, encoding) if encoding else detect(path)
    sample = _sample(path, encoding)
    delimiter = delimiter or _hint(sample.splitlines()[0]) or _delimiter(sample)
    return Source(path, encoding, delimiter, _header(path, encoding, delimiter), stamp)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _open(path: Path, encoding: str) -> io.TextIOWrapper:
    return path.open(encoding=encoding, newline="")


class _Lines:
    """The lines of a file, behind the `sep=;` that spreadsheets put first; keeps those of the record being read."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        if not _hint(file.readline(SAMPLE)):
            file.seek(0)
        self._file = file
        self.kept: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self.kept.append(line)
        return line


def _records(lines: _Lines, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)


def _numbered(records: Iterator[list[str]], lines: _Lines) -> Iterator[Row]:
    """Number the records; one that the csv module refuses becomes a row with a problem, and reading goes on."""
    for number in count(1):
        lines.kept.clear()
        try:
            yield Row(number, next(records))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, [], _malformed(error), "".join(lines.kept)[:SHOWN].strip())


def _hint(line: str) -> str:
    """The delimiter that a `sep=;` line names, else nothing."""
    line = line.rstrip("\r\n")
    return line[4:] if line.lower().startswith("sep=") and len(line) == 5 else ""


def _sample(path: Path, encoding: str) -> str:
    try:
        with _open(path, encoding) as file:
            sample = file.read(SAMPLE)
    except UnicodeError as error:
        raise _undecodable(path, encoding) from error
    if not sample.strip():
        raise ImportRefused(_("{file} is empty.", file=path.name))
    return sample


def _delimiter(sample: str) -> str:
    """The candidate that cuts most records into as many cells as the header, then into most cells."""
    scored = [(_fit(sample, candidate), candidate) for candidate in DELIMITERS]
    (share, width), best = max(scored, key=lambda entry: (entry[0], -DELIMITERS.index(entry[1])))
    return best if width > 1 and share > 0 else ","


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    widths = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True):
            if cells:
                widths.append(len(cells))
            if len(widths) == 50:
                break
    except csv.Error:
        pass  # the sample may end inside a quoted cell, or hold one that is too long: what was read before counts
    if not widths or widths[0] < 2:
        return 0.0, 1
    share = Counter(widths)[widths[0]] / len(widths)
    return (round(share, 1) if share >= 0.5 or len(widths) < 4 else 0.0), widths[0]


def _header(path: Path, encoding: str, delimiter: str) -> tuple[str, ...]:
    with _open(path, encoding) as file:
        try:
            cells = next(_records(_Lines(file), delimiter))
        except (StopIteration, csv.Error) as error:
            raise ImportRefused(_("The header of {file} cannot be read.", file=path.name)) from error
    return _checked(path, cells)


def _checked(path: Path, cells: list[str]) -> tuple[str, ...]:
    if len(cells) > MOST_COLUMNS:
        text = _(
            "{file} has {count} columns; at most {most} can be imported.",
            file=path.name,
            count=len(cells),
            most=MOST_COLUMNS,
        )
        raise ImportRefused(text)
    return _named(path, [" ".join(_cell(cell).split()) for cell in cells])


def _named(path: Path, header: list[str]) -> tuple[str, ...]:
    """The header with a name for each unnamed column; the same name twice is refused with both places."""
    if not any(header) or "\0" in "".join(header):
        raise ImportRefused(_("The first line of {file} names no column.", file=path.name))
    seen: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        if name in seen:
            raise ImportRefused(
                _(
                    "{file} has two columns '{name}', at {first} and {second}.",
                    file=path.name,
                    name=name,
                    first=seen[name],
                    second=place,
                ),
                hint=_("Rename one of them."),
            )
        if name:
            seen[name] = place
    return tuple(name or f"column {place}" for place, name in enumerate(header, start=1))


def _cell(cell: str) -> str:
    """The cell without surrounding blanks, and without the quote that exports put before formulas."""
    if isinstance(cell, Typed):
        return cell
    cell = cell.strip()
    return cell[1:] if cell.startswith(_GUARDED) else cell


def _malformed(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text:
        return _(
            "a cell is longer than {limit} characters; is a quotation mark left open?", limit=csv.field_size_limit()
        )
    if "unexpected end" in text:
        return _("a quotation mark is left open until the end of the file")
    return _("the quotation marks of the row do not fit")


def _undecodable(path: Path, encoding: str) -> ImportRefused:
    return ImportRefused(
        _("{file} is not in the encoding {encoding}.", file=path.name, encoding=encoding),
        hint=_("Leave the encoding out to have it detected, or name another one."),
    )
