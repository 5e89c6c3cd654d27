"""What teams and their members say about the leads that they take by rules; `crm.assignment` has the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from addons.crm.assignment.carrying_out import assign
from addons.crm.assignment.takers import domain_mistake
from core import FieldError, Invalid, Model, _, action, constraint, fields

if TYPE_CHECKING:
    from core import Change

DOMAIN_SIZE = 1_000
MOST_LEADS = 100_000


class TeamAssignment(Model):
    """The part of a team that says which leads it takes."""

    assignment_domain = fields.Char(
        label="Condition",
        size=DOMAIN_SIZE,
        help="Leads that meet a condition, such as country.code == 'DE' or contains(name, 'pump'); empty: every lead",
    )
    assignment_optout = fields.Boolean(label="Opted out", help="Gets no leads by rules")
    assignment_max = fields.Computed(
        fields.Float,
        "sum(members, assignment_max if active and not assignment_optout else 0)",
        label="Leads in 30 days",
    )

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Refuse a condition that cannot be read."""
        super().before_write(changes)
        _check_domains(cls, changes, ("assignment_domain",))

    @action(label="Assign leads", icon="people", groups="crm.manager", page="/crm/assign")
    @classmethod
    def assign_leads(
        cls, teams: Sequence[Any], seed: int | None = None, digest: str | None = None, force: bool = False
    ) -> dict[str, int]:
        """Give leads that nobody has to these teams, and to their members; how many were `assigned` to members, are
        `waiting` in their team, and were `merged` into others.

        :param seed: what the draw between teams begins with; another number each time where none is given.
        :param digest: that of the plan which somebody saw; without it, whatever is planned now is done.
        :param force: what members received in the last 24 hours does not count.
        :raises Invalid: the seed is no number.
        :raises Refusal: assignment by rules is off, or the plan is not the one with the digest any more (409).
        """
        if not isinstance(seed, int | None):
            raise Invalid([FieldError("seed", _("Expected a whole number."))], model="crm.team")
        return assign(cls.env, [team.id for team in teams], seed=seed, digest=digest, force=force is True)


class MemberAssignment(Model):
    """The part of a membership that says which leads somebody takes, and how many."""

    assignment_domain = fields.Char(
        label="Condition", size=DOMAIN_SIZE, help="Leads of the team that meet a condition; empty: every lead"
    )
    assignment_domain_preferred = fields.Char(
        label="Preference", size=DOMAIN_SIZE, help="Of these, leads that meet a condition are handed out before others"
    )
    assignment_max = fields.Integer(
        label="Leads in 30 days", required=True, default=30, help="The share of a day is a thirtieth, rounded half up"
    )
    assignment_optout = fields.Boolean(label="Opted out", help="Gets no leads by rules")

    @constraint("assignment_max", "Leads in 30 days: a number from 0 to 100,000.")
    def _check_assignment_max(self) -> bool:
        return 0 <= self.assignment_max <= MOST_LEADS

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Refuse conditions that cannot be read."""
        super().before_write(changes)
        _check_domains(cls, changes, ("assignment_domain", "assignment_domain_preferred"))


def _check_domains(model: type[Model], changes: Sequence[Change], names: Iterable[str]) -> None:
    for row, change in enumerate(changes):
        for name in names:
            wrong = domain_mistake(model.env, str(change[name])) if change.changed(name) and change[name] else None
            if wrong:
                place = row if len(changes) > 1 else None
                raise Invalid([replace(wrong, field=name, row=place)], model=model._name)
