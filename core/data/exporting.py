"""Records and tables as CSV files, with formulas protected, and records as workbooks: for screens, commands and refused
rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING
from zoneinfo import ZoneInfo

import xlsxwriter

from core.errors import Refusal, closest, did_you_mean
from core.i18n import _
from core.lang.jsons import canonical
from core.lang.kinds import Kind
from core.lang.paths import find_path
from core.lang.schema import FieldInfo

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from core.records.environment import Environment

PAGE = 1_000
SHEET_ROWS = 1_048_576  # of a workbook (ECMA-376), the header among them
CELL_LENGTH = 32_767  # of text, in units of UTF-16
FIRST_DATE = date(1900, 3, 1)  # spreadsheets number the days before it differently, or not at all
SEPARATOR = ", "

Labels = Mapping[tuple[str, int], str]

# What spreadsheets run as a formula (OWASP, "CSV Injection"); a plain number is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*", re.ASCII)


def protect(text: str) -> str:
    """The text as a cell that no spreadsheet runs: a quote before a formula. The import takes it off again."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def write_table(file: IO[str], header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a protected table; gives the number of rows. Open the file with `newline=""` and UTF-8."""
    writer = csv.writer(file)
    writer.writerow([protect(cell) for cell in header])
    count = 0
    for row in rows:
        writer.writerow([protect(cell) for cell in row])
        count += 1
    return count


def export_csv(
    env: Environment,
    model: str,
    paths: Sequence[str],
    file: IO[str],
    where: str = "",
    *,
    order: str | None = None,
    **names: object,
) -> int:
    """Write the records that meet `where` and may be read, a column for each path; gives their number.

    Read in pages, so memory does not grow with their number. A relation is written as its label, dates and instants
    in ISO 8601.

    :raises Refusal: a path that is not a field, or one with several records behind another relation.
    """
    fields = [_field(env, model, path) for path in paths]
    rows = _records(env, model, paths, fields, where, order, names)
    texts = ([_text(value, info, labels) for value, info in zip(row, fields, strict=True)] for row, labels in rows)
    return write_table(file, _header(paths, fields), texts)


def export_xlsx(
    env: Environment,
    model: str,
    paths: Sequence[str],
    file: IO[bytes],
    where: str = "",
    *,
    order: str | None = None,
    **names: object,
) -> int:
    """Write records as `export_csv` does, into a workbook of one sheet: numbers, amounts and dates as such, instants in
    the user's zone, everything else as text that no spreadsheet runs.

    Amounts and whole numbers with more digits than a spreadsheet keeps, and dates before March 1900, are text, too.

    :raises Refusal: as `export_csv`; more records than a sheet has rows; a text longer than a cell holds.
    """
    fields = [_field(env, model, path) for path in paths]
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "in_memory": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_sheet_name(env, model))
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = book.add_format({"bold": True})
        for column, title in enumerate(_header(paths, fields)):
            sheet.write_string(0, column, title, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for row, labels in _records(env, model, paths, fields, where, order, names):
            count += 1
            if count >= SHEET_ROWS:
                raise Refusal(
                    _("A sheet holds {count} rows.", count=SHEET_ROWS), hint=_("Export to CSV, or fewer records.")
                )
            for column, (value, info) in enumerate(zip(row, fields, strict=True)):
                _write_cell(sheet, count, column, value, info, labels, ZoneInfo(env.tz), instant)
    return count


def _write_cell(
    sheet: Worksheet,
    row: int,
    column: int,
    value: object,
    info: FieldInfo,
    labels: Labels,
    zone: ZoneInfo,
    instant: Format,
) -> None:
    if value is None:
        return
    if isinstance(value, datetime):  # workbooks know no zones
        value = value.astimezone(zone).replace(tzinfo=None)
    plain = info.target is None and not info.options
    if plain and isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif plain and isinstance(value, (int, float, Decimal)) and _is_exact(value):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, datetime) and value.date() >= FIRST_DATE:
        sheet.write_datetime(row, column, value, instant)
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_DATE:
        sheet.write_datetime(row, column, value)
    else:
        text = value.isoformat(" ") if isinstance(value, datetime) else _text(value, info, labels)
        sheet.write_string(row, column, _fitting(text, info))


