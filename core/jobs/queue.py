"""The queue: jobs are enqueued, claimed under a lease, and finished only by the attempt that holds them.

    waiting -> running -> done
       ^          |-----> waiting again after a pause, or failed when no attempt is left
       |          '-----> cancelled
       '-- failed, cancelled (retry)

`run_at` is when a job may be claimed next: while it runs, the end of its lease, so that a job whose worker vanished
is claimed again; None when it is over. A worker claims several at once and begins one after the other: only what has
begun is an attempt. Worker and attempt are the fence: whoever finishes a job names both, and finds nothing when another
worker has taken over.

`key` is filled while a job waits, and so keeps others with the same one out; `own_key` is what it will be again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.database import Database, placed
from core.errors import NotFound, Refusal, UniqueViolation, closest, did_you_mean
from core.i18n import _
from core.job import Step
from core.security.statements import stored

if TYPE_CHECKING:
    from core.records.environment import Environment

CHANNEL = "tessera_jobs"
INSERTIONS = 3
PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)

_INSERT = (
    "INSERT INTO core_job (name, arguments, state, run_at, user_id, attempt, attempts, key, own_key, enqueued_at)"
    " VALUES (?, ?, 'waiting', ?, ?, 0, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id"
)
_CLAIM = (
    "UPDATE core_job SET state = 'running', worker = ?, run_at = ?"
    " WHERE id {among}(SELECT id FROM core_job WHERE run_at <= ? ORDER BY run_at, id LIMIT ?{lock}){end}"
    " RETURNING id, name, arguments, user_id, attempt, attempts, marker, change_set_id"
)
_HELD = " WHERE id = ? AND state = 'running' AND worker = ? AND attempt = ?"
_BEGIN = f"UPDATE core_job SET attempt = attempt + 1, started_at = ?, key = NULL{_HELD}"
# The key again, unless a job was enqueued with it meanwhile.
_KEY = (
    "CASE WHEN EXISTS (SELECT 1 FROM core_job AS other WHERE other.key = core_job.own_key AND other.id <> core_job.id)"
    " THEN NULL ELSE own_key END"
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker holds; `marker` is where a stepwise one resumes, `begun` whether its attempt counts."""

    id: int
    worker: str
    name: str
    arguments: Mapping[str, Any]
    user: int | None
    attempt: int
    attempts: int
    marker: object = field(default=None, hash=False)
    change_set: int | None = None
    begun: bool = False

    def after(self, step: Step, change_set: int | None) -> Claimed:
        """The same job after one of its steps."""
        return replace(self, marker=step.marker, change_set=change_set)

    @property
    def held(self) -> tuple[int, str, int]:
        """What says that it is still this worker's."""
        return self.id, self.worker, self.attempt


class Lost(Exception):
    """The job is no longer this worker's: it was cancelled, or its lease had ended and another one took it."""


def enqueue(
    env: Environment, name: str, /, *, at: datetime | None = None, key: str | None = None, **arguments: object
) -> int | None:
    """Put a job into the queue, in the caller's transaction; its id.

    :param at: not before this instant; at once where none is given.
    :param key: while a job with this key waits, another one is not enqueued; then the answer is None.
    :param arguments: what `run` gets by name: anything JSON can hold, records by their ids.
    :raises NotFound: no installed addon declares the job.
    :raises TypeError: an argument that JSON cannot hold.
    """
    database = env.database
    known = env.runtime.jobs
    if name not in known:
        raise NotFound(_("There is no job '{name}'.", name=name), hint=did_you_mean(closest(name, known)))
    now = env.now()
    values = (
        *(name, json.dumps(arguments, ensure_ascii=False), stored(database, at or now), env.user),
        *(known[name].attempts, key, key, stored(database, now)),
    )
    id_ = _insert(database, values, key)
    wake(env)
    return id_


