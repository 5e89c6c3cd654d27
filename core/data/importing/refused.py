"""The file of refused rows: the original columns, then row, column, value, reason, suggestion. It can be imported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from core.data.exporting import write_table
from core.data.importing.drafts import BATCH
from core.data.importing.numbers import Sign, Typed
from core.data.importing.plan import RETURNED, Plan
from core.data.importing.problems import ImportRefused
from core.data.importing.store import Store
from core.i18n import _

SUFFIX = ".refused"


def check_refused(path: Path) -> None:
    """Refuse a path that refused rows cannot be written to: something is there already, or nothing can be.

    Asked before any work is done: an import must not end because of where its refused rows go.
    """
    if path.exists() or path.is_symlink():
        raise ImportRefused(_("{path} exists already.", path=path), hint=_("Give another name, or remove the file."))
    probe = _partial(path)
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def write_refused(plans: Sequence[Plan], store: Store, path: Path | None, name: str) -> Path | None:
    """Write the refused rows of all files: one file, or a folder with one for each where several have some.

    Without `path`, the name is `name.refused.csv` or `name.refused` in the current folder, never that of an existing
    file. Gives where they are; None when no row was refused.

    :raises ImportRefused: they cannot be written there.
    """
    affected = [plan for plan in plans if store.refused_count(plan.number)]
    if not affected:
        return None
    if len(affected) == 1:
        target = path or _unused(Path.cwd(), affected[0].source.path.stem + SUFFIX, ".csv")
        _write(affected[0], store, target)
        return target
    folder = path or _unused(Path.cwd(), name + SUFFIX, "")
    try:
        folder.mkdir()
    except OSError as error:
        raise _unwritable(folder, error) from error
    for plan in affected:
        _write(plan, store, _unused(folder, plan.source.path.stem, ".csv"))
    return folder


def returned_header(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """The original columns, without those of an earlier refusal, and the names of the five that are added."""
    original = list(header)
    if tuple(original[-len(RETURNED) :]) == RETURNED:
        original = original[: -len(RETURNED)]
    return original, [name if name not in original else f"refused_{name}" for name in RETURNED]


def _write(plan: Plan, store: Store, target: Path) -> None:
    original, added = returned_header(plan.source.header)
    partial = _partial(target)
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            write_table(file, [*original, *added], _rows(plan, store, len(original)))
        partial.rename(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        partial.unlink(missing_ok=True)


def _partial(target: Path) -> Path:
    """Where a file is written until it is whole; nobody else's, so that two imports do not share it."""
    return target.with_name(f".{target.name}.{os.getpid()}.partial")


def _unwritable(path: Path, error: OSError) -> ImportRefused:
    return ImportRefused(
        _("Refused rows cannot be written to {path}: {reason}.", path=path, reason=error.strerror or error),
        hint=_("Name another place with --refused."),
    )


def _rows(plan: Plan, store: Store, width: int) -> Iterator[list[str]]:
    rows = plan.source.rows()
    signs = {column.place: column.sign for column in plan.columns}
    while batch := list(islice(rows, BATCH)):
        refused = store.refused_between(plan.number, batch[0].number, batch[-1].number)
        for row in batch:
            if row.number in refused:
                cells = [_signed(cell, signs.get(place)) for place, cell in enumerate(row.cells[:width])]
                cells += [""] * (width - len(cells))
                why = refused[row.number]
                # What is beyond the header stays there, so that the row is refused again until it is mended.
                beyond = row.cells[len(plan.source.header) :]
                yield [*cells, str(row.number), why.column, why.value, why.reason, why.suggestion, *beyond]


def _signed(cell: str, sign: Sign | None) -> str:
    """The cell; a number of a workbook with the decimal sign that the texts of its column have."""
    return cell.replace(".", ",") if sign == "," and isinstance(cell, Typed) else cell


def _unused(folder: Path, stem: str, suffix: str) -> Path:
    """The first of `stem.csv`, `stem-2.csv`, ... that is not there."""
    names = (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}" for number in count(1))
    return next(path for path in (folder / name for name in names) if not path.exists())
