"""One view as an addon wrote it: its arch text and where it stands. arch.py and compose.py find out what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.data.entries import Entry, RecordEntry
from core.data.xml import Place

FIELDS = ("name", "model", "type", "extends", "arch", "file", "line", "column", "priority", "addon")


@dataclass(frozen=True, slots=True)
class ViewSource:
    """A view's text. `name` is its external id; `extends` that of the view it changes, empty for a view of its own."""

    name: str
    model: str
    type: str
    extends: str
    arch: str
    place: Place
    priority: int
    addon: str
    version: int = 0


def from_entries(entries: Iterable[Entry]) -> list[ViewSource]:
    """The views among the entries of data files."""
    found = []
    for entry in entries:
        if isinstance(entry, RecordEntry) and entry.tag == "view":
            found.append(from_row({name: entry.text(name) for name in FIELDS}))
    return found


def from_row(row: Mapping[str, object]) -> ViewSource:
    """A view from a row of core.view (or texts of the same fields)."""
    return ViewSource(
        name=str(row["name"]),
        model=str(row["model"]),
        type=str(row["type"]),
        extends=str(row["extends"] or ""),
        arch=str(row["arch"] or ""),
        place=Place(str(row["file"] or row["name"]), int(str(row["line"] or 1)), int(str(row["column"] or 1))),
        priority=int(str(row["priority"] or 16)),
        addon=str(row["addon"] or ""),
        version=int(str(row.get("version") or 0)),
    )
