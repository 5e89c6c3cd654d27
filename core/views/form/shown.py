"""Parts of a form in the language of the user, as its template shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button in the language of the user."""

    action: str
    label: str
    icon: str
    primary: bool
    confirm: str


@dataclass(frozen=True, slots=True)
class Counter:
    """A number of records that belong to this one, and the way to them; `new` leads to a first one."""

    label: str
    icon: str
    count: str
    address: str
    new: str = ""
    new_label: str = ""


@dataclass(frozen=True, slots=True)
class ShownError:
    """One mistake in the summary above a form, with the input it leads to."""

    label: str
    text: str
    anchor: str
