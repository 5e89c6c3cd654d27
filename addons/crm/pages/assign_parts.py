"""A plan of assignment as its page shows it: by team, each lead with the reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from addons.crm.assignment.plan import (
    BEFORE,
    MODEL,
    NO_MEMBER,
    NO_TEAM,
    NOT_WANTED,
    TOO_YOUNG,
    USED_UP,
    HandOver,
    Placement,
    Plan,
)
from addons.crm.assignment.takers import Member, Side
from addons.crm.assignment.words import RuleWords
from core import _
from core.pages import kit_of

if TYPE_CHECKING:
    from core import EnvironmentProtocol

LISTED = 200  # leads that are named; all are counted
NAMED = 5  # leads that are named for each reason to stay


@dataclass(frozen=True, slots=True)
class Line:
    """A lead, whom it goes to, and why."""

    id: int
    name: str
    user: int | None
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """A team: what it takes, or why it takes nothing; its members with how many they would get; its leads."""

    side: Side
    condition: str
    refusal: str
    members: tuple[tuple[Member, str, int], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """Leads that stay with nobody for one reason, some of them by name."""

    reason: str
    count: int
    named: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole page. `unchanged` leads get neither team nor salesperson, `hidden` ones are not named."""

    assigned: int
    waiting: int
    merged: int
    unchanged: int
    parts: tuple[Part, ...]
    joined: tuple[Line, ...]
    stays: tuple[Stay, ...]
    hidden: int
    drawn: bool


def preview_of(env: EnvironmentProtocol, plan: Plan) -> Preview:
    """What a plan would do, the first leads by name."""
    words = _Words(env, plan, {each.lead: each for each in plan.placements}, RuleWords(env))
    words.read()
    return Preview(
        len(plan.handovers),
        len(plan.waiting),
        plan.merged,
        len(plan.stays.keys() - {each.lead for each in plan.waiting}),
        tuple(words.part(side) for side in plan.sides.values()),
        tuple(words.joined(each) for each in plan.joined[:LISTED]),
        tuple(words.stays()),
        max(0, len(plan.handovers) - LISTED) + max(0, len(plan.joined) - LISTED),
        drawn=any(len(each.teams) > 1 for each in plan.placements),
    )


@dataclass(slots=True)
class _Words:
    """What there is to say of the leads of a plan; names are read at once."""

    env: EnvironmentProtocol
    plan: Plan
    placed: Mapping[int, Placement]
    rules: RuleWords
    names: Mapping[int, str] = field(default_factory=dict)
    users: Mapping[int, str] = field(default_factory=dict)

    def read(self) -> None:
        """Read the names of the leads that are listed, and of those who work on duplicates."""
        joined = self.plan.joined[:LISTED]
        leads = [each.lead for each in (*self.plan.handovers[:LISTED], *joined)]
        merged = [id_ for lead in leads if lead in self.placed for id_ in self.placed[lead].merged]
        staying = [id_ for found in self._by_reason().values() for id_ in found[:NAMED]]
        rows = self.env[MODEL].read_ids([*leads, *merged, *staying], ["id", "name"])
        self.names = {id_: str(row["name"]) for id_, row in rows.items()}
        users = self.env["res.users"].read_ids(sorted({each.user for each in joined if each.user}), ["id", "name"])
        self.users = {id_: str(row["name"]) for id_, row in users.items()}

    def part(self, side: Side) -> Part:
        """One team."""
        given = [each for each in self.plan.handovers if each.team == side.id]
        shown = [each for each in self.plan.handovers[:LISTED] if each.team == side.id]
        members = {member.id: member for member in side.members}
        return Part(
            side,
            self.rules.condition(side.domain),
            self.rules.refusal(side),
            tuple(
                (member, self.rules.wants(member), sum(each.member == member.id for each in given))
                for member in side.members
            ),
            tuple(self._handed(side, members[each.member], each) for each in shown),
        )

    def joined(self, each: Placement) -> Line:
        """What becomes part of something that somebody works on."""
        user = each.user or 0
        why = _("Has the same e-mail address: {names}.", names=self._listed(each.merged))
        return Line(each.lead, self.names.get(each.lead, ""), user, self.users.get(user, f"#{user}"), why)

    def stays(self) -> Iterator[Stay]:
        """The reasons for which leads stay with nobody, that of most of them first."""
        for reason, leads in sorted(self._by_reason().items(), key=lambda item: -len(item[1])):
            named = tuple((id_, self.names.get(id_, "")) for id_ in leads[:NAMED])
            yield Stay(_reason_in_words(reason), len(leads), named)

    def _by_reason(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for lead, reason in self.plan.stays.items():
            found.setdefault(reason, []).append(lead)
        return found

    def _handed(self, side: Side, member: Member, each: HandOver) -> Line:
        parts = [*self._why_team(side, self.placed.get(each.lead)), *self._why_member(member, each)]
        return Line(each.lead, self.names.get(each.lead, ""), member.user, member.name, " ".join(parts))

    def _why_team(self, side: Side, placed: Placement | None) -> Iterator[str]:
        if placed is None:
            yield _("In the team already.")
            return
        if placed.merged:
            yield _("Merged with {names}.", names=self._listed(placed.merged))
        if side.id not in placed.teams:
            yield _("The team has a duplicate of it.")
        elif len(placed.teams) > 1:
            names = ", ".join(self.plan.sides[id_].name for id_ in placed.teams)
            yield _("Drawn among {names}.", names=names)
        elif side.domain:
            yield _("Meets the team's condition.")
        else:
            yield _("The team takes every lead.")

    def _why_member(self, member: Member, each: HandOver) -> Iterator[str]:
        if each.preferred:
            yield _("Preferred: {condition}.", condition=self.rules.condition(member.preferred))
        elif member.domain:
            yield _("Taken: {condition}.", condition=self.rules.condition(member.domain))
        left, share = self._number(each.left), self._number(member.share)
        yield _("Next in turn, {left} of {share} left.", left=left, share=share)

    def _listed(self, leads: Iterable[int]) -> str:
        return ", ".join(f"'{self.names.get(id_) or f'#{id_}'}'" for id_ in leads)

    def _number(self, value: int) -> str:
        kit: Any = kit_of(self.env)
        return str(kit.number(value))


def _reason_in_words(reason: str) -> str:
    return {
        TOO_YOUNG: _("They are too young to be given to a team."),
        NO_TEAM: _("They meet the condition of no team that takes leads."),
        NO_MEMBER: _("Nobody in their team takes leads."),
        NOT_WANTED: _("They meet the condition of nobody in their team."),
        USED_UP: _("Whoever takes them has had the share of the day."),
        BEFORE: _("Somebody had them before: they are for people to hand out."),
    }[reason]
