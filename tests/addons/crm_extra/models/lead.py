"""What crm_extra adds to leads."""

from __future__ import annotations

from addons.crm.models import Lead
from addons.crm_extra.models.competitor import Competitor
from core import action, constraint, fields


class LeadExtras(Lead, extends=True):
    """A budget, a competitor, and whether a lead is confidential."""

    budget = fields.Monetary(label="Budget", tracked=True)
    confidential = fields.Boolean(label="Confidential")
    competitor = fields.Many2one(Competitor, label="Competitor", index=True)
    rivals = fields.Many2many(Competitor, label="Rivals")

    @constraint("budget", "a budget is not negative")
    def _check_budget(self) -> bool:
        return self.budget is None or self.budget >= 0

    @action(label="Won")
    def mark_won(self) -> None:
        """Win the lead; what it brings is its budget where nothing else was said."""
        if self.budget and not self.expected_revenue:
            self.expected_revenue = self.budget
            self.save()
        super().mark_won()
