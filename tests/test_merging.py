"""Undoing a merge of leads is exact, whatever hung on them."""

from __future__ import annotations

import random

import pytest

from core.addon.canonical import canonical
from core.errors import AccessDenied, NotFound
from core.records.undo import undo
from core.testing import Browser
from core.web.app import create_app

HOOKS = '''"""Quotes for leads."""

from addons.crm.models import Lead
from core import Model, fields, hookimpl


class Quote(Model, name="quotes.quote", label="Quote", order="id"):
    """A quote for a lead, and for others."""

    name = fields.Char(required=True)
    lead = fields.Many2one(Lead, required=True, on_delete="restrict", index=True)
    others = fields.Many2many(Lead)
    about = fields.Reference()


class Watch(Model, name="quotes.watch", label="Watch", order="id", unique=[("lead", "name")]):
    """A word on a lead, once each."""

    name = fields.Char(required=True)
    lead = fields.Many2one(Lead, required=True, on_delete="cascade")


class LeadQuotes(Lead, extends=True):
    """What another addon knows of leads."""

    quotes = fields.One2many["Quote"]("quotes.quote", inverse="lead")
    limit = fields.Monetary(label="Limit")
    margin = fields.Monetary(label="Margin", groups="crm.manager")
    related = fields.Many2one["Lead"]("crm.lead", label="Related")


@hookimpl
def models():
    return [Quote, Watch, LeadQuotes]
'''


def merge(leads, *rows):
    return leads.call([row.id for row in rows], "merge")


def add_salesperson(env):
    env["res.users"].create(login="owner", name="Owner", groups=[env.ref("crm.own")])


@pytest.fixture(scope="module")
def quotes(tmp_path_factory):
    """The folder of an addon that crm does not know of, with references of every kind to leads."""
    folder = tmp_path_factory.mktemp("elsewhere") / "quotes"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "addon.toml").write_text('title = "Quotes"\nversion = "1.0.0"\ndepends = ["crm"]\n')
    (folder / "hooks.py").write_text(HOOKS)
    return folder.parent


def random_leads(env, chance):
    """Six leads with whatever may hang on a lead."""
    leads, kind = env["crm.lead"], env["mail.activity.type"].search("")[0].id
    tags = [env["crm.tag"].create(name=name).id for name in ("Red", "Blue")]
    team = env["crm.team"].search("")[0].id
    for label in ("Seats", "Rooms"):
        env["crm.team.property"].create(team=team, label=label, type="number")
    people = [row.id for row in env["res.partner"].create_many([{"name": name} for name in ("Ada", "Bob", "Cleo")])]
    rows = leads.create_many(
        [
            {
                "name": f"Deal {number}",
                "type": chance.choice(["lead", "opportunity"]),
                "expected_revenue": chance.choice([0, 100, 250]),
                "partner": chance.choice([None, *people]),
                "city": chance.choice([None, "Oslo"]),
                "tags": chance.sample(tags, chance.randint(0, 2)),
                "team": team,
                "properties": {
                    name: chance.randint(1, 9) for name in chance.sample(["seats", "rooms"], chance.randint(0, 2))
                },
                "limit": chance.choice([None, 7]),
                "email_from": chance.choice([None, f"x{number}@a.example"]),
            }
            for number in range(6)
        ]
    )
    ids = [row.id for row in rows]
    for row in rows:
        leads.write(row, related=chance.choice([None, *ids]))
        for _each in range(chance.randint(0, 2)):
            row.post(chance.choice(["Hello", "See the file"]), files=chance.choice([[], [("a.txt", b"a")]]))
            env["mail.activity"].create(record=row.reference, type=kind, date_deadline=env.today())
            env["quotes.quote"].create(
                name="Q", lead=row, others=chance.sample(ids, 2), about=f"crm.lead,{chance.choice(ids)}"
            )
        for person in chance.sample(people, 2):
            if not env["mail.followers"].count("record == r and partner == p", r=row.reference, p=person):
                env["mail.followers"].create(record=row.reference, partner=person)
        env["quotes.watch"].create_many([{"name": name, "lead": row} for name in chance.sample("abc", 2)])
    leads.call(chance.sample(ids, 1), "mark_lost")
    return ids


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_undoing_a_merge_is_exact(make_instance, quotes, seed):
    """Random leads, with references from an addon that crm does not know of."""
    chance = random.Random(seed)
    instance = make_instance("crm", "quotes", addons_path=[quotes])
    with instance.environment(superuser=True) as env:
        ids = random_leads(env, chance)
        quoted = env["quotes.quote"].count()
    before = canonical(instance.database)
    chosen = chance.sample(ids, chance.randint(2, 5))
    with instance.environment() as env:
        found = merge(env["crm.lead"], *env["crm.lead"].browse(chosen))
        change_set, survivor = env.change_set, found.id
    gone = {*chosen} - {survivor}
    with instance.environment(superuser=True) as env:
        assert env["crm.lead"].count("active or not active") == len(ids) - len(gone)
        rows = env["quotes.quote"].read("", ["lead", "others", "about"])
        assert len(rows) == quoted
        assert not gone & {row["lead"] for row in rows} | {id_ for row in rows for id_ in row["others"]} & gone
        assert not {f"crm.lead,{id_}" for id_ in gone} & {row["about"] for row in rows}
    assert canonical(instance.database) != before
    with instance.environment(superuser=True) as env:
        undo(env, change_set)
    assert canonical(instance.database) == before


