"""What lies in an addon's folder against what its manifest says: files that are listed nowhere, imports of addons that
it does not depend on, migrations that cannot be used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.addon import migrations
from core.addon.discovery import Catalog
from core.addon.graph import closure
from core.addon.manifest import BRIDGES, DATA_SUFFIXES, Manifest
from core.addon.source.bindings import Binding, absolute, bindings
from core.addon.source.modules import Trees, parse
from core.errors import ConfigurationError, Problem, Refusal, closest

DATA_FOLDERS = ("data", "views", "security", "demo")


def unlisted_files(manifest: Manifest) -> Iterator[Problem]:
    """A problem (A024) for each XML or CSV file in the folders of data that the manifest does not list."""
    listed = {(manifest.folder / name).resolve() for name in (*manifest.data, *manifest.demo)}
    for folder in DATA_FOLDERS:
        for path in sorted((manifest.folder / folder).rglob("*")):
            if path.suffix in DATA_SUFFIXES and path.is_file() and path.resolve() not in listed:
                name = path.relative_to(manifest.folder).as_posix()
                key = "demo" if folder == "demo" else "data"
                text = f"'{name}' is never loaded: list it in '{key}' of the manifest, or take it away"
                yield Problem(manifest.shown(name), 0, 0, "A024", text)


def foreign_imports(manifest: Manifest, catalog: Catalog, trees: Trees) -> Iterator[Problem]:
    """A problem (A023) for each import of an addon that this one does not depend on, wherever the import stands.

    Raises ConfigurationError when what it depends on cannot be found.
    """
    for path in sorted(manifest.folder.rglob("*.py")):
        tree = parse(path, trees)
        if isinstance(tree, ast.Module):
            yield from _foreign(manifest, catalog, path, tree)


def unusable_migrations(manifest: Manifest, trees: Trees) -> Iterator[Problem]:
    """A problem (A019) for each migration that an upgrade could not use, as loading it would tell.

    Raises ConfigurationError (A017) when they are misnumbered.
    """
    for migration in migrations.listed(manifest):
        tree = parse(migration.file, trees)
        if isinstance(tree, SyntaxError):
            yield migrations.unreadable(manifest, migration, tree)
            continue
        found = bindings(tree.body, "")
        given = {name: found[name] for name in migrations.TAKES_ONE if name in found and not _is_none(found[name])}
        if not given and "*" not in found:
            yield migrations.problem(manifest, migration, migrations.NEITHER)
        for name, binding in given.items():
            if not _may_take_one(binding):
                yield migrations.problem(manifest, migration, migrations.TAKES_ONE[name], line=_line(binding))


def _is_none(binding: Binding) -> bool:
    return isinstance(binding, ast.Constant) and binding.value is None


def _may_take_one(binding: Binding) -> bool:
    """Whether what a name means can be called with one argument; what is made by code that would be run may be."""
    if isinstance(binding, ast.Constant):
        return False
    if not isinstance(binding, ast.FunctionDef | ast.AsyncFunctionDef) or binding.decorator_list:
        return True
    given = binding.args
    places = [*given.posonlyargs, *given.args]
    needed = len(places) - len(given.defaults)
    keywords = any(default is None for default in given.kw_defaults)
    return needed <= 1 and not keywords and (bool(places) or given.vararg is not None)


def _line(binding: Binding) -> int:
    """The line that a loaded function tells of itself; a value tells none."""
    return binding.lineno if isinstance(binding, ast.FunctionDef | ast.AsyncFunctionDef) else 0


def allowed(manifest: Manifest, catalog: Catalog, path: Path) -> frozenset[str]:
    """The addons whose names a file may use: its own, those it needs, and in a bridge those of the other side."""
    inside = path.relative_to(manifest.folder).parts
    own = closure(catalog, [manifest.name])
    if len(inside) < 3 or inside[0] != BRIDGES:
        return frozenset(own)
    with suppress(ConfigurationError, Refusal):  # the other side need not be there
        return frozenset((*own, *closure(catalog, [inside[1]])))
    return frozenset((*own, inside[1]))


def _foreign(manifest: Manifest, catalog: Catalog, path: Path, tree: ast.Module) -> Iterator[Problem]:
    usable = allowed(manifest, catalog, path)
    inside = path.relative_to(manifest.folder)
    package = ".".join(["addons", manifest.name, *inside.parent.parts])
    for node in ast.walk(tree):
        for addon in sorted(set(_addons(node, package)) - usable):
            text = f"addon '{addon}' is imported, on which '{manifest.name}' does not depend: add it to 'depends'"
            meant = "" if addon in catalog.names else closest(addon, catalog.names)
            line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1
            yield Problem(manifest.shown(inside.as_posix()), line, column, "A023", text, meant)


def _addons(node: ast.AST, package: str) -> Iterator[str]:
    """The addons that an import statement names."""
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        module = absolute(node, package)
        names = [f"{module}.{alias.name}" for alias in node.names] if module == "addons" else [module]
    yield from (name.split(".")[1] for name in names if name.startswith("addons."))
