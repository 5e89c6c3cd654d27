"""Databases with addons installed. What many tests have in common is installed once and copied."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.testbed.databases import Databases

if TYPE_CHECKING:
    from core.records.environment import Environment

PASSWORD = "secret"  # of the administrator


def installed(
    databases: Databases,
    engine: str,
    addons: Sequence[str],
    *,
    demo: bool = False,
    addons_path: Sequence[Path] = (),
    prepare: Callable[[Environment], object] | None = None,
) -> str:
    """The address of a copy of a database with base and the addons, and with what `prepare` adds.

    The addons from the folders of `addons_path` are installed into a copy of a database with the others.
    """
    own = [name for name in addons if any((folder / name).is_dir() for folder in addons_path)]
    shared = sorted({"base", *addons} - {*own})
    kept = f"{shared} {demo}"

    def create(address: str) -> None:
        create_instance = _late("core.addon.instance").create_instance
        create_instance(address, shared, demo=demo, admin_password=PASSWORD).close()

    def add(address: str) -> None:
        instance = _late("core.addon.instance").Instance.open(address, addons_path=addons_path)
        if own:
            _late("core.addon.install").install(instance, own, demo=demo)
        if prepare is not None:
            with instance.environment() as env:
                prepare(env)
        instance.close()

    if not own and prepare is None:
        return databases.copy(engine, kept, create)
    made_by = f"{getattr(prepare, '__module__', '')} {getattr(prepare, '__qualname__', '')}"
    key = f"{kept} {sorted(own)} {[str(path) for path in addons_path]} {made_by}"
    return databases.copy(engine, key, add, begin=lambda: databases.copy(engine, kept, create))


def _late(module: str) -> Any:  # noqa: ANN401
    """A module of core, imported when a test needs it: coverage begins to count after plugins were loaded."""
    return importlib.import_module(module)
