"""The settings of sales: the page `/crm/settings` is made from this list."""

from __future__ import annotations

from dataclasses import dataclass

from addons.crm.assignment.carrying_out import MANUAL, MODE_SETTING, OFF, SCHEDULED
from addons.crm.assignment.plan import DELAY_SETTING
from addons.crm.merging import MODEL, MOST_ADVANCED, OLDEST, SURVIVOR_SETTING
from addons.crm.models.assignment_mode import MOST_HOURS
from addons.crm.models.learning import SCORING, SCORING_FIELDS, SCORING_START, USUAL_FIELDS
from addons.crm.models.team_member import MULTI_TEAM
from addons.crm.setting_kinds import Choice, Domains, Feature, Fields, Number, Setting, Since, Switch
from addons.crm.similar import PUBLIC_SETTING

LEADS = Feature(
    "crm.leads_menu",
    "Leads",
    explanation="Qualify people and companies as leads first. Without it everything is an opportunity from the start.",
)
RECURRING = Feature(
    "crm.recurring",
    "Recurring revenue",
    explanation="What a deal brings again and again, beside what it brings once.",
)
OFFERED_FIELDS = (
    *("phone_state", "email_state", "state", "country", "source", "medium", "campaign", "lang", "tags"),
    *("type", "priority", "user"),
)


@dataclass(frozen=True)
class Section:
    """Settings under a heading."""

    label: str
    settings: tuple[Setting, ...]


SECTIONS = (
    Section("Pipeline", (LEADS, RECURRING)),
    Section(
        "Sales teams",
        (
            Switch(
                MULTI_TEAM,
                "Several teams for each user",
                explanation="Without it, joining a team ends one's membership in another.",
            ),
        ),
    ),
    Section(
        "Assignment by rules",
        (
            Choice(
                MODE_SETTING,
                "Leads are assigned",
                explanation="Teams and their members say which leads they take, and how many. While it is off, what"
                " arrives for a team goes to its leader. The time of the job is under Settings, Scheduled jobs.",
                default=OFF,
                options={OFF: "Not by rules", MANUAL: "When somebody asks for it", SCHEDULED: "By a scheduled job"},
            ),
            Number(
                DELAY_SETTING,
                "Hours to wait",
                explanation="Younger leads are not given to a team yet.",
                default="0",
                most=MOST_HOURS,
            ),
        ),
    ),
    Section(
        "Lead scoring",
        (
            Switch(
                SCORING,
                "Learn probabilities from leads that were won and lost",
                explanation="Without it, entering a stage brings its probability. One typed by hand stays either way.",
            ),
            Fields(
                SCORING_FIELDS,
                "What is looked at",
                explanation="Beside stage and team.",
                default=USUAL_FIELDS,
                model=MODEL,
                offered=OFFERED_FIELDS,
            ),
            Since(
                SCORING_START,
                "Leads created since",
                explanation="A day such as 2026-01-31, or a number of days before the present one. Empty: all of them.",
            ),
        ),
    ),
    Section(
        "Merging",
        (
            Choice(
                SURVIVOR_SETTING,
                "Which one stays",
                explanation="Whoever merges may choose another.",
                default=OLDEST,
                options={OLDEST: "The one created first", MOST_ADVANCED: "The one furthest in the pipeline"},
            ),
        ),
    ),
    Section(
        "Similar leads",
        (
            Domains(
                PUBLIC_SETTING,
                "Further public mail domains",
                explanation="Who shares one of them has nothing in common, such as club.example, other.example. "
                "The well-known providers are left out anyway.",
                size=2000,
            ),
        ),
    ),
)
