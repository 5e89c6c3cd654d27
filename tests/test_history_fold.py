"""The history, read backwards from the tables, ends with nothing: no row and no link moved behind its back."""

from __future__ import annotations

import random
from typing import Any

import pytest

from addons.crm.tests.conftest import add_users
from core.errors import Refusal
from core.model.change import Link
from core.records import changelog
from core.records.links import owns, stored_links
from core.records.present import current_values

ROUNDS = 3


def logged_models(env: Any) -> list[str]:
    """The models whose history is kept, those of core itself left out."""
    found = [model for model, options in env.registry.options.items() if options.history]
    return sorted(model for model in found if not model.startswith("core."))


def present(env: Any, model: str) -> dict[int, dict[str, Any]]:
    """All rows with their links as they are in the tables."""
    info = env.registry.schema[model]
    ids = [id_ for (id_,) in env.database.fetch(f"SELECT id FROM {info.table}")]
    rows = current_values(env, model, ids)
    for name, field in info.fields.items():
        if field.link is not None and owns(field.link):
            for id_, linked in stored_links(env, model, name, ids).items():
                rows[id_][name] = set(linked)
    return rows


def step_back(rows: dict[int, dict[str, Any]], record: int, operation: str, before: dict, after: dict) -> None:
    """Take one logged change back; what the log says must be what is there."""
    if operation == changelog.CREATED:
        del rows[record]
        return
    if operation == changelog.DELETED:
        assert record not in rows
        rows[record] = {}
    row = rows[record]
    for name, value in after.items():
        if isinstance(value, Link):
            linked = row.get(name, set())  # a deleted row that had no links says nothing of them
            assert linked >= set(value.add) and not linked & set(value.remove), (record, name)
            row[name] = (linked - set(value.add)) | set(value.remove)
        else:
            assert row[name] == value, (record, name, row[name], value)
    for name, value in before.items():
        row[name] = set(value.add) if isinstance(value, Link) else value


def fold_back(env: Any, model: str) -> None:
    rows, kinds = present(env, model), changelog.logged_fields(env.registry, model)
    table = "SELECT record, operation, before, after FROM core_change WHERE model_no = ? ORDER BY id DESC"
    for record, operation, before, after in env.database.fetch(
        env.runtime.text(table), (env.runtime.model_number(model),)
    ):
        step_back(rows, record, operation, changelog.from_image(before, kinds), changelog.from_image(after, kinds))
    assert rows == {}, model


def fill(env: Any) -> None:
    company = env["res.partner"].create(name="Acme", is_company=True, categories=[]).id
    person = env["res.partner"].create(name="Ada", parent=company).id
    tags = [env["crm.tag"].create(name=name).id for name in ("hot", "cold", "old")]
    category = env["res.partner.category"].create(name="Customers").id
    env["res.partner"].write([company, person], categories=Link(add=[category]))
    team = env["crm.team"].create(name="North").id
    env["crm.team.member"].create(team=team, user=env["res.users"].read("login == 'owner'", ["id"])[0]["id"])
    for number in range(6):
        lead = env["crm.lead"].create(name=f"Deal {number}", partner=person, tags=tags[: number % 4], team=team)
        env["crm.lead"].write([lead.id], tags=Link(add=tags[:1], remove=tags[1:2]), name=f"Deal {number}!")


@pytest.mark.parametrize("seed", range(3))
def test_deletes_of_any_model_leave_history_and_tables_in_step(make_instance: Any, seed: int) -> None:
    chance, refused, deleted = random.Random(seed), 0, 0
    instance = make_instance("crm", prepare=add_users)
    with instance.environment(superuser=True) as env:
        fill(env)
        models = logged_models(env)
    for model in chance.sample(models * ROUNDS, len(models) * ROUNDS):
        try:
            with instance.environment(superuser=True) as env:
                ids = [id_ for (id_,) in env.database.fetch(f"SELECT id FROM {env.registry.schema[model].table}")]
                if ids:
                    env[model].delete(chance.sample(ids, min(len(ids), 2)))
                    deleted += 1
        except Refusal:
            refused += 1
    assert deleted > len(models) / 2, (deleted, refused)
    with instance.environment(superuser=True, write=False) as env:
        for model in models:
            fold_back(env, model)
