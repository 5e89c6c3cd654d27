"""Whose a lead is: salesperson, team, company, and since when.

A user who is given a lead takes it into one of his own teams, unless he is in its team already; taking the user away
leaves the team. What is new in a team that does not work on leads is an opportunity, unless the caller says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.base.models import Company, User
from addons.crm.models.team import Team
from core import Model, fields

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

READ = ("id", "user", "company", "use_leads", "use_opportunities")


class LeadOwner(Model):
    """The part of a lead that says who works on it."""

    user = fields.Many2one(User, label="Salesperson", tracked=True, default=lambda env: env.user)
    team = fields.Many2one(Team, label="Sales team", tracked=True)
    company = fields.Many2one(Company, label="Company", on_delete="restrict", default=lambda env: env.company)
    date_open = fields.Datetime(label="Assigned on", copy=False)
    day_open = fields.Computed(fields.Float, "abs(date_open - create_date)", label="Days to assign")

    @classmethod
    def before_copy(cls, copies: list[dict[str, Any]]) -> None:
        """Nobody gets copies who left; a lead that is yet to be qualified was given to nobody by copying it."""
        super().before_copy(copies)
        users = {values.get("user") for values in copies} - {None}
        there = cls.env.sudo()["res.users"].read("id in users", ["id"], users=sorted(users))
        present = {row["id"] for row in there}
        for values in copies:
            if values.get("user") not in present:
                values["user"] = None
            if values.get("type") == "lead":
                values["date_open"] = None

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Date the assignment, choose the team of a new user and the company of a new team."""
        env = cls.env
        teamless = []
        for change in changes:
            if change.changed("user"):
                user = change["user"]
                change.suggest("date_open", env.now() if user else None)
                if user and "team" not in change.explicit:
                    teamless.append(change)
        # Whoever works for one company only could not put a lead into another one.
        several = env.superuser or len(env.companies) > 1
        moved = [c for c in changes if several and c.changed("team") and "company" not in c.explicit]
        typeless = [c for c in changes if c.operation == "create" and "type" not in c.explicit]
        if teamless or moved or typeless:
            teams = env.cached(Teams.read)
            for change in teamless:
                change.suggest("team", teams.choose(change["user"], change["team"], change["company"], change["type"]))
            for change in changes:
                company = teams.companies.get(change["team"]) if change.changed("team") else None
                if company is not None:
                    change.suggest("company", company)
            for change in typeless:
                if change["team"] in teams.without_leads:
                    change.suggest("type", "opportunity")
        super().before_write(changes)


@dataclass(frozen=True, slots=True)
class Teams:
    """The active teams in order, their companies, and the teams that users lead or belong to, by user.

    `without_leads` and `without_opportunities` are those that do not work on them.
    """

    companies: Mapping[Any, int | None]
    own: Mapping[Any, frozenset[int]]
    without_leads: frozenset[Any]
    without_opportunities: frozenset[Any]

    @classmethod
    def read(cls, env: EnvironmentProtocol) -> Teams:
        """All teams and memberships."""
        found: list[dict[str, Any]] = env["crm.team"].read("", READ)
        own: dict[object, set[int]] = {}
        for team in found:
            own.setdefault(team["user"], set()).add(team["id"])
        for member in env["crm.team.member"].read("", ["team", "user"]):
            own.setdefault(member["user"], set()).add(member["team"])
        companies = {team["id"]: team["company"] for team in found}
        return cls(
            companies,
            {user: frozenset(teams) for user, teams in own.items()},
            frozenset(team["id"] for team in found if not team["use_leads"]),
            frozenset(team["id"] for team in found if not team["use_opportunities"]),
        )

    def choose(self, user: object, present: object, company: object, type_: object) -> object:
        """The team for a user's lead: the present one where the user is in it, else the user's first, else the first.

        A team of the lead's company, or of all companies, comes before others; of those one that works on its type.
        """
        own = self.own.get(user, frozenset())
        if present in own:
            return present
        candidates = [team for team in self.companies if team in own] or list(self.companies)
        fitting = [team for team in candidates if self.companies[team] in (None, company)]
        candidates = fitting or candidates
        idle = self.without_leads if type_ == "lead" else self.without_opportunities
        return next((team for team in candidates if team not in idle), next(iter(candidates), present))
