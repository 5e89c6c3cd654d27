"""Who takes leads by rules: teams and members with their conditions, their shares of a day and what they received."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from addons.crm.merging import MODEL
from addons.crm.salespeople import salespeople
from core import FieldError, rule_mistake

if TYPE_CHECKING:
    from core import EnvironmentProtocol

DAY, MONTH = timedelta(hours=24), timedelta(days=30)
MONTH_DAYS = 30
_AMONG = "({}) and active and id in {}"
TEAM_READ = ("id", "name", "company", "assignment_domain", "assignment_optout")
MEMBER_READ = (
    *("id", "team", "user", "user.name", "user.active"),
    *("assignment_domain", "assignment_domain_preferred", "assignment_max", "assignment_optout"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a team: what it takes, its `share` of a day, how many leads it `received` in the last 24 hours and in
    the last 30 days, and how many are `left` for it now. Who does not belong to sales could not see a lead."""

    id: int
    user: int
    name: str
    companies: frozenset[int]
    domain: str
    preferred: str
    capacity: int
    share: int
    received: int
    received_in_month: int
    left: int
    optout: bool
    mistake: str
    sells: bool

    @property
    def takes_part(self) -> bool:
        """Whether it could be given a lead on some day."""
        return self.share > 0 and self.sells and not self.optout and not self.mistake

    def may_have(self, company: int | None) -> bool:
        """Whether it works for the company of a lead."""
        return company is None or company in self.companies


@dataclass(frozen=True, slots=True)
class Side:
    """A team with its members; `mistake` says why its condition cannot be read."""

    id: int
    name: str
    company: int | None
    domain: str
    optout: bool
    mistake: str
    members: tuple[Member, ...]

    @property
    def capacity(self) -> int:
        """How many leads its members take in 30 days."""
        return sum(member.capacity for member in self.members if member.sells and not member.optout)

    @property
    def takes_part(self) -> bool:
        """Whether leads are given to it."""
        return self.capacity > 0 and not self.optout and not self.mistake

    def may_have(self, company: int | None) -> bool:
        """Whether it works for the company of a lead."""
        return None in (company, self.company) or company == self.company


def daily_share(capacity: int) -> int:
    """A thirtieth of what somebody takes in 30 days, rounded half up: 30 and 44 give 1, 45 gives 2."""
    return (2 * capacity + MONTH_DAYS) // (2 * MONTH_DAYS)


def read_sides(
    env: EnvironmentProtocol, teams: Collection[int], *, day: timedelta = DAY, force: bool = False
) -> dict[int, Side]:
    """Teams by id in their order, with those of their members whose users are active.

    :param day: how far back what somebody received counts against the share of a day.
    :param force: it does not count at all.
    """
    found = env["crm.team"].read("id in teams", TEAM_READ, teams=list(teams))
    rows = [
        row
        for row in env["crm.team.member"].read("team in teams", MEMBER_READ, teams=[team["id"] for team in found])
        if row["user.active"]
    ]
    sellers = {id_ for id_, _name in salespeople(env.sudo())}
    received = _received(env, rows, env.now() - day)
    monthly = _received(env, rows, env.now() - MONTH)
    companies = companies_of(env, {row["user"] for row in rows})
    mistakes = _mistakes(env, [*found, *rows])
    members: dict[int, list[Member]] = {}
    for row in rows:
        pair = row["team"], row["user"]
        share = daily_share(row["assignment_max"])
        members.setdefault(row["team"], []).append(
            Member(
                *(row["id"], row["user"], str(row["user.name"]), companies[row["user"]]),
                *(row["assignment_domain"] or "", row["assignment_domain_preferred"] or "", row["assignment_max"]),
                *(share, received.get(pair, 0), monthly.get(pair, 0)),
                left=share if force else max(0, share - received.get(pair, 0)),
                optout=row["assignment_optout"],
                mistake=_mistake(mistakes, row),
                sells=row["user"] in sellers,
            )
        )
    return {
        team["id"]: Side(
            *(team["id"], str(team["name"]), team["company"], team["assignment_domain"] or ""),
            *(team["assignment_optout"], _mistake(mistakes, team), tuple(members.get(team["id"], ()))),
        )
        for team in found
    }


def meeting(env: EnvironmentProtocol, domain: str, leads: Collection[int]) -> frozenset[int]:
    """Those of the leads, by id, that meet a condition."""
    if not domain or not leads:
        return frozenset(leads)
    where = _AMONG.format(domain, "leads")
    return frozenset(row["id"] for row in env[MODEL].read(where, ["id"], leads=list(leads)))


def domain_mistake(env: EnvironmentProtocol, domain: str) -> FieldError | None:
    """What is wrong with a condition on leads, by itself or as `meeting` asks it; None where it can be used."""
    return rule_mistake(env, MODEL, domain) or rule_mistake(env, MODEL, _AMONG.format(domain, "[0]"))


def _received(env: EnvironmentProtocol, members: Iterable[Mapping[str, Any]], since: datetime) -> dict[Any, int]:
    """How many leads members were given since then, by team and user; those that were archived since, too."""
    users = sorted({row["user"] for row in members})
    groups = env.sudo()[MODEL].aggregate(
        "date_open > since and user in users and (active or not active)",
        by=["team", "user"],
        measures=["id:count"],
        since=since,
        users=users,
    )
    return {(group["team"], group["user"]): group["id:count"] for group in groups}


def companies_of(env: EnvironmentProtocol, users: Collection[int]) -> dict[int, frozenset[int]]:
    """The companies that users work for."""
    rows = env.sudo()["res.users"].read_ids(sorted(users), ["company", "companies"])
    return {id_: frozenset([*row["companies"], row["company"]]) for id_, row in rows.items()}


def _mistakes(env: EnvironmentProtocol, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What is wrong with conditions that could be read when they were written."""
    domains = {row.get(name) for row in rows for name in ("assignment_domain", "assignment_domain_preferred")}
    found = {domain: domain_mistake(env, domain) for domain in domains if domain}
    return {domain: wrong.text for domain, wrong in found.items() if wrong}


def _mistake(mistakes: Mapping[str, str], row: Mapping[str, Any]) -> str:
    named = (row.get(name) or "" for name in ("assignment_domain", "assignment_domain_preferred"))
    return next((mistakes[domain] for domain in named if domain in mistakes), "")
