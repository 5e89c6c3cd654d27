"""The declaration of properties: further fields that people define, their values in one JSON object by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Unpack

from core.i18n import _
from core.model.declaration import Common, Declaration
from core.model.definition import Model
from core.model.json import Json
from core.model.relations import target_name
from core.model.scalars import Boolean, Char, Date, Float, Monetary, Selection

# What a property may hold, by key, with its name for people.
PROPERTY_TYPES: Mapping[str, str] = {
    "text": "Text",
    "number": "Number",
    "amount": "Amount",
    "boolean": "Yes or no",
    "date": "Date",
    "selection": "Selection",
}
# The fields that a model of definitions has; base's mixin `Property` declares them.
DEFINITION_FIELDS = ("name", "label", "type", "options", "default", "sequence", "on_card", "active")

_EXACT = 2**53  # whole numbers up to here are the same in double precision
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


class Properties(Json):
    """Values of fields that people define: `{"seats": 5, "plan": "Gold"}`; what has no value is not in it.

    `definitions` is the model whose records define them, `by` the many2one of this model whose record they belong to:
    the model of definitions has a many2one of the same name. Both models are declared `cached`.
    """

    def __init__(self, definitions: type[Model] | str, *, by: str, **keywords: Unpack[Common]) -> None:
        super().__init__(**keywords)
        self.definitions = target_name(definitions)
        self.by = by

    def check(self, value: object) -> object:
        """Days and amounts may be given as such. Whether a value fits its definition is checked when it is written."""
        if not isinstance(value, Mapping):
            raise self.wrong_type(
                value, _("an object with a value for each property, such as {example}", example='{"seats": 5}')
            )
        return super().check({name: plain(each) for name, each in value.items()})


def plain(value: object) -> object:
    """A value of a property as JSON has it: a day as text, an amount as a number, a whole number without decimals."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < _EXACT else number
    return value


def declared(type_: str, options: tuple[str, ...]) -> Declaration[Any]:
    """The declaration of a field that holds the values of a property: the gate that they pass."""
    if type_ == "selection":
        return Selection({option: option for option in options})
    return _DECLARED[type_]


_DECLARED: Mapping[str, Declaration[Any]] = {
    "text": Char(),
    "number": Float(),
    "amount": Monetary(),
    "boolean": Boolean(),
    "date": Date(),
}


def options_in(text: str | None) -> tuple[str, ...]:
    """The options of a selection, which commas separate; every one once."""
    return tuple(dict.fromkeys(filter(None, (" ".join(part.split()) for part in (text or "").split(",")))))


def default_of(type_: str, options: tuple[str, ...], text: str | None) -> object:
    """The value that a default, which is kept as text, stands for: `5.5`, `yes`, `2026-01-31`.

    :raises BadValue: it is none of the type.
    """
    if not text:
        return None
    value: object = text
    if type_ == "boolean":
        value = {"yes": True, "true": True, "no": False, "false": False}.get(text.strip().lower(), text)
    elif type_ in ("number", "amount"):
        value = Decimal(text) if NUMBER.fullmatch(text) else text
    return declared(type_, options).check(value)
