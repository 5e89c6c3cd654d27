"""The schedule: jobs declared with a cron expression are enqueued when their time comes, once, whoever notices.

Rows of `core.schedule` say when each is due next; administrators may change expression and zone, or switch one off.
What was missed while no worker ran is made up for once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim

from core.database import Database, placed
from core.job import Job
from core.jobs.queue import enqueue
from core.security.statements import loaded, stored

if TYPE_CHECKING:
    from core.addon.instance import Instance
    from core.records.environment import Environment


def next_time(cron: str, zone: str, after: datetime) -> datetime:
    """When a cron expression is due next, strictly after an instant; in UTC.

    Times are those of the zone's clocks: one that does not exist when summer begins is due as soon as it does, one that
    comes twice when summer ends is due once.
    """
    return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)


def align(instance: Instance) -> None:
    """Write a row for each job with a cron expression that has none; remove those of jobs that are gone."""
    declared = {name: job for name, job in instance.runtime.jobs.items() if job.cron}
    database = instance.database
    listed = {name for (name,) in database.fetch("SELECT name FROM core_schedule")}
    if listed == declared.keys():
        return
    with _as_administrator(instance) as env:
        for name in sorted(listed - declared.keys()):
            database.execute(placed(database, "DELETE FROM core_schedule WHERE name = ?"), (name,))
        _insert(env, {name: declared[name] for name in sorted(declared.keys() - listed)})


def _insert(env: Environment, jobs: Mapping[str, Job]) -> None:
    sql = (
        "INSERT INTO core_schedule (name, label, cron, zone, active, next_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO NOTHING"
    )
    database, zone = env.database, env.tz
    for name, job in jobs.items():
        due = stored(database, next_time(job.cron, zone, env.now()))
        database.execute(placed(database, sql), (name, job.label or name, job.cron, zone, job.active, due))


def run_due(instance: Instance) -> int:
    """Enqueue every job whose time has come; how many."""
    database, now = instance.database, instance.runtime.clock()
    due = placed(database, "SELECT id FROM core_schedule WHERE active AND (next_at IS NULL OR next_at <= ?)")
    waiting = database.fetch(due, (stored(database, now),))
    return sum(_run(instance, id_, now) for (id_,) in waiting)


def _run(instance: Instance, id_: int, now: datetime) -> bool:
    """Move one row on to its next time and enqueue its job, in one transaction; False where another worker did."""
    read = "SELECT name, cron, zone, next_at FROM core_schedule WHERE id = ? AND active"
    with _as_administrator(instance) as env:
        database = env.database
        lock = " FOR UPDATE" if database.engine == "postgresql" else ""
        rows = database.fetch(placed(database, read + lock), (id_,))
        if not rows:
            return False
        name, cron, zone, at = rows[0]
        planned = loaded(database, at)
        if planned is not None and planned > now:
            return False
        moved = "UPDATE core_schedule SET next_at = ?, last_at = ? WHERE id = ?"
        last = None if planned is None else stored(database, now)
        database.execute(placed(database, moved), (stored(database, next_time(cron, zone, now)), last, id_))
        if planned is None or name not in env.runtime.jobs:
            return False  # its expression was changed: only the next time had to be found
        enqueue(env, name, key=f"schedule:{name}")
        return True


@contextmanager
def _as_administrator(instance: Instance) -> Iterator[Environment]:
    with instance.environment(superuser=True, kind="job", label="schedule") as env:
        yield env


def soonest(database: Database) -> datetime | None:
    """When the next scheduled job is due."""
    ((at,),) = database.fetch("SELECT min(next_at) FROM core_schedule WHERE active")
    return loaded(database, at)
