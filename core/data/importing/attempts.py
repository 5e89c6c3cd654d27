"""Doing something to a batch of which some items may be refused: those are singled out, the others go through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from core.data.importing.store import Fault
from core.errors import (
    DatabaseRefusal,
    FieldError,
    ForeignKeyViolation,
    Invalid,
    Refusal,
    TesseraError,
    UniqueViolation,
)
from core.i18n import _

T = TypeVar("T")


def attempt(items: Sequence[T], act: Callable[[Sequence[T]], None], fail: Callable[[T, list[Fault]], None]) -> None:
    """Run `act` on all items; `fail` hears of each one that is refused, `act` is run again without it.

    `act` must do nothing when it raises. Where a refusal does not say whose fault it is, the batch is halved.
    """
    if not items:
        return
    try:
        act(items)
    except DatabaseRefusal:
        raise
    except (Refusal, UniqueViolation, ForeignKeyViolation) as error:
        if len(items) == 1:
            fail(items[0], faults(error))
            return
        bad = _named(error, len(items))
        for place, errors in bad.items():
            fail(items[place], [fault(one) for one in errors])
        if bad:
            attempt([item for place, item in enumerate(items) if place not in bad], act, fail)
            return
        half = len(items) // 2
        attempt(items[:half], act, fail)
        attempt(items[half:], act, fail)


def faults(error: TesseraError) -> list[Fault]:
    """The reasons of a refusal."""
    if isinstance(error, Invalid):
        return [fault(one) for one in error.errors]
    if isinstance(error, UniqueViolation):
        names = ", ".join(name.rpartition(".")[2] for name in error.names)
        return [Fault(names, "", _("there is a record with the same value already"), _("use it as the key to update"))]
    if isinstance(error, Refusal):
        return [Fault("", "", error.text, error.hint)]
    return [Fault("", "", _("refers to a record that is not there"))]


def fault(error: FieldError) -> Fault:
    """A refused value as the refused-rows file tells it."""
    return Fault(error.field, "" if error.value is None else str(error.value), error.text, error.suggestion)


def _named(error: TesseraError, count: int) -> dict[int, list[FieldError]]:
    """The errors of a batch by the place of the item at fault."""
    found: dict[int, list[FieldError]] = {}
    for one in error.errors if isinstance(error, Invalid) else ():
        if one.row is not None and 0 <= one.row < count:
            found.setdefault(one.row, []).append(one)
    return found
