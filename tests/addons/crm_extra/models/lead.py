"""What crm_extra adds to leads."""

from __future__ import annotations

from collections.abc import Sequence

from addons.crm.models import Lead
from addons.crm_extra.models.competitor import Competitor
from core import action, constraint, fields


class LeadExtras(Lead, extends=True):
    """A budget, a competitor, and whether a lead is confidential."""

    budget = fields.Monetary(label="Budget", tracked=True)
    confidential = fields.Boolean(label="Confidential")
    competitor = fields.Many2one(Competitor, label="Competitor", index=True)
    rivals = fields.Many2many(Competitor, label="Rivals")

    @constraint("budget", "A budget is not negative.")
    def _check_budget(self) -> bool:
        return self.budget is None or self.budget >= 0

    @action(label="Won")
    @classmethod
    def mark_won(cls, leads: Sequence[Lead]) -> None:
        """Win leads; what one brings is its budget where nothing else was said."""
        budgets = [lead for lead in leads if lead.budget and not lead.expected_revenue]
        cls.env["crm.lead"].write_many([(lead.id, {"expected_revenue": lead.budget}) for lead in budgets])
        super().mark_won(leads)