def _insert(database: Database, values: Sequence[object], key: str | None) -> int | None:
    """The id of a new job, None where one with the key waits, which then does not run before the caller has committed.

    Otherwise a worker might run that one at once, without seeing what the caller wrote for it. A shared lock does it:
    many may count on one job, and who claims jobs passes over those that are locked. SQLite has one writer anyway.
    """
    for _attempt in range(INSERTIONS):
        found = database.fetch(placed(database, _INSERT), values)
        if found:
            return int(found[0][0])
        if database.engine == "sqlite" or database.fetch("SELECT id FROM core_job WHERE key = %s FOR SHARE", (key,)):
            break  # else it has begun meanwhile, and the key is free again
    return None


def wake(env: Environment) -> None:
    """Tell the workers, once the transaction is committed, that there may be something to do."""
    if env.database.engine == "postgresql":
        env.database.execute(f"NOTIFY {CHANNEL}")
    env.after_commit(env.runtime.work.set)


def claim(database: Database, worker: str, now: datetime, lease: timedelta, count: int) -> list[Claimed]:
    """Take up to `count` jobs that are due, in the order in which they are; in a transaction of its own.

    The first of them has begun, the others wait for `begin`. A job that was being run for the last time when its worker
    vanished fails.
    """
    if database.engine == "postgresql":  # as an array, the inner query is run once whatever the planner thinks
        text = _CLAIM.format(among="= ANY(ARRAY", lock=" FOR UPDATE SKIP LOCKED", end=")")
    else:
        text = _CLAIM.format(among="IN ", lock="", end="")
    until, moment = stored(database, now + lease), stored(database, now)
    with database.transaction(write=True):
        rows = database.fetch(placed(database, text), (worker, until, moment, count))
        found = sorted((_claimed(worker, row) for row in rows), key=lambda job: job.id)
        spent = [job for job in found if job.attempt >= job.attempts]
        for job in spent:
            _fail(database, job, now, _("The worker vanished while it ran this job for the last time."))
        jobs = [job for job in found if job.attempt < job.attempts]
        begun = begin(database, jobs[0], now) if jobs else None
    return [begun, *jobs[1:]] if begun else jobs


def _claimed(worker: str, row: Sequence[Any]) -> Claimed:
    id_, name, arguments, user, attempt, attempts, marker, change_set = row
    resumed = json.loads(marker) if marker else None
    return Claimed(id_, worker, name, json.loads(arguments), user, attempt, attempts, resumed, change_set)


def begin(database: Database, job: Claimed, now: datetime) -> Claimed | None:
    """Begin the next attempt at a job that was claimed, in the caller's transaction; None if it is no longer held.

    Once that is committed the attempt counts, even if its worker vanishes.
    """
    if database.executemany(placed(database, _BEGIN), [(stored(database, now), *job.held)]) != 1:
        return None
    return replace(job, attempt=job.attempt + 1, begun=True)


def is_anything_due(database: Database, now: datetime) -> bool:
    """Whether a job may be claimed; asked before claiming, which takes the database's write lock on SQLite."""
    sql = "SELECT 1 FROM core_job WHERE run_at <= ? LIMIT 1"
    return bool(database.fetch(placed(database, sql), (stored(database, now),)))


def renew(database: Database, jobs: Iterable[Claimed], until: datetime) -> None:
    """Prolong the leases of jobs that are still being run."""
    sql = placed(database, f"UPDATE core_job SET run_at = ?{_HELD}")
    moment = stored(database, until)
    with database.transaction(write=True):
        database.executemany(sql, [(moment, *job.held) for job in sorted(jobs, key=lambda job: job.id)])


def give_back(database: Database, jobs: Iterable[Claimed], now: datetime) -> None:
    """Let others have jobs of which nothing was done, or nothing but whole steps; that was no attempt."""
    for job in jobs:
        attempt = "attempt - 1" if job.begun else "attempt"
        _wait_again(database, job, f"attempt = {attempt}, run_at = ?", (stored(database, now),))


def note_step(env: Environment, job: Claimed, step: Step) -> None:
    """Note how far a stepwise job has come, in the transaction of the step.

    :raises Lost: the job is no longer held; the step must be rolled back.
    """
    assigned = "marker = ?, steps_done = ?, steps_total = ?, change_set_id = ?, told = ?"
    values = (json.dumps(step.marker), step.done, step.total, env.change_set, step.told or None)
    _hold(env.database, job, assigned, values)


