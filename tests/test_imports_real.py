"""The real files, imported by the recipes of examples/: totals in the product equal totals computed from the files.

The files are not part of the project; they lie in the folder that TESSERA_DATA names, or in ../shared/data.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from core.addon.instance import Instance
from core.data.importing.run import run_recipe
from core.records.environment import Environment
from core.records.undo import undo
from core.testbed.installed import installed
from core.testing import Databases

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TESSERA_DATA") or ROOT.parent / "shared" / "data")
ALL = "active or not active"
MAVEN, BANK = "maven_pipeline", "bank_calls"
RECIPES = {MAVEN: "maven_pipeline", BANK: "bank_prospects"}
MENDED = {"GTXPro": "GTX Pro", "technolgy": "technology", "Korea": "South Korea", "Philipines": "Philippines"}
TRAITS = {
    "job": "job",
    "marital": "marital",
    "education": "education",
    "default": "default",
    "housing": "housing",
    "loan": "loan",
    "contact": "contact",
    "month": "month",
    "day_of_week": "weekday",
    "poutcome": "previous outcome",
}

Row = dict[str, str]
pytestmark = pytest.mark.slow


def rows(folder: str, name: str, delimiter: str = ",") -> list[Row]:
    path = DATA / folder / name
    if not path.is_file():
        reason = f"{path} is not there: set TESSERA_DATA to the folder that holds {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {key: MENDED.get(cell, cell) for key, cell in row.items()}
            for row in csv.DictReader(file, delimiter=delimiter)
        ]


@pytest.fixture
def deals() -> list[Row]:
    return rows(MAVEN, "sales_pipeline.csv")


@pytest.fixture
def agents() -> list[Row]:
    return rows(MAVEN, "sales_teams.csv")


@pytest.fixture
def accounts() -> list[Row]:
    return rows(MAVEN, "accounts.csv")


@pytest.fixture
def prospects() -> list[Row]:
    return rows(BANK, "bank-additional.csv", ";")


def bring_in(folder: str, address: str) -> None:
    instance = Instance.open(address)
    with instance.environment("admin", kind="import", label=folder) as env:
        recipe = ROOT / "examples" / RECIPES[folder] / "recipe.toml"
        assert run_recipe(env, recipe, DATA / folder).refused == 0
    instance.close()


def opened(databases: Databases, engine: str, folder: str) -> Iterator[Environment]:
    address = databases.copy(
        engine,
        f"imported {folder}",
        lambda address: bring_in(folder, address),
        begin=lambda: installed(databases, engine, ["crm"]),
    )
    instance = Instance.open(address)
    with instance.environment("admin") as env:
        yield env
    instance.close()
    databases.drop(address)


@pytest.fixture
def maven(databases: Databases, engine: str, deals: list[Row]) -> Iterator[Environment]:
    yield from opened(databases, engine, MAVEN)


@pytest.fixture
def bank(databases: Databases, engine: str, prospects: list[Row]) -> Iterator[Environment]:
    yield from opened(databases, engine, BANK)


def sums(deals: list[Row], *keys: str) -> dict[tuple[str, ...], tuple[int, Decimal]]:
    """Number and total value of deals by columns, straight from the file."""
    found: dict[tuple[str, ...], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for deal in deals:
        key = tuple(deal[name] for name in keys)
        count, total = found[key]
        found[key] = (count + 1, total + Decimal(deal["close_value"] or 0))
    return dict(found)


def totals(env: Environment, by: list[str], where: str = ALL) -> dict[tuple[str, ...], tuple[int, Decimal]]:
    """Number and total value of leads in the product; null is the empty text."""
    groups = env["crm.lead"].aggregate(where, by=by, measures=["id:count", "expected_revenue:sum"])
    return {
        tuple("" if group[name] is None else str(group[name]) for name in by): (
            group["id:count"],
            Decimal(group["expected_revenue:sum"] or 0),
        )
        for group in groups
    }


# Maven


def test_deals_by_stage(maven: Environment, deals: list[Row]) -> None:
    outcome = {"Won": "won", "Lost": "lost", "Engaging": "pending", "Prospecting": "pending"}
    stage = {"Won": "Won", "Lost": "Qualified", "Engaging": "Qualified", "Prospecting": "New"}
    expected: dict[tuple[str, ...], tuple[int, Decimal]] = {}
    for (name,), (count, total) in sums(deals, "deal_stage").items():
        expected[stage[name], outcome[name]] = (count, total)
    assert totals(maven, ["stage.name", "won_status"]) == expected
    assert sum(count for count, _total in expected.values()) == 8_800
    assert maven["crm.lead"].count("type == 'opportunity' and lost_reason == none and active or not active") == 8_800


def test_deals_by_salesperson_account_product_and_team(maven: Environment, deals: list[Row], agents: list[Row]) -> None:
    assert totals(maven, ["user.name"]) == sums(deals, "sales_agent")
    assert totals(maven, ["partner.name"]) == sums(deals, "account")
    assert sums(deals, "account")[("",)][0] == 1_425
    manager = {agent["sales_agent"]: agent["manager"] for agent in agents}
    region = {agent["sales_agent"]: agent["regional_office"] for agent in agents}
    teamed = [deal | {"manager": manager[deal["sales_agent"]], "region": region[deal["sales_agent"]]} for deal in deals]
    assert totals(maven, ["team.name"]) == sums(teamed, "manager")
    assert totals(maven, ["team.parent.name"]) == sums(teamed, "region")
    for (product,), figures in sums(deals, "product").items():
        where = f"any(tags, name == '{product}') and ({ALL})"
        assert totals(maven, [], where) == {(): figures}


def test_dates_stay_those_of_the_file(maven: Environment, deals: list[Row]) -> None:
    for field, column in (("date_closed", "close_date"), ("date_open", "engage_date")):
        months = [deal | {"month": deal[column][:7]} for deal in deals]
        assert totals(maven, [f"{field}:month"]) == sums(months, "month")
    stored = maven["crm.lead"].read(ALL, ["ref", "date_closed", "date_open", "expected_revenue"])
    found = {lead["ref"]: (lead["date_closed"], lead["date_open"], lead["expected_revenue"]) for lead in stored}
    for deal in deals:
        closed, engaged, value = found[deal["opportunity_id"]]
        assert (str(closed)[:10] if closed else "") == deal["close_date"]
        assert (str(engaged)[:10] if engaged else "") == deal["engage_date"]
        assert (str(int(value)) if value is not None else "") == deal["close_value"]


def test_names_of_deals(maven: Environment, deals: list[Row]) -> None:
    names = Counter(lead["name"] for lead in maven["crm.lead"].read(ALL, ["name"]))
    assert names == Counter(" for ".join(filter(None, (deal["product"], deal["account"]))) for deal in deals)


def test_accounts_are_companies(maven: Environment, accounts: list[Row]) -> None:
    fields = ["name", "industry.name", "country.name", "parent.name", "is_company"]
    wanted = [row["account"] for row in accounts]
    found = {row["name"]: row for row in maven["res.partner"].read("name in wanted", fields, wanted=wanted)}
    assert len(found) == len(accounts) == 85
    for account in accounts:
        partner = found[account["account"]]
        assert partner["industry.name"].lower() == account["sector"]
        assert partner["country.name"] == account["office_location"]
        assert (partner["parent.name"] or "") == account["subsidiary_of"]
        assert partner["is_company"] is True


def test_agents_are_users_who_cannot_sign_in(maven: Environment, agents: list[Row]) -> None:
    users = maven["res.users"].search("login != 'admin'", order="name")
    assert [user.name for user in users] == sorted(agent["sales_agent"] for agent in agents)
    own = maven.ref("crm.own").id
    assert all(own in [group.id for group in user.groups] for user in users)
    passwords = maven.database.fetch("SELECT count(*) FROM res_users WHERE password IS NOT NULL AND login <> 'admin'")
    assert passwords == [(0,)]
    members = maven["crm.team.member"].read("user.login != 'admin'", ["user.name", "team.name", "team.parent.name"])
    found = {(member["user.name"], member["team.name"], member["team.parent.name"]) for member in members}
    assert found == {(agent["sales_agent"], agent["manager"], agent["regional_office"]) for agent in agents}


# Bank


def test_prospects_are_leads(bank: Environment, prospects: list[Row]) -> None:
    names = bank["crm.lead"].read(ALL, ["name"], order="id")
    expected = [f"Prospect {row:04}, {one['job']}, {one['age']}" for row, one in enumerate(prospects, start=1)]
    assert [lead["name"] for lead in names] == expected
    assert len(expected) == 4_119
    same = "type == 'lead' and user == none and campaign.name == 'Term deposit' and source != none"
    assert bank["crm.lead"].count(f"{same} and ({ALL})") == 4_119


def test_a_tag_for_each_trait_and_value(bank: Environment, prospects: list[Row]) -> None:
    expected = Counter(f"{prefix}: {one[column]}" for one in prospects for column, prefix in TRAITS.items())
    names = {tag["id"]: tag["name"] for tag in bank["crm.tag"].read("", ["id", "name"])}
    leads = bank["crm.lead"].read(ALL, ["tags"])
    assert Counter(names[tag] for lead in leads for tag in lead["tags"]) == expected


def test_who_subscribed_is_won(bank: Environment, prospects: list[Row]) -> None:
    outcomes = Counter("won" if one["y"] == "yes" else "lost" for one in prospects)
    assert {key: count for (key,), (count, _total) in totals(bank, ["won_status"]).items()} == outcomes
    for column, prefix in TRAITS.items():
        for value, count in Counter(one[column] for one in prospects if one["y"] == "yes").items():
            where = "won_status == 'won' and any(tags, name == wanted)"
            assert bank["crm.lead"].count(where, wanted=f"{prefix}: {value}") == count


# Both


@pytest.fixture(params=RECIPES)
def imported(
    request: pytest.FixtureRequest, databases: Databases, engine: str, deals: list[Row], prospects: list[Row]
) -> Iterator[tuple[Environment, str]]:
    for env in opened(databases, engine, request.param):
        yield env, request.param


def test_importing_again_changes_nothing(imported: tuple[Environment, str]) -> None:
    env, folder = imported
    before = env["core.change"].count()
    for dry_run in (True, False):
        again = run_recipe(env, ROOT / "examples" / RECIPES[folder] / "recipe.toml", DATA / folder, dry_run=dry_run)
        assert (again.created, again.changed, again.refused) == ({}, {}, 0)
    assert env["core.change"].count() == before


def test_one_undo_takes_all_of_it_back(imported: tuple[Environment, str]) -> None:
    env, _folder = imported
    (change_set,) = env["core.change_set"].read("kind == 'import'", ["id"])
    report = undo(env, change_set["id"])
    assert list(report.conflicts) == []
    assert env["crm.lead"].count(ALL) == env["crm.tag"].count() == 0
    assert env["res.users"].count() == 1
    assert env["crm.team"].count() == 1
