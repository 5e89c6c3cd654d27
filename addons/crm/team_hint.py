"""The hint that joining a team ends another membership, while each user is in one team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from addons.base.models.setting import setting
from addons.crm.models.team_member import MULTI_TEAM
from core import Hint, HintText, _

if TYPE_CHECKING:
    from core import EnvironmentProtocol


def hint(env: EnvironmentProtocol, record: int | None, values: Mapping[str, object]) -> HintText | None:
    """Which memberships end when what is typed is saved; nothing where several teams are allowed."""
    if not values.get("user") or not values.get("team") or setting(env, MULTI_TEAM) == "true":
        return None
    others = env["crm.team.member"].read(
        "user == user_typed and team != team_typed and id != own",
        ["team.name", "user.name"],
        user_typed=values["user"],
        team_typed=values["team"],
        own=record or 0,
    )
    if not others:
        return None
    teams = ", ".join(str(row["team.name"]) for row in others)
    text = _("{name} is in {teams}. Saving ends that.", name=others[0]["user.name"], teams=teams)
    body = _("Each user is in one team at a time, unless the settings of sales allow several.")
    return HintText(text, Markup("<p>{}</p>").format(body))


ONE_TEAM = Hint("crm.one_team", "crm.team.member", ("user", "team"), hint)
