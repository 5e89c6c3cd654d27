"""Importing an addon's Python: always as `addons.<name>`, wherever its folder lies; a bridge as
`addons.<name>.with.<other>`, in which it names its own modules relatively, since `with` is a word of Python.

Python keeps one module per name and process, so one process can use one folder per addon name; a second folder of the
same name is refused (A014) instead of being mixed with the first. Nothing is added to `sys.path` or
`addons.__path__`: an addon outside the product becomes importable when it is loaded, and addons are loaded after
those they depend on.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from packaging.requirements import Requirement

from core.addon.discovery import Catalog
from core.addon.graph import ancestors, order
from core.addon.manifest import Manifest
from core.errors import ConfigurationError, Problem, TesseraError

# Under which name the package of an addon keeps what its files were like when it was imported.
STAMP = "__tessera_stamp__"
_NOT_IMPORTED = frozenset({"tests", "migrations", "__pycache__"})

Stamp = frozenset[tuple[str, int, int]]


def load(manifests: Sequence[Manifest]) -> dict[str, ModuleType | None]:
    """The `hooks` module of each addon, None where it has none; the manifests come in dependency order.

    Raises ConfigurationError with every Python requirement that is not met (A016), every addon that cannot be
    imported (A011) and every name already taken by another folder (A014).
    """
    problems = [problem for manifest in manifests for problem in unmet_requirements(manifest)]
    modules: dict[str, ModuleType | None] = {}
    for manifest in manifests if not problems else ():
        try:
            modules[manifest.name] = _load_one(manifest)
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    return modules


def unusable(catalog: Catalog, names: Iterable[str]) -> dict[str, tuple[Problem, ...]]:
    """Which of the addons cannot be used here, with the reasons: unmet Python requirements, their own or those of an
    addon that they need."""
    chosen = order(catalog, set(names))
    found = {name: tuple(unmet_requirements(catalog[name])) for name in chosen}
    for name in chosen:
        needed = [other for other in chosen if other in ancestors(catalog, name) and found[other]]
        if needed and not found[name]:
            text = f"'{needed[0]}', which it needs, is disabled: {found[needed[0]][0].text}"
            found[name] = (catalog[name].problem("A016", text, key="depends", item=needed[0]),)
    return {name: problems for name, problems in found.items() if problems}


def unmet_requirements(manifest: Manifest) -> list[Problem]:
    """A problem for each Python distribution that the addon asks for and this environment lacks."""
    problems = []
    for item in manifest.python:
        if missing := _missing(Requirement(item)):
            problems.append(manifest.problem("A016", f"'{item}' is needed but {missing}", key="python", item=item))
    return problems


def stamp(folder: Path) -> Stamp:
    """What tells whether the Python of an addon has changed: path, time and size of each file that is imported."""
    files = [path.relative_to(folder) for path in folder.rglob("*.py")]
    states = [(path, (folder / path).stat()) for path in files if not _NOT_IMPORTED & set(path.parts)]
    return frozenset((str(path), state.st_mtime_ns, state.st_size) for path, state in states)


def _missing(requirement: Requirement) -> str:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return ""
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return "is not installed"
    return "" if requirement.specifier.contains(installed, prereleases=True) else f"version {installed} is installed"


def _load_one(manifest: Manifest) -> ModuleType | None:
    package = _package(manifest)
    loaded_from = Path(package.__path__[0]).resolve()
    if loaded_from != manifest.folder.resolve():
        text = f"this process already uses another addon called '{manifest.name}', from {loaded_from}"
        raise ConfigurationError([Problem(manifest.file, 0, 0, "A014", text)])
    if not (manifest.folder / "hooks.py").is_file():
        return None
    try:
        return importlib.import_module(f"{manifest.package}.hooks")
    except TesseraError:
        raise
    except (Exception, SystemExit) as error:
        raise ConfigurationError([_import_problem(manifest, error)]) from error


def _package(manifest: Manifest) -> ModuleType:
    name = manifest.package
    if name in sys.modules:
        return sys.modules[name]
    initial = manifest.folder / "__init__.py"
    spec = spec_from_file_location(name, initial, submodule_search_locations=[str(manifest.folder)])
    if spec is None or spec.loader is None:
        raise ConfigurationError([Problem(manifest.file, 0, 0, "A011", f"{initial} cannot be imported")])
    module = module_from_spec(spec)
    setattr(module, STAMP, stamp(manifest.folder))
    try:
        spec.loader.exec_module(module)
    except TesseraError:
        raise
    except (Exception, SystemExit) as error:
        raise ConfigurationError([_import_problem(manifest, error)]) from error
    module = sys.modules.setdefault(name, module)
    if manifest.bridge is None:
        setattr(importlib.import_module("addons"), manifest.name, module)
    return module


def _import_problem(manifest: Manifest, error: BaseException) -> Problem:
    """Where in the addon the import failed."""
    if isinstance(error, SyntaxError) and error.filename:
        file, line, column = _shown(manifest, Path(error.filename)), error.lineno or 0, error.offset or 1
        return Problem(file, line, column, "A011", f"the addon cannot be imported: {error.msg}")
    text = f"the addon cannot be imported: {type(error).__name__}: {error}"
    file, line = place_of(manifest, error) or (manifest.file, 0)
    return Problem(file, line, 1 if line else 0, "A011", text)


def place_of(manifest: Manifest, error: BaseException) -> tuple[str, int] | None:
    """File and line of the addon where an error was raised: the innermost line that belongs to it."""
    frames = [frame for frame in extract_tb(error.__traceback__) if _inside(Path(frame.filename), manifest.folder)]
    return (_shown(manifest, Path(frames[-1].filename)), frames[-1].lineno or 0) if frames else None


def _shown(manifest: Manifest, file: Path) -> str:
    return manifest.shown(str(file.relative_to(manifest.folder))) if _inside(file, manifest.folder) else str(file)


def _inside(file: Path, folder: Path) -> bool:
    return file.is_relative_to(folder)
