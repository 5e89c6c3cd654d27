"""The modules of addons, read from their source, and what their names mean."""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType

from core.addon.loading import unmet_requirements
from core.addon.manifest import BRIDGES, Manifest
from core.addon.source.bindings import Binding, Imported, bindings
from core.addon.source.definitions import value_of_binding
from core.addon.source.unknown import OUTSIDE, Unknown
from core.errors import Problem, closest
from core.model.definition import Model

_DYNAMIC = frozenset({"globals", "locals", "vars", "exec", "eval"})  # what may give names that nobody sees
TREES_KEPT = 256  # of addons that nothing has changed since
Trees = dict[Path, "ast.Module | SyntaxError"]


def parse(path: Path, trees: Trees) -> ast.Module | SyntaxError:
    """The syntax tree of a file, or why there is none; read once."""
    if path not in trees:
        try:
            trees[path] = _tree(path.read_bytes(), str(path))
        except SyntaxError as error:
            trees[path] = error
        except (ValueError, RecursionError, MemoryError) as error:  # NUL, or nested without end
            trees[path] = SyntaxError(str(error))
    return trees[path]


@lru_cache(maxsize=TREES_KEPT)
def _tree(source: bytes, name: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(source, name, "exec", dont_inherit=True)  # refuses more than parsing does
        return ast.parse(source, name)


class SourceModule:
    """One module. Its names are worked out when they are asked for."""

    def __init__(self, reader: Reader, name: str, path: Path, shown: str, tree: ast.Module) -> None:
        self.reader = reader
        self.name = name
        self.addon = name.split(".")[1]
        self.path = path
        self.shown = shown
        self.tree = tree
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.bindings: dict[str, Binding] = bindings(tree.body, self.package)
        self._values: dict[str, object] = {}
        self.starred = [binding for name, binding in self.bindings.items() if name == "*"]
        self.dynamic = any(isinstance(node, ast.Name) and node.id in _DYNAMIC for node in ast.walk(tree))

    def find(self, name: str, node: ast.expr) -> object:
        """What a name means in the module."""
        if name in self.bindings:
            return self.value(name)
        if hasattr(builtins, name):
            return getattr(builtins, name)
        if self.starred or self.dynamic or name.startswith("__"):
            return Unknown(f"'{name}' comes from what must be run")
        return self.fail(node, NameError(f"name '{name}' is not defined"), closest(name, self.bindings))

    def value(self, name: str) -> object:
        """The value of a name that the module gives."""
        if name not in self._values:
            self._values[name] = Unknown("it needs itself")
            with suppress(RecursionError):
                self._values[name] = value_of_binding(self.bindings[name], self, self)
        return self._values[name]

    def member(self, name: str, node: ast.AST) -> object:
        """An attribute of the module: one of its names, or a module below it."""
        if name in self.bindings:
            return self.value(name)
        below = self.reader.module(f"{self.name}.{name}") if self.path.name == "__init__.py" else None
        if below is not None:
            return below
        return OUTSIDE if name.startswith("__") or self.starred else Unknown(f"'{name}' is not in '{self.name}'")

    def has(self, name: str) -> bool:
        """Whether a name can be imported from the module."""
        return name in self.bindings or bool(self.starred) or name in ("*", "__name__", "__file__", "__doc__")

    def imported(self, binding: Imported) -> object:
        """What an import gives."""
        return self.reader.imported(self, binding)

    def fail(self, node: ast.AST, error: Exception, suggestion: str = "") -> Unknown:
        """Note that importing the addon would raise an error here (A011)."""
        text = f"the addon cannot be imported: {type(error).__name__}: {error}"
        self.reader.note(Problem(self.shown, getattr(node, "lineno", 0), 1, "A011", text, suggestion))
        self.reader.failed.add(self.addon)
        return Unknown("it cannot be imported", matters=False)

    def tell_unknown(self, node: ast.AST, text: str, name: str) -> None:
        """Note what can be known by running the addon only (A025); `name` is the field or model it is about."""
        self.reader.hidden.add(name)
        if self.addon not in self.reader.failed:  # else it may be unknown for no other reason
            line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1
            self.reader.note(Problem(self.shown, line, column, "A025", f"this cannot be checked: {text}"))

    def run(self) -> None:
        """Work out all that importing the module would: imports and classes."""
        for name, binding in self.bindings.items():
            if isinstance(binding, Imported | ast.ClassDef) and name != "*":
                self.value(name)
        for binding in self.starred:
            if isinstance(binding, Imported):
                self.imported(binding)

    def definitions(self) -> Iterator[type[Model]]:
        """The definitions made here."""
        for name, binding in self.bindings.items():
            value = self.value(name) if isinstance(binding, ast.ClassDef) else None
            if isinstance(value, type) and issubclass(value, Model):
                yield value


class Reader:
    """Reads the Python of some addons.

    What is found is kept: `problems`, the `hidden` names of what is unknown, the addons that `failed`, of which nobody
    knows what they define.
    """

    def __init__(self, manifests: Mapping[str, Manifest], trees: Trees) -> None:
        self.manifests = manifests
        self.trees = trees
        self.problems: list[Problem] = []
        self.hidden: set[str] = set()
        self.failed: set[str] = set()
        self.quiet = False
        self.modules: dict[str, SourceModule | None] = {}

    def note(self, problem: Problem) -> None:
        """Keep a problem, unless what is read now is no part of what would be imported."""
        if not self.quiet:
            self.problems.append(problem)

    def module(self, name: str) -> SourceModule | None:
        """The module of an addon; None where there is none, or it cannot be read (noted)."""
        if name not in self.modules:
            self.modules[name] = None
            found = self._open(name)
            self.modules[name] = found
            if found is not None:
                found.run()
        return self.modules[name]

    def hooks(self, manifest: Manifest) -> ModuleType | None:
        """A module with the functions of the addon's `hooks.py`, none of which does anything; None without one."""
        self.module(manifest.package)
        found = self.module(f"{manifest.package}.hooks")
        if found is None:
            return None
        hooks = ModuleType(found.name)
        for name in found.bindings:
            value = found.value(name) if name != "*" else None
            if isinstance(value, FunctionType):
                setattr(hooks, name, value)
        return hooks

    def imported(self, importing: SourceModule, binding: Imported) -> object:
        """What an import gives: a value, a module, or what comes from outside."""
        first, _dot, rest = binding.module.partition(".")
        if first == "core":
            return self._of_core(importing, binding)
        if first != "addons":
            self._require_outside(importing, binding, first)
            return OUTSIDE
        if not rest:
            return self.module(f"addons.{binding.name}") or OUTSIDE
        found = self.module(binding.module)
        if found is None:
            return self._missing(importing, binding, binding.module)
        if not binding.name or binding.name == "*":
            return found
        if found.has(binding.name):
            return found.value(binding.name) if binding.name in found.bindings else OUTSIDE
        below = self.module(f"{binding.module}.{binding.name}")
        return below if below is not None else self._nameless(importing, binding, found.bindings)

    def _open(self, name: str) -> SourceModule | None:
        _addons, addon, *inside = name.split(".")
        manifest = self.manifests.get(addon)
        if manifest is None:
            return None
        base = manifest.folder.joinpath(*inside)
        path = base.with_suffix(".py") if inside and base.with_suffix(".py").is_file() else base / "__init__.py"
        if not path.is_file():
            return None
        shown = manifest.shown(path.relative_to(manifest.folder).as_posix())
        tree = parse(path, self.trees)
        if isinstance(tree, SyntaxError):
            text = f"the addon cannot be imported: {tree.msg}"
            self.note(Problem(shown, tree.lineno or 0, tree.offset or 1, "A011", text))
            self.failed.add(addon)
            return None
        return SourceModule(self, name, path, shown, tree)

    def _of_core(self, importing: SourceModule, binding: Imported) -> object:
        """A name of the core, which is there already; what is not loaded yet is only known to be there."""
        if not binding.name:
            return OUTSIDE
        module = importlib.import_module("core") if binding.module == "core" else sys.modules.get(binding.module)
        try:
            if module is None and find_spec(binding.module) is None:
                return self._missing(importing, binding, binding.module)
        except ModuleNotFoundError:
            return self._missing(importing, binding, binding.module)
        if module is None or binding.name == "*":
            return OUTSIDE
        if hasattr(module, binding.name):
            return getattr(module, binding.name)
        if hasattr(module, "__path__") and find_spec(f"{binding.module}.{binding.name}") is not None:
            return OUTSIDE
        return self._nameless(importing, binding, getattr(module, "__all__", vars(module)))

    def _require_outside(self, importing: SourceModule, binding: Imported, first: str) -> None:
        """Refuse what Python does not find; nothing is imported for it."""
        if not first or binding.guarded or first in sys.modules or find_spec(first) is not None:
            return
        if not unmet_requirements(self.manifests[importing.addon]):
            self._missing(importing, binding, first)

    def _missing(self, importing: SourceModule, binding: Imported, module: str) -> Unknown:
        """There is no such module; one that could not be read has been told of."""
        if binding.guarded or self._unreadable(module):
            return Unknown("it cannot be imported", matters=False)
        known = [name for name, found in self.modules.items() if found is not None]
        error = ModuleNotFoundError(f"No module named '{module}'")
        return importing.fail(binding.node, error, closest(module, known))

    def _unreadable(self, module: str) -> bool:
        _addons, *inside = module.split(".")
        return bool(inside) and inside[0] in self.failed

    def _nameless(self, importing: SourceModule, binding: Imported, names: object) -> Unknown:
        if binding.guarded:
            return Unknown("it cannot be imported", matters=False)
        error = ImportError(f"cannot import name '{binding.name}' from '{binding.module}'")
        known = list(names) if isinstance(names, list | dict) else []
        return importing.fail(binding.node, error, closest(binding.name, known))


def python_files(manifest: Manifest) -> list[Path]:
    """The Python files of an addon in alphabetical order, those of its tests and bridges left out."""
    left_out = {"tests", "migrations", "static", BRIDGES}
    found = sorted(manifest.folder.rglob("*.py"))
    return [path for path in found if not left_out & set(path.relative_to(manifest.folder).parts)]
