"""A worker: claims jobs that are due and runs them, one after the other, until it is told to stop.

Any number of workers share a queue, in one process or many. A second thread prolongs the leases of what is being run;
when a process dies its leases end, and others take over. Effects in the database happen exactly once: they are
committed together with the end of their job, and only by the attempt that holds it.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from core import logs
from core.database import listening
from core.errors import DatabaseRefusal, TesseraError
from core.i18n import _
from core.job import Job
from core.jobs import queue, schedule
from core.jobs.queue import Claimed, Lost

if TYPE_CHECKING:
    from core.addon.instance import Instance

logger = logging.getLogger("tessera.jobs")

LEASE = timedelta(minutes=1)
POLL_SECONDS = 1.0
BATCH = 10
# A batch is claimed at once only where jobs are short: what waits behind a long one could run elsewhere.
SHORT_SECONDS = 0.05
ERROR_LENGTH = 2_000
LONGEST_PAUSE = 60.0  # in seconds, of a worker that cannot work


class Worker:
    """One thread of work on the queue of an instance."""

    def __init__(self, instance: Instance, *, lease: timedelta = LEASE, poll: float = POLL_SECONDS) -> None:
        self.instance = instance
        self.lease = lease
        self.poll = poll
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._stopping = threading.Event()
        self._held: dict[int, Claimed] = {}
        self._waiting: deque[Claimed] = deque()
        self._usual_seconds = 0.0

    def stop(self) -> None:
        """End after the job that is being run."""
        self._stopping.set()
        self.instance.runtime.work.set()

    def run(self) -> None:
        """Work until told to stop.

        Whatever goes wrong beside the jobs (a database that is away, addons that do not fit together) is told and
        waited for, longer each time: a worker that ended would leave its jobs to nobody.
        """
        failures = 0
        with self._prolonging():
            while not self._stopping.is_set():
                try:
                    with listening.listen(self.instance.database, queue.CHANNEL) as listener:
                        while not self._stopping.is_set():
                            if self.work_off() == 0:
                                self._wait(listener)
                            failures = 0
                except DatabaseRefusal as error:
                    logs.event(logger, logging.WARNING, "the queue cannot be reached", error=str(error))
                    self._stopping.wait(self.poll)
                except (Exception, SystemExit) as error:
                    known = isinstance(error, TesseraError)
                    values = {"error": str(error)} if known else {}
                    extra = {"values": values}
                    logger.error("the worker cannot work", exc_info=None if known else error, extra=extra)
                    self._stopping.wait(min(LONGEST_PAUSE, self.poll * 2**failures))
                    failures = min(failures + 1, 16)

    def work_off(self) -> int:
        """Run what is due now, scheduled jobs included; how many jobs were run."""
        self.instance.refresh()
        schedule.align(self.instance)
        schedule.run_due(self.instance)
        done = 0
        while not self._stopping.is_set():
            jobs = self._claim()
            if not jobs:
                break
            self._held.update((job.id, job) for job in jobs)
            try:
                done += self._run_all(jobs)
            finally:
                self._held.clear()  # where that failed, other workers take over when the leases end
        return done

    def _claim(self) -> list[Claimed]:
        database, now = self.instance.database, self.instance.runtime.clock()
        if not queue.is_anything_due(database, now):
            return []
        count = BATCH if self._usual_seconds < SHORT_SECONDS else 1
        return queue.claim(database, self.name, now, self.lease, count)

    def _run_all(self, jobs: list[Claimed]) -> int:
        """Run jobs one after the other; how many."""
        done = 0
        self._waiting = deque(jobs)
        while self._waiting:
            if self._stopping.is_set():
                queue.give_back(self.instance.database, self._waiting, self.instance.runtime.clock())
                break
            started = time.perf_counter()
            job = self._begin(self._waiting.popleft())
            if job is not None:
                self._run(job)
                self._held.pop(job.id, None)
                self._usual_seconds = 0.8 * self._usual_seconds + 0.2 * (time.perf_counter() - started)
                done += 1
        return done

    def _begin(self, job: Claimed) -> Claimed | None:
        """The job as it has begun; None where it is lost."""
        if job.begun:
            return job
        database = self.instance.database
        with database.transaction(write=True):
            begun = queue.begin(database, job, self.instance.runtime.clock())
        if begun is None:
            logs.event(logger, logging.WARNING, "job lost", job=job.id, called=job.name)
        else:
            self._held[job.id] = begun
        return begun

    def _run(self, job: Claimed) -> None:
        """One attempt at a job; whatever it raises is noted, none of its effects stay."""
        declared = self.instance.runtime.jobs.get(job.name)
        with logs.referring(f"job-{job.id}"):
            try:
                if declared is None:
                    raise _Undeclared(_("No installed addon declares the job '{name}'.", name=job.name))
                following: Claimed | None = job
                while following is not None:
                    acted = False
                    following, outside = self._step(declared, following)
                    if following is not None and outside is not None:
                        following, acted = replace(following, marker=outside()), True
                    if following is not None and self._stopping.is_set() and not acted:
                        queue.give_back(self.instance.database, [following], self.instance.runtime.clock())
                        return
            except Lost:
                logs.event(logger, logging.WARNING, "job lost", job=job.id, called=job.name)
            except (Exception, SystemExit) as error:  # `sys.exit` in a job ends the attempt, not the worker
                self._note_failure(job, error)

    def _step(self, declared: Job, job: Claimed) -> tuple[Claimed | None, Callable[[], object] | None]:
        """Run a job, or one step of a stepwise one, in a transaction: the job as it goes on, None at its end, and what
        is to be done outside before."""
        unit = self.instance.runtime.open(
            user=job.user or self.instance.administrator,
            superuser=declared.superuser,
            kind="job",
            label=declared.label or job.name,
            change_set=job.change_set,
        )
        with unit as env:
            if not declared.stepwise:
                declared.run(env, **job.arguments)
                step = None
            else:
                step = declared.run(env, job.marker, **job.arguments)
            if step is not None:
                queue.note_step(env, job, step)
                return job.after(step, env.change_set), step.outside
            queue.finish(env, job)
            # The next job begins in the same transaction: one of its own would double what a short job costs.
            begun = queue.begin(env.database, self._waiting[0], env.now()) if self._waiting else None
        if begun is not None:
            self._waiting[0] = self._held[begun.id] = begun
        return None, None

    def _note_failure(self, job: Claimed, error: BaseException) -> None:
        text = str(error) if isinstance(error, TesseraError) else f"{type(error).__name__}: {error}"
        database, now = self.instance.database, self.instance.runtime.clock()
        again = queue.put_off(database, job, now, text[:ERROR_LENGTH])
        told = None if isinstance(error, TesseraError) else error
        values = {"job": job.id, "called": job.name, "attempt": job.attempt, "again": again}
        logger.log(logging.WARNING if again else logging.ERROR, "job failed", exc_info=told, extra={"values": values})

    def _wait(self, listener: listening.Listener) -> None:
        """Wait until something was enqueued here or elsewhere, a scheduled job is due, or a while has passed."""
        work = self.instance.runtime.work
        due = schedule.soonest(self.instance.database)
        seconds = self.poll if due is None else (due - self.instance.runtime.clock()).total_seconds()
        listener.wait(work, max(0.0, min(self.poll, seconds)))
        work.clear()

    @contextmanager
    def _prolonging(self) -> Iterator[None]:
        """Prolong leases in a thread of its own while the block runs."""
        ended = threading.Event()
        thread = threading.Thread(target=self._prolong, args=(ended,), name=f"leases of {self.name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _prolong(self, ended: threading.Event) -> None:
        database = self.instance.database
        while not ended.wait(self.lease.total_seconds() / 3):
            held = list(self._held.values())
            if not held:
                continue
            try:
                try:
                    queue.renew(database, held, self.instance.runtime.clock() + self.lease)
                finally:
                    database.release()
            except TesseraError as error:
                # A step that writes holds SQLite's only write lock: nobody else can claim meanwhile either.
                logs.event(logger, logging.DEBUG, "leases not prolonged", error=str(error))
            except Exception:
                logger.exception("leases not prolonged")  # without this thread no lease would ever be prolonged again


class _Undeclared(TesseraError):
    """The addon of a job is not installed."""
