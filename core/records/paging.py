"""Keyset paging: cursors and the branches of a page.

A page after values (v1, v2, id) is split by the length of the key prefix that equals them, because an `or` over the
prefixes would make both engines sort everything:

    k1 = v1 and k2 = v2 and id > v3        order by id
    k1 = v1 and k2 > v2                    order by k2, id
    k1 = v1 and k2 is null                 order by id
    k1 > v1                                order by k1, k2, id
    k1 is null                             order by k2, id

None sorts last in both directions. Every branch has its own limit; together, in this order, they are the page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Refusal
from core.i18n import _
from core.lang.kinds import Kind, decoder, encoder


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records as dicts by asked path, and the cursor of the following page, None at the end."""

    records: list[dict[str, Any]]
    next: str | None


class BadCursor(Refusal):
    """A cursor that is damaged, or belongs to another order."""

    code = "bad_cursor"
    status = 400


@dataclass(frozen=True, slots=True)
class Key:
    """One term of an order: the kind of its values, its direction, and whether rows may lack it."""

    kind: Kind
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a branch on the key at `position`: `=`, `>`, `<`, `null` or `not null`."""

    position: int
    test: str


@dataclass(frozen=True, slots=True)
class Branch:
    """The rows of one branch: all `steps` hold; keys before `first` are constant, so that ordering starts there."""

    steps: tuple[Step, ...]
    first: int
    known: frozenset[int] = frozenset()


def first_page(keys: Sequence[Key]) -> list[Branch]:
    """The branches of a page that starts at the beginning.

    A leading key that may be empty is split off: otherwise no engine's index gives 'nulls last' in both directions.
    """
    if keys[0].nullable:
        return [Branch((Step(0, "not null"),), 0, frozenset({0})), Branch((Step(0, "null"),), 1)]
    return [Branch((), 0)]


def following_page(keys: Sequence[Key], absent: Sequence[bool]) -> list[Branch]:
    """The branches of the page after a row; `absent` tells which of its keys are none."""
    branches: list[Branch] = []
    for position in reversed(range(len(keys))):
        if absent[position]:
            continue
        key = keys[position]
        prefix = tuple(Step(before, "null" if absent[before] else "=") for before in range(position))
        beyond = Step(position, "<" if key.descending else ">")
        branches.append(Branch((*prefix, beyond), position, frozenset({position})))
        if key.nullable:
            branches.append(Branch((*prefix, Step(position, "null")), position + 1))
    return branches


def write_cursor(order: str, keys: Sequence[Key], values: Sequence[object]) -> str:
    """An opaque cursor that points behind the row with these key values (Python values)."""
    stored = []
    for key, value in zip(keys, values, strict=True):
        convert = encoder(key.kind, "sqlite")
        stored.append(convert(value) if convert and value is not None else value)
    text = json.dumps([order, stored], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, order: str, keys: Sequence[Key]) -> list[object]:
    """The key values of a cursor, as Python values.

    :raises BadCursor: the cursor is damaged or was made for another order.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found_order, stored = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        values = [None if value is None else _restore(key, value) for key, value in zip(keys, stored, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError) as error:
        raise BadCursor(_("This page address is damaged."), hint=_("Open the list from its first page.")) from error
    if found_order != order:
        raise BadCursor(_("This page address belongs to another order."), hint=_("Open the list from its first page."))
    return values


def _restore(key: Key, value: object) -> object:
    expected = {Kind.TEXT: str, Kind.DATE: str, Kind.BOOLEAN: int, Kind.FLOAT: (int, float)}.get(key.kind, int)
    if not isinstance(value, expected):  # type: ignore[arg-type]  # a tuple of types is meant for floats
        raise ValueError(f"{value!r} is not stored {key.kind.value}")
    convert = decoder(key.kind, "sqlite")
    return convert(value) if convert else value
