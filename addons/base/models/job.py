"""Work in the background: the queue and the schedule. Written by core alone, but for the schedule's times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from addons.base.models.history import ChangeSet
from core import FieldError, Invalid, Model, _, action, cancel_jobs, check_cron, fields, retry_jobs

if TYPE_CHECKING:
    from addons.base.models.user import User
    from core import Change

STATES = {
    "waiting": "Waiting",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


class Job(Model, name="core.job", label="Job", order="-id", history=False, system=True):
    """One piece of work; `run_at` is when a worker may take it next, empty when it is over."""

    name = fields.Char(label="Job", required=True)
    arguments = fields.Text(label="Arguments", help="A JSON object")
    state = fields.Selection(STATES, label="State", required=True, default="waiting", index=True)
    run_at = fields.Datetime(label="Due", index=True, help="While it runs: until when its worker holds it")
    user: fields.Many2one[User] = fields.Many2one(
        "res.users", label="User", on_delete="set null", help="Whose rights it has; empty: the administrator's"
    )
    attempt = fields.Integer(label="Attempt", default=0)
    attempts = fields.Integer(label="Attempts at most", default=1)
    key = fields.Char(label="Key", unique=True, help="Filled while it waits: no two jobs with the same key wait")
    own_key = fields.Char(label="Own key", help="The key that it waits under, also when it waits again")
    worker = fields.Char(label="Worker")
    marker = fields.Text(label="Resumes at", help="JSON")
    steps_done = fields.Integer(label="Steps done")
    steps_total = fields.Integer(label="Steps in all")
    progress = fields.Computed(
        fields.Float,
        "100 if state == 'done' else round(steps_done * 100 / steps_total, 0) if steps_total > 0 else none",
        label="Progress",
    )
    told = fields.Text(label="What it did", help="What it tells people of itself")
    error = fields.Text(label="Last error")
    change_set = fields.Many2one(ChangeSet, label="Change set", on_delete="set null")
    enqueued_at = fields.Datetime(label="Enqueued")
    started_at = fields.Datetime(label="Started")
    finished_at = fields.Datetime(label="Finished", index=True)

    @action(label="Run again", icon="undo", groups="base.admin")
    @classmethod
    def retry(cls, jobs: Sequence[Job]) -> None:
        """Let failed and cancelled jobs run again, with all their attempts."""
        retry_jobs(cls.env, [job.id for job in jobs])

    @action(label="Cancel", icon="blocked", groups="base.admin")
    @classmethod
    def cancel(cls, jobs: Sequence[Job]) -> None:
        """Take jobs out of the queue; what a running one has not finished yet is rolled back."""
        cancel_jobs(cls.env, [job.id for job in jobs])


class Schedule(Model, name="core.schedule", label="Scheduled job", order="label, id", label_field="label"):
    """When a job runs by itself. Addons declare what there is; expression, zone and the switch may be changed."""

    name = fields.Char(label="Job", required=True, unique=True, readonly=True)
    label = fields.Char(label="Title", required=True)
    cron = fields.Char(
        label="When",
        required=True,
        help="Minute, hour, day, month, day of week: '30 6 * * 1-5' is 6:30 on working days",
    )
    zone = fields.Char(label="Time zone", required=True, default=lambda env: env.tz)
    active = fields.Boolean(label="Active", default=True)
    next_at = fields.Datetime(label="Next", readonly=True, derived=True, index=True)
    last_at = fields.Datetime(label="Last", readonly=True, derived=True)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Check expression and zone; a change of either has the next time found again."""
        super().before_write(changes)
        errors: list[FieldError] = []
        for change in changes:
            try:
                check_cron(str(change["cron"]))
            except ValueError as error:
                errors.append(FieldError("cron", str(error)))
            if change["zone"] not in available_timezones():
                errors.append(FieldError("zone", _("'{zone}' is no time zone.", zone=change["zone"])))
            if change.changed("cron") or change.changed("zone") or change.changed("active"):
                change.values["next_at"] = None
        if errors:
            raise Invalid(errors, model="core.schedule")
