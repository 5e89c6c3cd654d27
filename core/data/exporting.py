"""Records and tables as CSV files, with formulas protected: for screens, commands and refused rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING

from core.errors import Refusal, closest, did_you_mean
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo

if TYPE_CHECKING:
    from core.records.environment import Environment

PAGE = 1_000
SEPARATOR = ", "

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
    header = [_(info.label or path) if "." not in path else path for path, info in zip(paths, fields, strict=True)]
    return write_table(file, header, _rows(env, model, paths, fields, where, order, names))


def _field(env: Environment, model: str, path: str) -> FieldInfo:
    """The field at the end of a path."""
    info: FieldInfo | None = None
    current: str | None = model
    for step in path.split("."):
        known = env.registry.schema[current].fields if current else {}
        info = env.registry.schema[current].find(step) if current else None
        if info is None:
            raise Refusal(
                _("'{path}' is not a field of {model}.", path=path, model=model),
                hint=did_you_mean(closest(step, known)),
            )
        current = info.target
    if info is None:
        raise Refusal(_("A column needs a field."))
    return info


def _rows(
    env: Environment,
    model: str,
    paths: Sequence[str],
    fields: Sequence[FieldInfo],
    where: str,
    order: str | None,
    names: Mapping[str, object],
) -> Iterator[list[str]]:
    after: str | None = None
    while True:
        page = env[model].page(where, paths, order=order, limit=PAGE, after=after, **names)
        labels = _labels(env, page.records, paths, fields)
        for record in page.records:
            yield [_text(record[path], info, labels) for path, info in zip(paths, fields, strict=True)]
        if page.next is None:
            return
        after = page.next


def _labels(
    env: Environment, records: Sequence[Mapping[str, object]], paths: Sequence[str], fields: Sequence[FieldInfo]
) -> dict[tuple[str, int], str]:
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


def _text(value: object, info: FieldInfo, labels: Mapping[tuple[str, int], str]) -> str:
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
    return format(value, "f") if isinstance(value, Decimal) else str(value)
