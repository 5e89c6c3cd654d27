"""Declarations of relations and of computed fields. A target is a definition, or a model's name where importing it
would be a cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar, Unpack, overload

from core.i18n import _
from core.lang.kinds import INTEGER_MAX, Kind
from core.model.change import Link
from core.model.declaration import BadValue, Common, Declaration
from core.model.definition import Model, Options
from core.model.scalars import Boolean, Char, Date, Datetime, Float, Integer, Monetary, Text

if TYPE_CHECKING:
    import typing_extensions

    # A target given by name leaves the variables unsolved: then the row is Any.
    T = typing_extensions.TypeVar("T", default=Any)
    R = typing_extensions.TypeVar("R", bound=Model, default=Any)
else:
    T = TypeVar("T")
    R = TypeVar("R")

OnDelete = Literal["set null", "restrict", "cascade"]


def target_name(target: type[Model] | str) -> str:
    """The name of the model a relation leads to.

    :raises TypeError: a mixin, which has no records.
    """
    if isinstance(target, str):
        return target
    name = Options.root(target).name
    if not name:
        raise TypeError(f"{target.__name__} is a mixin and has no records; a relation leads to a model")
    return name


class Many2one(Declaration[T]):
    """A link to one record; rows give the row, and its id under the field's name with `_id`.

    `on_delete` says what becomes of this record when the target is deleted: the link is emptied, the deletion is
    refused, or this record is deleted too. The pipeline does it, and logs it.
    """

    kind = Kind.REFERENCE

    @overload
    def __init__(
        self: Many2one[R],
        target: type[R],
        *,
        required: Literal[True],
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Many2one[R | None],
        target: type[R],
        *,
        required: Literal[False] = False,
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self,
        target: str,
        *,
        required: bool = False,
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(
        self,
        target: type[Model] | str,
        *,
        required: bool = False,
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None:
        super().__init__(required=required, **keywords)
        self.target = target_name(target)
        self.on_delete: OnDelete = on_delete or ("restrict" if self.required else "set null")

    def __set__(self, row: object, value: T | int | None) -> None:
        self._refuse(type(row))

    def column(self, name: str) -> str:
        return f"{name}_id"

    def same_storage(self, other: Declaration[Any]) -> bool:
        return super().same_storage(other) and isinstance(other, Many2one) and self.target == other.target

    def check(self, value: object) -> int | None:
        return None if value is None else record_id(self, value, self.target)


def record_id(declaration: Declaration[Any], value: object, target: str) -> int:
    """The id that is meant by an id or by a row of `target`.

    :raises BadValue: something else, a row of another model, a row that is not saved.
    """
    model = getattr(value, "_name", None)
    if model is not None:
        if model != target:
            raise BadValue(_("Expected a record of {target}, not of {model}.", target=target, model=model))
        value = getattr(value, "id", None)
        if value is None:
            raise BadValue(_("The record must be saved before others can refer to it."))
    if not isinstance(value, int) or isinstance(value, bool):
        raise declaration.wrong_type(value, _("the id of a record"))
    if not 0 < value <= INTEGER_MAX:
        raise BadValue(_("{value} is not an id.", value=value))
    return value


class One2many(Declaration[tuple[R, ...]]):
    """The records of `target` whose many2one `inverse` leads here; nothing is stored on this side."""

    kind = Kind.REFERENCES
    stored = False

    @overload
    def __init__(self: One2many[R], target: type[R], *, inverse: str, **keywords: Unpack[Common]) -> None: ...
    @overload
    def __init__(self, target: str, *, inverse: str, **keywords: Unpack[Common]) -> None: ...
    def __init__(self, target: type[Model] | str, *, inverse: str, **keywords: Unpack[Common]) -> None:
        super().__init__(**keywords)
        self.target = target_name(target)
        self.inverse = inverse

    def same_storage(self, other: Declaration[Any]) -> bool:
        return isinstance(other, One2many) and (self.target, self.inverse) == (other.target, other.inverse)

    def check(self, value: object) -> list[dict[str, object]]:
        if isinstance(value, (list, tuple)) and all(isinstance(item, dict) for item in value):
            return list(value)
        raise self.wrong_type(value, _("a list of objects, one for each new record"))


class Many2many(Declaration[tuple[R, ...]]):
    """Links to any number of records, kept in a table of their own.

    `inverse` names the many2many of the target that owns the table; then this field is the same links seen from the
    other side.
    """

    kind = Kind.REFERENCES
    stored = False

    @overload
    def __init__(
        self: Many2many[R], target: type[R], *, inverse: str | None = None, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(self, target: str, *, inverse: str | None = None, **keywords: Unpack[Common]) -> None: ...
    def __init__(self, target: type[Model] | str, *, inverse: str | None = None, **keywords: Unpack[Common]) -> None:
        super().__init__(**keywords)
        self.target = target_name(target)
        self.inverse = inverse

    def __set__(self, row: object, value: tuple[R | int, ...] | list[R] | list[int] | Link) -> None:
        self._refuse(type(row))

    def same_storage(self, other: Declaration[Any]) -> bool:
        return isinstance(other, Many2many) and (self.target, self.inverse) == (other.target, other.inverse)

    def check(self, value: object) -> tuple[int, ...] | Link:
        if value is None:
            return ()
        if isinstance(value, Link):
            return value
        if not isinstance(value, (list, tuple, set, frozenset)):
            raise self.wrong_type(value, _("a list of ids"))
        return tuple(dict.fromkeys(record_id(self, item, self.target) for item in value))


class Computed(Declaration[T]):
    """A value computed by an expression, in SQL and in Python alike; it sorts, filters and groups like a stored one.

    `options` name the values of a text that is one of a few, as those of a Selection do.
    """

    stored = False

    @overload
    def __init__(
        self: Computed[Decimal | None], result: type[Monetary[Any]], expression: str, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Computed[str | None],
        result: type[Char[Any]] | type[Text[Any]],
        expression: str,
        *,
        options: Mapping[str, str] | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Computed[int | None], result: type[Integer[Any]], expression: str, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Computed[float | None], result: type[Float[Any]], expression: str, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(self: Computed[bool], result: type[Boolean], expression: str, **keywords: Unpack[Common]) -> None: ...
    @overload
    def __init__(
        self: Computed[date | None], result: type[Date[Any]], expression: str, **keywords: Unpack[Common]
    ) -> None: ...
    @overload
    def __init__(
        self: Computed[datetime | None], result: type[Datetime[Any]], expression: str, **keywords: Unpack[Common]
    ) -> None: ...
    def __init__(
        self,
        result: type[Declaration[Any]],
        expression: str,
        *,
        options: Mapping[str, str] | None = None,
        **keywords: Unpack[Common],
    ) -> None:
        super().__init__(**keywords)
        self.result = result
        self.options = dict(options or {})
        self.kind = result.kind  # type: ignore[misc]  # of each computed field its own
        self.expression = expression

    def same_storage(self, other: Declaration[Any]) -> bool:
        return isinstance(other, Computed) and self.kind is other.kind

    def check(self, value: object) -> NoReturn:
        raise BadValue(_("This field is computed and cannot be written."))
