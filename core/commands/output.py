"""Printing for people and programs: aligned columns, JSON, and a progress bar for work that takes longer than a
moment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

# Work that ends sooner shows no bar.
BAR_AFTER_SECONDS = 1.0
Step = Callable[[int, int | None], None]


def print_json(value: object) -> None:
    """Print a value as JSON, indented, in UTF-8."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in aligned columns under a header; the last column is not padded."""
    lines = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(header))]
    for line in lines:
        padded = [cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=False)]
        click.echo("  ".join([*padded, line[-1]]).rstrip())


@contextmanager
def progress(text: str) -> Iterator[Step]:
    """Give a function to call with (done, total or None). On a terminal, a bar appears after a second."""
    begun = time.monotonic()
    console = Console(stderr=True)
    bar = Progress(
        TextColumn(text), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), console=console, transient=True
    )
    task = bar.add_task(text, total=None)
    shown = sys.stderr.isatty()

    def step(done: int, total: int | None) -> None:
        bar.update(task, completed=done, total=total)
        if shown and not bar.live.is_started and time.monotonic() - begun > BAR_AFTER_SECONDS:
            bar.start()

    try:
        yield step
    finally:
        bar.stop()
