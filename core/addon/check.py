"""Checking addons where they lie: nothing of them is imported or installed, and there is no database.

What installing would refuse is found by what installing asks: the definitions rebuilt from the source are composed,
data files and views are checked against them. Each addon is checked with what it needs, then all of them together.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from core.addon import manifest as manifests
from core.addon import shipping
from core.addon.composition import AddonSet, contributions, hints, jobs, panels
from core.addon.discovery import Catalog, discover
from core.addon.folder import foreign_imports, unlisted_files, unusable_migrations
from core.addon.graph import ancestors, closure
from core.addon.loading import unmet_requirements
from core.addon.manifest import Manifest
from core.addon.plugins import Plugins
from core.addon.shipping import Shipment
from core.addon.source.bindings import Imported
from core.addon.source.definitions import Raised
from core.addon.source.modules import Reader, SourceModule, Trees, python_files
from core.addon.source.unknown import Unknown, stub
from core.addon.templates import template_mistakes
from core.addon.thinning import mentions, thinned
from core.database.connections import Pool, open_sqlite, parse_address
from core.database.database import Database
from core.errors import ConfigurationError, Problem, Refusal
from core.i18n import _
from core.model.definition import Model
from core.model.places import find_place
from core.model.registry import Contribution, Registry, build
from core.records.runtime import Runtime

UNKNOWN = "A025"  # told of what cannot be known without running it; no mistake
_DECLARING = ("models", "jobs", "panels", "hints")
Answer = TypeVar("Answer")


def check(paths: Sequence[Path], addons_path: Sequence[Path] = ()) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The names of the addons in `paths` (folders of addons, or folders that hold them), and all their problems.

    What they depend on is looked for among the bundled addons, in `addons_path`, and beside them. Raises Refusal where
    there is no addon.
    """
    folders = [folder for path in paths for folder in _addons_in(path)]
    checking = _Checking(folders, addons_path)
    return checking.names, checking.run()


def _addons_in(path: Path) -> list[Path]:
    folder = path.expanduser().resolve()
    if (folder / manifests.FILE_NAME).is_file():
        return [folder]
    found = sorted(each.parent for each in folder.glob(f"*/{manifests.FILE_NAME}"))
    if not found:
        text = _("There is no addon in {folder}.", folder=path)
        raise Refusal(text, hint=_("Give a folder with an addon.toml, or one that holds such folders."))
    return found


