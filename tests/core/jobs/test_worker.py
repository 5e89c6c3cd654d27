"""Workers as processes: many of them share a queue, some are killed, and each effect happens exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.addon.instance import Instance
from core.errors import ConfigurationError, Problem
from core.job import Job
from core.jobs import queue, schedule
from core.jobs.queue import enqueue
from core.jobs.worker import Worker

JOBS = 1_000
PROGRAM = Path(__file__).with_name("work.py")


def test_an_idle_worker_is_woken_by_what_is_enqueued(
    instance: Instance, notes: Callable[[], list[str]], job_row: Callable[..., dict[str, Any]]
) -> None:
    worker = Worker(instance, poll=20)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        time.sleep(0.3)  # it waits by now
        with instance.environment() as env:
            id_ = enqueue(env, "t.note", text="a")
        deadline = time.monotonic() + 15
        while job_row(id_)["state"] != "done" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert notes() == ["a"]
        assert time.monotonic() < deadline
    finally:
        worker.stop()
        thread.join(10)
    assert not thread.is_alive()


def until(condition: Callable[[], bool]) -> bool:
    """Whether something comes true in a while."""
    deadline = time.monotonic() + 15
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


@contextmanager
def working(worker: Worker) -> Iterator[threading.Thread]:
    """A thread in which the worker works while the block runs."""
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield thread
    finally:
        worker.stop()
        thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ConfigurationError([Problem("x/hooks.py", 3, 1, "A011", "the addon cannot be imported")]),
            "x/hooks.py:3:1 A011",
        ),
        (ZeroDivisionError("zero"), ""),
        (SystemExit(3), ""),
    ],
)
def test_a_worker_goes_on_whatever_happens_beside_its_jobs(
    instance: Instance,
    notes: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
    told: str,
) -> None:
    aligning, failures = schedule.align, [error, error]

    def align(instance: Instance) -> None:
        if failures:
            raise failures.pop()
        aligning(instance)

    monkeypatch.setattr(schedule, "align", align)
    with instance.environment() as env:
        enqueue(env, "t.note", text="a")
    with working(Worker(instance, poll=0.01)):
        assert until(lambda: notes() == ["a"])
    lines = [record for record in caplog.records if record.message == "the worker cannot work"]
    assert len(lines) == 2
    assert all(told in str(getattr(line, "values", "")) for line in lines)


def test_an_interruption_ends_a_worker(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(instance, "refresh", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Worker(instance).run()


def test_leases_are_prolonged_again_after_an_error_of_the_driver(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    renewing, renewed, failures = queue.renew, threading.Event(), [OSError("the connection is gone")]

    def renew(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        renewed.set()  # first, since on SQLite the job holds the lock that is needed
        renewing(*arguments)

    monkeypatch.setattr(queue, "renew", renew)
    waiting = Job("t.wait", lambda env: renewed.wait(15))
    instance.runtime.jobs = {**instance.runtime.jobs, "t.wait": waiting}
    with instance.environment() as env:
        enqueue(env, "t.wait")
    with working(Worker(instance, lease=timedelta(seconds=0.06), poll=0.01)):
        assert renewed.wait(15)
    assert "leases not prolonged" in caplog.messages


@pytest.mark.slow
def test_each_effect_happens_exactly_once_though_two_of_four_workers_are_killed(instance: Instance) -> None:
    with instance.environment() as env:
        for number in range(JOBS):
            enqueue(env, "t.note", text=f"effect {number}")
    processes = [start(instance.database.url) for _number in range(4)]
    try:
        wait_for(instance, lambda states: states["done"] > 100)
        for process in processes[:2]:
            process.send_signal(signal.SIGKILL)
        states = wait_for(instance, lambda states: states["done"] == JOBS)
        assert states == {"done": JOBS}
    finally:
        for process in processes:
            process.kill()
            process.wait()
    with instance.environment(write=False) as env:
        effects = Counter(row["name"] for row in env["res.partner.category"].read("", ["name"]))
    assert effects == Counter(f"effect {number}" for number in range(JOBS))


def start(url: str) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, whose leases last two seconds."""
    environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[3])}
    return subprocess.Popen([sys.executable, str(PROGRAM), url], env=environment)


def wait_for(instance: Instance, condition: Callable[[Counter[str]], bool]) -> Counter[str]:
    states: Counter[str] = Counter()
    for _attempt in range(1_800):
        found = instance.database.fetch("SELECT state, count(*) FROM core_job WHERE name = 't.note' GROUP BY state")
        states = Counter({str(state): count for state, count in found})
        if condition(states):
            return states
        time.sleep(0.05)
    pytest.fail(f"the workers did not get there: {states}")
