"""Composing all views of all installed addons and checking them, before anything is shown or written.

base view -> grammar -> extensions in order -> grammar -> checks against the registry; all problems are collected.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from core.data.grammar import Grammar
from core.data.xml import attribute, tag
from core.errors import ConfigurationError, Problem, closest
from core.views import arch
from core.views.board.checks import check as check_board
from core.views.checks import Checker, Scope
from core.views.form.checks import check as check_form
from core.views.graph.checks import check as check_graph
from core.views.inherit import EXTENSION_GRAMMAR, Extending, check_grammar, ordered
from core.views.list.checks import check as check_list
from core.views.search.checks import check as check_search
from core.views.source import ViewSource

_FOLDER = Path(__file__).parent
_CHECKS: Mapping[str, Callable[[Checker, etree._Element, str], None]] = MappingProxyType(
    {"list": check_list, "board": check_board, "graph": check_graph, "form": check_form, "search": check_search}
)
TYPES = tuple(_CHECKS)


@dataclass(frozen=True, slots=True)
class ComposedArch:
    """A view with all its extensions applied: the stamped tree, and a version that changes with any of its texts."""

    name: str
    model: str
    type: str
    priority: int
    root: etree._Element
    version: str


@dataclass(frozen=True, slots=True)
class Composition:
    """All composed views by name, those without problems only, and the problems of the others.

    `quarantined` are the extensions that were left out so that the view they change can be shown.
    """

    views: Mapping[str, ComposedArch]
    problems: tuple[Problem, ...]
    quarantined: tuple[str, ...] = ()

    def require(self) -> Composition:
        """Itself, or ConfigurationError with every problem."""
        if self.problems:
            raise ConfigurationError(self.problems)
        return self


def compose(sources: Iterable[ViewSource], scope: Scope, *, quarantine: bool = False) -> Composition:
    """Compose and check every view; the order of `sources` does not matter.

    With `quarantine` a view is composed without those of its extensions that would spoil it.
    """
    return _Composing(scope, sorted(sources, key=lambda each: each.name), quarantine).run()


@lru_cache(maxsize=256)
def _parsed(base: ViewSource) -> tuple[etree._Element | None, tuple[Problem, ...]]:
    """The one outermost node of a base view, stamped, and what it breaks of its grammar; copy it before changing it.

    Kept, since all views are composed again whenever one of them changes.
    """
    try:
        wrapper = arch.load(base)
    except ConfigurationError as error:
        return None, error.problems
    children = list(wrapper.iterchildren("*"))
    first = children[0]
    problems = [arch.problem(extra, "V006", f"a view has one outermost node, <{tag(first)}>") for extra in children[1:]]
    if tag(first) != base.type:
        text = f"a view of type '{base.type}' begins with <{base.type}>, not <{tag(first)}>"
        problems.append(arch.problem(first, "V007", text))
        return None, tuple(problems)
    root = copy.deepcopy(first)
    return root, (*problems, *check_grammar(root, _grammar(base.type)))


def _grammar(kind: str) -> Grammar:
    """The grammar of a view type, or (empty) that of extensions."""
    return Grammar(_FOLDER / kind / "grammar.rng" if kind else EXTENSION_GRAMMAR)


@dataclass(slots=True)
class _Composing:
    scope: Scope
    sources: Sequence[ViewSource]
    quarantine: bool = False
    quarantined: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    grammars: dict[str, Grammar] = field(default_factory=dict)

    def run(self) -> Composition:
        bases: dict[str, ViewSource] = {}
        extensions: dict[str, list[ViewSource]] = {}
        for source in self.sources:
            if source.name in bases:
                text = f"view '{source.name}' is there already, at {bases[source.name].place}"
                self.problems.append(source.place.problem("V035", text))
            elif source.extends:
                extensions.setdefault(source.extends, []).append(source)
            elif self._known(source):
                bases[source.name] = source
        for name in sorted(extensions.keys() - bases.keys()):
            self._orphans(name, extensions[name], bases)
        composed = (self._best(base, extensions.get(base.name, [])) for base in bases.values())
        views = {view.name: view for view in composed if view is not None}
        return Composition(views, tuple(sorted(set(self.problems))), tuple(self.quarantined))

    def _known(self, source: ViewSource) -> bool:
        """Whether type and model exist and the model may be used."""
        registry = self.scope.registry
        if source.type not in _CHECKS:
            text = f"there is no view type '{source.type}'"
            self.problems.append(source.place.problem("V007", text, closest(source.type, _CHECKS)))
            return False
        if source.model not in registry.schema:
            text = f"there is no model '{source.model}'"
            self.problems.append(source.place.problem("V008", text, closest(source.model, registry.schema)))
            return False
        owner = registry.owner_of_model.get(source.model, source.addon)
        if source.addon in self.scope.depends and owner not in self.scope.depends[source.addon] | {source.addon}:
            text = f"model {source.model} belongs to addon '{owner}', which '{source.addon}' does not depend on"
            self.problems.append(source.place.problem("V032", text))
            return False
        return True

    def _orphans(self, name: str, sources: list[ViewSource], bases: Mapping[str, ViewSource]) -> None:
        """Extensions of a view that cannot be extended."""
        extended = next((source for source in self.sources if source.name == name), None)
        for source in sources:
            if extended is None:
                problem = source.place.problem("V009", f"there is no view '{name}' to extend", closest(name, bases))
            elif extended.extends:
                text = f"'{name}' is itself an extension; extend the view it changes"
                problem = source.place.problem("V011", text, extended.extends)
            else:
                continue
            self.problems.append(problem)

    def _best(self, base: ViewSource, extensions: Sequence[ViewSource]) -> ComposedArch | None:
        """The view with all its extensions; in quarantine with those that do not spoil it, tried one by one."""
        found = self._one(base, extensions)
        if found is not None or not self.quarantine or not extensions:
            return found
        told = list(self.problems)
        kept: list[ViewSource] = []
        found = self._one(base, kept)
        for extension in ordered(extensions, self.scope.depends) if found is not None else ():
            tried = self._one(base, [*kept, extension])
            if tried is None:
                self.quarantined.append(extension.name)
            else:
                found = tried
                kept.append(extension)
        self.problems = told
        return found

    def _one(self, base: ViewSource, extensions: Sequence[ViewSource]) -> ComposedArch | None:
        before = len(self.problems)
        parsed, problems = _parsed(base)
        self.problems.extend(problems)
        if parsed is None or problems:
            return None
        root = copy.deepcopy(parsed)
        extending = Extending(root, self.scope.depends, self._grammar(""))
        applied = ordered((each for each in extensions if self._belongs(each, base)), self.scope.depends)
        for extension in applied:
            extending.apply(extension)
        self.problems.extend(extending.problems)
        self.problems.extend(self._check(root, base, bool(applied)))
        if len(self.problems) > before:
            return None
        version = hashlib.sha256("\0".join(each.arch for each in (base, *applied)).encode()).hexdigest()[:16]
        return ComposedArch(base.name, base.model, base.type, base.priority, root, version)

    def _belongs(self, extension: ViewSource, base: ViewSource) -> bool:
        """Whether the extension fits the view it names."""
        for what, here, there in (("model", extension.model, base.model), ("type", extension.type, base.type)):
            if here != there:
                text = f"the view says {what} '{here}', but '{base.name}' has '{there}'"
                self.problems.append(extension.place.problem("V010", text))
                return False
        allowed = self.scope.depends.get(extension.addon, frozenset()) | {extension.addon}
        if extension.addon and base.addon not in allowed:  # what was written here may change everything
            text = f"view '{base.name}' belongs to addon '{base.addon}', which '{extension.addon}' does not depend on"
            self.problems.append(extension.place.problem("V032", text))
            return False
        return True

    def _check(self, root: etree._Element, base: ViewSource, extended: bool) -> list[Problem]:
        wrong = check_grammar(root, self._grammar(base.type)) if extended else []
        if wrong:
            return wrong
        checker = Checker(self.scope)
        _CHECKS[base.type](checker, root, base.model)
        return checker.problems

    def _grammar(self, kind: str) -> Grammar:
        """The grammar, read once for all views."""
        if kind not in self.grammars:
            self.grammars[kind] = _grammar(kind)
        return self.grammars[kind]


def addressed(root: etree._Element) -> frozenset[str]:
    """The names of all fields the view shows, dotted paths as written."""
    return frozenset(attribute(node, "name") for node in root.iter("field"))
