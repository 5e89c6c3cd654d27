"""The peewee fields of composed classes, made anew for each class, and what reading and setting them on a row does.

A field that a row was not read with is loaded on first use, for all rows of its search in one query. Relations go
through the environment's checks; peewee's own lazy loading and its `DeferredForeignKey` are never used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import peewee

from core.errors import FieldError, Invalid
from core.i18n import _
from core.lang.kinds import Engine, Kind, decoder, encoder
from core.model.declaration import Declaration
from core.model.relations import Many2one

if TYPE_CHECKING:
    from core.model.record import Record

_FIELD_TYPES = {
    Kind.BOOLEAN: "BOOL",
    Kind.INTEGER: "BIGINT",
    Kind.REFERENCE: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.FLOAT: "DOUBLE",
    Kind.BYTES: "BLOB",
    Kind.DATE: "DATE",
    Kind.INSTANT: "TIMESTAMPTZ",
}


def checked(declaration: Declaration[Any], row: Record, name: str, value: object) -> Any:  # noqa: ANN401
    """The value as the declaration keeps it.

    :raises Invalid: naming the field.
    """
    try:
        return None if value is None else declaration.check(value)
    except ValueError as error:
        raise Invalid([FieldError(name, str(error), value=value)], model=row._name) from error


class ValueAccessor(peewee.FieldAccessor):
    """A plain value of a row."""

    def __get__(self, instance: Record | None, instance_type: type | None = None) -> Any:  # noqa: ANN401
        if instance is None:
            return self.field
        data = instance.__data__
        return data[self.name] if self.name in data else instance.load(self.name)

    def __set__(self, instance: Record, value: object) -> None:
        instance.__data__[self.name] = checked(self.field.declaration, instance, self.name, value)
        instance._dirty.add(self.name)


class StoredField(peewee.Field):
    """A column of plain values, converted as its kind says, for the raw queries of core."""

    accessor_class = ValueAccessor

    def __init__(self, declaration: Declaration[Any], column: str, engine: Engine, position: int) -> None:
        super().__init__(null=not declaration.required, column_name=column)
        self.declaration = declaration
        self.field_type = _FIELD_TYPES.get(declaration.kind, "TEXT")  # type: ignore[misc]  # peewee means either
        self._order = position
        self._sort_key = (2, position)
        self._encode = encoder(declaration.kind, engine)
        self._decode = decoder(declaration.kind, engine)

    def db_value(self, value: object) -> object:
        return self._encode(value) if self._encode and value is not None else value

    def python_value(self, value: object) -> object:
        return self._decode(value) if self._decode and value is not None else value


class IdField(peewee.BigAutoField):
    """The id: given by the database, never again."""

    accessor_class = ValueAccessor

    def __init__(self, declaration: Declaration[Any]) -> None:
        super().__init__(column_name="id")
        self.declaration = declaration


class RelationAccessor(peewee.ForeignKeyAccessor):
    """The row that a many2one leads to."""

    def __get__(self, instance: Record | None, instance_type: type | None = None) -> Any:  # noqa: ANN401
        if instance is None:
            return self.field
        if self.name in instance.__rel__:
            return instance.__rel__[self.name]
        data = instance.__data__
        id_ = data[self.name] if self.name in data else instance.load(self.name)
        return None if id_ is None else instance.relate(self.name, self.field.declaration.target)

    def __set__(self, instance: Record, value: object) -> None:
        instance.__data__[self.name] = checked(self.field.declaration, instance, self.name, value)
        instance.__rel__.pop(self.name, None)
        if isinstance(value, self.rel_model):
            instance.__rel__[self.name] = value
        instance._dirty.add(self.name)


class RelationIdAccessor(peewee.ObjectIdAccessor):
    """The raw id of a many2one: `row.partner_id`."""

    def __get__(self, instance: Record | None, instance_type: type | None = None) -> Any:  # noqa: ANN401
        if instance is None:
            return self.field
        data = instance.__data__
        name = self.field.name
        return data[name] if name in data else instance.load(name)


class RelationField(peewee.ForeignKeyField):
    """A many2one. It knows its target class from the start, so that nothing is left to be resolved across databases."""

    accessor_class = RelationAccessor

    def __init__(self, declaration: Many2one[Any], target: type[Record], column: str, position: int) -> None:
        super().__init__(target, column_name=column, null=not declaration.required, index=False, backref="+")
        self.declaration = declaration
        self._order = position
        self._sort_key = (2, position)

    def bind(self, model: type[Record], name: str, set_attribute: bool = True) -> None:
        super().bind(model, name, set_attribute)
        setattr(model, self.object_id_name, RelationIdAccessor(self))


class LinksAccessor:
    """The rows of a one2many or many2many, as a tuple: changing it in place would be lost, so it cannot be."""

    def __init__(self, name: str, declaration: Declaration[Any], target: str, *, writable: bool) -> None:
        self.name = name
        self.declaration = declaration
        self.target = target
        self.writable = writable

    def __get__(self, instance: Record | None, instance_type: type | None = None) -> Any:  # noqa: ANN401
        if instance is None:
            return self
        if self.name not in instance.__rel__:
            instance.relate_many(self.name, self.target)
        return instance.__rel__[self.name]

    def __set__(self, instance: Record, value: object) -> None:
        if not self.writable:
            text = _("Change the '{name}' themselves: they carry the link.", name=self.name)
            raise Invalid([FieldError(self.name, text)], model=instance._name)
        instance.__data__[self.name] = checked(self.declaration, instance, self.name, value)
        instance.__rel__.pop(self.name, None)
        instance._dirty.add(self.name)


class ComputedAccessor:
    """A computed value, worked out in Python from the row as it is now."""

    def __init__(self, name: str, compute: Callable[[Record], Any]) -> None:
        self.name = name
        self.compute = compute

    def __get__(self, instance: Record | None, instance_type: type | None = None) -> Any:  # noqa: ANN401
        return self if instance is None else self.compute(instance)

    def __set__(self, instance: Record, value: object) -> None:
        text = _("This field is computed and cannot be written.")
        raise Invalid([FieldError(self.name, text)], model=instance._name)
