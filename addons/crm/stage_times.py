"""How long a lead was in each stage, worked out of its history: what was undone never was.

A stage that a lead is in is told from `date_last_stage_update`, which imports may give; the stages before it, from the
change log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template

from addons.crm.merging import MODEL
from core import EnvironmentProtocol, _, field_history

READ = ["stage", "create_date", "date_last_stage_update", "date_closed"]
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Time:
    """The time in one stage, and whether the lead is there now; the stage by its id, None: without one."""

    stage: Any
    time: timedelta
    current: bool


def stage_times(env: EnvironmentProtocol, lead: int) -> list[Time]:
    """The time that a lead was in each stage, in the order in which it came there first; until it was closed."""
    row = env[MODEL].read_ids([lead], READ)[lead]
    end = row["date_closed"] or env.now()
    found: dict[Any, timedelta] = {}
    for stage, since, until in _stays(env, lead, row, end):
        found[stage] = found.get(stage, timedelta()) + max(until - since, timedelta())
    return [Time(stage, time, stage == row["stage"]) for stage, time in found.items()]


def _stays(
    env: EnvironmentProtocol, lead: int, row: dict[str, Any], end: datetime
) -> list[tuple[Any, datetime, datetime]]:
    """Stage, since, until: one after the other."""
    steps = field_history(env, MODEL, [lead], "stage")[lead]
    stages = [steps[0].old, *(step.new for step in steps)] if steps else [row["stage"]]
    begins = [row["create_date"], *(step.at for step in steps)]
    begins[-1] = row["date_last_stage_update"] or begins[-1]
    for place in range(len(begins) - 1, 0, -1):
        begins[place - 1] = min(begins[place - 1], begins[place])
    return list(zip(stages, begins, [*begins[1:], end], strict=True))


def render(env: EnvironmentProtocol, model: str, record: int) -> str:
    """The table of a lead's stages and the time in each."""
    times = stage_times(env, record)
    names = env["crm.stage"].label([each.stage for each in times if each.stage is not None])
    rows = [(names.get(each.stage) or _("No stage"), in_words(each.time), each.current) for each in times]
    return render_template("crm/stage_times.html", rows=rows)


def in_words(time: timedelta) -> str:
    """A time as people tell it: whole days, or hours."""
    if time.days:
        return _("1 day") if time.days == 1 else _("{count} days", count=time.days)
    hours = time // HOUR
    if not hours:
        return _("less than an hour")
    return _("1 hour") if hours == 1 else _("{count} hours", count=hours)
