"""A database with any number of leads of 50 salespeople, a tenth of them unassigned, filled by plain SQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from core.addon.instance import Instance, create_instance
from core.lang.kinds import Kind, encoder
from core.text import fold

SALESPEOPLE = 50
UNASSIGNED = 0.1
CUSTOMERS = 500
BATCH = 5_000

_COLUMNS = {
    "name": Kind.TEXT,
    "name_fold": Kind.TEXT,
    "type": Kind.TEXT,
    "priority": Kind.TEXT,
    "user_id": Kind.REFERENCE,
    "stage_id": Kind.REFERENCE,
    "partner_id": Kind.REFERENCE,
    "expected_revenue": Kind.MONEY,
    "probability": Kind.FLOAT,
    "date_deadline": Kind.DATE,
    "active": Kind.BOOLEAN,
    "create_date": Kind.INSTANT,
    "version": Kind.INTEGER,
}


def prepare(url: str) -> Instance:
    """An instance with crm, its salespeople and customers."""
    instance = create_instance(url, ["crm"], demo=False, admin_password="only for measuring")
    with instance.environment() as env:
        own = env.ref("crm.own").id
        sellers = [{"login": f"seller{n}", "name": f"Seller {n}", "groups": [own]} for n in range(SALESPEOPLE)]
        env["res.users"].create_many(sellers)
        env["res.partner"].create_many([{"name": f"Customer {n}", "is_company": True} for n in range(CUSTOMERS)])
    return instance


def seller(instance: Instance) -> int:
    """The salesperson that measurements act as."""
    with instance.database.transaction(write=False):
        return instance.user_id("seller7")


def fill(instance: Instance, count: int) -> None:
    """Insert leads until there are `count`."""
    database = instance.database
    with instance.environment() as env:
        present = env["crm.lead"].count("active or not active")
        users = [row["id"] for row in env["res.users"].read("startswith(login, 'seller')", ["id"])]
        stages = [row["id"] for row in env["crm.stage"].read("", ["id"])]
        partners = [row["id"] for row in env["res.partner"].read("startswith(name, 'Customer')", ["id"])]
    rows = _rows(count - present, random.Random(present), users, stages, partners)
    encoders = [encoder(kind, database.engine) for kind in _COLUMNS.values()]
    slots = ", ".join(["?" if database.engine == "sqlite" else "%s"] * len(_COLUMNS))
    text = f"INSERT INTO crm_lead ({', '.join(_COLUMNS)}) VALUES ({slots})"
    with database.transaction(write=True):
        while batch := list(islice(rows, BATCH)):
            encoded = [
                [
                    value if encode is None or value is None else encode(value)
                    for value, encode in zip(row, encoders, strict=True)
                ]
                for row in batch
            ]
            database.executemany(text, encoded)
        database.execute("ANALYZE")


def _rows(
    count: int, chance: random.Random, users: list[int], stages: list[int], partners: list[int]
) -> Iterator[tuple[object, ...]]:
    start, day = datetime(2024, 1, 1, tzinfo=UTC), date(2026, 1, 1)
    for number in range(count):
        name = f"Deal {chance.randrange(10**6)} of {number}"
        yield (
            name,
            fold(name),
            "opportunity",
            chance.choice("0000012223"),
            None if chance.random() < UNASSIGNED else chance.choice(users),
            chance.choice(stages),
            chance.choice(partners),
            chance.randrange(100, 100_000),
            float(chance.choice((10, 25, 50, 75))),
            day + timedelta(days=chance.randrange(720)),
            chance.random() < 0.9,
            start + timedelta(minutes=number),
            1,
        )
