"""Which team and which member gets which lead, and why; nothing is written here.

Leads without team and salesperson go to teams first: a team is drawn, those with a larger capacity more often, and
takes its next lead together with the duplicates of it, until no team finds any more. The draw begins with a number, the
seed: the same seed in the same situation gives the same plan. Then each team's leads go to its members, the likeliest
first: before all others those that a member prefers, then the rest, to one member after the other, until their shares
of the day are used up.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from addons.base.models.setting import setting
from addons.crm.assignment.takers import DAY, Member, Side, meeting, read_sides
from addons.crm.duplicates import OPEN, duplicates
from addons.crm.merging import MODEL, OLDEST, SURVIVOR_SETTING, ranked

if TYPE_CHECKING:
    from core import EnvironmentProtocol

DELAY_SETTING = "crm.assignment_delay"
SEEDS = 1_000_000
READ = (
    *("id", "version", "type", "active", "won_status", "probability", "create_date", "stage.sequence"),
    *("company", "team", "user", "date_open", "email_normalized"),
)
# Why a lead stays with nobody.
TOO_YOUNG, NO_TEAM, NO_MEMBER, NOT_WANTED, USED_UP, BEFORE = (
    *("too_young", "no_team", "no_member"),
    *("not_wanted", "used_up", "before"),
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which leads are looked at, and how.

    :param part: `teams` plans what goes to teams, `members` what is handed over there; for work in steps.
    :param since: how long ago leads may have been created that go to teams; None without a limit.
    :param day: how far back what a member received counts against its share of a day.
    :param force: what members received does not count.
    :param after: leads with a larger id go to teams, `limit` of them.
    """

    part: Literal["all", "teams", "members"] = "all"
    since: timedelta | None = None
    day: timedelta = DAY
    force: bool = False
    after: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A lead that had no team, and what becomes of it: `merged` are its duplicates, which become part of `lead`.

    `team` is the one that was drawn among `teams`, or that a duplicate had; `user` has one of the duplicates, and goes
    on with it, so that nobody else is given the lead.
    """

    lead: int
    merged: tuple[int, ...]
    team: int | None
    teams: tuple[int, ...]
    user: int | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """A lead that a member is given, who could take `left` at that moment."""

    lead: int
    team: int
    member: int
    preferred: bool
    left: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What assigning would do; `stays` says of leads that nobody gets why, `last` which one was looked at last.

    `versions` are those of the leads that were planned with, by id.
    """

    seed: int
    sides: Mapping[int, Side]
    placements: tuple[Placement, ...]
    handovers: tuple[HandOver, ...]
    stays: Mapping[int, str]
    versions: Mapping[int, int]
    last: int | None

    @property
    def digest(self) -> str:
        """What tells this plan from one with another effect."""
        effect = [(each.lead, each.merged, each.team) for each in self.placements]
        text = repr((effect, [(each.lead, each.member) for each in self.handovers]))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def waiting(self) -> list[Placement]:
        """Leads that get a team, and nobody there yet."""
        handed = {each.lead for each in self.handovers}
        return [each for each in self.placements if each.user is None and each.lead not in handed]

    @property
    def joined(self) -> list[Placement]:
        """Leads that become part of what somebody works on."""
        return [each for each in self.placements if each.user is not None]

    @property
    def merged(self) -> int:
        """How many leads become part of another one."""
        return sum(len(each.merged) for each in self.placements)