class _Checking:
    """One run: the addons asked for, all that could be found, and the problems so far."""

    def __init__(self, folders: Sequence[Path], addons_path: Sequence[Path]) -> None:
        self.problems: set[Problem] = set()
        self.trees: Trees = {}
        self.shipments: dict[tuple[str, bool], Shipment] = {}
        self.names = tuple(dict.fromkeys(folder.name for folder in folders))
        self.catalog = self._catalog(folders, discover(addons_path))

    def run(self) -> tuple[Problem, ...]:
        """All problems, sorted by place."""
        sound = [name for name in self.names if self._alone(name)]
        for bridge in self._bridges():
            self._alone(bridge.name)
        if len(sound) > 1:
            self._compose(sound)
        return tuple(sorted(self.problems))

    def _catalog(self, folders: Sequence[Path], found: Catalog) -> Catalog:
        """All addons there are: those found, those asked for, and those beside them that take no other's name."""
        known, broken = dict(found.manifests), dict(found.broken)
        asked: dict[str, Path] = {}
        for folder in folders:
            there = known[folder.name].folder if folder.name in known else asked.get(folder.name, folder)
            if there.resolve() != folder:
                text = f"two addons are called '{folder.name}': {there} and {folder}; rename or remove one"
                self.problems.add(Problem(f"addons/{folder.name}/{manifests.FILE_NAME}", 0, 0, "A008", text))
            asked[folder.name] = folder
        beside = {each.parent for folder in folders for each in folder.parent.glob(f"*/{manifests.FILE_NAME}")}
        for folder in (*folders, *sorted(beside)):
            if folder in folders or folder.name not in {*known, *broken}:
                manifest, problems = manifests.read(folder)
                broken.pop(folder.name, None)
                if folder in folders:
                    self.problems.update(problems)
                    manifest = manifest and _usable(manifest)
                if manifest is None or (problems and folder not in folders):
                    broken[folder.name] = problems
                    known.pop(folder.name, None)
                else:
                    known[folder.name] = manifest
                    self._read_bridges(manifest, known, broken, asked=folder in folders)
        return Catalog(found.folders, known, broken)

    def _read_bridges(
        self, owner: Manifest, known: dict[str, Manifest], broken: dict[str, tuple[Problem, ...]], *, asked: bool
    ) -> None:
        for place in sorted(owner.folder.glob(f"{manifests.BRIDGES}/*/{manifests.BRIDGE_FILE}")):
            name = manifests.bridge_name(owner.name, place.parent.name)
            bridge, problems = manifests.read_bridge(owner, place.parent)
            broken.pop(name, None)
            if asked:
                self.problems.update(problems)
                bridge = bridge and _usable(bridge)
            if bridge is None or (problems and not asked):
                broken[name] = problems
            else:
                known[name] = bridge

    def _bridges(self) -> list[Manifest]:
        """The bridges of the addons asked for whose other side is there."""
        known = self.catalog.manifests
        bridges = [each for each in known.values() if each.bridge and each.bridge[1] in known]
        return [each for each in bridges if each.bridge and each.bridge[0] in self.names]

    def _alone(self, name: str) -> bool:
        """Check one addon with what it needs; whether it may be composed with others."""
        if name not in self.catalog.manifests:
            return False
        before = set(self.problems)
        manifest = self.catalog[name]
        self.problems.update(unmet_requirements(manifest))
        self.problems.update(unlisted_files(manifest))
        self.problems.update(_answer(self.problems.update, lambda: [*unusable_migrations(manifest, self.trees)]) or ())
        if _answer(self.problems.update, partial(closure, self.catalog, [name])) is None:
            self._read_only(manifest)
            return False
        needed = [self.catalog[other] for other in closure(self.catalog, [name]) if other != name]
        self.problems.update(template_mistakes(manifest, needed))
        if manifest.bridge is None:
            self.problems.update(foreign_imports(manifest, self.catalog, self.trees))
        self._compose([name])
        own = {problem for problem in self.problems if problem.file.startswith(manifest.shown(""))}
        return not any(problem.code != UNKNOWN for problem in (self.problems - before) | own)

    def _read_only(self, manifest: Manifest) -> None:
        """What can be said of an addon that cannot be composed."""
        reader = Reader(self.catalog.manifests, self.trees)
        reader.hooks(manifest)
        self.problems.update(problem for problem in reader.problems if problem.code != UNKNOWN)
        self.problems.update(self._shipment(manifest, demo=True).files.problems)

    def _compose(self, names: Sequence[str]) -> None:
        """Compose some addons with what they need, and check all that they ship."""
        reader = Reader(self.catalog.manifests, self.trees)
        wanted = _answer(self.problems.update, partial(closure, self.catalog, [*names, *self._imported(reader, names)]))
        found = tuple(self.catalog[name] for name in wanted or closure(self.catalog, names))
        hooks = {manifest.name: _answered(reader, manifest) for manifest in found}
        composing = _Composing(found, self.catalog, hooks)
        self.problems.update(composing.plugin_problems)
        asked = [manifest for manifest in found if manifest.name in names]
        if not composing.plugin_problems and not reader.failed & set(hooks):
            target = composing.compose(reader)
            self.problems.update(composing.problems)
            for manifest in asked if composing.contributed is not None else ():
                self.problems.update(_unlisted(reader, manifest, composing.contributed or ()))
            if target is not None:
                self._ship(target, asked, reader.hidden)
        self.problems.update(problem for problem in reader.problems if _concerns(problem, asked))
        for manifest in asked:
            self.problems.update(self._shipment(manifest, demo=True).files.problems)

    def _imported(self, reader: Reader, names: Iterable[str]) -> list[str]:
        """The addons whose modules the hooks of others import, whether they depend on them or not."""
        for name in names:
            reader.hooks(self.catalog[name])
        return sorted({module.split(".")[1] for module, found in reader.modules.items() if found is not None})

    def _ship(self, target: AddonSet, asked: Sequence[Manifest], hidden: set[str]) -> None:
        """Check data files and views, with demo data where there is some; what rests on something unknown is left."""
        for demo in (False, True) if any(manifest.demo for manifest in asked) else (False,):
            shipments = [self._shipment(manifest, demo=demo) for manifest in target.manifests]
            found = shipping.mistakes(target, shipments, {}, database=None)
            self.problems.update(problem for problem in found if not mentions(problem, hidden))

    def _shipment(self, manifest: Manifest, *, demo: bool) -> Shipment:
        key = (manifest.name, demo and bool(manifest.demo))
        if key not in self.shipments:
            (self.shipments[key],) = shipping.read([manifest], demo=demo)
        return self.shipments[key]


def _answer(note: Callable[[Iterable[Problem]], None], ask: Callable[[], Answer]) -> Answer | None:
    """What `ask` gives; None, with the problems noted, where it refuses."""
    try:
        return ask()
    except ConfigurationError as error:
        note(error.problems)
        return None