def finish(env: Environment, job: Claimed) -> None:
    """Note that a job is done, in the transaction of its effects.

    :raises Lost: the job is no longer held; its effects must be rolled back.
    """
    assigned = "state = 'done', run_at = NULL, finished_at = ?, error = NULL, change_set_id = ?"
    _hold(env.database, job, assigned, (stored(env.database, env.now()), env.change_set))


def _hold(database: Database, job: Claimed, assigned: str, values: Sequence[object]) -> None:
    sql = placed(database, f"UPDATE core_job SET {assigned}{_HELD}")
    if database.executemany(sql, [(*values, *job.held)]) != 1:
        raise Lost(job.name)


def put_off(database: Database, job: Claimed, now: datetime, error: str) -> bool:
    """Note a failed attempt: the job waits for the next one, or has failed for good. Whether it will be tried again."""
    if job.attempt < job.attempts:
        _wait_again(database, job, "run_at = ?, error = ?", (stored(database, now + pause(job.attempt)), error))
        return True
    with database.transaction(write=True):
        _fail(database, job, now, error)
    return False


def _wait_again(database: Database, job: Claimed, assigned: str, values: Sequence[object]) -> None:
    """Let a job wait again, under its key where that is free."""
    sql = f"UPDATE core_job SET state = 'waiting', worker = NULL, {assigned}, key = {{key}}{_HELD}"
    row = (*values, *job.held)
    try:
        with database.transaction(write=True):
            database.execute(placed(database, sql.format(key=_KEY)), row)
    except UniqueViolation:  # at this very moment another job was enqueued with the key
        with database.transaction(write=True):
            database.execute(placed(database, sql.format(key="NULL")), row)


def pause(attempt: int) -> timedelta:
    """How long to wait after an attempt (from 1): 10 s, 30 s, 90 s, ... at most an hour."""
    return min(LONGEST_PAUSE, PAUSE * float(3 ** min(attempt - 1, 10)))


def _fail(database: Database, job: Claimed, now: datetime, error: str) -> None:
    sql = f"UPDATE core_job SET state = 'failed', run_at = NULL, finished_at = ?, error = ?{_HELD}"
    database.execute(placed(database, sql), (stored(database, now), error, *job.held))


def retry(env: Environment, ids: Iterable[int]) -> None:
    """Let jobs that failed or were cancelled run again, with all their attempts; a stepwise one goes on at its marker.

    :raises Refusal: one of them is neither.
    """
    wanted = sorted(set(ids))
    values = {"state": "waiting", "attempt": 0, "run_at": env.now(), "finished_at": None, "worker": None}
    _change(env, wanted, ("failed", "cancelled"), values)
    for id_ in wanted:  # one after the other: of two with one key, the first has it
        env.database.execute(placed(env.database, f"UPDATE core_job SET key = {_KEY} WHERE id = ?"), (id_,))
    wake(env)


def cancel(env: Environment, ids: Iterable[int]) -> None:
    """Take jobs out of the queue. What a running one has written in its present step is rolled back.

    :raises Refusal: one of them is over already.
    """
    _change(
        env, ids, ("waiting", "running"), {"state": "cancelled", "run_at": None, "finished_at": env.now(), "key": None}
    )


def _change(env: Environment, ids: Iterable[int], states: Sequence[str], values: Mapping[str, object]) -> None:
    jobs = env.sudo()["core.job"]
    wanted = sorted(set(ids))
    found = jobs.read_ids(wanted, ["state", "name"])
    for id_ in wanted:
        if id_ not in found:
            raise NotFound(_("There is no job {id}.", id=id_))
        if found[id_]["state"] not in states:
            raise Refusal(
                _("The job {id} ({name}) is {state}.", id=id_, name=found[id_]["name"], state=_(found[id_]["state"]))
            )
    jobs.write_many([(id_, values) for id_ in wanted])
