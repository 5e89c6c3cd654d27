"""How the Python side reaches values: a record, a row, or a form that is not saved yet.

`get` gives stored values as Python values: a many2one as its id, money as Decimal, text, dates, aware instants.
Computed fields are never asked of an accessor; the language works them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any as Anything
from typing import Protocol

from core.lang.kinds import Kind
from core.lang.schema import ModelInfo, Schema


class Accessor(Protocol):
    """One record as the language sees it."""

    def get(self, name: str) -> object:
        """The value of a stored field; None where it is none."""

    def follow(self, name: str) -> Accessor | None:
        """The record a many2one leads to."""

    def members(self, name: str) -> Iterable[Accessor]:
        """The records of a to-many relation."""


Load = Callable[[str, Sequence[int]], Iterable[Mapping[str, object]]]


class Values:
    """An accessor over a mapping of field names, as a form or an import holds it: many2one as id, to-many as a sequence
    of ids.

    `load` gives the values of stored records (model, ids); the mapping itself may hold values that are not saved yet.
    """

    __slots__ = ("_info", "_load", "_schema", "_values")

    def __init__(self, values: Mapping[str, object], model: str, schema: Schema, load: Load) -> None:
        self._values = values
        self._info = schema[model]
        self._schema = schema
        self._load = load

    def get(self, name: str) -> object:
        return self._values.get(name)

    def follow(self, name: str) -> Accessor | None:
        number = self._values.get(name)
        return next(iter(self._related(name, [] if number is None else [number])), None)

    def members(self, name: str) -> Iterable[Accessor]:
        numbers = self._values.get(name) or ()
        return self._related(name, list(numbers))  # type: ignore[call-overload]  # a sequence of ids

    def _related(self, name: str, numbers: Sequence[Anything]) -> Iterable[Accessor]:
        target = self._info.fields[name].target
        assert target is not None
        return (
            [Values(values, target, self._schema, self._load) for values in self._load(target, numbers)]
            if numbers
            else []
        )


class Row:
    """An accessor over an object whose attributes are the fields: `row.partner` the record, `row.partner_id` its id,
    `row.tags` records."""

    __slots__ = ("_info", "_row", "_schema")

    def __init__(self, row: object, model: str, schema: Schema) -> None:
        self._row = row
        self._info: ModelInfo = schema[model]
        self._schema = schema

    def get(self, name: str) -> object:
        field = self._info.fields[name]
        found: object = getattr(self._row, field.column or name if field.kind is Kind.REFERENCE else name)
        return found

    def follow(self, name: str) -> Accessor | None:
        found = getattr(self._row, name)
        return None if found is None else self._related(name, found)

    def members(self, name: str) -> Iterable[Accessor]:
        return [self._related(name, row) for row in getattr(self._row, name)]

    def _related(self, name: str, row: object) -> Accessor:
        target = self._info.fields[name].target
        assert target is not None
        return Row(row, target, self._schema)