class _Composing:
    """The models of a set of addons; what is refused is taken out, so that the rest can be checked."""

    def __init__(self, found: Sequence[Manifest], catalog: Catalog, hooks: dict[str, ModuleType | None]) -> None:
        self.manifests = tuple(found)
        self.depends = {manifest.name: ancestors(catalog, manifest.name) for manifest in found}
        self.problems: list[Problem] = []
        self.plugin_problems: tuple[Problem, ...] = ()
        self.contributed: tuple[type[Model], ...] | None = None
        self._plugins: Plugins | None = None
        try:
            self._plugins = Plugins(found, hooks)
        except ConfigurationError as error:
            self.plugin_problems = error.problems

    def compose(self, reader: Reader) -> AddonSet | None:
        """The composed addons; None where that cannot be done at all."""
        if self._plugins is None:
            return None
        plugins = self._plugins
        given = _answer(self.problems.extend, lambda: contributions(self.manifests, self.depends, plugins))
        shown = _answer(self.problems.extend, lambda: panels(self.manifests, plugins))
        _answer(self.problems.extend, lambda: jobs(self.manifests, plugins))
        if given is None:
            return None
        self.contributed = tuple(definition for each in given for definition in each.definitions)
        registry = self._build(given, reader.hidden)
        if registry is None:
            return None
        registry.panels = shown or frozenset()
        _answer(
            lambda problems: self.problems.extend(each for each in problems if not mentions(each, reader.hidden)),
            lambda: hints(self.manifests, plugins, registry.schema),
        )
        return AddonSet(self.manifests, self.depends, plugins, registry, Runtime(registry))

    def _build(self, given: Sequence[Contribution], hidden: set[str]) -> Registry | None:
        """The registry of what is left when all that is refused was taken out; the names of that are hidden."""
        left: Sequence[Contribution] | None = given
        while left is not None:
            try:
                return build(_no_database(), left)
            except ConfigurationError as error:
                # What is refused for want of what was taken out before is no mistake of its own.
                self.problems.extend(each for each in error.problems if not mentions(each, hidden))
                left = thinned(left, error.problems, hidden)
        return None


def _usable(manifest: Manifest) -> Manifest:
    """The manifest without what was refused in it, so that the rest can be checked."""

    def there(names: tuple[str, ...]) -> tuple[str, ...]:
        paths = ((name, (manifest.folder / name).resolve()) for name in names)
        return tuple(name for name, path in paths if path.is_file() and path.is_relative_to(manifest.folder.resolve()))

    needed = tuple(other for other in manifest.depends if other != manifest.name)
    return replace(manifest, depends=needed, data=there(manifest.data), demo=there(manifest.demo))


def _answered(reader: Reader, manifest: Manifest) -> ModuleType | None:
    """The hooks of an addon, with what those that declare something give; what cannot be known is told."""
    hooks = reader.hooks(manifest)
    module = reader.module(f"{manifest.package}.hooks")
    for name in _DECLARING:
        function = getattr(hooks, name, None)
        if hooks is not None and module is not None and function is not None:
            given = _given(reader, module, name, function)
            known = stub(name, function.__code__.co_firstlineno, (), partial(_same, given))
            known.__dict__.update({key: value for key, value in vars(function).items() if key != "__wrapped__"})
            setattr(hooks, name, known)
    return hooks


def _given(reader: Reader, module: SourceModule, hook: str, function: Callable[[], object]) -> object:
    """What a hook gives, as far as it is known; where models are not known, nothing is composed."""
    binding = module.bindings[hook]
    node = binding.node if isinstance(binding, Imported) else binding
    try:
        given = function()
    except Raised as error:
        text = f"the hook '{hook}' fails: {error}"
        reader.note(Problem(module.shown, error.line, 1, "A015", text))
        reader.failed.add(module.addon)
        return []
    items = list(given) if isinstance(given, list | tuple) else [given]
    unknown = [item for item in items if isinstance(item, Unknown)]
    for item in unknown:
        text = f"what the hook '{hook}' gives: {item.reason}"
        module.tell_unknown(node if isinstance(node, ast.AST) else module.tree, text, f"{module.addon}.{hook}")
    if not unknown:
        return given
    if hook == "models":
        reader.failed.add(module.addon)
    return [item for item in items if not isinstance(item, Unknown)]


def _same(value: object) -> object:
    return value


def _unlisted(reader: Reader, manifest: Manifest, contributed: Sequence[type[Model]]) -> list[Problem]:
    """A problem (A026) for each definition in the addon's files that no addon contributes."""
    reader.quiet = True  # what is not imported by the hooks may rest on what is not there
    for path in python_files(manifest):
        inside = path.relative_to(manifest.folder).with_suffix("")
        parts = inside.parts[:-1] if inside.name == "__init__" else inside.parts
        reader.module(".".join([manifest.package, *parts]))
    reader.quiet = False
    found = [module for module in reader.modules.values() if module and _is_of(module, manifest)]
    loose = {each for module in found for each in module.definitions() if each not in contributed}
    text = "'{}' is not listed by the hook 'models', so that nothing of it takes part"
    return [find_place(each).problem("A026", text.format(each.__name__)) for each in loose]


def _is_of(module: SourceModule, manifest: Manifest) -> bool:
    """Whether a module belongs to an addon, and to none of its bridges."""
    inside = module.name.removeprefix(manifest.package)
    return inside != module.name and not inside.startswith(f".{manifests.BRIDGES}.")


def _concerns(problem: Problem, asked: Sequence[Manifest]) -> bool:
    """Whether to tell of a problem of the Python of an addon: what is unknown is told of those asked for only."""
    return problem.code != UNKNOWN or any(problem.file.startswith(manifest.shown("")) for manifest in asked)


def _no_database() -> Database:
    """What takes the place of a database where none is asked."""
    address = parse_address("sqlite:///none")
    return Database(address, Pool(address, partial(open_sqlite, address)))