def _is_exact(value: float | Decimal) -> bool:
    """Whether a sheet keeps the number: it holds doubles, written with 16 digits. A double may lose its last bit."""
    return isinstance(value, float) or Decimal(f"{float(value):.16G}") == value


def _fitting(text: str, info: FieldInfo) -> str:
    """The text, if a cell holds it."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > CELL_LENGTH:
        raise Refusal(
            _(
                "A text of '{field}' has {length} characters; a cell of a workbook holds {most}.",
                field=_(info.label or info.name),
                length=length,
                most=CELL_LENGTH,
            ),
            hint=_("Export to CSV, or leave the field out with --fields."),
        )
    return text


def _sheet_name(env: Environment, model: str) -> str:
    """The model's label without what a sheet's name may not hold."""
    label = _(env.registry.schema[model].label or model)
    return re.sub(r"[\[\]:*?/\\']", " ", label)[:31]


def _header(paths: Sequence[str], fields: Sequence[FieldInfo]) -> list[str]:
    return [_(info.label or path) if "." not in path else path for path, info in zip(paths, fields, strict=True)]


def _field(env: Environment, model: str, path: str) -> FieldInfo:
    """The field at the end of a path."""
    info: FieldInfo | None = None
    current: str | None = model
    for step in path.split("."):
        several = info is not None and info.kind is Kind.REFERENCES
        if info is not None and info.kind is Kind.JSON:
            return find_path(path, model, env.registry.schema).fields[-1]
        known = env.registry.schema[current].fields if current else {}
        info = env.registry.schema[current].find(step) if current else None
        if info is None:
            raise Refusal(
                _("'{path}' is not a field of {model}.", path=path, model=model),
                hint=did_you_mean(closest(step, known)),
            )
        if several or ("." in path and info.kind is Kind.REFERENCES):
            raise Refusal(
                _("'{path}' leads to several records of each record.", path=path),
                hint=_("Name the field alone: its records are written as their labels."),
            )
        current = info.target
    if info is None:
        raise Refusal(_("A column needs a field."))
    return info


def _records(
    env: Environment,
    model: str,
    paths: Sequence[str],
    fields: Sequence[FieldInfo],
    where: str,
    order: str | None,
    names: Mapping[str, object],
) -> Iterator[tuple[list[object], Labels]]:
    """The values of each record in the order of the paths, and the labels of what they refer to."""
    after: str | None = None
    while True:
        page = env[model].page(where, paths, order=order, limit=PAGE, after=after, **names)
        labels = _labels(env, page.records, paths, fields)
        for record in page.records:
            yield [record[path] for path in paths], labels
        if page.next is None:
            return
        after = page.next


def _labels(
    env: Environment, records: Sequence[Mapping[str, object]], paths: Sequence[str], fields: Sequence[FieldInfo]
) -> Labels:
    """The labels of all records that a page refers to, in one query for each model."""
    wanted: dict[str, set[int]] = {}
    for path, info in zip(paths, fields, strict=True):
        if info.target is not None:
            for record in records:
                wanted.setdefault(info.target, set()).update(_ids(record[path]))
    return {(model, id_): label for model, ids in wanted.items() for id_, label in env.labels(model, ids).items()}


def _ids(value: object) -> list[int]:
    if isinstance(value, int):
        return [value]
    return [id_ for id_ in value if isinstance(id_, int)] if isinstance(value, (list, tuple)) else []


def _text(value: object, info: FieldInfo, labels: Labels) -> str:
    if value is None:
        return ""
    if info.target is not None:
        return SEPARATOR.join(labels.get((info.target, id_), str(id_)) for id_ in _ids(value))
    if info.options:
        return _(dict(info.options).get(str(value), str(value)))
    if info.kind is Kind.BOOLEAN:
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if info.kind is Kind.JSON:
        return canonical(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)
