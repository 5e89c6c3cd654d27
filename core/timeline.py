"""What an addon tells of records: entries of a record's timeline, entries of a customer's history, pages of a form, and
hints beside one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


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


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of a customer's history: something planned, or something that was done.

    `at` is a day or an instant, `kind` what it is for people ("Call", "Opportunity"), `address` its page, `note` plain
    text.
    """

    at: date | datetime
    kind: str
    title: str
    planned: bool
    icon: str = "clock"
    address: str = ""
    user: str = ""
    note: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """What a page of a form shows that is made by an addon: `<page panel="mail.history">`.

    `name` is `<addon>.<what>`; `render(env, model, record)` gives HTML, in a request.
    """

    name: str
    render: Callable[[Any, str, int], str]


@dataclass(frozen=True, slots=True)
class HintText:
    """What a hint says: `text`, a line that is read out as well, and `body`, HTML that the line opens."""

    text: str
    body: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What an addon has to say of a record while it is read, and while a form is filled in.

    `name` is `<addon>.<what>`; `fields` are those of `model` that it depends on. `render(env, record, values)` gives
    what there is to say: `record` is the id, None for one that is new; `values` are what is typed of the fields, by
    name, none of them while the record is read.
    """

    name: str
    model: str
    fields: tuple[str, ...]
    render: Callable[[Any, int | None, Mapping[str, object]], HintText | None]
