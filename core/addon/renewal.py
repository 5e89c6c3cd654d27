"""Taking the Python of addons anew while the process runs: modules whose files changed since they were imported.

Python keeps one module per name. So the former modules are laid aside, what is imported next is read from the files,
and either the new ones stay or the former ones come back. Whoever holds definitions of the former ones goes on using
them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import RLock
from types import ModuleType

from core.addon.discovery import Catalog, bundled_folder
from core.addon.graph import ancestors
from core.addon.loading import STAMP, stamp
from core.addon.manifest import Manifest
from core.errors import ConfigurationError, Refusal
from core.i18n import _

# The modules belong to the process, whatever number of databases is open in it.
_LOCK = RLock()


def is_changed(manifest: Manifest) -> bool:
    """Whether the addon was imported by this process and its Python is another one by now."""
    module = sys.modules.get(manifest.package)
    former = getattr(module, STAMP, None)
    return former is not None and former != stamp(manifest.folder)


@contextmanager
def taken_anew(catalog: Catalog, names: Iterable[str]) -> Iterator[Callable[[], None]]:
    """Import what changed of the addons, and what builds on it, from its files within the block.

    Afterwards the former modules are back, unless the function that is given was called.

    Raises Refusal for an addon that comes with the product: core has changed with it, and cannot be taken anew.
    """
    kept: list[bool] = []
    with _LOCK:
        former = _lay_aside(catalog, names)
        try:
            yield lambda: kept.append(True)
        finally:
            if not kept:
                _take_out(former)
                for name, module in former.items():
                    _put(name, module)


def take_anew(catalog: Catalog, names: Iterable[str]) -> None:
    """Let what changed of the addons, and what builds on it, be imported from its files the next time."""
    with taken_anew(catalog, names) as keep:
        keep()


def _lay_aside(catalog: Catalog, names: Iterable[str]) -> dict[str, ModuleType]:
    changed = {name for name in names if name in catalog and is_changed(catalog[name])}
    for name in sorted(changed):
        if catalog[name].folder.is_relative_to(bundled_folder()):
            raise Refusal(
                _("'{name}' comes with the product, which is a newer one now than the one that runs.", name=name),
                hint=_("Stop the server, run 'tessera addon upgrade', and start it again."),
            )
    going = {name for name in catalog.manifests if name in changed or changed & _needs(catalog, name)}
    packages = tuple(catalog[name].package for name in going)
    laid = {name: module for name, module in list(sys.modules.items()) if _is_of(name, packages)}
    _take_out(laid)
    importlib.invalidate_caches()
    return laid


def _needs(catalog: Catalog, name: str) -> frozenset[str]:
    """What an addon that is found builds on; nothing, where that is not all there."""
    try:
        return ancestors(catalog, name)
    except (ConfigurationError, Refusal):
        return frozenset()


def _is_of(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _take_out(laid: Iterable[str]) -> None:
    packages = tuple(laid)
    for name in [name for name in list(sys.modules) if _is_of(name, packages)]:
        del sys.modules[name]


def _put(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    parent, _dot, last = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], last, module)
