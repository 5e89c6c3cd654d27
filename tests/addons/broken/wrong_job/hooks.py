"""Jobs that bear another addon's name, twice, or are none."""

from core import Job, hookimpl


@hookimpl
def jobs() -> list[object]:
    return [Job("crm.count", print), Job("wrong_job.count", print), Job("wrong_job.count", print), print]
