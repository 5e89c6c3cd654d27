"""A later version of a detached addon: what was kept goes the way of an upgrade, and no value is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.addon import kept, migrations, state
from core.addon.install import install, plan_install
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.addon.upgrade import upgrade
from core.database import Database
from core.errors import ConfigurationError, DatabaseRefusal
from core.records.history import timeline

pytestmark = pytest.mark.slow

Make = Callable[..., Instance]
Write = Callable[..., Path]
Dump = Callable[[Database], str]

HEAD = "from addons.base.models import Partner\nfrom core import Model, fields, hookimpl\n\n\n"
DEAL = '''class Deal(Model, name="store.deal", label="Deal", order="id", label_field="title"):
    """A deal."""

    title = fields.Char(label="Title", required=True, search=True)
    note = fields.Char(label="Note", index=True)
    amount = fields.Integer(label="Amount")
    partners = fields.Many2many(Partner, label="Partners")


'''
KIND = '''class Kind(Model, name="store.kind", label="Kind", order="id"):
    """A kind."""

    name = fields.Char(label="Name", required=True)


'''
BUYER = '''class Buyer(Partner, extends=True):
    """A partner who buys."""

    nickname = fields.Char(label="Nickname")


'''
HOOK = "@hookimpl\ndef models():\n    return [Deal, Kind, Buyer]\n"
DATA = '<tessera><record id="{id}" model="store.kind"><field name="{field}">{text}</field></record></tessera>'
RENAMES = (
    "def before(former):\n    former.rename_field('store.deal', 'note', 'remark')\n"
    "    former.rename_field('store.kind', 'name', 'label')\n"
    "    former.rename_field('res.partner', 'nickname', 'called')\n"
)
DOUBLES = (
    "def after(env):\n    for deal in env['store.deal'].read('', ['id', 'amount']):\n"
    "        env['store.deal'].write([deal['id']], amount=deal['amount'] * 2)\n"
)
RENAMED = (
    HEAD
    + DEAL.replace("note = ", "remark = ")
    + KIND.replace("name = fields", "label = fields")
    + BUYER.replace("nickname = ", "called = ")
    + HOOK
)


@pytest.fixture
def store(write_addon: Write, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Write a version of the addon `store`: `store("1.1.0", hooks, {"migrations/0001_x.py": ...})`."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.startswith(("addons.store", "addons.more"))]:
            del sys.modules[name]

    def write(version: str, hooks: str, files: dict[str, str] | None = None, *, data: str = "") -> Path:
        forget()
        manifest = f'title = "Store"\nversion = "{version}"\ndata = ["data/kinds.xml"]\n'
        shipped = data or DATA.format(id="small", field="name", text="Small")
        return write_addon(
            "store", manifest=manifest, files={"hooks.py": hooks, "data/kinds.xml": shipped, **(files or {})}
        ).parent

    yield write
    forget()


@pytest.fixture
def left(store: Callable[..., Path], make_instance: Make) -> Instance:
    """A database from which version 1.0.0 was detached after some use."""
    instance = make_instance("store", addons_path=[store("1.0.0", HEAD + DEAL + KIND + BUYER + HOOK)])
    use(instance)
    uninstall(instance, "store")
    return instance


def use(instance: Instance) -> None:
    with instance.environment(superuser=True) as env:
        partner = env["res.partner"].create(name="Ada", nickname="A").id
        env["store.deal"].create(title="First", note="Call back", amount=7, partners=[partner])
        env["store.deal"].write([1], note="Call again")
        env["store.kind"].write([env.ref("store.small").id], name="Tiny")
        env["store.deal"].delete(env["store.deal"].create(title="Gone").id)


def later(instance: Instance, folder: Path) -> Instance:
    """The same database with the addons that lie there now."""
    return Instance.open(instance.database.url, addons_path=[folder])


def told(instance: Instance) -> list[Any]:
    """What people see of it."""
    with instance.environment(superuser=True) as env:
        deals = env["store.deal"].read("", ["id", "title", "remark", "amount", "partners"])
        kinds = env["store.kind"].read("", ["id", "label"])
        partners = env["res.partner"].read("called != none", ["name", "called"])
        history = [(entry.operation, entry.changes) for entry in timeline(env, "store.deal", 1)]
        external = env.ref("store.small").id
        new = env["store.deal"].create(title="Next").id
    return [deals, kinds, partners, history, external, new]


def test_migrations_run_on_what_was_kept_as_an_upgrade_runs_them(
    left: Instance, store: Callable[..., Path], make_instance: Make
) -> None:
    raised = make_instance("store", addons_path=[store("1.0.0", HEAD + DEAL + KIND + BUYER + HOOK)])
    use(raised)
    files = {"migrations/0001_renames.py": RENAMES, "migrations/0002_doubles.py": DOUBLES}
    hook = "\n\n@hookimpl\ndef after_upgrade(env, former):\n    env['store.kind'].create(label=f'From {former}')\n"
    folder = store("1.1.0", RENAMED + hook, files, data=DATA.format(id="small", field="label", text="Smaller"))
    upgrade(raised.database.url, addons_path=[folder])
    again = later(left, folder)
    steps = [(step.action, step.kind, step.name, step.detail) for step in plan_install(again, ["store"]).plan.steps]
    assert steps[:3] == [
        ("add", "addon", "store", "1.0.0 to 1.1.0"),
        ("add", "migration", "store 0001_renames", ""),
        ("add", "migration", "store 0002_doubles", ""),
    ]
    install(again, ["store"])
    expected = later(raised, folder)
    found, wanted = told(again), told(expected)
    assert found[0] == wanted[0]
    assert found[0][0].items() >= {"id": 1, "title": "First", "remark": "Call again", "amount": 14}.items()
    assert found[1:3] == wanted[1:3]
    assert [row["label"] for row in found[1]] == ["Tiny", "From 1.0.0"], "what a user changed stays"
    assert found[4] == wanted[4]
    assert kept.kept_by(again.database, "store") == []
    assert migrations.applied(again.database, "store") == {1: "renames", 2: "doubles"}
    names = {change.name for _operation, changes in found[3] for change in changes}
    assert "remark" in names
    assert "note" not in names
    uninstall(again, "store")
    install(again, ["store"])
    assert told(again)[1] == found[1]
    again.close()
    expected.close()


def test_ids_go_on_after_the_last_one_that_the_former_version_gave(left: Instance, store: Callable[..., Path]) -> None:
    again = later(left, store("1.1.0", RENAMED, {"migrations/0001_renames.py": RENAMES},
                              data=DATA.format(id="small", field="label", text="Small")))  # fmt: skip
    install(again, ["store"])
    with again.environment(superuser=True) as env:
        assert env["store.deal"].create(title="Next").id == 3
    again.close()


def test_values_that_the_later_version_has_no_place_for_are_set_aside(
    left: Instance, store: Callable[..., Path]
) -> None:
    model = DEAL.replace('    note = fields.Char(label="Note", index=True)\n', "")
    folder = store("1.1.0", HEAD + model + HOOK.replace(", Kind, Buyer", ""), data="<tessera/>")
    again = later(left, folder)
    install(again, ["store"])
    aside = {(each.table, each.columns[1]): each for each in kept.kept_by(again.database, "store")}
    assert {key: each.retired for key, each in aside.items()} == {
        ("res_partner", "nickname"): "1.1.0",
        ("store_deal", "note"): "1.1.0",
        ("store_kind", "version"): "1.1.0",
    }

    def values(table: str, column: str) -> list[tuple[Any, ...]]:
        return again.database.fetch(f'SELECT "{column}" FROM "{aside[table, column].name}"')

    assert values("store_deal", "note") == [("Call again",)]
    assert values("res_partner", "nickname") == [("A",)]
    assert len(values("store_kind", "version")) == 1
    again.close()


def test_values_of_another_kind_are_refused_and_stay_kept(
    left: Instance, store: Callable[..., Path], canonical: Dump
) -> None:
    before = canonical(left.database)
    model = DEAL.replace("amount = fields.Integer", "amount = fields.Char")
    again = later(left, store("1.1.0", HEAD + model + KIND + BUYER + HOOK))
    with pytest.raises(
        ConfigurationError, match=r"A020 column store_deal\.amount holds integer and is declared as tex"
    ):
        install(again, ["store"])
    assert canonical(left.database) == before
    again.close()


def test_a_migration_sets_values_aside_and_reads_them_again(left: Instance, store: Callable[..., Path]) -> None:
    step = (
        "aside = []\n\n\ndef before(former):\n    aside.append(former.set_aside('store.deal', 'amount'))\n"
        "    aside.append(former.set_aside('store.deal', 'note'))\n"
        "    former.execute('UPDATE store_deal SET title = ?', ['Second'])\n\n\n"
        "def after(env):\n"
        "    for id_, amount in env.database.fetch(f'SELECT id, amount FROM \"{aside[0]}\"'):\n"
        "        env['store.deal'].write([id_], amount=f'{amount} pieces')\n"
    )
    model = DEAL.replace("amount = fields.Integer", "amount = fields.Char")
    folder = store("1.1.0", HEAD + model + KIND + BUYER + HOOK, {"migrations/0001_pieces.py": step})
    again = later(left, folder)
    install(again, ["store"])
    with again.environment(superuser=True) as env:
        (deal,) = env["store.deal"].read("", ["title", "amount", "note"])
    assert deal == {"title": "Second", "amount": "7 pieces", "note": None}
    assert {each.columns[1] for each in kept.kept_by(again.database, "store")} == {"amount", "note"}
    again.close()


def test_what_a_newer_version_left_is_refused(left: Instance, store: Callable[..., Path], canonical: Dump) -> None:
    before = canonical(left.database)
    again = later(left, store("0.9.0", HEAD + DEAL + KIND + BUYER + HOOK))
    with pytest.raises(DatabaseRefusal, match=r"made by version 1\.0\.0 of 'store'; this is 0\.9\.0"):
        plan_install(again, ["store"])
    again.close()
    with left.database.transaction(write=True):
        left.database.execute("INSERT INTO core_migration (addon, number, name) VALUES ('store', 1, 'later')")
    again = later(left, store("1.0.0", HEAD + DEAL + KIND + BUYER + HOOK))
    with pytest.raises(DatabaseRefusal, match="0001_later"):
        install(again, ["store"])
    assert again.installed == ("base",)
    assert [line for line in canonical(left.database).splitlines() if "core_migration" not in line] == [
        line for line in before.splitlines() if "core_migration" not in line
    ]
    again.close()


MORE = (
    "from addons.store.hooks import Deal\nfrom core import Model, fields, hookimpl\n\n\n"
    'class Priced(Deal, extends=True):\n    {name} = fields.Integer(label="Price")\n\n\n'
    "@hookimpl\ndef models():\n    return [Priced]\n"
)
PRICES = "def before(former):\n    former.rename_field('store.deal', 'price', 'cost')\n"


def test_addons_that_extend_each_other_come_back_together(
    store: Callable[..., Path], write_addon: Write, make_instance: Make
) -> None:
    folder = store("1.0.0", HEAD + DEAL + KIND + BUYER + HOOK)
    write_addon("more", depends=("store",), files={"hooks.py": MORE.format(name="price")})
    instance = make_instance("more", addons_path=[folder])
    use(instance)
    with instance.environment(superuser=True) as env:
        env["store.deal"].write([1], price=99)
    uninstall(instance, "more")
    uninstall(instance, "store")
    folder = store(
        "1.1.0",
        RENAMED,
        {"migrations/0001_renames.py": RENAMES},
        data=DATA.format(id="small", field="label", text="Small"),
    )
    write_addon(
        "more",
        manifest='title = "More"\nversion = "1.1.0"\ndepends = ["store"]\n',
        files={"hooks.py": MORE.format(name="cost"), "migrations/0001_prices.py": PRICES},
    )
    again = later(instance, folder)
    install(again, ["more"])
    with again.environment(superuser=True) as env:
        assert env["store.deal"].read("", ["remark", "cost"]) == [{"remark": "Call again", "cost": 99}]
    assert kept.kept_by(again.database, "more") == []
    again.close()


def test_an_upgrade_that_needs_a_detached_addon_brings_it_up_too(
    left: Instance, store: Callable[..., Path], write_addon: Write
) -> None:
    folder = store("1.0.0", HEAD + DEAL + KIND + BUYER + HOOK)
    write_addon("needing")
    first = later(left, folder)
    install(first, ["needing"])
    first.close()
    hook = "\n\n@hookimpl\ndef after_install(env):\n    raise RuntimeError('was installed before')\n"
    folder = store(
        "1.1.0",
        RENAMED + hook,
        {"migrations/0001_renames.py": RENAMES, "migrations/0002_doubles.py": DOUBLES},
        data=DATA.format(id="small", field="label", text="Small"),
    )
    write_addon("needing", manifest='title = "n"\nversion = "1.1.0"\ndepends = ["store"]\n')
    done = upgrade(left.database.url, addons_path=[folder])
    assert ("migration", "store 0001_renames") in {(step.kind, step.name) for step in done.plan.steps}
    again = later(left, folder)
    with again.environment(superuser=True) as env:
        assert env["store.deal"].read("", ["remark", "amount"]) == [{"remark": "Call again", "amount": 14}]
    assert state.detached(again.database, ["store"]) == {}
    assert again.database.fetch("SELECT change_set_id FROM core_addon WHERE name = 'store'") == [(None,)]
    again.close()


def test_what_must_be_filled_in_now_and_was_not_there_comes_back_empty(
    left: Instance, store: Callable[..., Path]
) -> None:
    model = DEAL.replace("amount = fields", 'due = fields.Date(label="Due", required=True)\n    amount = fields')
    again = later(left, store("1.1.0", HEAD + model + KIND + BUYER + HOOK))
    install(again, ["store"])
    with again.environment(superuser=True) as env:
        assert env["store.deal"].read("", ["title", "due"]) == [{"title": "First", "due": None}]
    assert kept.kept_by(again.database, "store") == []
    uninstall(again, "store")
    install(again, ["store"])
    with again.environment(superuser=True) as env:
        assert env["store.deal"].count("due == none") == 1
    again.close()


def test_a_shipped_record_that_had_to_stay_does_not_hinder_the_next_installation(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        stage = env.ref("crm_extra.stage_shortlist").id
        env["crm.lead"].create(name="Deal", stage=stage)
        env["crm.stage"].write([stage], name="Mine")
    uninstall(instance, "crm_extra")
    install(instance, ["crm_extra"])
    with instance.environment() as env:
        assert (env.ref("crm_extra.stage_shortlist").id, env["crm.stage"].get(stage).name) == (stage, "Mine")
