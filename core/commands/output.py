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


class _Bar:
    """A bar on standard error that appears once the work has taken longer than a moment."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._begun = time.monotonic()
        self._shown: Progress | None = None

    def step(self, done: int, total: int | None) -> None:
        """Show how far the work is."""
        if self._shown is None and time.monotonic() - self._begun > BAR_AFTER_SECONDS:
            columns = (TextColumn(self._text), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._shown.add_task(self._text, total=None)
            self._shown.start()
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown.stop()


@contextmanager
def progress(text: str) -> Iterator[Step]:
    """Give a function to call with (done, total or None). On a terminal, a bar appears after a second."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    bar = _Bar(text)
    try:
        yield bar.step
    finally:
        bar.stop()
