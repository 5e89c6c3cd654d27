"""Jobs for tests: an instance whose runtime knows a few, beside those of base."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.addon.instance import Instance
from core.job import Job, Step
from core.jobs.worker import Worker


def note(env: Any, text: str) -> None:
    """An effect in the database: one tag of partners for each run."""
    env["res.partner.category"].create(name=text)


def fail(env: Any, text: str) -> None:
    """An effect that must not stay."""
    note(env, text)
    raise ZeroDivisionError("divided")


def refuse(env: Any) -> None:
    """A refusal, as a job would meet it."""
    env["res.partner.category"].create(name=None)


def count_up(env: Any, marker: int | None, upto: int) -> Step | None:
    """One effect for each step."""
    number = (marker or 0) + 1
    if number > upto:
        return None
    note(env, f"step {number}")
    return Step(number, done=number, total=upto)


TESTED = [
    Job("t.note", note),
    Job("t.fail", fail, attempts=3),
    Job("t.refuse", refuse, attempts=1),
    Job("t.steps", count_up, stepwise=True, label="Count up"),
    Job("t.nightly", lambda env: note(env, "nightly"), cron="30 2 * * *", label="Every night"),
]


@pytest.fixture
def instance(make_instance: Callable[..., Instance]) -> Instance:
    found = make_instance()
    found.runtime.jobs = {**found.runtime.jobs, **{job.name: job for job in TESTED}}
    return found


@pytest.fixture
def worker(instance: Instance) -> Worker:
    return Worker(instance, poll=0.01)


@pytest.fixture
def notes(instance: Instance) -> Callable[[], list[str]]:
    """The effects so far, in order."""

    def read() -> list[str]:
        with instance.environment(write=False) as env:
            return [row["name"] for row in env["res.partner.category"].read("", ["name"], order="id")]

    return read


@pytest.fixture
def job_row(instance: Instance) -> Callable[..., dict[str, Any]]:
    """A job as it stands: the one with this id, else the newest."""

    def read(id_: int | None = None) -> dict[str, Any]:
        fields = ["id", "name", "state", "attempt", "run_at", "error", "marker", "progress", "change_set", "worker"]
        with instance.environment(superuser=True, write=False) as env:
            where = "id == wanted" if id_ else ""
            names = {"wanted": id_} if id_ else {}
            return env["core.job"].read(where, fields, limit=1, **names)[0]

    return read
