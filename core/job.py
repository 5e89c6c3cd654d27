"""What an addon declares of its work in the background: given to the hook `jobs`, run by the workers of `core.jobs`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cronsim import CronSim, CronSimError

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a stepwise job has come: the marker (anything JSON can hold) that it resumes at, and how much is done.

    `told` is what people read of it while it runs and when it has ended, such as how many were changed and which not.

    `outside` acts on something that is not the database. It is called once the step is committed, outside of any
    transaction; what it gives is the marker of the next step, which follows at once. When the process dies meanwhile
    the job resumes at `marker`: so the next step knows that nobody knows what became of it.
    """

    marker: object
    done: int | None = None
    total: int | None = None
    outside: Callable[[], object] | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work.

    `name` is `<addon>.<what>`. `run(env, **arguments)` does it in one transaction, together with the note that it is
    done: what it writes happens exactly once. A `stepwise` job is `run(env, marker, **arguments)`: each call is a
    transaction, gets the marker of the last (None at first) and gives a `Step`, or None at the end; all steps are one
    change set. It is tried `attempts` times, with growing pauses. `cron` (minute, hour, day, month, day of week) says
    when it runs by itself, as the administrator; with `active=False` only once somebody has switched it on. `superuser`
    sets rights and rules aside.

    :raises ValueError: the name has another form, `cron` cannot be read, or `attempts` is less than 1.
    """

    name: str
    run: Callable[..., Any]
    label: str = ""
    attempts: int = 5
    cron: str = ""
    active: bool = True
    stepwise: bool = False
    superuser: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ValueError(f"a job is called '<addon>.<what>', not {self.name!r}")
        if self.attempts < 1:
            raise ValueError(f"the job '{self.name}' needs at least one attempt")
        if self.cron:
            check_cron(self.cron)


def check_cron(text: str) -> None:
    """Refuse what is no cron expression of five parts.

    :raises ValueError: saying which part is wrong.
    """
    try:
        CronSim(text, _ANY_DAY)
    except CronSimError as error:
        reason = str(error)
        raise ValueError(f"'{text}' is no cron expression: {reason[:1].lower()}{reason[1:]}") from error
