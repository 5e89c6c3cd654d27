"""The peewee classes of a registry: first all classes with their plain columns, then the relations between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

import peewee

from core.errors import AccessDenied
from core.lang.accessor import Accessor
from core.lang.python import predicate
from core.model.columns import ComputedAccessor, IdField, LinksAccessor, RelationField, StoredField
from core.model.composition import Blueprint, Composition
from core.model.record import Record
from core.model.relations import Computed, Many2many, Many2one, One2many

if TYPE_CHECKING:
    from core.model.registry import Registry


def make_classes(composition: Composition, registry: Registry) -> dict[str, type[Record]]:
    """One class per model, with all definitions among its bases, so that `super()` goes from addon to addon."""
    classes = {name: _make(registry, blueprint) for name, blueprint in composition.blueprints.items()}
    for name, model_class in classes.items():
        _relate(registry, name, model_class, classes)
    return classes


def _make(registry: Registry, blueprint: Blueprint) -> type[Record]:
    model = blueprint.name
    database = registry.database

    def represent(row: Record) -> str:
        return f"<{model} {row.__data__.get('id')}>"

    attributes: dict[str, Any] = {
        "__module__": blueprint.definition.__module__,
        "__doc__": blueprint.definition.__doc__,
        "__repr__": represent,  # peewee would put one of its own into each class
        "_name": model,
        "_registry": registry,
        "Meta": type("Meta", (), {"database": database.peewee, "table_name": registry.options[model].table}),
    }
    for position, (name, declaration) in enumerate(registry.declarations[model].items()):
        column = declaration.column(name)
        if name == "id":
            attributes[name] = IdField(declaration)
        elif isinstance(declaration, Computed):
            attributes[name] = ComputedAccessor(name, _computer(registry, model, declaration.expression))
        elif isinstance(declaration, (One2many, Many2many)):
            writable = isinstance(declaration, Many2many)
            attributes[name] = LinksAccessor(name, declaration, declaration.target, writable=writable)
        elif column and not isinstance(declaration, Many2one):
            attributes[name] = StoredField(declaration, column, database.engine, position)
    make = cast("Callable[..., type[Record]]", peewee.ModelBase)
    return make(blueprint.definition.__name__, (*blueprint.parts, Record), attributes)


def _relate(registry: Registry, model: str, model_class: type[Record], classes: dict[str, type[Record]]) -> None:
    for position, (name, declaration) in enumerate(registry.declarations[model].items()):
        if isinstance(declaration, Many2one):
            field = RelationField(declaration, classes[declaration.target], str(declaration.column(name)), position)
            model_class._meta.add_field(name, field)


class RowAccessor:
    """A row as the language sees it; what the user may not read is as empty."""

    __slots__ = ("_row",)

    def __init__(self, row: Record) -> None:
        self._row = row

    def get(self, name: str) -> object:
        """The value of a stored field, a many2one as its id."""
        data = self._row.__data__
        return data[name] if name in data else self._row.load(name)

    def follow(self, name: str) -> Accessor | None:
        """The row a many2one leads to."""
        try:
            found = getattr(self._row, name)
        except AccessDenied:
            return None
        return None if found is None else RowAccessor(found)

    def members(self, name: str) -> Iterable[Accessor]:
        """The rows of a to-many relation."""
        return [RowAccessor(row) for row in getattr(self._row, name)]


def _computer(registry: Registry, model: str, source: str) -> Callable[[Record], Any]:
    """A computed field's value for a row; compiled on first use, since many are never asked for in Python."""
    compiled: list[Callable[..., Any]] = []

    def compute(row: Record) -> Any:  # noqa: ANN401
        if not compiled:
            compiled.append(predicate(registry.parse(source, model), registry.schema, parse=registry.parse))
        return compiled[0](RowAccessor(row), row.env.implicit())

    return compute
