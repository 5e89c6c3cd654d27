"""The schedule: rows follow what is declared, each time is met once, clocks that change are minded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.addon.instance import Instance
from core.errors import Invalid
from core.job import Job, check_cron
from core.jobs import schedule
from core.jobs.schedule import next_time
from core.jobs.worker import Worker
from core.testing import Clock

Notes = Callable[[], list[str]]


def rows(instance: Instance) -> dict[str, dict[str, Any]]:
    with instance.environment(superuser=True, write=False) as env:
        found = env["core.schedule"].read(
            "active or not active", ["id", "name", "label", "cron", "zone", "next_at", "last_at", "active"]
        )
    return {row["name"]: row for row in found}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # 2:30 does not exist
        (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_the_clocks_of_the_zone(after: datetime, expected: datetime) -> None:
    assert next_time("30 2 * * *", "Europe/Brussels", after) == expected


def test_an_expression_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match=r"'61 \* \* \* \*' is no cron expression: bad minute"):
        check_cron("61 * * * *")
    with pytest.raises(ValueError, match="is no cron expression"):
        Job("t.x", print, cron="every day")


@pytest.mark.parametrize(("name", "attempts"), [("x", 1), ("T.x", 1), ("t.x", 0)])
def test_a_job_that_is_declared_wrongly(name: str, attempts: int) -> None:
    with pytest.raises(ValueError, match="job"):
        Job(name, print, attempts=attempts)


def test_rows_follow_what_is_declared(instance: Instance, worker: Worker, clock: Clock) -> None:
    worker.work_off()
    found = rows(instance)
    assert found.keys() == {"base.clean", "base.free", "t.nightly"}
    assert (found["t.nightly"]["label"], found["t.nightly"]["zone"]) == ("Every night", "UTC")
    assert found["t.nightly"]["next_at"] == clock().replace(hour=2, minute=30) + timedelta(days=1)
    instance.runtime.jobs = {name: job for name, job in instance.runtime.jobs.items() if name != "t.nightly"}
    worker.work_off()
    assert rows(instance).keys() == {"base.clean", "base.free"}


def test_a_job_may_be_shipped_switched_off(instance: Instance, worker: Worker, notes: Notes, clock: Clock) -> None:
    off = Job("t.off", lambda env: env["res.partner.category"].create(name="off"), cron="0 3 * * *", active=False)
    instance.runtime.jobs = {**instance.runtime.jobs, off.name: off}
    worker.work_off()
    row = rows(instance)[off.name]
    assert row["active"] is False
    clock.advance(days=1)
    worker.work_off()
    assert notes() == ["nightly"]
    with instance.environment() as env:
        env["core.schedule"].write(row["id"], active=True)
    worker.work_off()
    clock.advance(days=1)
    worker.work_off()
    assert sorted(notes()) == ["nightly", "nightly", "off"]


def test_each_time_is_met_once_and_what_was_missed_is_made_up_for_once(
    instance: Instance, worker: Worker, notes: Notes, clock: Clock
) -> None:
    worker.work_off()
    assert notes() == []
    clock.advance(days=1)
    assert worker.work_off() == 2, "the nightly one and base's"
    assert Worker(instance).work_off() == 0
    clock.advance(days=3)
    worker.work_off()
    assert notes() == ["nightly", "nightly"]
    assert rows(instance)["t.nightly"]["last_at"] == clock()


def test_two_workers_that_notice_at_once_enqueue_once(instance: Instance, worker: Worker, clock: Clock) -> None:
    worker.work_off()
    clock.advance(days=1)
    (row,) = [row for row in rows(instance).values() if row["name"] == "t.nightly"]
    now = clock()
    assert schedule._run(instance, row["id"], now) is True
    assert schedule._run(instance, row["id"], now) is False


def test_an_administrator_changes_the_time(instance: Instance, worker: Worker, clock: Clock) -> None:
    worker.work_off()
    id_ = rows(instance)["t.nightly"]["id"]
    with instance.environment() as env:
        env["core.schedule"].write(id_, cron="0 12 * * *", zone="America/New_York")
        assert env["core.schedule"].get(id_).next_at is None
    assert worker.work_off() == 0, "only the next time is found"
    assert rows(instance)["t.nightly"]["next_at"] == clock().replace(hour=17, minute=0)
    with instance.environment() as env:
        env["core.schedule"].write(id_, active=False)
    clock.advance(days=2)
    assert worker.work_off() == 1, "base's"
    with instance.environment() as env, pytest.raises(Invalid) as caught:
        env["core.schedule"].write(id_, cron="0 25 * * *", zone="Mars/Olympus")
    assert {error.field for error in caught.value.errors} == {"cron", "zone"}


def test_waiting_ends_when_something_is_due(instance: Instance, worker: Worker) -> None:
    worker.work_off()
    assert schedule.soonest(instance.database) == min(row["next_at"] for row in rows(instance).values())
