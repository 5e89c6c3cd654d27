"""How long a recurring revenue is counted for: by the month, the year, several years."""

from __future__ import annotations

from core import Model, constraint, fields


class RecurringPlan(Model, name="crm.recurring.plan", label="Recurring plan", order="sequence, name, id"):
    """A number of months that a recurring revenue is told for: 12 for what a deal brings in a year."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    number_of_months = fields.Integer(
        label="Months", required=True, default=1, help="A recurring revenue is for as many months"
    )
    sequence = fields.Integer(label="Sequence", required=True, default=10)
    active = fields.Boolean(label="Active", default=True)

    @constraint("number_of_months", "A number of months is not negative.")
    def _check_months(self) -> bool:
        return self.number_of_months >= 0
