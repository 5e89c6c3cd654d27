"""The models of crm, one file for each subject; `ALL` lists them in the order in which they are composed."""

from addons.crm.models.assignment import MemberAssignment, TeamAssignment
from addons.crm.models.assignment_mode import AssignmentSchedule, AssignmentSetting
from addons.crm.models.lead import Lead
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
from addons.crm.models.lost_reason import LostReason
from addons.crm.models.partner import PartnerLeads
from addons.crm.models.recurring_plan import RecurringPlan
from addons.crm.models.scoring import ScoringFrequency
from addons.crm.models.scoring_setting import ScoredStage, ScoringSetting
from addons.crm.models.stage import Stage
from addons.crm.models.tag import Tag
from addons.crm.models.team import Team
from addons.crm.models.team_member import TeamMember
from addons.crm.models.team_property import TeamProperty
from addons.crm.models.utm import Campaign, Medium, Source

ALL = [
    Tag,
    LostReason,
    RecurringPlan,
    Campaign,
    Medium,
    Source,
    TeamAssignment,
    MemberAssignment,
    Team,
    TeamMember,
    TeamProperty,
    Stage,
    ScoringFrequency,
    ScoringSetting,
    ScoredStage,
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
    Lead,
    PartnerLeads,
    AssignmentSetting,
    AssignmentSchedule,
]

__all__ = [
    "ALL",
    "AssignmentSchedule",
    "AssignmentSetting",
    "Campaign",
    "Lead",
    "LeadContact",
    "LeadConvert",
    "LeadEnrich",
    "LeadMerge",
    "LeadNews",
    "LeadOutcome",
    "LeadOwner",
    "LeadRecurring",
    "LeadScore",
    "LeadSimilar",
    "LostReason",
    "Medium",
    "MemberAssignment",
    "PartnerLeads",
    "RecurringPlan",
    "ScoredStage",
    "ScoringFrequency",
    "ScoringSetting",
    "Source",
    "Stage",
    "Tag",
    "Team",
    "TeamAssignment",
    "TeamMember",
    "TeamProperty",
]
