"""The registry: the composed models of one database, made from the definitions of its installed addons.

`build` makes one peewee class per model; it refuses all mistakes at once. Any number of databases with different addons
live in one process, and a registry that nobody holds is freed with its classes. What of it does not belong to a
database is kept for the sets of addons that were composed last, since planning, changing and opening take the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import Any

from core.database import Database
from core.errors import ConfigurationError
from core.lang.parser import ExpressionCache
from core.lang.schema import ModelInfo
from core.lang.tree import Expression
from core.model.classes import make_classes
from core.model.composition import Composition, Contribution, compose
from core.model.computed import check_expressions
from core.model.declaration import Declaration
from core.model.decorators import ACTION, CONSTRAINT, Action, Constraint
from core.model.definition import Model
from core.model.infos import ModelOptions, all_declarations, build_schema, field_owner, model_options
from core.model.record import Record
from core.model.refusals import check_models
from core.model.relations import Many2one
from core.timeline import Hint

__all__ = ["Contribution", "Registry", "build"]

EXPRESSIONS_KEPT = 2_000
COMPOSITIONS_KEPT = 8


class Registry:
    """What is known of the models of one database. All mappings are by model name and must not be changed.

    `models`: composed classes. `schema`: infos for language and pipeline. `declarations`: by field name. `options`: of
    each model as a whole. `constraints`, `actions`: marked methods. `owner_of_model`, `owner_of_field`: the addon each
    belongs to, automatic columns included. `origins`: for each declared field the declaration that made its
    column. `definitions`, `parts`: the classes a model is made of. `addons`: those
    installed, in dependency order; `closure`: all that each depends on. `panels`: what
    addons show on pages of forms, by name. `hints`: what they have to say of records.
    """

    database: Database

    def __init__(self, composition: Composition) -> None:
        self.addons = composition.addons
        self.closure = composition.closure
        self.options: dict[str, ModelOptions] = {
            name: model_options(composition, blueprint) for name, blueprint in composition.blueprints.items()
        }
        self.declarations: dict[str, dict[str, Declaration[Any]]] = all_declarations(composition)
        self.schema: dict[str, ModelInfo] = build_schema(composition, self.options, self.declarations)
        self.owner_of_model = {name: blueprint.addon for name, blueprint in composition.blueprints.items()}
        self.owner_of_field = {
            (model, name): field_owner(composition, blueprint, name)
            for model, blueprint in composition.blueprints.items()
            for name in self.declarations[model]
        }
        self.origins = {
            model: {name: providers[-1].declaration for name, providers in blueprint.providers.items()}
            for model, blueprint in composition.blueprints.items()
        }
        self.definitions = {name: blueprint.definition for name, blueprint in composition.blueprints.items()}
        self.parts = {name: blueprint.parts for name, blueprint in composition.blueprints.items()}
        self.constraints = {name: tuple(_marked(parts, CONSTRAINT).values()) for name, parts in self.parts.items()}
        self.actions = {name: _marked(parts, ACTION) for name, parts in self.parts.items()}
        self.models: dict[str, type[Record]] = {}
        self.panels: frozenset[str] = frozenset()
        self.hints: Mapping[str, tuple[Hint, ...]] = {}
        self._expressions = ExpressionCache(self.schema, EXPRESSIONS_KEPT)
        self._references = self._find_references()
        self._naming = self._find_naming()

    def hinted(self, model: str) -> tuple[str, ...]:
        """The fields that hints of the model depend on."""
        return tuple(dict.fromkeys(name for hint in self.hints.get(model, ()) for name in hint.fields))

    def bound(self, database: Database, composition: Composition) -> Registry:
        """A registry of the same composition for a database, with classes of its own."""
        found = copy(self)
        found.database = database
        found.models = make_classes(composition, found)
        return found

    def __repr__(self) -> str:
        return f"<Registry {self.database.place}: {len(self.models)} models of {', '.join(self.addons)}>"

    def parse(self, source: str, model: str, names: Mapping[str, Any] | None = None) -> Expression:
        """An expression about records of a model, read once.

        :raises ExpressionError: with the column and the nearest known name.
        """
        return self._expressions.parse(source, model, names)

    def references_to(self, model: str) -> tuple[tuple[str, str], ...]:
        """All many2one fields that lead to a model, as pairs of model and field."""
        return self._references.get(model, ())

    def naming(self, model: str) -> tuple[tuple[str, str], ...]:
        """All reference fields whose text may name a record of a model, as pairs of model and field."""
        return self._naming.get(model, ())

    def _find_naming(self) -> dict[str, tuple[tuple[str, str], ...]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for model, info in self.schema.items():
            for field in info.fields.values():
                for named in field.models:
                    found.setdefault(named, []).append((model, field.name))
        return {named: tuple(pairs) for named, pairs in found.items()}

    def _find_references(self) -> dict[str, tuple[tuple[str, str], ...]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for model, declarations in self.declarations.items():
            for name, declaration in declarations.items():
                if isinstance(declaration, Many2one):
                    found.setdefault(declaration.target, []).append((model, name))
        return {target: tuple(references) for target, references in found.items()}

    def close(self) -> None:
        """Forget what was parsed; the database stays open, it belongs to who opened it."""
        self._expressions = ExpressionCache(self.schema, EXPRESSIONS_KEPT)


def build(database: Database, contributions: Sequence[Contribution]) -> Registry:
    """Compose the models of the installed addons; the order of `contributions` does not matter.

    :raises ConfigurationError: all mistakes of all addons at once, each with its id and places.
    """
    composition, registry = _checked(tuple(contributions))
    return registry.bound(database, composition)


@lru_cache(maxsize=COMPOSITIONS_KEPT)
def _checked(contributions: tuple[Contribution, ...]) -> tuple[Composition, Registry]:
    """A composition without mistakes, and the registry of it that belongs to no database yet."""
    composition = compose(contributions)
    _refuse(composition)
    registry = Registry(composition)
    check_models(composition, registry.options, registry.declarations)
    _refuse(composition)
    check_expressions(composition, registry)
    _refuse(composition)
    return composition, registry


def _refuse(composition: Composition) -> None:
    if composition.problems:
        raise ConfigurationError(composition.problems)


def _marked(parts: Sequence[type[Model]], mark: str) -> dict[str, Any]:
    """The marked methods of a model by name, in the order of their first declaration; an override keeps the mark."""
    found: dict[str, Constraint | Action] = {}
    for part in reversed(parts):
        for name, value in vars(part).items():
            marked = getattr(getattr(value, "__func__", value), mark, None)
            if isinstance(marked, Action) and isinstance(value, classmethod):
                marked = replace(marked, batch=True)
            if marked is not None:
                found[name] = marked
    return found
