"""What is said to somebody who has just won a deal: the first of the rules that holds, else nothing.

Deals are compared with others that were won, whoever may see them: with one that it does not beat, or with none at
all, a deal is no record. Whoever marks the deal of a colleague as won hears what it means to the team.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from addons.crm.models.stage import first_stage, read_stages
from core import _, field_history, reference_to

if TYPE_CHECKING:
    from core import EnvironmentProtocol

MODEL = "crm.lead"
WON = "stage.is_won and probability == 100 and id != deal and (active or not active)"
READ = [
    "user",
    "team",
    "stage",
    "expected_revenue",
    "day_close",
    "country",
    "country.name",
    "source",
    "source.name",
    "won_status",
]
MANY_MESSAGES = 25
MONTH, WEEK = 30, 7
FIFTH = 5
STREAK = 3


def congratulation(env: EnvironmentProtocol, lead: int) -> str:
    """What to say to the present user, who has just won the lead; empty where nothing is remarkable."""
    row = env.sudo()[MODEL].read_ids([lead], READ).get(lead)
    if row is None or row["won_status"] != "won":
        return ""
    deal = Deal(env, lead, row)
    return next((said for rule in RULES if (said := rule(deal))), "")


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal that was won, and the others that it is compared with."""

    env: EnvironmentProtocol
    id: int
    row: Any

    @property
    def own(self) -> bool:
        """Whether it is the present user's."""
        return bool(self.env.user) and self.row["user"] == self.env.user

    def since(self, days: int) -> Any:  # noqa: ANN401  # an instant
        """So many days ago."""
        return self.env.now() - timedelta(days=days)

    def others(self, where: str, **names: object) -> int:
        """The number of other deals that were won."""
        records = self.env.sudo()[MODEL]
        return records.count(f"{WON} and {where}", deal=self.id, **names)

    def best(self, days: int, whose: str) -> bool:
        """Whether it is worth more than every other deal of the user, or the team, of the last days."""
        value = self.row["expected_revenue"]
        if not value or not self.row[whose]:
            return False
        (found,) = self.env.sudo()[MODEL].aggregate(
            f"{WON} and expected_revenue > 0 and {whose} == whose and date_closed >= since",
            measures=["expected_revenue:max"],
            deal=self.id,
            whose=self.row[whose],
            since=self.since(days),
        )
        best = found["expected_revenue:max"]
        return best is not None and value > best


def _much_written(deal: Deal) -> str:
    own = deal.env.sudo()["res.users"].read_ids([deal.env.user or 0], ["partner"])
    if not own:
        return ""
    written = deal.env.sudo()["mail.message"].count(
        "record == r and author == own and kind in ['message', 'note']",
        limit=MANY_MESSAGES,
        r=reference_to(MODEL, deal.id),
        own=own[deal.env.user]["partner"],
    )
    return _("All that writing was worth it!") if written >= MANY_MESSAGES else ""


def _first_of_the_year(deal: Deal) -> str:
    year = date(deal.env.today().year, 1, 1)
    if deal.own and not deal.others("user == me and date_closed >= start_of_day(year)", year=year):
        return _("Your first deal of the year!")
    return ""


def _best_of_team_in_a_month(deal: Deal) -> str:
    return _("The team's best deal in {days} days!", days=MONTH) if deal.best(MONTH, "team") else ""


def _best_of_team_in_a_week(deal: Deal) -> str:
    return _("The team's best deal in {days} days!", days=WEEK) if deal.best(WEEK, "team") else ""


def _own_best_in_a_month(deal: Deal) -> str:
    return _("Your best deal in {days} days!", days=MONTH) if deal.own and deal.best(MONTH, "user") else ""


def _own_best_in_a_week(deal: Deal) -> str:
    return _("Your best deal in {days} days!", days=WEEK) if deal.own and deal.best(WEEK, "user") else ""


def _fifth_today(deal: Deal) -> str:
    if deal.own and deal.others("user == me and date_closed >= start_of_day(today())") == FIFTH - 1:
        return _("Your fifth deal today!")
    return ""


def _days_in_a_row(deal: Deal) -> str:
    """Said once a day, with its first deal."""
    if not deal.own:
        return ""
    today = deal.env.today()
    for back in range(STREAK):
        since, until = today - timedelta(days=back), today - timedelta(days=back - 1)
        won = deal.others(
            "user == me and date_closed >= start_of_day(since) and date_closed < start_of_day(until)",
            since=since,
            until=until,
        )
        if bool(won) != bool(back):
            return ""
    return _("A deal on {count} days in a row!", count=STREAK)


def _fastest(deal: Deal) -> str:
    took = deal.row["day_close"]
    (found,) = deal.env.sudo()[MODEL].aggregate(
        f"{WON} and date_closed >= since", measures=["day_close:min"], deal=deal.id, since=deal.since(MONTH)
    )
    fastest = found["day_close:min"]
    if took is None or fastest is None or took >= fastest:
        return ""
    return _("The fastest deal in {days} days!", days=MONTH)


def _straight_from_the_first_stage(deal: Deal) -> str:
    steps = field_history(deal.env.sudo(), MODEL, [deal.id], "stage")[deal.id]  # type: ignore[arg-type]
    first = first_stage(deal.env.cached(read_stages).values(), deal.row["team"])
    if len(steps) == 1 and first is not None and steps[0].old == first and steps[0].new == deal.row["stage"]:
        return _("From the first stage straight to the goal!")
    return ""


def _first_in_country(deal: Deal) -> str:
    if deal.row["country"] and not deal.others("country == wanted", wanted=deal.row["country"]):
        return _("The first deal in {country}!", country=deal.row["country.name"])
    return ""


def _first_from_source(deal: Deal) -> str:
    if deal.row["source"] and not deal.others("source == wanted", wanted=deal.row["source"]):
        return _("The first deal from {source}!", source=deal.row["source.name"])
    return ""


RULES: tuple[Callable[[Deal], str], ...] = (
    _much_written,
    _first_of_the_year,
    _best_of_team_in_a_month,
    _best_of_team_in_a_week,
    _own_best_in_a_month,
    _own_best_in_a_week,
    _fifth_today,
    _days_in_a_row,
    _fastest,
    _straight_from_the_first_stage,
    _first_in_country,
    _first_from_source,
)
