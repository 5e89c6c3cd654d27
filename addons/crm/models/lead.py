"""Leads and opportunities: one model, told apart by `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.crm.models.lead_contact import LeadContact
from addons.crm.models.lead_convert import LeadConvert
from addons.crm.models.lead_enrich import LeadEnrich
from addons.crm.models.lead_merge import LeadMerge
from addons.crm.models.lead_news import LeadNews
from addons.crm.models.lead_outcome import LeadOutcome
from addons.crm.models.lead_owner import LeadOwner
from addons.crm.models.lead_recurring import LeadRecurring
from addons.crm.models.lead_score import LeadScore
from addons.crm.models.lead_similar import LeadSimilar
from addons.crm.models.tag import Tag
from addons.crm.models.utm import Campaign, Medium, Source
from core import Model, _, constraint, fields

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

PRIORITIES = {"0": "Low", "1": "Medium", "2": "High", "3": "Very high"}


def _usual_type(env: EnvironmentProtocol) -> str:
    """Those who see the Leads menu begin with a lead, all others with an opportunity."""
    return "lead" if env.has_group("crm.leads_menu") else "opportunity"


class Lead(
    LeadContact,
    LeadOutcome,
    LeadScore,
    LeadOwner,
    LeadRecurring,
    LeadMerge,
    LeadNews,
    LeadSimilar,
    LeadConvert,
    LeadEnrich,
    Model,
    name="crm.lead",
    label="Lead or opportunity",
    plural="Leads and opportunities",
    order="-priority, -id",
    indexes=[
        ("-priority", "-id"),
        ("type", "-priority", "-id"),
        ("stage", "-priority", "-id"),
        ("user", "-priority", "-id"),
        ("team", "-priority", "-id"),
        ("date_deadline", "id"),
        ("-expected_revenue", "-id"),
        ("name", "id"),
        ("email_domain", "-id"),
    ],
):
    """A person or company that may buy (type `lead`), or a deal being negotiated (type `opportunity`)."""

    name = fields.Char(label="Opportunity", required=True, search=True)
    type = fields.Selection(
        {"lead": "Lead", "opportunity": "Opportunity"}, label="Type", required=True, default=_usual_type, tracked=True
    )
    description = fields.Html(label="Internal notes")
    referred = fields.Char(label="Referred by")
    ref = fields.Char(label="Reference", index=True, copy=False, help="The number it has in another system")
    priority = fields.Selection(PRIORITIES, label="Priority", required=True, default="0")
    tags = fields.Many2many(Tag, label="Tags")
    color = fields.Integer(label="Colour")
    properties = fields.Properties("crm.team.property", by="team", label="Properties", tracked=True)
    expected_revenue = fields.Monetary(label="Expected revenue", tracked=True)
    weighted_revenue = fields.Computed(
        fields.Monetary, "round(expected_revenue * probability / 100, 2)", label="Weighted revenue"
    )
    date_deadline = fields.Date(label="Expected closing", tracked=True)
    date_conversion = fields.Datetime(label="Converted on", copy=False)
    day_convert = fields.Computed(fields.Float, "abs(date_conversion - create_date)", label="Days to convert")
    converted_share = fields.Computed(
        fields.Float,
        "100.0 if date_conversion != none else 0.0 if type == 'lead' else none",
        label="Share converted",
        help="Of what began as a lead; the average over several is their share",
    )
    campaign = fields.Many2one(Campaign, label="Campaign")
    medium = fields.Many2one(Medium, label="Medium")
    source = fields.Many2one(Source, label="Source")

    @constraint("expected_revenue", "An expected revenue is not negative.")
    def _check_expected_revenue(self) -> bool:
        return self.expected_revenue is None or self.expected_revenue >= 0

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Name nameless leads after their customer."""
        super().before_write(changes)
        nameless = [change for change in changes if change.operation == "create" and not change["name"]]
        if not nameless:
            return
        customers = cls.env.sudo()["res.partner"].read_ids(
            sorted({partner for change in nameless if isinstance(partner := change["partner"], int)}), ["name"]
        )
        for change in nameless:
            partner = customers.get(change["partner"], {})  # type: ignore[call-overload]  # an id or None
            customer = partner.get("name") or change["partner_name"] or change["contact_name"]
            if customer:
                change.values["name"] = _("{customer}'s opportunity", customer=customer)
