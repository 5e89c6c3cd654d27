"""`tessera worker` and `tessera job`: as processes and as scripts use them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

import cli
from core.addon.instance import Instance
from core.jobs.queue import enqueue

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(cli.main, list(arguments))
    assert result.exit_code == exit_code, result.output
    return result


def test_jobs_are_listed_cancelled_and_retried(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance()
    with instance.environment() as env:
        id_ = enqueue(env, "base.clean")
    url = instance.database.url
    (listed,) = json.loads(run("job", "list", "--json", "--db", url).stdout)
    assert (listed["id"], listed["name"], listed["state"]) == (id_, "base.clean", "waiting")
    assert "base.clean" in run("job", "list", "--db", url).stdout
    run("job", "cancel", str(id_), "--db", url)
    assert json.loads(run("job", "list", "--state", "waiting", "--json", "--db", url).stdout) == []
    refused = run("job", "cancel", str(id_), "--db", url, exit_code=1)
    assert f"The job {id_} (base.clean) is cancelled." in refused.stderr
    run("job", "retry", str(id_), "--db", url)
    assert len(json.loads(run("job", "list", "--state", "waiting", "--json", "--db", url).stdout)) == 1
    assert "There is no Job 999" in run("job", "retry", "999", "--db", url, exit_code=1).stderr


def test_a_worker_works_until_it_is_told_to_stop(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance(clock=False)
    with instance.environment() as env:
        id_ = enqueue(env, "base.clean")
    command = [sys.executable, "-m", "cli", "worker", "--workers", "2", "--db", instance.database.url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "Working with 2 worker(s)."
        for _attempt in range(200):
            with instance.environment(superuser=True, write=False) as env:
                if env["core.job"].read_ids([id_], ["state"])[id_]["state"] == "done":
                    break
            time.sleep(0.05)
        else:
            raise AssertionError("the job was not done in ten seconds")
        process.send_signal(signal.SIGTERM)
        _output, log = process.communicate(timeout=15)
        assert process.returncode == 0, log
        assert "Traceback" not in log
    finally:
        process.kill()
        process.wait()
