"""What every field declaration has in common. A declaration is read, never stored in: class access gives it, a row
gives a value.

Declarations are plain data about a field. The peewee field of a composed class is made from one by
`core.model.columns`, a new one for each class, since peewee fields must never be shared.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, NoReturn, Self, TypedDict, TypeVar, Unpack, overload

from core.errors import did_you_mean
from core.i18n import _
from core.lang.kinds import Kind

T = TypeVar("T")


class BadValue(ValueError):
    """A value that a field cannot hold; the text is for people. `line`, from 1, is that of a text; 0 where unknown."""

    def __init__(self, text: str, *, suggestion: str = "", line: int = 0) -> None:
        super().__init__(f"{text} {did_you_mean(suggestion)}".strip())
        self.text = text
        self.suggestion = suggestion
        self.line = line


class Common(TypedDict, total=False):
    """Keywords that every field takes.

    `label`, `help`: for people. `readonly`: forms show it, and do not let it be changed. `default`: a constant, or a
    function of the environment. `index`, `unique`: in the database. `search`: kept folded beside the column, found by
    the search box. `tracked`: its changes are shown in the record's timeline. `translate`: its values are translated.
    `groups`: external ids, comma separated, of those who may see it. `copy`: taken over when a record is duplicated.
    `personal`: erased on request. `derived`: kept up by `derive`, not logged. `follows`: `follow` may write it,
    too, which is not logged. `secret`: never read by anybody but core, never logged. `template`: the text is a Jinja
    template; one that cannot be read is refused.
    """

    label: str
    help: str
    readonly: bool
    default: Any
    index: bool
    unique: bool
    search: bool
    tracked: bool
    translate: bool
    groups: str
    copy: bool
    personal: bool
    derived: bool
    follows: bool
    secret: bool
    template: bool


class Declaration(ABC, Generic[T]):
    """A field of a model: `T` is what a row gives."""

    kind: ClassVar[Kind]
    stored: ClassVar[bool] = True  # has a column of its own
    searchable: ClassVar[bool] = False  # may be declared search=True

    def __init__(self, *, required: bool = False, **keywords: Unpack[Common]) -> None:
        unknown = keywords.keys() - Common.__annotations__.keys()
        if unknown:
            raise TypeError(f"unknown keyword {sorted(unknown)[0]!r} for a field of type {type(self).__name__}")
        self.name = ""
        self.required = required
        self.label: str = keywords.get("label", "")
        self.help: str = keywords.get("help", "")
        self.readonly: bool = keywords.get("readonly", False)
        self.default: Any = keywords.get("default")
        self.index: bool = keywords.get("index", False)
        self.unique: bool = keywords.get("unique", False)
        self.search: bool = keywords.get("search", False)
        self.tracked: bool = keywords.get("tracked", False)
        self.translate: bool = keywords.get("translate", False)
        self.groups = frozenset(part.strip() for part in keywords.get("groups", "").split(",") if part.strip())
        self.copy: bool = keywords.get("copy", not self.unique)
        self.personal: bool = keywords.get("personal", False)
        self.derived: bool = keywords.get("derived", False)
        self.follows: bool = keywords.get("follows", False)
        self.secret: bool = keywords.get("secret", False)
        self.template: bool = keywords.get("template", False)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.label = self.label or name.replace("_", " ").capitalize()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> T: ...
    def __get__(self, row: object, owner: type) -> Self | T:
        if row is None:
            return self
        self._refuse(owner)

    def __set__(self, row: object, value: T) -> None:
        self._refuse(type(row))

    def _refuse(self, owner: type) -> NoReturn:
        raise TypeError(f"{owner.__name__} is a definition and has no rows; rows come from env[...]")

    def column(self, name: str) -> str | None:
        """The column that stores the field called `name`; None for fields without one."""
        return name if self.stored else None

    @abstractmethod
    def check(self, value: object) -> object:
        """The value as it is stored in rows; None stays None.

        :raises BadValue: the value is of another type, too long, out of range or not text that both engines can keep.
        """

    def same_storage(self, other: Declaration[Any]) -> bool:
        """Whether both declarations keep their values in the same way, so that one may take the other's place."""
        return type(self) is type(other) and self.search == other.search

    def wrong_type(self, value: object, expected: str) -> BadValue:
        """The refusal of a value of another type."""
        return BadValue(_("Expected {expected}, not {value}.", expected=expected, value=_shown(value)))


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 128:
        return _("a number of more than 38 digits")
    if value is None or isinstance(value, bool):
        return json.dumps(value)  # as programs write it
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
