"""The setting `crm.assignment` and the switch of the scheduled job are one: whoever turns one turns the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.base.models import Schedule, Setting
from addons.base.models.setting import set_setting
from addons.crm.assignment.carrying_out import ASSIGN, MANUAL, MODE_SETTING, MODES, SCHEDULED, mode
from addons.crm.assignment.plan import DELAY_SETTING
from core import FieldError, Invalid, _

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

MOST_HOURS = 720


class AssignmentSetting(Setting, extends=True):
    """Settings, of which two say how leads are assigned."""

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Refuse what is no way of assigning, and no number of hours."""
        super().before_write(changes)
        for change in changes:
            text = _mistake(str(change["key"]), str(change["value"] or ""))
            if text:
                raise Invalid([FieldError("value", text)], model="core.setting")

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Switch the scheduled job on or off."""
        super().after_write(changes)
        for change in changes:
            if MODE_SETTING in (change["key"], change.before.get("key")):
                _switch(cls.env.sudo(), change["key"] == MODE_SETTING and change["value"] == SCHEDULED)

    @classmethod
    def before_delete(cls, rows: Sequence[Setting]) -> None:
        """Without the setting nothing is assigned."""
        super().before_delete(rows)
        if any(row.key == MODE_SETTING for row in rows):
            _switch(cls.env.sudo(), False)


class AssignmentSchedule(Schedule, extends=True):
    """Scheduled jobs, of which one assigns leads."""

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Keep the setting in line with the switch."""
        super().after_write(changes)
        for change in changes:
            if change["name"] == ASSIGN.name and change.changed("active"):
                if change["active"]:
                    set_setting(cls.env, MODE_SETTING, SCHEDULED)
                elif mode(cls.env) == SCHEDULED:
                    set_setting(cls.env, MODE_SETTING, MANUAL)


def _mistake(key: str, value: str) -> str:
    """Why a value is none for a setting of assignment."""
    if key == MODE_SETTING and value not in ("", *MODES):
        return _("Choose one of {values}.", values=", ".join(MODES))
    if key == DELAY_SETTING and value and not (value.isdecimal() and int(value) <= MOST_HOURS):
        return _("Give a whole number of hours up to {most}.", most=MOST_HOURS)
    return ""


def _switch(env: EnvironmentProtocol, on: bool) -> None:
    """Let the job run when it is due, or not; its row may not be there before a worker has run."""
    schedule = env["core.schedule"]
    rows = schedule.read("name == job and (active or not active)", ["id", "active"], job=ASSIGN.name)
    if rows and rows[0]["active"] != on:
        schedule.write(rows[0]["id"], active=on)
    elif on and not rows:
        schedule.create(name=ASSIGN.name, label=ASSIGN.label, cron=ASSIGN.cron, active=True)
