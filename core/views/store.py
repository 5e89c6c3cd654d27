"""The composed views of one database: made when they are first asked for, and again when a view was changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from core.database import Database
from core.errors import NotFound
from core.i18n import _
from core.model.registry import Registry
from core.records.environment import Environment
from core.views.checks import Scope
from core.views.compose import ComposedArch, Composition, compose
from core.views.defaults import default_view
from core.views.search.arch import SearchArch
from core.views.search.properties import with_properties
from core.views.source import FIELDS, from_row
from core.views.types import VIEW_TYPES
from core.views.view import ComposedView, Variants

_LOG = logging.getLogger(__name__)
_GROUPS = "model == 'res.groups'"


@dataclass(slots=True)
class _Composed:
    """What belongs to one generation of views; views of models without their own are added when asked for."""

    generation: int | None
    composition: Composition
    views: dict[tuple[str, str], ComposedView | None] = field(default_factory=dict)
    named: dict[str, ComposedView] = field(default_factory=dict)


class ViewStore:
    """Where pages find the views of a model. Safe for threads; one for each registry."""

    def __init__(self, database: Database, registry: Registry, depends: Mapping[str, frozenset[str]]) -> None:
        self.database = database
        self.registry = registry
        self.depends = depends
        self.variants = Variants(registry)
        self._lock = Lock()
        self._composed: _Composed | None = None
        self._generation: int | None = None

    def follow(self, generation: int) -> None:
        """Compose again, when next asked, unless what is composed belongs to this generation of views."""
        self._generation = generation

    def view(self, env: Environment, model: str, kind: str, name: str = "") -> ComposedView:
        """The view of a model: of those of the type the one with the least priority, else one made from its fields.

        With a `name` that view, where it is there and can be shown.

        :raises NotFound: there is no such model, no such view type, or nothing to make such a view of.
        """
        found = self._named(env, model, kind, name) or self._find(env, model, kind)
        if found is None:
            raise NotFound(_("There is no view '{kind}' of {model}.", kind=kind, model=model))
        return found

    def search(self, env: Environment, model: str) -> SearchArch | None:
        """What can be searched and filtered in a model, as the environment's user sees it."""
        view = self._find(env, model, "search")
        if view is None:
            return None
        arch: SearchArch = view.variant(env).arch
        return with_properties(env, model, arch)

    def kinds(self, env: Environment, model: str) -> tuple[str, ...]:
        """The types of the views that are there for a model, those that can be made of its fields left out."""
        found = {view.type for view in self._current(env).composition.views.values() if view.model == model}
        return tuple(kind for kind in VIEW_TYPES if kind in found)

    def composition(self, env: Environment) -> Composition:
        """All views of the database, and the problems of those that cannot be shown."""
        return self._current(env).composition

    def _named(self, env: Environment, model: str, kind: str, name: str) -> ComposedView | None:
        found = self._current(env).named.get(name) if name else None
        return found if found is not None and (found.model, found.type) == (model, kind) else None

    def _find(self, env: Environment, model: str, kind: str) -> ComposedView | None:
        if model not in self.registry.schema or kind not in VIEW_TYPES:
            return None
        current = self._current(env)
        if (model, kind) not in current.views:
            made = self._default(model, kind)
            with self._lock:
                current.views.setdefault((model, kind), made)
        return current.views[model, kind]

    def _current(self, env: Environment) -> _Composed:
        current, generation = self._composed, self._generation
        if current is None or current.generation != generation:
            made = self._compose(env, generation)
            with self._lock:
                self._composed = current = made
        return current

    def _compose(self, env: Environment, generation: int | None) -> _Composed:
        rows = env.sudo()["core.view"].read("", list(FIELDS))
        named = env.sudo()["core.external_id"].read(_GROUPS, ["addon", "name"])
        groups = frozenset(f"{row['addon']}.{row['name']}" for row in named)
        used = [row for row in rows if not row["addon"] or row["addon"] in self.depends]
        composition = compose(map(from_row, used), self._scope(groups), quarantine=True)
        for problem in composition.problems:
            _LOG.warning("a view is left out: %s", problem)
        made = _Composed(generation, composition)
        for view in sorted(composition.views.values(), key=lambda each: (each.priority, each.name)):
            made.named[view.name] = self._view(view)
            made.views.setdefault((view.model, view.type), made.named[view.name])
        return made

    def _scope(self, groups: frozenset[str]) -> Scope:
        return Scope(self.registry, self.depends, groups)

    def _default(self, model: str, kind: str) -> ComposedView | None:
        source = default_view(self.registry, model, kind)
        if source is None:
            return None
        composition = compose([source], self._scope(frozenset())).require()
        return self._view(composition.views[source.name])

    def _view(self, composed: ComposedArch) -> ComposedView:
        return ComposedView(composed, VIEW_TYPES[composed.type], self.variants)
