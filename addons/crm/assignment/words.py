"""What teams and members take by rules, as sentences; and what stands of it beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import render_template

from addons.crm.assignment.takers import Member, Side, read_sides
from addons.crm.merging import MODEL
from core import _
from core.pages import expression_in_words, kit_of

if TYPE_CHECKING:
    from core import EnvironmentProtocol

SALES = "crm.own"


@dataclass(slots=True)
class RuleWords:
    """Conditions in the reader's language; each is worked out once."""

    env: EnvironmentProtocol
    _conditions: dict[str, str] = field(default_factory=dict)

    def condition(self, domain: str) -> str:
        """A condition as a sentence; empty where there is none."""
        if domain not in self._conditions:
            self._conditions[domain] = expression_in_words(self.env, MODEL, domain) if domain else ""
        return self._conditions[domain]

    def refusal(self, side: Side) -> str:
        """Why a team takes no leads; empty where it does."""
        if side.mistake:
            return _("Its condition cannot be read: {reason}", reason=side.mistake)
        if side.optout:
            return _("It takes no leads by rules.")
        return "" if side.takes_part else _("It has no members who take leads.")

    def wants(self, member: Member) -> str:
        """What a member takes; why nothing where it takes nothing."""
        if member.mistake:
            return _("The condition cannot be read: {reason}", reason=member.mistake)
        if member.optout:
            return _("Takes no leads by rules")
        if not member.sells:
            return _("Takes none: belongs to no group of sales")
        parts = [self.condition(member.domain)] if member.domain else []
        if member.preferred:
            parts.append(_("preferred: {condition}", condition=self.condition(member.preferred)))
        return "; ".join(parts) or _("Every lead of the team")


def beside(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """What a team, or one of its members, takes by rules and has received; for people of sales."""
    if model not in ("crm.team", "crm.team.member") or not env.has_group(SALES):
        return []
    row = env[model].read_ids([record], ["id", "active", *(["team"] if model == "crm.team.member" else [])])[record]
    sides = read_sides(env, [row.get("team", record)]) if row["active"] else {}
    words = RuleWords(env)
    markup = [
        render_template(
            "crm/team_aside.html",
            side=side,
            whole=model == "crm.team",
            condition=words.condition(side.domain),
            refusal=words.refusal(side),
            members=[(each, words.wants(each)) for each in side.members if model == "crm.team" or each.id == record],
            f=kit_of(env),
        )
        for side in sides.values()
    ]
    return markup
