"""`tessera worker` and `tessera job list|retry|cancel`: running what is queued, and looking after it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import click

from core.addon.instance import Instance
from core.commands.options import ID, as_option, database_options, json_option, open_instance, settings_options
from core.commands.output import print_json, print_table
from core.config import Settings
from core.i18n import _
from core.jobs.worker import LEASE, Worker

STATES = ("waiting", "running", "done", "failed", "cancelled")
COLUMNS = ("id", "name", "state", "attempt", "run_at", "progress", "error")
SHORT_ERROR = 60


@click.command()
@click.option(
    "--lease",
    type=click.FloatRange(min=1),
    default=LEASE.total_seconds(),
    metavar="SECONDS",
    show_default=True,
    help="After how long jobs of a worker that vanished are taken over.",
)
@settings_options("db", "addons_path", "workers", "base_url", "mail_url", "mail_from", log_level="info")
def worker(settings: Settings, lease: float) -> None:
    """Run queued and scheduled jobs until told to stop; prints one line when ready."""
    with open_instance(settings) as instance:
        signal.signal(signal.SIGTERM, _stop)
        count = max(1, settings.number("workers"))
        with working(instance, count, lease=timedelta(seconds=lease)):
            click.echo(_("Working with {count} worker(s).", count=count))
            try:
                threading.Event().wait()
            except (KeyboardInterrupt, SystemExit):
                click.echo(_("Stopping after what is being run."), err=True)


@contextmanager
def working(instance: Instance, count: int, *, lease: timedelta = LEASE) -> Iterator[None]:
    """Workers in threads of their own while the block runs; they end after what they are running."""
    workers = [Worker(instance, lease=lease) for _number in range(count)]
    threads = [threading.Thread(target=each.run, name=each.name) for each in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for each in workers:
            each.stop()
        for thread in threads:
            thread.join()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@click.group("job")
def group() -> None:
    """Queued jobs: list, retry, cancel."""


@group.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many, newest first.")
@json_option
@database_options
def list_jobs(settings: Settings, state: str | None, limit: int, as_json: bool) -> None:
    """List jobs, newest first."""
    where = "state == wanted" if state else ""
    with open_instance(settings) as instance, instance.environment(superuser=True, write=False) as env:
        names = {"wanted": state} if state else {}
        rows = env["core.job"].read(where, [*COLUMNS, "attempts", "arguments"], limit=limit, **names)
    if as_json:
        print_json(rows)
        return
    print_table([name.upper() for name in COLUMNS], [[_shown(row[name]) for name in COLUMNS] for row in rows])


def _shown(value: object) -> str:
    text = "-" if value is None else str(value).splitlines()[0] if str(value) else "-"
    return text if len(text) <= SHORT_ERROR else f"{text[: SHORT_ERROR - 1]}…"


@group.command()
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
@as_option
@database_options
def retry(settings: Settings, ids: tuple[int, ...], as_login: str | None) -> None:
    """Let jobs that failed or were cancelled run again."""
    _call(settings, ids, "retry", as_login)


@group.command()
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
@as_option
@database_options
def cancel(settings: Settings, ids: tuple[int, ...], as_login: str | None) -> None:
    """Take jobs out of the queue; what a running one has not finished yet is rolled back."""
    _call(settings, ids, "cancel", as_login)


def _call(settings: Settings, ids: tuple[int, ...], action: str, as_login: str | None) -> None:
    with open_instance(settings) as instance, instance.environment(as_login) as env:
        env["core.job"].call(ids, action)
    click.echo(_("{count} job(s): {action}.", count=len(ids), action=action))
