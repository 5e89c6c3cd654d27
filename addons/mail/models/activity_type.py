"""Kinds of planned activities: what they are called, when they are due, what follows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from addons.base.models import User
from core import Model, constraint, fields

if TYPE_CHECKING:
    from typing import Any

UNITS = {"days": "Days", "weeks": "Weeks", "months": "Months"}
ICONS = {"task": "To-do", "phone": "Telephone", "mail": "E-mail", "calendar": "Calendar", "attach": "Document"}
CATEGORIES = {"todo": "To do", "call": "Call", "meeting": "Meeting", "upload": "Upload a document"}


class ActivityType(Model, name="mail.activity.type", label="Activity type", order="sequence, id"):
    """A kind of activity. `next_type` follows when one is done: by itself, or as a suggestion."""

    name = fields.Char(label="Name", required=True)
    icon = fields.Selection(ICONS, label="Icon", required=True, default="task")
    category = fields.Selection(CATEGORIES, label="Kind", required=True, default="todo")
    summary = fields.Char(label="Usual summary", size=250)
    delay_count = fields.Integer(label="Due after", required=True, default=0)
    delay_unit = fields.Selection(UNITS, label="Unit", required=True, default="days")
    user = fields.Many2one(User, label="Usually for")
    next_type: fields.Many2one[Any] = fields.Many2one("mail.activity.type", label="Then", on_delete="set null")
    chaining = fields.Selection({"suggest": "Suggest it", "trigger": "Plan it"}, label="When done", default="suggest")
    sequence = fields.Integer(label="Sequence", required=True, default=10)
    active = fields.Boolean(label="Active", default=True)

    @constraint("delay_count", "An activity is due today or later, within ten years.")
    def _check_delay(self) -> bool:
        return 0 <= self.delay_count <= 3650

    def due(self, start: date) -> date:
        """When an activity of this type that is planned on a day is due."""
        return start + relativedelta(**{self.delay_unit: self.delay_count})  # type: ignore[arg-type]  # days, weeks, months
