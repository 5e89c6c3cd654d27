"""The queue: enqueued with the caller's transaction, run once, tried again, given up, retried, cancelled, resumed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from core.addon.instance import Instance
from core.errors import AccessDenied, NotFound, Refusal
from core.job import Job
from core.jobs import queue
from core.jobs.queue import Lost, enqueue
from core.jobs.worker import Worker
from core.testing import Clock

Notes = Callable[[], list[str]]
Row = Callable[..., dict[str, Any]]


def put(instance: Instance, name: str, **options: Any) -> int:
    with instance.environment() as env:
        id_ = enqueue(env, name, **options)
    assert id_ is not None
    return id_


def test_a_job_runs_once_as_whoever_enqueued_it(instance: Instance, worker: Worker, notes: Notes, job_row: Row) -> None:
    id_ = put(instance, "t.note", text="a")
    assert job_row(id_)["state"] == "waiting"
    assert worker.work_off() == 1
    assert worker.work_off() == 0
    assert notes() == ["a"]
    done = job_row(id_)
    assert (done["state"], done["attempt"], done["run_at"], done["progress"]) == ("done", 1, None, 100.0)
    with instance.environment() as env:
        (change_set,) = env["core.change_set"].read("id == c", ["kind", "label", "user"], c=done["change_set"])
    assert change_set == {"kind": "job", "label": "t.note", "user": instance.administrator}


def test_a_job_of_a_transaction_that_was_rolled_back_never_was(
    instance: Instance, worker: Worker, notes: Notes
) -> None:
    with pytest.raises(ZeroDivisionError), instance.environment() as env:
        enqueue(env, "t.note", text="a")
        raise ZeroDivisionError
    assert worker.work_off() == 0
    assert notes() == []


def test_what_cannot_be_enqueued(instance: Instance) -> None:
    with instance.environment() as env:
        with pytest.raises(NotFound, match=r"There is no job 't\.nate'") as caught:
            enqueue(env, "t.nate")
        assert "t.note" in str(caught.value.hint)
        with pytest.raises(TypeError):
            enqueue(env, "t.note", text=object())


def test_jobs_wait_for_their_time_and_run_in_order(
    instance: Instance, worker: Worker, notes: Notes, clock: Clock
) -> None:
    put(instance, "t.note", text="later", at=clock() + timedelta(hours=2))
    put(instance, "t.note", text="first", at=clock() - timedelta(hours=1))
    put(instance, "t.note", text="now")
    assert worker.work_off() == 2
    clock.advance(hours=2)
    assert worker.work_off() == 1
    assert notes() == ["first", "now", "later"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_job_that_others_count_on_waits_for_their_commit(instance: Instance, clock: Clock) -> None:
    id_ = put(instance, "t.note", key="k", text="a")

    def claimed() -> list[int]:
        return [job.id for job in queue.claim(instance.database, "w", clock(), timedelta(minutes=1), 5)]

    with instance.environment() as env, ThreadPoolExecutor(2) as threads:
        assert enqueue(env, "t.note", key="k", text="b") is None
        assert threads.submit(claimed).result(timeout=10) == []
        # Others count on it at the same time, and nobody waits for anybody.
        other = threads.submit(lambda: _counts_on(instance))
        assert other.result(timeout=10) is None
    assert claimed() == [id_]


def _counts_on(instance: Instance) -> int | None:
    with instance.environment() as env:
        return enqueue(env, "t.note", key="k", text="c")


def test_no_two_with_one_key_wait(instance: Instance, worker: Worker, notes: Notes) -> None:
    with instance.environment() as env:
        assert enqueue(env, "t.note", key="k", text="a") is not None
        assert enqueue(env, "t.note", key="k", text="b") is None
        assert enqueue(env, "t.note", key="other", text="c") is not None
    worker.work_off()
    put(instance, "t.note", key="k", text="d")
    worker.work_off()
    assert notes() == ["a", "c", "d"]


def test_a_failure_leaves_no_effect_and_is_tried_again_with_growing_pauses(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row, clock: Clock
) -> None:
    id_ = put(instance, "t.fail", text="x")
    for attempt, pause in ((1, 10), (2, 30)):
        assert worker.work_off() == 1
        row = job_row(id_)
        assert (row["state"], row["attempt"]) == ("waiting", attempt)
        assert row["run_at"] == clock() + timedelta(seconds=pause)
        assert row["error"] == "ZeroDivisionError: divided"
        assert worker.work_off() == 0
        clock.advance(hours=pause / 3600)
    assert worker.work_off() == 1
    row = job_row(id_)
    assert (row["state"], row["attempt"], row["run_at"]) == ("failed", 3, None)
    assert notes() == []


def test_a_job_that_exits_has_failed_and_the_worker_goes_on(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row
) -> None:
    def leave(env: Any) -> None:
        env["res.partner.category"].create(name="left")
        raise SystemExit(3)

    instance.runtime.jobs = {**instance.runtime.jobs, "t.leave": Job("t.leave", leave)}
    id_ = put(instance, "t.leave")
    put(instance, "t.note", text="a")
    assert worker.work_off() == 2
    assert (job_row(id_)["state"], job_row(id_)["error"]) == ("waiting", "SystemExit: 3")
    assert notes() == ["a"]


def test_pauses_end_at_an_hour() -> None:
    assert [queue.pause(attempt).total_seconds() for attempt in (1, 2, 3, 6, 7, 60)] == [10, 30, 90, 2430, 3600, 3600]


def test_a_refusal_is_told_in_its_own_words(instance: Instance, worker: Worker, job_row: Row) -> None:
    put(instance, "t.refuse")
    worker.work_off()
    row = job_row()
    assert row["state"] == "failed"
    assert "must be filled in" in row["error"]


def test_a_failed_job_is_retried_with_all_attempts(instance: Instance, worker: Worker, job_row: Row) -> None:
    id_ = put(instance, "t.refuse")
    worker.work_off()
    with instance.environment() as env:
        env["core.job"].call(id_, "retry")
    assert (job_row(id_)["state"], job_row(id_)["attempt"]) == ("waiting", 0)
    assert worker.work_off() == 1
    assert job_row(id_)["state"] == "failed"
    put(instance, "t.note", text="a")
    with instance.environment() as env, pytest.raises(Refusal, match="is waiting"):
        env["core.job"].call(id_ + 1, "retry")


def test_only_administrators_see_and_steer_jobs(instance: Instance) -> None:
    id_ = put(instance, "t.note", text="a")
    with instance.environment() as env:
        group = env.ref("base.internal").id
        env["res.users"].create(login="ann", name="Ann", groups=[group])
    with instance.environment("ann") as env, pytest.raises(AccessDenied):
        env["core.job"].call(id_, "cancel")


def test_a_cancelled_job_does_not_run(instance: Instance, worker: Worker, notes: Notes, job_row: Row) -> None:
    id_ = put(instance, "t.note", text="a")
    with instance.environment() as env:
        env["core.job"].call(id_, "cancel")
    assert worker.work_off() == 0
    assert notes() == []
    with instance.environment() as env:
        env["core.job"].call(id_, "retry")
    assert worker.work_off() == 1
    assert (notes(), job_row(id_)["state"]) == (["a"], "done")


def test_steps_are_one_change_set_and_show_their_progress(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row
) -> None:
    before = instance.administrator
    id_ = put(instance, "t.steps", upto=3)
    assert worker.work_off() == 1
    row = job_row(id_)
    assert (row["state"], row["marker"]) == ("done", "3")
    assert notes() == ["step 1", "step 2", "step 3"]
    with instance.environment() as env:
        changes = env["core.change"].read("change_set == c and operation == 'c'", ["id"], c=row["change_set"])
        (change_set,) = env["core.change_set"].read("id == c", ["label", "user"], c=row["change_set"])
    assert len(changes) == 3
    assert change_set == {"label": "Count up", "user": before}


def test_a_stepwise_job_resumes_at_its_marker(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = instance.runtime.jobs["t.steps"]

    def stumble(env: Any, marker: int | None, upto: int) -> Any:
        step = steps.run(env, marker, upto=upto)
        if marker == 1:
            raise ZeroDivisionError
        return step

    id_ = put(instance, "t.steps", upto=3)
    jobs = dict(instance.runtime.jobs)
    instance.runtime.jobs = {**jobs, "t.steps": Job("t.steps", stumble, stepwise=True)}
    worker.work_off()
    assert notes() == ["step 1"]
    assert (job_row(id_)["state"], job_row(id_)["marker"]) == ("waiting", "1")
    first = job_row(id_)["change_set"]
    instance.runtime.jobs = jobs
    with instance.environment() as env:
        env["core.job"].call(id_, "cancel")
        env["core.job"].call(id_, "retry")
    worker.work_off()
    assert notes() == ["step 1", "step 2", "step 3"]
    assert job_row(id_)["change_set"] == first


def test_a_job_whose_worker_vanished_is_taken_over_and_the_first_can_no_longer_finish_it(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row, clock: Clock
) -> None:
    id_ = put(instance, "t.note", text="a")
    (held,) = queue.claim(instance.database, "gone", clock(), timedelta(minutes=1), 5)
    assert worker.work_off() == 0, "the lease holds"
    clock.advance(hours=1)
    assert worker.work_off() == 1
    assert (job_row(id_)["state"], job_row(id_)["attempt"]) == ("done", 2)
    with pytest.raises(Lost), instance.environment() as env:
        env["res.partner.category"].create(name="twice")
        queue.finish(env, held)
    assert notes() == ["a"]


def test_a_prolonged_lease_keeps_others_away(instance: Instance, worker: Worker, clock: Clock) -> None:
    put(instance, "t.note", text="a")
    held = queue.claim(instance.database, "slow", clock(), timedelta(minutes=1), 5)
    queue.renew(instance.database, held, clock() + timedelta(minutes=5))
    clock.advance(hours=0.05)
    assert worker.work_off() == 0
    clock.advance(hours=0.05)
    assert worker.work_off() == 1


def test_a_job_that_kills_its_worker_each_time_fails_in_the_end(
    instance: Instance, worker: Worker, job_row: Row, clock: Clock
) -> None:
    id_ = put(instance, "t.refuse")
    queue.claim(instance.database, "dying", clock(), timedelta(minutes=1), 1)
    clock.advance(hours=1)
    assert worker.work_off() == 0
    assert job_row(id_)["state"] == "failed"
    assert "vanished" in job_row(id_)["error"]


def test_a_job_of_an_addon_that_is_gone_fails_with_that_reason(
    instance: Instance, worker: Worker, job_row: Row
) -> None:
    with instance.environment() as env:
        enqueue(env, "t.note", text="a")
    del instance.runtime.jobs["t.note"]  # type: ignore[attr-defined]
    worker.work_off()
    assert job_row()["error"] == "No installed addon declares the job 't.note'."


def test_a_stopped_worker_gives_back_what_it_has_not_begun(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row
) -> None:
    def stop(env: Any) -> None:
        env["res.partner.category"].create(name="last")
        worker.stop()

    instance.runtime.jobs = {**instance.runtime.jobs, "t.stop": Job("t.stop", stop)}
    put(instance, "t.stop")
    id_ = put(instance, "t.note", text="not begun")
    assert worker.work_off() == 1
    assert notes() == ["last"]
    assert (job_row(id_)["state"], job_row(id_)["attempt"]) == ("waiting", 0)


def claim(instance: Instance, worker: str, clock: Clock) -> list[queue.Claimed]:
    return queue.claim(instance.database, worker, clock(), timedelta(minutes=1), 10)


def test_jobs_that_a_vanished_worker_had_not_begun_lose_no_attempt(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row, clock: Clock
) -> None:
    ids = [put(instance, "t.refuse"), *(put(instance, "t.note", text=text) for text in "ab")]
    for number in range(7):  # more often than each may be tried
        held = claim(instance, f"gone {number}", clock)
        assert [(job.id in ids, job.begun) for job in held] == [(True, place == 0) for place in range(len(held))]
        clock.advance(hours=1)
    assert worker.work_off() == 1
    assert [job_row(id_)["state"] for id_ in ids] == ["failed", "failed", "done"]
    assert [job_row(id_)["attempt"] for id_ in ids] == [1, 5, 2]
    assert notes() == ["b"]


def test_what_has_not_begun_cannot_be_begun_once_another_worker_has_it(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row, clock: Clock
) -> None:
    put(instance, "t.note", text="a")
    id_ = put(instance, "t.note", text="b")
    (_first, late) = claim(instance, "stuck", clock)
    clock.advance(hours=1)
    (_first, held) = claim(instance, "other", clock)
    with instance.database.transaction(write=True):
        assert queue.begin(instance.database, late, clock()) is None
        begun = queue.begin(instance.database, held, clock())
        assert begun is not None
        assert queue.begin(instance.database, late, clock()) is None
    queue.put_off(instance.database, late, clock(), "too late")
    with pytest.raises(Lost), instance.environment() as env:
        queue.finish(env, late)
    assert (job_row(id_)["state"], job_row(id_)["attempt"]) == ("running", 1)
    with instance.environment() as env:
        queue.finish(env, begun)
    assert job_row(id_)["state"] == "done"


def test_a_job_that_was_cancelled_and_retried_is_not_finished_by_its_former_attempt(
    instance: Instance, job_row: Row, clock: Clock
) -> None:
    id_ = put(instance, "t.note", text="a")
    (former,) = claim(instance, "first", clock)
    with instance.environment() as env:
        env["core.job"].call(id_, "cancel")
        env["core.job"].call(id_, "retry")
    (present,) = claim(instance, "second", clock)
    assert former.attempt == present.attempt == 1
    with pytest.raises(Lost), instance.environment() as env:
        queue.finish(env, former)
    assert job_row(id_)["state"] == "running"


def test_a_job_cancelled_in_the_hands_of_a_worker_does_not_run_and_the_next_one_does(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row
) -> None:
    def cancel_next(env: Any) -> None:
        env["core.job"].call(ids[0], "cancel")

    instance.runtime.jobs = {**instance.runtime.jobs, "t.cancel": Job("t.cancel", cancel_next)}
    put(instance, "t.cancel")
    ids = [put(instance, "t.note", text="a"), put(instance, "t.note", text="b")]
    assert worker.work_off() == 2
    assert [job_row(id_)["state"] for id_ in ids] == ["cancelled", "done"]
    assert notes() == ["b"]


def again(instance: Instance, key: str) -> bool:
    """Whether another job can be enqueued with the key."""
    with instance.environment() as env:
        return enqueue(env, "t.note", key=key, text="other") is not None


def test_a_key_holds_while_its_job_waits_for_another_attempt(
    instance: Instance, worker: Worker, notes: Notes, job_row: Row, clock: Clock
) -> None:
    id_ = put(instance, "t.fail", key="k", text="x")
    worker.work_off()
    assert job_row(id_)["state"] == "waiting"
    assert not again(instance, "k")
    for _attempt in range(2):
        clock.advance(hours=1)
        worker.work_off()
    assert job_row(id_)["state"] == "failed"
    assert again(instance, "k")
    with instance.environment() as env:
        env["core.job"].call(id_, "retry")
    worker.work_off()
    assert notes() == ["other"]
    clock.advance(hours=1)
    worker.work_off()
    assert not again(instance, "k"), "the retried job has its key again, now that the other is done"


def test_a_key_is_free_while_its_job_runs(instance: Instance, worker: Worker, job_row: Row, clock: Clock) -> None:
    put(instance, "t.fail", key="a", text="x")
    id_ = put(instance, "t.fail", key="b", text="x")
    first, second = claim(instance, "w", clock)
    assert again(instance, "a")
    assert not again(instance, "b"), "it has not begun"
    queue.put_off(instance.database, first, clock(), "error")
    queue.give_back(instance.database, [second], clock())
    assert (job_row(first.id)["state"], job_row(id_)["attempt"]) == ("waiting", 0)
    assert not again(instance, "a")
    assert not again(instance, "b")


def test_of_jobs_retried_at_once_one_has_the_key(instance: Instance, worker: Worker, clock: Clock) -> None:
    ids = [put(instance, "t.fail", key="k", text="x")]
    with instance.environment() as env:
        env["core.job"].call(ids[0], "cancel")
    ids.append(put(instance, "t.fail", key="k", text="x"))
    with instance.environment() as env:
        env["core.job"].call(ids[1], "cancel")
        env["core.job"].call(ids, "retry")
    assert not again(instance, "k")


def test_a_database_row_says_what_a_claim_costs(instance: Instance, clock: Clock) -> None:
    put(instance, "t.note", text="a")
    with instance.database.counting() as counter:
        queue.claim(instance.database, "w", clock(), timedelta(minutes=1), 10)
    assert len(counter) == 2, "one to claim, one to begin the first"
