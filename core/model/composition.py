"""Composition: from the definitions of the installed addons to one list of classes per model.

             crm_phonecall: LeadPhoneCalls(Lead, extends=True)         mail: Thread
                                    |                                   |      mail_x: ThreadX(Thread, extends=True)
    crm: Lead(Thread, Model, name="crm.lead")                           |      |
                                    v                                   v      v
    crm.lead = (LeadPhoneCalls,    Lead,                         ThreadX,   Thread,    Record)
                extensions, last   definition                    for each mixin: its extensions, then itself
                installed first

Order comes from the dependencies of addons and their names alone, never from the order in which they are given.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import Problem
from core.model.declaration import Declaration
from core.model.definition import Model, Options
from core.model.places import find_place

Extensions = Mapping[type[Model], Sequence[type[Model]]]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one installed addon brings: its definitions, mixins and extensions, and the addons it depends on."""

    addon: str
    depends: frozenset[str]
    definitions: tuple[type[Model], ...]


@dataclass(slots=True)
class Provider:
    """One class that declares a field, and the addon it belongs to."""

    part: type[Model]
    addon: str
    declaration: Declaration[Any]


@dataclass(slots=True)
class Blueprint:
    """One model before it becomes a class: its `parts` in the order of method resolution.

    `providers` lists, for each field, the classes that declare it, the one that counts first.
    """

    name: str
    addon: str
    definition: type[Model]
    parts: tuple[type[Model], ...]
    extensions: tuple[type[Model], ...]
    providers: dict[str, list[Provider]] = field(default_factory=dict)

    def option(self, keyword: str) -> Any:  # noqa: ANN401
        """What was said last about a keyword, by the definition or an extension; None where nobody said anything."""
        said = [getattr(Options.of(part), keyword) for part in (self.definition, *self.extensions)]
        return next((value for value in reversed(said) if value is not None), None)

    def declarations(self) -> dict[str, Declaration[Any]]:
        """The declaration that counts, by name of the field."""
        return {name: providers[0].declaration for name, providers in self.providers.items()}


@dataclass(slots=True)
class Composition:
    """All models of one set of addons."""

    addons: tuple[str, ...]
    closure: Mapping[str, frozenset[str]]
    addon_of: dict[type[Model], str] = field(default_factory=dict)
    blueprints: dict[str, Blueprint] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def reaches(self, addon: str, other: str) -> bool:
        """Whether `addon` is `other` or depends on it, directly or not."""
        return addon == other or other in self.closure.get(addon, frozenset())

    def refuse(
        self, definition: type, code: str, text: str, *, name: str = "", suggestion: str = "", also: Iterable[str] = ()
    ) -> None:
        """Note a problem at the place of a definition, or of a name in it."""
        self.problems.append(find_place(definition, name).problem(code, text, suggestion, tuple(also)))


def compose(contributions: Sequence[Contribution]) -> Composition:
    """Order the addons, sort their definitions and resolve the parts of each model; mistakes are noted, not raised."""
    ordered, problems = _in_order(contributions)
    closure: dict[str, frozenset[str]] = {}
    for contribution in ordered:
        reached = (closure.get(other, frozenset()) | {other} for other in contribution.depends)
        closure[contribution.addon] = frozenset().union(*reached)
    composition = Composition(tuple(contribution.addon for contribution in ordered), closure, problems=problems)
    extensions: dict[type[Model], list[type[Model]]] = {}
    models: dict[str, type[Model]] = {}
    for contribution in ordered:
        for definition in contribution.definitions:
            _sort_in(composition, contribution.addon, definition, extensions, models)
    for definition in composition.addon_of:
        _check_bases(composition, definition)
    for name, definition in models.items():
        blueprint = _blueprint(composition, name, definition, extensions)
        if blueprint is not None:
            composition.blueprints[name] = blueprint
    return composition


def _in_order(contributions: Sequence[Contribution]) -> tuple[list[Contribution], list[Problem]]:
    """By dependency, then name."""
    by_name = {contribution.addon: contribution for contribution in contributions}
    problems = []
    if len(by_name) < len(contributions):
        problems.append(Problem("addons", 0, 0, "R001", "two addons have the same name"))
    waiting = {name: {other for other in by_name[name].depends if other in by_name} for name in by_name}
    for name, contribution in sorted(by_name.items()):
        missing = sorted(contribution.depends - by_name.keys())
        problems += [
            Problem(name, 0, 0, "R001", f"addon '{name}' depends on '{one}', not installed") for one in missing
        ]
    ready = sorted(name for name, needs in waiting.items() if not needs)
    ordered: list[Contribution] = []
    while ready:
        name = heapq.heappop(ready)
        ordered.append(by_name[name])
        for other, needs in waiting.items():
            if name in needs:
                needs.remove(name)
                if not needs:
                    heapq.heappush(ready, other)
    if len(ordered) < len(by_name):
        circle = ", ".join(sorted(name for name, needs in waiting.items() if needs))
        problems.append(Problem("addons", 0, 0, "R001", f"addons depend on each other in a circle: {circle}"))
    return ordered, problems


