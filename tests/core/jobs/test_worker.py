"""Workers as processes: many of them share a queue, some are killed, and each effect happens exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.addon.instance import Instance
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
