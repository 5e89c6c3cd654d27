"""What base forgets at night, and what it keeps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from addons.base.housekeeping import BATCH, clean
from core import EnvironmentProtocol, enqueue
from core.testing import Clock


def test_ended_sessions_old_attempts_and_finished_jobs_go(env: EnvironmentProtocol, clock: Clock) -> None:
    env = env.sudo()
    old, young = clock() - timedelta(days=31), clock() - timedelta(days=6)
    user = env.user
    base = {"user": user, "created_at": old, "seen_at": old, "expires_at": clock()}
    env["core.session"].create_many(
        [
            {**base, "token_hash": "ended", "expires_at": old},
            {**base, "token_hash": "revoked", "revoked": True},
            {**base, "token_hash": "idle"},
        ]
    )
    env["core.attempt"].create_many([{"key": "a", "at": old}, {"key": "b", "at": young}])
    env["core.job"].create_many(
        [
            {"name": f"t.{state}", "state": state, "finished_at": finished}
            for state in ("done", "cancelled", "failed")
            for finished in (old, young)
        ]
    )
    steps = 0
    done = None
    while (step := clean(env, done)) is not None:
        done, steps = step.marker, steps + 1
    assert (done, steps) == (5, 3)
    assert [row["expires_at"] for row in env["core.session"].read("", ["expires_at"])] == [clock()]
    assert [row["key"] for row in env["core.attempt"].read("", ["key"])] == ["b"]
    left = {(row["name"], row["finished_at"]) for row in env["core.job"].read("", ["name", "finished_at"])}
    assert left == {("t.done", young), ("t.cancelled", young), ("t.failed", old), ("t.failed", young)}


def test_sign_ins_are_kept_for_a_year(env: EnvironmentProtocol, clock: Clock) -> None:
    env = env.sudo()
    env["core.sign_in"].delete(env["core.sign_in"].search())
    ages = {"signed_in": 366, "signed_out": 364}
    env["core.sign_in"].create_many(
        [{"outcome": outcome, "at": clock() - timedelta(days=age)} for outcome, age in ages.items()]
    )
    clean(env, None)
    assert [row["outcome"] for row in env["core.sign_in"].read("", ["outcome"])] == ["signed_out"]


def test_more_than_a_batch_goes_in_steps(instance: Any, work_off: Callable[[], int], clock: Clock) -> None:
    old = clock() - timedelta(days=31)
    with instance.environment(superuser=True) as env:
        env["core.attempt"].create_many([{"key": "a", "at": old}] * (BATCH + 1))
        enqueue(env, "base.clean")
    assert work_off() == 1
    with instance.environment(superuser=True) as env:
        assert env["core.attempt"].count() == 0
        assert env["core.job"].read("", ["state", "steps_done"]) == [{"state": "done", "steps_done": BATCH + 1}]
