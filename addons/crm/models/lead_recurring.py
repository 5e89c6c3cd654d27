"""What a lead brings again and again: an amount for the months of a plan, and what that is a month."""

from __future__ import annotations

from addons.crm.models.recurring_plan import RecurringPlan
from core import Model, constraint, fields

GROUP = "crm.recurring"
# A plan of no months counts as one of one month, and so does none.
_MONTHLY = "recurring_revenue / (recurring_plan.number_of_months if recurring_plan.number_of_months > 0 else 1)"


class LeadRecurring(Model):
    """The part of a lead that those see who work with recurring revenues."""

    recurring_revenue = fields.Monetary(label="Recurring revenue", groups=GROUP, tracked=True)
    recurring_plan = fields.Many2one(
        RecurringPlan, label="Recurring plan", groups=GROUP, on_delete="restrict", index=True
    )
    recurring_revenue_monthly = fields.Computed(
        fields.Monetary, f"round({_MONTHLY}, 2)", label="Monthly revenue", groups=GROUP
    )
    recurring_revenue_monthly_prorated = fields.Computed(
        fields.Monetary,
        f"round({_MONTHLY} * probability / 100, 2)",
        label="Weighted monthly revenue",
        groups=GROUP,
    )
    recurring_revenue_prorated = fields.Computed(
        fields.Monetary,
        "round(recurring_revenue * probability / 100, 2)",
        label="Weighted recurring revenue",
        groups=GROUP,
    )

    @constraint("recurring_revenue", "A recurring revenue is not negative.")
    def _check_recurring_revenue(self) -> bool:
        return self.recurring_revenue is None or self.recurring_revenue >= 0
