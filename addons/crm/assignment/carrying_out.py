"""Carries out what `plan` plans: all at once when somebody asks, or in steps when it is time.

Whether leads are assigned by rules at all is the setting `crm.assignment`: `off`, `manual` or `scheduled`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from addons.base.models.setting import setting
from addons.crm.assignment.plan import MODEL, Plan, Scope, plan_assignment
from addons.crm.conversion.convert import NONE, Conversion, finish_opportunities
from core import Job, NotFound, Refusal, StaleVersion, Step, _

if TYPE_CHECKING:
    from core import EnvironmentProtocol

MODE_SETTING = "crm.assignment"
MODES = OFF, MANUAL, SCHEDULED = "off", "manual", "scheduled"
STEP = 100
# What arrived longer ago is for people to look at.
RECENT = timedelta(days=7)
# A daily run must not count what the one of the day before handed out some minutes later.
ALMOST_A_DAY = timedelta(hours=23)


class Outdated(Refusal):
    """The plan that somebody saw is not what would be done now."""

    status = 409


def mode(env: EnvironmentProtocol) -> str:
    """How leads are assigned by rules: `off`, `manual` or `scheduled`."""
    return setting(env, MODE_SETTING) or OFF


def assign(
    env: EnvironmentProtocol,
    teams: Collection[int],
    *,
    seed: int | None = None,
    digest: str | None = None,
    force: bool = False,
) -> dict[str, int]:
    """Plan and carry out; the counts of `carry_out`.

    :param digest: that of the plan which somebody saw.
    :raises Refusal: assignment by rules is off.
    :raises Outdated: the plan is not the one with the digest any more.
    """
    if mode(env) == OFF:
        hint = _("Switch it on in the settings of sales.")
        raise Refusal(_("Assignment by rules is off."), hint=hint)
    plan = plan_assignment(env, teams, seed=seed, scope=Scope(force=force))
    if digest is not None and digest != plan.digest:
        raise Outdated(_("Leads, teams or members have changed since this was planned."))
    try:
        return carry_out(env, plan)
    except (NotFound, StaleVersion) as gone:
        raise Outdated(_("Leads, teams or members have changed since this was planned.")) from gone


def carry_out(env: EnvironmentProtocol, plan: Plan) -> dict[str, int]:
    """Merge duplicates, give leads to teams and hand them over; how many were `assigned` to members, are `waiting` in
    the team that they were given to, and were `merged` into others.

    :raises AccessDenied, NotFound: the user may not change one of the leads.
    :raises StaleVersion: somebody has changed one of them since it was planned.
    """
    env[MODEL].lock(sorted(plan.versions), plan.versions)
    for each in plan.placements:
        if each.merged:
            rows = env[MODEL].browse([each.lead, *each.merged])
            rows[0].merge(rows, survivor=each.lead, confirm=True)
    _give_to_teams(env, plan)
    _hand_over(env, plan)
    return {"assigned": len(plan.handovers), "waiting": len(plan.waiting), "merged": plan.merged}


def in_words(counts: Mapping[str, Any]) -> str:
    """What became of the leads: `assigned`, `waiting` in a team, `merged`, those that were counted."""
    said = [
        (_("Assigned: {count}", count=counts["assigned"]), counts["assigned"]),
        (_("waiting in a team: {count}", count=counts.get("waiting")), counts.get("waiting")),
        (_("merged: {count}", count=counts["merged"]), counts["merged"]),
    ]
    text = ", ".join(text for text, count in said if count) or _("No new leads")
    return text[:1].upper() + text[1:]


def _give_to_teams(env: EnvironmentProtocol, plan: Plan) -> None:
    """Write the teams of all leads of the plan."""
    teams = {each.lead: each.team for each in plan.placements if each.user is None}
    teams.update({each.lead: each.team for each in plan.handovers})
    for team in dict.fromkeys(teams.values()):
        env[MODEL].write([id_ for id_, wanted in teams.items() if wanted == team], team=team)


def _hand_over(env: EnvironmentProtocol, plan: Plan) -> None:
    """Give leads to members, as opportunities."""
    leads: dict[int, list[int]] = {}
    for each in plan.handovers:
        leads.setdefault(each.member, []).append(each.lead)
    for side in plan.sides.values():
        for member in side.members:
            if member.id in leads:
                how = Conversion(customer=NONE, users=(member.user,), team=side.id)
                finish_opportunities(env, leads[member.id], how)


# In steps


def assign_when_due(env: EnvironmentProtocol, marker: dict[str, Any] | None) -> Step | None:
    """Give recent leads to teams, then to members, at most a hundred in a step. All steps draw from one seed."""
    if marker is None:
        marker = {"seed": int(env.now().timestamp()), "part": "teams", "last": 0, "done": 0, "assigned": 0, "merged": 0}
    teams = [row["id"] for row in env["crm.team"].read("", ["id"])]
    scope = Scope(marker["part"], since=RECENT, day=ALMOST_A_DAY, after=marker["last"], limit=STEP)
    plan = plan_assignment(env, teams, seed=marker["seed"] + marker["last"], scope=scope)
    plan = replace(plan, handovers=plan.handovers[:STEP])
    if marker["part"] == "members" and not plan.handovers:
        return None
    counts = carry_out(env, plan)
    following = {
        **marker,
        **({"part": "members"} if plan.last is None else {"last": plan.last}),
        "done": marker["done"] + len(plan.placements) + len(plan.handovers),
        "assigned": marker["assigned"] + counts["assigned"],
        "merged": marker["merged"] + counts["merged"],
    }
    return Step(following, done=following["done"], told=in_words(following))


ASSIGN = Job(
    "crm.assign", assign_when_due, label="Assign leads", cron="0 5 * * *", active=False, stepwise=True, superuser=True
)
