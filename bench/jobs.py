"""Jobs a second: small jobs, each with a transaction and an effect of its own, run by workers in two processes."""

from __future__ import annotations

import subprocess
import sys
import time

from bench.timing import Figure
from core.addon.instance import Instance
from core.jobs.queue import enqueue

JOBS = 2_000
PROCESSES = 2
PROMISED_PER_SECOND = 605
PATIENCE_SECONDS = 120


def measure(instance: Instance) -> list[Figure]:
    """Microseconds a job takes, against what was promised."""
    with instance.environment() as env:
        later = env.now().replace(year=env.now().year + 1)
        for _number in range(JOBS):
            enqueue(env, "base.clean", at=later)
    command = [sys.executable, "-m", "cli", "worker", "--workers", "1", "--db", instance.database.url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _number in range(PROCESSES)]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()  # it is ready
        started = time.perf_counter()
        with instance.environment() as env:
            env.database.execute("UPDATE core_job SET run_at = enqueued_at WHERE state = 'waiting'")
            if env.database.engine == "postgresql":
                env.database.execute("NOTIFY tessera_jobs")
        seconds = _until_done(instance, started)
    finally:
        for process in processes:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    return [
        Figure(f"a job, of {JOBS:,} ({PROMISED_PER_SECOND}/s)", seconds / JOBS * 1e6, 1e6 / PROMISED_PER_SECOND, 1.0)
    ]


def _until_done(instance: Instance, started: float) -> float:
    while True:
        ((left,),) = instance.database.fetch("SELECT count(*) FROM core_job WHERE run_at IS NOT NULL")
        if not left:
            return time.perf_counter() - started
        if time.perf_counter() - started > PATIENCE_SECONDS:
            raise RuntimeError(f"{left} jobs are left after {PATIENCE_SECONDS} seconds")
        time.sleep(0.02)