def _sort_in(
    composition: Composition,
    addon: str,
    definition: type[Model],
    extensions: dict[type[Model], list[type[Model]]],
    models: dict[str, type[Model]],
) -> None:
    if definition is Model or not issubclass(definition, Model):
        text = f"addon '{addon}' contributes {definition!r}, which is not a definition"
        composition.problems.append(Problem(addon, 0, 0, "R002", text))
        return
    if definition in composition.addon_of:
        text = f"'{definition.__name__}' is contributed twice, by '{composition.addon_of[definition]}' and '{addon}'"
        composition.refuse(definition, "R002", text)
        return
    composition.addon_of[definition] = addon
    options = Options.of(definition)
    if options.extends:
        target = Options.target(definition)
        if target is not None:
            extensions.setdefault(target, []).append(definition)
    elif options.name in models:
        first = models[options.name]
        text = f"model '{options.name}' of addon '{addon}' is defined by addon '{composition.addon_of[first]}' already"
        composition.refuse(definition, "R003", text, also=[f"first defined at {find_place(first)}"])
    elif options.name:
        models[options.name] = definition


def _check_bases(composition: Composition, definition: type[Model]) -> None:
    """What a class derives from must be contributed, by an addon that its own depends on."""
    addon = composition.addon_of[definition]
    options = Options.of(definition)
    bases = Options.bases(definition)
    if options.extends and not bases:
        composition.refuse(
            definition, "R004", f"'{definition.__name__}' extends nothing: derive it from what it extends"
        )
    for base in bases:
        other = composition.addon_of.get(base)
        if other is None:
            text = (
                f"'{definition.__name__}' of addon '{addon}' builds on '{base.__name__}', given by no installed addon"
            )
            composition.refuse(definition, "R004", text, also=[f"defined at {find_place(base)}"])
        elif not composition.reaches(addon, other):
            text = f"addon '{addon}' builds on '{base.__name__}' of addon '{other}' without depending on it"
            composition.refuse(definition, "R005", text, also=[f"defined at {find_place(base)}"])
        elif not options.extends and Options.root(base).name:
            text = f"'{definition.__name__}' derives from model '{Options.root(base).name}': extend it, or use a mixin"
            composition.refuse(definition, "R006", text, also=[f"defined at {find_place(base)}"])


def _blueprint(
    composition: Composition, name: str, definition: type[Model], extensions: Extensions
) -> Blueprint | None:
    parts = _linearise(list(_sequences(definition, extensions)))
    if parts is None:
        bases = list(dict.fromkeys(part for line in _sequences(definition, extensions) for part in line))
        text = f"the bases of model '{name}' contradict each other: {', '.join(part.__name__ for part in bases)}"
        composition.refuse(definition, "R007", text, also=[f"{part.__name__} at {find_place(part)}" for part in bases])
        return None
    listed = tuple(part for part in parts if part in composition.addon_of)
    own = tuple(extensions.get(definition, ()))
    blueprint = Blueprint(name, composition.addon_of[definition], definition, listed, own)
    _collect(composition, blueprint)
    return blueprint


def _sequences(root: type[Model], extensions: Extensions) -> Iterator[list[type[Model]]]:
    """The orders that must hold: for the model and then each mixin, extensions before what they extend, last installed
    first, and every class before its own bases."""
    pending = [root]
    for target in pending:
        members = [target, *extensions.get(target, ())]
        yield [*members[:0:-1], target]
        for member in members:
            bases = [base for base in member.__mro__ if base is not Model and issubclass(base, Model)]
            yield bases
            inherited = [Options.target(base) for base in bases]
            pending += [base for base in dict.fromkeys(inherited) if base is not None and base not in pending]


def _linearise(sequences: list[list[type[Model]]]) -> list[type[Model]] | None:
    """One order that keeps all of them (C3: Barrett et al., "A monotonic superclass linearization", 1996), or None."""
    result: list[type[Model]] = []
    while sequences:
        behind = {part for line in sequences for part in line[1:]}
        head = next((line[0] for line in sequences if line[0] not in behind), None)
        if head is None:
            return None
        result.append(head)
        shortened = ([part for part in line if part is not head] for line in sequences)
        sequences = [line for line in shortened if line]
    return result


def _collect(composition: Composition, blueprint: Blueprint) -> None:
    """Gather declarations in the order of the definition, its mixins, then each extension."""
    ordered = [blueprint.definition]
    ordered += [part for part in blueprint.parts if part not in (blueprint.definition, *blueprint.extensions)]
    ordered += blueprint.extensions
    for part in ordered:
        for name, value in vars(part).items():
            if isinstance(value, Declaration):
                blueprint.providers.setdefault(name, []).append(Provider(part, composition.addon_of[part], value))
    for providers in blueprint.providers.values():
        providers.sort(key=lambda provider: blueprint.parts.index(provider.part))
