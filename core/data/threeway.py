"""What a new version of a data file does to a value that a user may have changed since: three-way, field by field.

    what the addon shipped last -> what it ships now
                \\-> what is stored

What only the addon changed arrives, what only a user changed stays, what both changed stays and is listed. A list of
records takes over what the addon added and removed, so it never conflicts. The source text tells whether the addon
changed anything: an expression such as `today()` gives another value each day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

FindingKind = Literal["edited", "conflict", "deleted", "retired"]


@dataclass(frozen=True, slots=True)
class Shipped:
    """What a data file said last: the source text, and the canonical text of the value that was written for it."""

    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an update left as it was, for people to look at.

    `edited`: a user's value, which the addon did not touch. `conflict`: a user's value where the addon has a new one.
    `deleted`: a record that a user deleted. `retired`: one that is shipped no more, and used or changed.
    """

    kind: FindingKind
    external_id: str
    model: str
    field: str = ""
    stored: str = ""
    shipped: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """The text to write, None to leave what is stored; and what a user should be told."""

    write: str | None = None
    told: Literal["", "edited", "conflict"] = ""


def merge(old: Shipped | None, new: Shipped, stored: str, *, many: bool) -> Merged:
    """Decide about one field; `many` where the texts are lists of ids. `old` None: never shipped before."""
    if many:
        return _merge_lists(old, new, stored)
    if old is None:
        return Merged() if stored == new.value else Merged(write=new.value)
    if old.source == new.source:
        return Merged(told="" if stored == old.value else "edited")
    if stored == old.value:
        return Merged() if stored == new.value else Merged(write=new.value)
    return Merged() if stored == new.value else Merged(told="conflict")


def _merge_lists(old: Shipped | None, new: Shipped, stored: str) -> Merged:
    before = _ids(old.value) if old else set()
    after, now = _ids(new.value), _ids(stored)
    result = (now | (after - before)) - (before - after)
    return Merged() if result == now else Merged(write=list_text(result))


def _ids(text: str) -> set[int]:
    return set(json.loads(text))


def list_text(ids: set[int]) -> str:
    """The canonical text of a list of records."""
    return json.dumps(sorted(ids))
