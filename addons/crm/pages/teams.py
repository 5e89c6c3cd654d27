"""The teams as cards: what each of them has open, and the ways to exactly those records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from addons.crm.merging import MODEL
from addons.crm.pages.routes import blueprint
from core import EnvironmentProtocol, _
from core.pages import Crumb, environment, kit_of, page, records_address

TEAMS = "crm.team"
OPPORTUNITIES, FORECAST = "crm.opportunity_action", "crm.forecast_action"
OPEN = "type == 'opportunity' and won_status == 'pending'"
UNASSIGNED = "user == none and won_status == 'pending'"
OVERDUE = f"{OPEN} and date_deadline < today()"
SHOWN = ("id", "name", "active", "color", "parent.name", "user", "user.name")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a team, and the page of the records that it is about."""

    label: str
    text: str
    address: str
    none: bool
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A team as it is shown; that of records without a team has no address."""

    key: str
    name: str
    address: str
    parent: str
    leader: str
    initials: str
    tone: str
    archived: bool
    mine: bool
    numbers: tuple[Number, ...]
    pipeline: str
    forecast: str


@blueprint.get("/teams")
def teams() -> str:
    """The user's own teams first, then the others, each with the numbers that the user may see."""
    env = environment()
    cards = list(_Counted(env).cards())
    mine = [card for card in cards if card.mine]
    return page(
        "crm/teams.html",
        title=_("Teams"),
        crumbs=[Crumb(_("Sales")), Crumb(_("Teams"))],
        groups=[(_("Your teams"), mine), (_("Other teams"), [card for card in cards if not card.mine])],
        nested=any(card.parent for card in cards),
        rows=records_address(env, TEAMS, "", action="crm.team_action"),
        new=f"/app/{TEAMS}/new" if env[TEAMS].may("create") else "",
    )


class _Counted:
    """What all teams have open, in one statement for each kind of number. Each team counts its own records alone."""

    def __init__(self, env: EnvironmentProtocol) -> None:
        self.env = env
        self.kit = kit_of(env)
        self.open = self._by_team(OPEN, "expected_revenue:sum", "weighted_revenue:sum")
        self.unassigned = self._by_team(UNASSIGNED)
        self.overdue = self._by_team(OVERDUE)

    def _by_team(self, where: str, *sums: str) -> Mapping[int | None, Mapping[str, Any]]:
        rows = self.env[MODEL].aggregate(where, by=["team"], measures=["id:count", *sums])
        return {row["team"]: row for row in rows}

    def cards(self) -> Iterator[Card]:
        """The cards in the order of the teams; archived teams, and records of none, where there is something to see."""
        teams = self.env[TEAMS]
        mine = {row["id"] for row in teams.read("user == me or any(members, user == me and active)", ["id"])}
        busy = self.open.keys() | self.unassigned.keys()
        for row in teams.read("active or not active", list(SHOWN)):
            if row["active"] or row["id"] in busy:
                yield self._card(row, row["id"] in mine)
        if None in busy:
            yield self._card({**dict.fromkeys(SHOWN), "name": _("No team"), "active": True}, mine=False)

    def _card(self, row: Mapping[str, Any], mine: bool) -> Card:
        id_ = row["id"]
        own = "team == none" if id_ is None else f"team == {id_}"
        return Card(
            key=str(id_ or "none"),
            name=row["name"],
            address=f"/app/{TEAMS}/{id_}" if id_ else "",
            parent=row["parent.name"] or "",
            leader=row["user.name"] or "",
            initials=self.kit.initials(row["user.name"]),
            tone=self.kit.tone(row["user"]),
            archived=not row["active"],
            mine=mine,
            numbers=tuple(self._numbers(id_, own)),
            pipeline=records_address(self.env, MODEL, own, action=OPPORTUNITIES, view="board"),
            forecast=records_address(self.env, MODEL, own, action=FORECAST, view="board"),
        )

    def _numbers(self, team: int | None, own: str) -> Iterator[Number]:
        found = self.open.get(team, {})
        count, money = found.get("id:count", 0), found.get("expected_revenue:sum", 0)
        weighted = self.kit.money(found.get("weighted_revenue:sum", 0), whole=True)
        rows = self._address(own, OPEN, OPPORTUNITIES)
        yield Number(_("Open opportunities"), self.kit.number(count), rows, not count)
        yield Number(_("Expected revenue"), self.kit.money(money, whole=True), rows, not money)
        yield Number(_("Weighted"), weighted, rows, not money)
        count = self.unassigned.get(team, {}).get("id:count", 0)
        yield Number(_("Unassigned"), self.kit.number(count), self._address(own, UNASSIGNED, ""), not count)
        count = self.overdue.get(team, {}).get("id:count", 0)
        rows = self._address(own, OVERDUE, OPPORTUNITIES)
        yield Number(_("Overdue closings"), self.kit.number(count), rows, not count, warns=bool(count))

    def _address(self, own: str, where: str, action: str) -> str:
        """The list of what a number counts; without an action leads and opportunities alike."""
        return records_address(self.env, MODEL, f"{own} and {where}", action=action)