def test_what_one_may_not_see_is_neither_chosen_nor_shown_nor_lost(make_instance, quotes):
    instance = make_instance("crm", "quotes", addons_path=[quotes], prepare=add_salesperson)
    owner = instance.user_id("owner")
    with instance.environment(superuser=True) as env:
        given = [{"name": name, "user": owner, "margin": margin} for name, margin in (("First", 0), ("Second", 4711))]
        first, second = (row.id for row in env["crm.lead"].create_many(given))
        env["res.users"].write(owner, password="secret")
    with instance.environment("owner") as env:
        with pytest.raises(NotFound, match="'margin' cannot be chosen"):
            env["crm.lead"].call([first, second], "merge", choices={"margin": second})
    browser = Browser(create_app(instance))
    assert browser.sign_in("owner", "secret").status_code == 303
    text = browser.get(f"/crm/merge?ids={first}&ids={second}").text
    assert "First" in text and "Margin" not in text and "4,711" not in text
    with instance.environment("owner") as env:
        found = merge(env["crm.lead"], *env["crm.lead"].browse([first, second]))
        assert "Margin" not in found.messages[0].body
    with instance.environment(superuser=True) as env:
        assert env["crm.lead"].get(first).margin == 4711


def test_a_salesperson_merges_without_the_right_to_delete_and_may_undo_it(make_instance):
    instance = make_instance("crm", prepare=add_salesperson)
    with instance.environment("owner") as env:
        rows = env["crm.lead"].create_many([{"name": "First"}, {"name": "Second"}])
        rows[1].post("Hello", files=[("a.txt", b"a")])
        assert not env["crm.lead"].may("delete")
    before = canonical(instance.database)
    with instance.environment("owner") as env:
        assert merge(env["crm.lead"], *env["crm.lead"].browse([row.id for row in rows])).id == rows[0].id
        assert env["crm.lead"].count() == 1
        change_set = env.change_set
    with instance.environment("owner") as env:
        undo(env, change_set)
    assert canonical(instance.database) == before


def test_who_merged_may_undo_it_whatever_moved_others_only_what_is_open_to_them(make_instance, quotes):
    instance = make_instance("crm", "quotes", addons_path=[quotes], prepare=add_salesperson)
    owner = instance.user_id("owner")
    with instance.environment(superuser=True) as env:
        env["res.users"].create(login="everybody", name="Everybody", groups=[env.ref("crm.all")])
        given = [{"name": name, "user": owner, "margin": margin} for name, margin in (("First", 0), ("Second", 4711))]
        rows = [row.id for row in env["crm.lead"].create_many(given)]
    before = canonical(instance.database)
    for login in ("owner", "admin"):
        with instance.environment("owner") as env:
            merge(env["crm.lead"], *env["crm.lead"].browse(rows))
            change_set = env.change_set
        with pytest.raises(AccessDenied, match="margin"), instance.environment("everybody") as env:
            undo(env, change_set)
        with instance.environment(login) as env:
            undo(env, change_set)
        assert canonical(instance.database) == before
