"""Steps that act outside the database: after the commit, and known to be uncertain when the process dies meanwhile."""

from datetime import timedelta

import pytest

from core.errors import Refusal
from core.job import Job, Step
from core.jobs import queue
from core.jobs.worker import Worker


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def seen(instance):
    """What a job saw: its markers, and whether a transaction was open while it acted outside."""
    found = []

    def act():
        found.append(("outside", instance.database.in_transaction))
        return "done"

    def run(env, marker):
        found.append(("step", marker))
        return Step("begun", outside=act) if marker is None else None

    instance.runtime.jobs = {**instance.runtime.jobs, "t.outside": Job("t.outside", run, stepwise=True)}
    return found


def start(instance):
    with instance.environment() as env:
        return queue.enqueue(env, "t.outside")


def state(instance, job):
    with instance.environment() as env:
        return env["core.job"].get(job).state


def test_it_acts_after_the_commit_and_the_next_step_is_told(instance, worker, seen):
    job = start(instance)
    worker.work_off()
    assert seen == [("step", None), ("outside", False), ("step", "done")]
    assert state(instance, job) == "done"


def test_who_resumes_after_a_death_knows_that_it_was_begun(instance, worker, seen, clock):
    job = start(instance)
    kept = instance.runtime.jobs["t.outside"]

    def die(env, marker):
        step = kept.run(env, marker)

        def act():
            step.outside()
            raise Killed

        return Step(step.marker, outside=act)

    instance.runtime.jobs = {**instance.runtime.jobs, "t.outside": Job("t.outside", die, stepwise=True)}
    with pytest.raises(Killed):
        worker.work_off()
    instance.runtime.jobs = {**instance.runtime.jobs, "t.outside": kept}
    clock.instant += timedelta(hours=1)
    Worker(instance).work_off()
    assert seen == [("step", None), ("outside", False), ("step", "begun")]
    assert state(instance, job) == "done"


def test_what_it_raises_is_a_failure_of_the_attempt(instance, worker, seen):
    def refuse(env, marker):
        def act():
            raise Refusal("no answer")

        return Step("begun", outside=act)

    instance.runtime.jobs = {**instance.runtime.jobs, "t.outside": Job("t.outside", refuse, stepwise=True)}
    job = start(instance)
    worker.work_off()
    with instance.environment() as env:
        row = env["core.job"].get(job)
        assert (row.state, row.error, row.marker) == ("waiting", "no answer", '"begun"')
