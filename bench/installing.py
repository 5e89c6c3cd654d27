"""Installing every addon that is shipped into an empty database: tables, data files, views and the administrator."""

from __future__ import annotations

import time

from bench.timing import Figure
from core.addon.discovery import bundled_folder
from core.addon.instance import create_instance

INSTALL_SECONDS = 4.0


def measure(url: str) -> list[Figure]:
    """Seconds for all addons in one transaction, against what was promised."""
    names = sorted(path.parent.name for path in bundled_folder().glob("*/addon.toml"))
    started = time.perf_counter()
    create_instance(url, names, demo=False, admin_password="only for measuring").close()
    seconds = time.perf_counter() - started
    return [Figure("installing all addons (of 4 s)", seconds * 1e6, INSTALL_SECONDS * 1e6, 1.0)]
