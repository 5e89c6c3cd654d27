"""The declaration of a value of JSON, kept as its canonical text."""

from __future__ import annotations

from typing import Any, Unpack

from core.i18n import _
from core.lang.jsons import MOST_CHARACTERS, canonical, frozen
from core.lang.kinds import Kind
from core.model.declaration import BadValue, Common, Declaration


class Json(Declaration[Any]):
    """Any value of JSON: an object, a list, a text, a number, true or false; null is None, no value.

    A row gives objects and lists that refuse every change, so that none is lost unnoticed: change `thawed(value)`, and
    set the field.
    """

    kind = Kind.JSON

    def __init__(self, *, required: bool = False, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)

    def check(self, value: object) -> object:
        try:
            found = frozen(value)
        except ValueError as error:
            raise BadValue(str(error)) from error
        length = len(canonical(found))
        if length > MOST_CHARACTERS:
            raise BadValue(_("Longer than {size} characters ({length}).", size=MOST_CHARACTERS, length=length))
        return found
