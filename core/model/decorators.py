"""Marks on methods of definitions: `@constraint` (must hold for every row written) and `@action` (may be called from
outside)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

F = TypeVar("F")

CONSTRAINT = "__tessera_constraint__"
ACTION = "__tessera_action__"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A method that must answer true for every row whose `fields` were written; `queries` runs it after the SQL."""

    name: str
    fields: tuple[str, ...]
    text: str
    queries: bool = False

    def concerns(self, names: Collection[str]) -> bool:
        """Whether one of the named fields is among those the constraint is about."""
        return any(name in names for name in self.fields)

    def holds(self, row: object) -> bool:
        """Ask the row; an extension may have overridden the method."""
        return bool(getattr(row, self.name)())


@dataclass(frozen=True, slots=True)
class Action:
    """A method reachable from views and the API; a `batch` one is a classmethod that takes all rows at once. Buttons of
    one with a `page` lead to that address, which asks what is to be done and does it."""

    name: str
    label: str
    icon: str | None = None
    groups: frozenset[str] = frozenset()
    batch: bool = False
    page: str = ""


def constraint(*fields_and_text: str, queries: bool = False) -> Callable[[F], F]:
    """Mark a method `(self) -> bool` as a condition on the named fields; the last argument says what must hold.

    `self` is the row with its new values. With `queries=True` it runs after the SQL of the batch and may search.
    """
    *fields, text = fields_and_text

    def mark(method: F) -> F:
        function = _function(method)
        setattr(function, CONSTRAINT, Constraint(function.__name__, tuple(fields), text, queries))
        return method

    return mark


def action(
    *, label: str, icon: str | None = None, groups: str | None = None, batch: bool = False, page: str = ""
) -> Callable[[F], F]:
    """Mark a method as an action: on a row, or as a classmethod on a list of rows.

    `groups` are external ids, comma separated. `page` is the path of a page of the addon that buttons lead to, with the
    records as `ids` and the way back as `next`.
    """

    def mark(method: F) -> F:
        function = _function(method)
        allowed = frozenset(name.strip() for name in (groups or "").split(",") if name.strip())
        whole = batch or isinstance(method, classmethod)
        setattr(function, ACTION, Action(function.__name__, label, icon, allowed, whole, page))
        return method

    return mark


def _function(method: object) -> Callable[..., object]:
    function: Callable[..., object] = method.__func__ if isinstance(method, classmethod) else method  # type: ignore[assignment]  # of Any
    return function
