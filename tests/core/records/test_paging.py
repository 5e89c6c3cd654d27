"""Branches and cursors of keyset paging, against plain sorting in Python."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.lang.kinds import Kind
from core.records.paging import BadCursor, Branch, Key, Step, first_page, following_page, read_cursor, write_cursor

ID = Key(Kind.INTEGER, descending=False, nullable=False)


def holds(step: Step, row: tuple[int | None, ...], seen: tuple[int | None, ...]) -> bool:
    value = row[step.position]
    if step.test == "null":
        return value is None
    if step.test == "not null":
        return value is not None
    wanted = seen[step.position]
    if value is None or wanted is None:
        return False
    return {"=": value == wanted, ">": value > wanted, "<": value < wanted}[step.test]


def in_order(rows: list[tuple[int | None, ...]], keys: list[Key], first: int = 0) -> list[tuple[int | None, ...]]:
    def rank(row: tuple[int | None, ...]) -> list[tuple[bool, int]]:
        signs = [-1 if key.descending else 1 for key in keys]
        return [(value is None, sign * (value or 0)) for value, sign in zip(row, signs, strict=True)][first:]

    return sorted(rows, key=rank)


def page(
    rows: list[tuple[int | None, ...]], keys: list[Key], branches: list[Branch], seen: tuple[int | None, ...]
) -> list:
    found = []
    for branch in branches:
        chosen = [row for row in rows if all(holds(step, row, seen) for step in branch.steps)]
        found += in_order(chosen, keys, branch.first)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_branches_are_the_rest_of_the_order(seed: int) -> None:
    chance = random.Random(seed)
    keys = [
        Key(Kind.INTEGER, chance.random() < 0.5, nullable=chance.random() < 0.6) for _ in range(chance.randint(0, 3))
    ]
    keys.append(Key(Kind.INTEGER, chance.random() < 0.5, nullable=False))
    rows = [
        (*(None if key.nullable and chance.random() < 0.3 else chance.randint(0, 3) for key in keys[:-1]), id_)
        for id_ in range(80)
    ]
    ordered = in_order(rows, keys)
    assert page(rows, keys, first_page(keys), ()) == ordered
    for position in (0, 17, 55, 79):
        seen = ordered[position]
        branches = following_page(keys, [value is None for value in seen])
        assert page(rows, keys, branches, seen) == ordered[position + 1 :]


def test_a_cursor_brings_every_kind_back() -> None:
    keys = [
        Key(Kind.MONEY, descending=True, nullable=True),
        Key(Kind.DATE, descending=False, nullable=True),
        Key(Kind.INSTANT, descending=False, nullable=True),
        Key(Kind.TEXT, descending=False, nullable=True),
        Key(Kind.BOOLEAN, descending=False, nullable=False),
        Key(Kind.FLOAT, descending=False, nullable=True),
        ID,
    ]
    values = [Decimal("12.34"), date(1, 1, 1), datetime(2099, 3, 1, 4, 5, 6, 7, UTC), "Ünï ☃", True, 0.1, 2**40]
    cursor = write_cursor("x", keys, values)
    assert read_cursor(cursor, "x", keys) == values
    assert read_cursor(write_cursor("x", keys, [None] * 4 + [False, None, 1]), "x", keys)[:4] == [None] * 4


@pytest.mark.parametrize("cursor", ["", "!", "AAAA", "bnVsbA", "W10", "WyJ4Iixb", "é", "WyJ4IixbInRleHQiXV0"])
def test_a_damaged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor, match="damaged"):
        read_cursor(cursor, "x", [ID])


def test_a_cursor_of_another_order_is_refused() -> None:
    with pytest.raises(BadCursor, match="another order"):
        read_cursor(write_cursor("name,id", [ID], [3]), "id", [ID])
