"""Reading and writing records against the same statements by hand, through the bare driver."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bench.leads import seller
from bench.timing import Figure, compare
from core.addon.instance import Instance
from core.records.environment import Environment
from core.text import fold

FIELDS = [
    *("name", "expected_revenue", "probability", "date_deadline", "priority", "type", "active"),
    *("partner.complete_name", "stage.name", "user.name"),
]
_READ = """
SELECT t.name, t.expected_revenue, t.probability, t.date_deadline, t.priority, t.type, t.active,
       p.complete_name, s.name, u.name
FROM crm_lead t
LEFT JOIN res_partner p ON p.id = t.partner_id
LEFT JOIN crm_stage s ON s.id = t.stage_id
LEFT JOIN res_users u ON u.id = t.user_id
WHERE ((t.user_id = ? OR t.user_id IS NULL) AND (t.company_id IS NULL OR t.company_id = ?)){keep} AND t.active
ORDER BY t.priority DESC, t.id DESC LIMIT 80
"""
BATCH = 1_000
CONTACT = "name, is_company, parent_id, website, email, phone, street, street2, zip, city, state_id, country_id"


class _Measured(Exception):
    """Rolls back what was written for measuring."""


def measure(instance: Instance) -> list[Figure]:
    """One figure for each promise about records."""
    figures = [_reading(instance)]
    try:
        with instance.runtime.open(user=seller(instance)) as env:
            figures += [_creating_many(env), _creating(env), _writing(env)]
            raise _Measured
    except _Measured:
        return figures


def _text(env: Environment, sql: str) -> str:
    return env.runtime.text(sql)


def _reading(instance: Instance) -> Figure:
    user = seller(instance)
    with instance.runtime.open(user=user, write=False) as env:
        # What a person who knows SQLite would write so that the order's index is used.
        keep = " IS TRUE" if env.database.engine == "sqlite" else ""
        sql = _text(env, _READ.format(keep=keep))
        connection = env.database.connection()
        parameters = (user, env.company)

        def raw() -> list[Any]:
            return connection.execute(sql, parameters).fetchall()

        def ours() -> list[Any]:
            return env["crm.lead"].read("", FIELDS, limit=80)

        return compare("read 80 x 10, 3 joined names", ours, raw, rounds=200, limit=2.5)


def _values(count: int, env: Environment) -> list[dict[str, object]]:
    stage = env.ref("crm.stage_new").id
    partner = env["res.partner"].search("startswith(name, 'Customer')", limit=1)[0].id
    return [
        {
            "name": f"Measured {number}",
            "partner": partner,
            "stage": stage,
            "expected_revenue": 1_000 + number,
            "probability": 20.0,
            "priority": "1",
            "type": "opportunity",
        }
        for number in range(count)
    ]


def _instant(env: Environment) -> object:
    """The present instant as the driver takes it."""
    now = datetime.now(UTC)
    return int(now.timestamp() * 1_000_000) if env.database.engine == "sqlite" else now


class ByHand:
    """The rows that ours stored, inserted again under new ids: the same columns and the same history.

    What a program by hand would have to do each time is done: read the customer that the contact block comes from, fold
    the name, take the time. Everything else lies ready as the driver takes it.
    """

    def __init__(self, env: Environment, ids: Sequence[int]) -> None:
        self.env, self.database = env, env.database
        first, last = min(ids), max(ids)
        by_hand = ("id", "name_fold", "create_date", "write_date", "date_open", "date_last_stage_update")
        cursor = self.database.execute("SELECT * FROM crm_lead LIMIT 0")
        columns = [column[0] for column in cursor.description]
        self.columns = [name for name in columns if name not in by_hand]
        text = f"SELECT {', '.join(self.columns)} FROM crm_lead WHERE id BETWEEN ? AND ? ORDER BY id"
        self.rows = self.database.fetch(_text(env, text), (first, last))
        self.name, partner = self.columns.index("name"), self.columns.index("partner_id")
        self.partners = sorted({row[partner] for row in self.rows})
        slots = ", ".join("?" * len(self.partners))
        self.customers = _text(env, f"SELECT {CONTACT} FROM res_partner WHERE id IN ({slots})")
        wanted = [*by_hand, *self.columns]
        insert = f"INSERT INTO crm_lead ({', '.join(wanted)}) VALUES ({', '.join('?' * len(wanted))})"
        self.insert = _text(env, insert)
        number = env.runtime.model_number("crm.lead")
        self.change = _text(
            env, "INSERT INTO core_change (change_set_id, model_no, record, operation) VALUES (?, ?, ?, 'c')"
        )
        self.change_set, self.number = env.change_set, number

    def create(self) -> None:
        """Insert all rows and their history."""
        self.database.fetch(self.customers, self.partners)
        ids = self.database.reserve_ids("crm_lead", len(self.rows))
        now = _instant(self.env)
        rows = [(id_, fold(row[self.name]), now, now, now, now, *row) for id_, row in zip(ids, self.rows, strict=True)]
        self.database.executemany(self.insert, rows)
        self.database.executemany(self.change, [(self.change_set, self.number, id_) for id_ in ids])


def _creating_many(env: Environment) -> Figure:
    items = _values(BATCH, env)
    by_hand = ByHand(env, [row.id for row in env["crm.lead"].create_many(items)])
    return compare("create_many(1000)", lambda: env["crm.lead"].create_many(items), by_hand.create, rounds=15, limit=4)


def _creating(env: Environment) -> Figure:
    (item,) = _values(1, env)
    by_hand = ByHand(env, [env["crm.lead"].create(**item).id])
    return compare("create one", lambda: env["crm.lead"].create(**item), by_hand.create, rounds=300, limit=4)


def _writing(env: Environment) -> Figure:
    (item,) = _values(1, env)
    id_ = env["crm.lead"].create(**item).id
    names = itertools.count()
    database = env.database
    select = _text(env, "SELECT name, * FROM crm_lead WHERE id = ?")
    if database.engine == "postgresql":
        select += " FOR UPDATE"
    update = _text(
        env,
        "UPDATE crm_lead SET name = ?, name_fold = ?, write_date = ?, write_uid = ?, version = version + 1"
        " WHERE id = ?",
    )
    change = _text(
        env,
        "INSERT INTO core_change (change_set_id, model_no, record, operation, before, after)"
        " VALUES (?, ?, ?, 'w', ?, ?)",
    )
    number = env.runtime.model_number("crm.lead")

    def raw() -> None:
        name = f"name {next(names)}"
        (before,) = database.fetch(select, (id_,))
        database.execute(update, (name, fold(name), _instant(env), env.user, id_))
        images = (json.dumps({"name": before[0]}), json.dumps({"name": name}))
        database.execute(change, (env.change_set, number, id_, *images))

    def ours() -> None:
        env["crm.lead"].write(id_, name=f"name {next(names)}")

    return compare("write one", ours, raw, rounds=300, limit=4)
