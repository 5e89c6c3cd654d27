"""How far a lead has come: its stage and probability, and whether it was won or lost.

    entering a stage      its default probability, unless one was typed by hand or is learned (see lead_score)
    a won stage           probability 100, active, closed now
    lost                  archived with probability 0, closed now
    restored, or moved    back to the probability typed by hand, else the automated one; open again
    on to another stage

What a caller gives explicitly wins over all of it, closing dates included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.crm.chosen import require_active
from addons.crm.congratulation import congratulation
from addons.crm.models.lost_reason import LostReason
from addons.crm.models.stage import WON_PROBABILITY, Stage, first_stage, read_stages, stage_allowed
from core import FieldError, Invalid, Model, Refusal, _, action, constraint, fields

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

# Those that are neither won nor archived, of a stage that says how long is too long.
ROTTING = (
    "(active and probability < 100 and type == 'opportunity' and stage.rotting_threshold_days > 0"
    " and date_last_stage_update < now() - days(stage.rotting_threshold_days))"
)
MOVING = frozenset({"type", "stage", "probability", "active", "manual_probability"})


class LeadOutcome(Model):
    """The part of a lead that says how far it has come."""

    stage = fields.Many2one(Stage, label="Stage", on_delete="restrict", copy=False, tracked=True)
    probability = fields.Float(label="Probability", digits=2, default=0.0, copy=False, tracked=True, follows=True)
    manual_probability = fields.Float(
        label="Probability typed by hand", digits=2, copy=False, help="Empty: the probability is the automated one"
    )
    won_status = fields.Computed(
        fields.Char,
        "'won' if stage.is_won and probability == 100 else 'lost' if not active and probability == 0 else 'pending'",
        label="Outcome",
        options={"pending": "Open", "won": "Won", "lost": "Lost"},
    )
    lost_reason = fields.Many2one(LostReason, label="Lost reason", on_delete="restrict", copy=False, tracked=True)
    lost_feedback = fields.Text(label="Lost comment", copy=False)
    date_closed = fields.Datetime(label="Closed on", copy=False)
    day_close = fields.Computed(fields.Float, "abs(date_closed - create_date)", label="Days to close")
    won_share = fields.Computed(
        fields.Float,
        "100.0 if won_status == 'won' else 0.0 if won_status == 'lost' else none",
        label="Share won",
        help="Of what is closed; the average over several is their share",
    )
    date_last_stage_update = fields.Datetime(label="In this stage since", copy=False)
    is_rotting = fields.Computed(
        fields.Boolean,
        ROTTING,
        label="Too long in its stage",
    )
    rotting_days = fields.Computed(
        fields.Float,
        f"round(now() - date_last_stage_update - 0.5) if {ROTTING} else 0",  # whole days
        label="Days in its stage while that is too long",
    )
    active = fields.Boolean(label="Active", default=True, tracked=True)

    @constraint("probability", "A probability lies between 0 and 100.")
    def _check_probability(self) -> bool:
        return self.probability is None or 0 <= self.probability <= WON_PROBABILITY

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Keep probability, outcome and dates in line with stage and archiving."""
        super().before_write(changes)
        moved = [change for change in changes if change.operation == "create" or not MOVING.isdisjoint(change.values)]
        if not moved:
            return
        env = cls.env
        stages = env.cached(read_stages)
        for change in moved:
            if _needs_stage(change):
                change.suggest("stage", first_stage(stages.values(), change["team"]))
        single = len(changes) == 1
        errors = []
        for row, change in enumerate(moved):
            move = Move(change, stages)
            move.settle(env)
            if not move.consistent:
                text = _("A record in a won stage has the probability 100; move it to another stage first.")
                errors.append(FieldError("stage", text, row=None if single else row))
        if errors:
            raise Invalid(errors, model="crm.lead")

    @action(label="Mark as won", icon="check")
    @classmethod
    def mark_won(cls, leads: Sequence[LeadOutcome]) -> str | None:
        """Move leads to the next won stage, archived ones too; those won already stay where they are.

        Gives what is said of a single one that is remarkable.
        """
        stages = cls.env.cached(read_stages)
        won = [stage for stage in stages.values() if stage["is_won"]]
        updates = []
        for lead in leads:
            values: dict[str, object] = {"active": True}
            if lead.won_status != "won":
                here = stages[lead.stage.id]["sequence"] if lead.stage else 0
                values["stage"] = _next_won(won, lead, here)
            updates.append((lead.id, values))
        cls.env["crm.lead"].write_many(updates)
        news = [id_ for id_, values in updates if "stage" in values]
        return (congratulation(cls.env, news[0]) or None) if len(leads) == len(news) == 1 else None

    @action(label="Mark as lost", icon="stage-lost", page="/crm/lost")
    @classmethod
    def mark_lost(
        cls, leads: Sequence[LeadOutcome], lost_reason: int | None = None, feedback: str | None = None
    ) -> None:
        """Archive leads with probability 0, with a reason and a comment, which their conversations show, too.

        :raises Refusal: a lead is won, or the reason is archived.
        :raises NotFound: there is no such reason.
        """
        refuse_won([{"name": lead.name, "won_status": lead.won_status} for lead in leads])  # type: ignore[attr-defined]
        require_active(cls.env, "crm.lost.reason", [lost_reason])
        values: dict[str, object] = {"active": False, "probability": 0}
        if lost_reason is not None:
            values["lost_reason"] = lost_reason
        if feedback:
            values["lost_feedback"] = feedback
        cls.env["crm.lead"].write([lead.id for lead in leads], **values)

    @action(label="Restore", icon="undo")
    @classmethod
    def restore(cls, leads: Sequence[LeadOutcome]) -> None:
        """Bring lost and archived leads back, with the probability they had by hand, else the automated one."""
        cls.env["crm.lead"].write([lead.id for lead in leads], active=True)


