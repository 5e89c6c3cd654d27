"""Random rules: every road to records gives those that the rules mean, worked out in Python over all of them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from addons.crm.tests.conftest import USERS, add_users
from core.data.exporting import export_csv
from core.lang.accessor import Values
from core.lang.python import predicate
from core.records.runtime import utc_now
from core.security import api_keys
from core.web.app import create_app

CONDITIONS = (
    "user == me",
    "user == none",
    "color > 2",
    "not (color > 2)",
    "partner.name != 'Acme'",
    "partner.user == me",
    "stage.sequence < 3",
    "any(tags, name == 'hot')",
    "not any(tags, name == 'hot')",
    "name in ['Deal 1', 'Deal 3', 'Deal 5']",
    "expected_revenue > 1000 or probability < 50",
    "company in companies",
)
SEARCHES = ("", "color >= 1", "partner.name == 'Acme'", "any(tags, name == 'hot') or user == none")


def fill(env: Any, chance: random.Random) -> None:
    users = [row["id"] for row in env["res.users"].read("", ["id"])]
    stages = [row["id"] for row in env["crm.stage"].read("", ["id"])]
    partners = [
        env["res.partner"].create(name=name, user=chance.choice([None, *users])).id
        for name in ("Acme", "Halden", "Kiel")
    ]
    tags = [env["crm.tag"].create(name=name).id for name in ("hot", "cold")]
    for number in range(24):
        env["crm.lead"].create(
            name=f"Deal {number}",
            user=chance.choice([None, *users]),
            stage=chance.choice(stages),
            partner=chance.choice([None, *partners]),
            color=chance.choice([None, 0, 1, 3, 5]),
            expected_revenue=chance.choice([None, 10, 5000]),
            tags=chance.sample(tags, chance.randint(0, 2)),
            active=chance.random() < 0.8,
        )


def set_rules(env: Any, chance: random.Random) -> None:
    """Random rules in place of the shipped ones: for everybody and for groups."""
    env["core.rule"].delete(env["core.rule"].search("model == 'crm.lead' and (active or not active)").ids)
    groups = [env.ref(name).id for name in sorted(set(USERS.values()))]
    for number in range(chance.randint(1, 4)):
        chosen = chance.sample(groups, chance.randint(0, 2))
        env["core.rule"].create(
            name=f"Rule {number}", model="crm.lead", condition=chance.choice(CONDITIONS), groups=chosen
        )


def meant(env: Any, everything: Mapping[int, Mapping[str, Any]], where: str) -> set[int]:
    """What the rules let the environment's user see of the records that meet a condition, in Python."""
    registry, rules = env.registry, env.sudo()["core.rule"].read("model == 'crm.lead'", ["condition", "groups"])
    held = env.profile.groups
    own = [rule["condition"] for rule in rules if set(rule["groups"]) & held]
    whole = [rule["condition"] for rule in rules if not rule["groups"]]

    def load(model: str, ids: Iterable[int]) -> list[dict[str, Any]]:
        fields = [info.name for info in registry.schema[model].fields.values() if info.column]
        return list(env.sudo()[model].read_ids(list(ids), fields).values())

    def holds(condition: str, values: Mapping[str, Any]) -> bool:
        function = predicate(registry.parse(condition, "crm.lead"), registry.schema, parse=registry.parse)
        return bool(function(Values(values, "crm.lead", registry.schema, load), env.implicit()))

    def seen(values: Mapping[str, Any]) -> bool:
        allowed = all(holds(each, values) for each in whole) and (not own or any(holds(each, values) for each in own))
        return allowed and (not where or holds(where, values))

    return {id_ for id_, values in everything.items() if values["active"] and seen(values)}


@pytest.mark.parametrize("seed", range(6))
def test_every_road_gives_what_the_rules_mean(make_instance: Any, seed: int) -> None:
    chance = random.Random(seed)
    instance = make_instance("crm", prepare=add_users)
    with instance.environment(superuser=True) as env:
        fill(env, chance)
        set_rules(env, chance)
    client = create_app(instance).test_client()
    for login in USERS:
        key = api_keys.create(instance.database, instance.user_id(login), name="test", now=utc_now())
        for where in SEARCHES:
            with instance.environment(login, write=False) as env:
                leads = env["crm.lead"]
                fields = [info.name for info in env.registry.schema["crm.lead"].fields.values() if info.column]
                stored = env.sudo()["crm.lead"].read("active or not active", ["id", *fields, "tags"])
                expected = meant(env, {row["id"]: row for row in stored}, where)
                found = {
                    "search": {row.id for row in leads.search(where)},
                    "read": {row["id"] for row in leads.read(where, ["id", "partner.name", "stage.sequence"])},
                    "aggregate": {row["id"] for row in leads.aggregate(where, by=["id"])},
                    "export": exported(env, where),
                }
                assert leads.count(where) == len(expected)
                permitted = leads.permitted([row["id"] for row in stored if row["active"]])
                assert where or set(permitted) == expected
            found["API"] = answered(client, key, where)
            assert {road: ids for road, ids in found.items() if ids != expected} == {}, (login, where)


def exported(env: Any, where: str) -> set[int]:
    file = io.StringIO()
    export_csv(env, "crm.lead", ["id"], file, where=where)
    return {int(row[0]) for row in list(csv.reader(io.StringIO(file.getvalue())))[1:]}


def answered(client: Any, key: str, where: str) -> set[int]:
    answer = client.get(
        "/api/crm.lead",
        query_string={"where": where, "fields": "id", "limit": 1000},
        headers={"Authorization": f"Bearer {key}"},
    )
    return {record["id"] for record in json.loads(answer.text)["records"]}
