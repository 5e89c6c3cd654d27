"""A visit to a customer."""

from __future__ import annotations

from addons.base.models import Partner, User
from core import Model, action, constraint, fields


class Visit(Model, name="visits.visit", label="Visit", order="-day, id", label_field="purpose"):
    """Somebody of ours goes, or went, to see a customer."""

    purpose = fields.Char(label="Purpose", required=True, search=True)
    partner = fields.Many2one(Partner, label="Customer", required=True, on_delete="cascade", index=True)
    user = fields.Many2one(User, label="Visitor", default=lambda env: env.user)
    day = fields.Date(label="Day", required=True, index=True)
    hours = fields.Float(label="Hours", digits=2)
    done = fields.Boolean(label="Done", tracked=True)
    city = fields.Computed(fields.Char, "partner.city", label="City")

    @constraint("hours", "A visit takes no less than no time.")
    def _check_hours(self) -> bool:
        return self.hours is None or self.hours >= 0

    @action(label="Done", icon="check")
    def mark_done(self) -> None:
        """Note that the visit took place."""
        self.done = True
        self.save()
