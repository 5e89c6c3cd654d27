"""What an addon tells in the timeline of a record: given to the hook `timeline`, shown among the record's changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimelineFile:
    """A file that goes with an entry: its name and the id of its attachment."""

    name: str
    attachment: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry. `id` is the addon's own, smaller for older ones: paging goes on from it.

    `who` did `what` (`wrote`, `noted`); `body` is clean HTML; an `internal` one is marked as not for outsiders;
    `address` leads to its own page, `files` come with it.
    """

    id: int
    at: datetime
    icon: str
    who: str
    what: str
    body: str = ""
    internal: bool = False
    address: str = ""
    files: tuple[TimelineFile, ...] = ()
