"""Reading the data files of an addon, in the order its manifest names them; the registry is not asked here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.data.csv_data import read_csv
from core.data.elements import GRAMMAR_FILE, read_xml
from core.data.entries import Entry, Reading
from core.data.grammar import Grammar
from core.errors import ConfigurationError, Problem


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The entries of all files of one addon in order, every mistake of form, the ids of entries left out."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    broken: frozenset[str]


def read_addon(addon: str, folder: Path, files: Iterable[str], *, shown: str = "") -> DataFiles:
    """Read the files (paths relative to the addon's folder); `shown` is how errors call the folder (`addons/<addon>`).

    Never raises for what a file contains: every mistake is in `problems`, those of all files together.
    """
    grammar = Grammar(GRAMMAR_FILE)
    reading = Reading()
    for name in files:
        label = f"{shown or f'addons/{addon}'}/{name}"
        try:
            reading.add(_read(folder / name, label, addon, grammar))
        except ConfigurationError as error:
            reading.problems.extend(error.problems)
    return DataFiles(tuple(reading.entries), tuple(reading.problems), frozenset(reading.broken))


def _read(path: Path, label: str, addon: str, grammar: Grammar) -> Reading:
    if path.suffix not in {".xml", ".csv"}:
        text = f"a data file is .xml or .csv, not '{path.suffix}'"
        return Reading(problems=[Problem(label, 0, 0, "D014", text)])
    try:
        content = path.read_bytes()
    except OSError as error:
        return Reading(problems=[Problem(label, 0, 0, "D015", f"the file cannot be read: {error.strerror}")])
    if path.suffix == ".csv":
        return read_csv(content, label, addon, path.stem)
    return read_xml(content, label, addon, grammar)