def refuse_won(rows: Iterable[Mapping[str, Any]]) -> None:
    """Raise a Refusal that names the won ones among leads, by `name` and `won_status`."""
    won = [str(row["name"]) for row in rows if row["won_status"] == "won"]
    if won:
        text = _("'{name}' is won and cannot be marked as lost.", name="', '".join(won))
        raise Refusal(text, hint=_("Move it to another stage first."))


@dataclass(slots=True)
class Move:
    """One lead's way from stage to stage, in or out of the archive."""

    change: Change
    stages: Mapping[Any, Mapping[str, Any]]

    @property
    def stage(self) -> Mapping[str, Any]:
        """The stage after the change; an open one with probability 0 where there is none."""
        return self.stages.get(self.change["stage"], {"is_won": False, "probability": 0.0})

    @property
    def entered(self) -> bool:
        """Whether the stage is a new one for the lead."""
        return self.change.changed("stage")

    @property
    def consistent(self) -> bool:
        """Whether a won stage and probability 100 go together."""
        return not self.stage["is_won"] or self.change["probability"] == WON_PROBABILITY

    def settle(self, env: EnvironmentProtocol) -> None:
        """Set what follows from the move and was not given."""
        change, now = self.change, env.now()
        if self.entered:
            change.suggest("date_last_stage_update", now if change["stage"] else None)
            if self.stage["is_won"]:
                change.suggest("active", True)
        self._settle_probability()
        before = _state(change.before.get("probability"), change.before["active"]) if change.before else "open"
        after = _state(change["probability"], change["active"])
        if after != before:
            change.suggest("date_closed", now if after != "open" else None)
        if self._restored:
            change.suggest("lost_reason", None)
            change.suggest("lost_feedback", None)

    @property
    def _restored(self) -> bool:
        lost = bool(self.change.before) and not self.change.before["active"] and not self.change.before["probability"]
        return lost and bool(self.change["active"])

    @property
    def _freed(self) -> bool:
        return "manual_probability" in self.change.values

    def _settle_probability(self) -> None:
        change, stage = self.change, self.stage
        if "probability" in change.explicit:
            self._note_manual()
        elif stage["is_won"]:
            change.values["probability"] = WON_PROBABILITY
        elif not change.before or (change["active"] and (self.entered or self._restored or self._freed)):
            manual = change["manual_probability"]
            change.values["probability"] = self._automated if manual is None else manual

    @property
    def _automated(self) -> object:
        """What the lead has without anybody's word."""
        learned = self.change["learned_probability"]
        return self.stage["probability"] if learned is None else learned

    def _note_manual(self) -> None:
        """Remember a probability typed by hand; that of an outcome, or the automated one itself, is none."""
        value, stage = self.change["probability"], self.stage
        won = stage["is_won"] and value == WON_PROBABILITY
        lost = not self.change["active"] and value == 0
        if not won and not lost:
            self.change.suggest("manual_probability", None if value == self._automated else value)


def _state(probability: object, active: object) -> str:
    if not active:
        return "archived"
    return "done" if isinstance(probability, (int, float)) and probability >= WON_PROBABILITY else "open"


def _needs_stage(change: Change) -> bool:
    """Whether a lead is new, or becomes an opportunity, and nobody said in which stage."""
    begins = change.operation == "create" or (change.changed("type") and change["type"] == "opportunity")
    return begins and change["stage"] is None and "stage" not in change.explicit


def _next_won(stages: Sequence[Mapping[str, Any]], lead: Any, sequence: int) -> int:  # noqa: ANN401  # has a team, too
    """The first won stage behind `sequence`, else the last one up to it, among those of the lead's team."""
    allowed = [stage for stage in stages if stage_allowed(stage, lead.team.id if lead.team else None)]
    if not allowed:
        raise Refusal(_("No stage of the team is a won stage."), hint=_("Mark a stage as won in the configuration."))
    behind = [stage for stage in allowed if stage["sequence"] > sequence]
    found: int = (behind[0] if behind else allowed[-1])["id"]
    return found
