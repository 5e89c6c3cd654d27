"""Stages of the pipeline, from the first contact to the deal that is won."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from addons.crm.models.team import Team
from core import Model, constraint, fields

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

WON_PROBABILITY = 100.0
KEPT = ("manual_probability", "learned_probability")  # what comes before the probability of the stage
READ = ("id", "name", "sequence", "is_won", "probability", "fold", "teams")


class Stage(Model, name="crm.stage", label="Stage", order="sequence, name, id", cached=True):
    """A step of the pipeline; without teams it is a step of every team's."""

    name = fields.Char(label="Name", required=True, translate=True, search=True)
    sequence = fields.Integer(label="Sequence", required=True, default=1)
    is_won = fields.Boolean(label="Is won", help="Leads in this stage are won: their probability is 100")
    probability = fields.Float(
        label="Probability", required=True, default=10.0, digits=2, help="What leads get when they enter the stage"
    )
    rotting_threshold_days = fields.Integer(
        label="Days to stay at most", required=True, default=0, help="0: as long as they like"
    )
    requirements = fields.Text(label="Requirements", translate=True, help="What must be done before the next stage")
    teams = fields.Many2many(Team, label="Teams", help="Empty: a stage of all teams")
    fold = fields.Boolean(label="Folded", help="Shown folded on the board, and never the first stage of a new lead")
    color = fields.Integer(label="Colour")

    @constraint("probability", "A probability lies between 0 and 100.")
    def _check_probability(self) -> bool:
        return 0 <= self.probability <= WON_PROBABILITY

    @constraint("rotting_threshold_days", "A number of days is not negative.")
    def _check_rotting(self) -> bool:
        return self.rotting_threshold_days >= 0

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """A new won stage stands for certainty."""
        for change in changes:
            if change.operation == "create" and change["is_won"]:
                change.suggest("probability", WON_PROBABILITY)
        super().before_write(changes)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Bring leads in line with a stage that became a won one, or no longer is one."""
        super().after_write(changes)
        leads = cls.env.sudo()["crm.lead"]
        for change in changes:
            if change.operation == "create" or "is_won" not in change.values:
                continue
            if change["is_won"]:
                open_leads = leads.read("stage == here and probability != 100", ["id"], here=change.id)
                leads.write([lead["id"] for lead in open_leads], probability=WON_PROBABILITY)
                continue
            won = leads.read("stage == here and probability == 100", ["id", *KEPT], here=change.id)
            usual = change["probability"]
            leads.write_many([(lead["id"], {"probability": _kept(lead, usual)}) for lead in won])


def read_stages(env: EnvironmentProtocol) -> dict[int, dict[str, Any]]:
    """All stages by id, in order: what `env.cached` keeps of them."""
    return {stage["id"]: stage for stage in env["crm.stage"].read("", READ)}


def _kept(lead: dict[str, Any], usual: object) -> object:
    return next((value for name in KEPT if (value := lead[name]) is not None), usual)


def stage_allowed(stage: Mapping[str, Any], team: object) -> bool:
    """Whether leads of a team may be in a stage."""
    return not stage["teams"] or team in stage["teams"]


def first_stage(stages: Iterable[Mapping[str, Any]], team: object) -> int | None:
    """Where new leads of a team begin: its first stage that is not folded."""
    return next((stage["id"] for stage in stages if not stage["fold"] and stage_allowed(stage, team)), None)