def plan_assignment(
    env: EnvironmentProtocol, teams: Collection[int], *, seed: int | None = None, scope: Scope | None = None
) -> Plan:
    """What assigning would do for these teams.

    :param seed: what the draw between the teams begins with; another number each time where none is given.
    :raises AccessDenied: the user may not read leads or teams.
    """
    scope = scope or Scope()
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    sides = read_sides(env, teams, day=scope.day, force=scope.force)
    placements: tuple[Placement, ...] = ()
    stays: dict[int, str] = {}
    rows: dict[int, Row] = {}
    last = None
    if scope.part != "members":
        placing = _Placing(sides, *_candidates(env, sides, scope), rule=setting(env, SURVIVOR_SETTING) or OLDEST)
        placements = tuple(placing.draw(Random(seed)))
        stays.update(dict.fromkeys(placing.unwanted, NO_TEAM))
        rows.update({row["id"]: row for group in placing.groups.values() for row in group})
        last = max(placing.groups, default=None)
    handovers: list[HandOver] = []
    if scope.part != "teams":
        stays.update(dict.fromkeys(_young(env), TOO_YOUNG))
        for handing in _handings(env, sides, placements, rows):
            handovers.extend(handing.hand_out())
            stays.update(handing.stays)
    versions = {id_: row["version"] for id_, row in rows.items()}
    return Plan(seed, sides, placements, tuple(handovers), stays, versions, last)


# From nobody to teams


def _candidates(
    env: EnvironmentProtocol, sides: Mapping[int, Side], scope: Scope
) -> tuple[dict[int, list[Row]], dict[int, frozenset[int]]]:
    """The leads that may go to teams by id, the oldest first, each with its duplicates: those with the same e-mail
    address, since a customer may well have several requests. By team those that meet its condition."""
    where = f"{OPEN} and user == none and team == none and create_date <= grown and id > last"
    names: dict[str, object] = {"grown": env.now() - _delay(env), "last": scope.after}
    if scope.since is not None:
        where += " and create_date >= since"
        names["since"] = env.now() - scope.since
    candidates = env[MODEL].read(where, READ, order="id", limit=scope.limit, **names)
    found = {row["id"]: row for row in candidates}
    same = duplicates(env, [{**row, "partner": None} for row in candidates], lost=False)
    others = sorted({each.id for duplicated in same.values() for each in duplicated} - found.keys())
    rows = {**found, **env[MODEL].read_ids(others, READ)}
    groups = {id_: [rows[id_], *(rows[each.id] for each in same.get(id_, ()))] for id_ in found}
    met = {
        id_: frozenset(lead for lead in meeting(env, side.domain, found) if side.may_have(rows[lead]["company"]))
        for id_, side in sides.items()
        if side.takes_part
    }
    return groups, met


def _young(env: EnvironmentProtocol) -> list[int]:
    """The leads that would be looked at if they were older."""
    delay = _delay(env)
    if not delay:
        return []
    where = f"{OPEN} and user == none and team == none and create_date > grown"
    return [row["id"] for row in env[MODEL].read(where, ["id"], grown=env.now() - delay)]


def _delay(env: EnvironmentProtocol) -> timedelta:
    return timedelta(hours=float(setting(env, DELAY_SETTING) or 0))


@dataclass(slots=True)
class _Placing:
    """The draw between teams: `met` are the leads that each of them takes."""

    sides: Mapping[int, Side]
    groups: Mapping[int, Sequence[Row]]
    met: Mapping[int, frozenset[int]]
    rule: str
    unwanted: list[int] = field(default_factory=list)
    _done: set[int] = field(default_factory=set)

    def draw(self, random: Random) -> Iterator[Placement]:
        """One lead after the other with its duplicates, until no team has any more."""
        waiting = {id_: deque(lead for lead in self.groups if lead in leads) for id_, leads in self.met.items()}
        while waiting:
            (team,) = random.choices(list(waiting), [self.sides[id_].capacity for id_ in waiting])
            lead = next((lead for lead in _emptied(waiting[team]) if lead not in self._done), None)
            if lead is None:
                del waiting[team]
            else:
                yield self._placed(lead, team)
        self.unwanted = [lead for lead in self.groups if lead not in self._done]

    def _placed(self, lead: int, drawn: int) -> Placement:
        """What becomes of a lead: of its duplicates that somebody works on, at most one takes part."""
        rows = {row["id"]: row for row in self.groups[lead]}
        order = ranked(list(rows.values()), self.rule)
        owned = [id_ for id_ in order if rows[id_]["user"] is not None]
        group = [id_ for id_ in order if id_ not in owned[1:]]
        self._done.update(group)
        team = next((rows[id_]["team"] for id_ in group if rows[id_]["team"] is not None), None)
        user = rows[owned[0]]["user"] if owned else None
        if team is None and user is None:
            team = drawn
        teams = tuple(id_ for id_, leads in self.met.items() if lead in leads)
        return Placement(group[0], tuple(group[1:]), team, teams, user)


def _emptied(queue: deque[int]) -> Iterator[int]:
    while queue:
        yield queue.popleft()


# From teams to their members


def _handings(
    env: EnvironmentProtocol, sides: Mapping[int, Side], placements: Sequence[Placement], rows: dict[int, Row]
) -> Iterator[_Handing]:
    """For each team what there is to hand out: what it had, which is added to the rows, and what it would get."""
    taken = {id_ for each in placements for id_ in (each.lead, *each.merged)}
    pools: dict[int, dict[int, tuple[int, ...]]] = {id_: {} for id_, side in sides.items() if side.takes_part}
    there = env[MODEL].read(f"{OPEN} and user == none and team in teams", READ, teams=list(pools))
    rows.update({row["id"]: row for row in there})
    for row in there:
        if row["id"] not in taken:
            pools[row["team"]][row["id"]] = (row["id"],)
    for each in placements:
        if each.user is None and each.team in pools:
            pools[each.team][each.lead] = (each.lead, *each.merged)
    meets = _Meeting(env, sorted({id_ for pool in pools.values() for group in pool.values() for id_ in group}))
    for id_, pool in pools.items():
        yield _Handing(sides[id_], pool, rows, meets)


@dataclass(slots=True)
class _Meeting:
    """Which leads meet a condition, asked once for all teams."""

    env: EnvironmentProtocol
    leads: Collection[int]
    _known: dict[str, frozenset[int]] = field(default_factory=dict)

    def __call__(self, domain: str) -> frozenset[int]:
        if domain not in self._known:
            self._known[domain] = meeting(self.env, domain, self.leads)
        return self._known[domain]


@dataclass(slots=True)
class _Handing:
    """One team's leads, each with those that become part of it: what one of them meets, the lead does."""

    side: Side
    pool: Mapping[int, tuple[int, ...]]
    rows: Mapping[int, Row]
    meets: _Meeting
    stays: dict[int, str] = field(default_factory=dict)

    def hand_out(self) -> Iterator[HandOver]:
        """The likeliest leads first, and the members in turn, beginning with the one that takes most."""
        members = [member for member in self.side.members if member.takes_part]
        leads = sorted(self.pool, key=lambda id_: (-(self.rows[id_]["probability"] or 0), id_))
        fresh = [lead for lead in leads if self.rows[lead]["date_open"] is None]
        self.stays = dict.fromkeys(set(leads) - set(fresh), BEFORE)
        accepted = {member.id: self._wanted(member, fresh, self.meets(member.domain)) for member in members}
        preferred = {
            member.id: accepted[member.id] & self._wanted(member, fresh, self.meets(member.preferred))
            for member in members
            if member.preferred
        }
        left = {member.id: member.left for member in members}
        turn = sorted((member.id for member in members if member.left), key=lambda id_: (-left[id_], id_))
        handed: set[int] = set()
        for wanted in (preferred, accepted):
            for lead in fresh:
                member = next((id_ for id_ in turn if lead in wanted.get(id_, ())), None)
                if member is None or lead in handed:
                    continue
                yield HandOver(lead, self.side.id, member, wanted is preferred, left[member])
                handed.add(lead)
                left[member] -= 1
                turn.remove(member)
                if left[member]:
                    turn.append(member)
        for lead in fresh:
            if lead not in handed:
                self.stays[lead] = _reason(members, any(lead in leads for leads in accepted.values()))

    def _wanted(self, member: Member, leads: Iterable[int], met: Collection[int]) -> frozenset[int]:
        return frozenset(
            lead
            for lead in leads
            if member.may_have(self.rows[lead]["company"]) and any(id_ in met for id_ in self.pool[lead])
        )


def _reason(members: Collection[Member], accepted: bool) -> str:
    """Why nobody of a team gets a lead."""
    if not members:
        return NO_MEMBER
    return USED_UP if accepted else NOT_WANTED
