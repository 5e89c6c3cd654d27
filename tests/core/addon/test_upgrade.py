"""Upgrades: tables, migrations and data files of a new version, in one transaction; nothing of people's is lost."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from core.addon import kept, migrations
from core.addon import upgrade as upgrades
from core.addon.archive import backup
from core.addon.install import install
from core.addon.instance import Instance, restore_instance
from core.addon.uninstall import uninstall
from core.addon.upgrade import lines, upgrade
from core.database import Database, placed
from core.errors import ConfigurationError, DatabaseOutdated, DatabaseRefusal, Invalid, Refusal
from core.model.dump import dump
from core.records.history import timeline
from core.testing import Databases

pytestmark = pytest.mark.slow

Make = Callable[..., Instance]
Write = Callable[..., Path]
Dump = Callable[[Database], str]

HEAD = "from core import Model, fields, hookimpl\n\n\n"
MODEL = '''class Deal(Model, name="shop.deal", label="Deal", order="id"):
    """A deal."""

    title = fields.Char(label="Title", required=True, search=True)
    amount = fields.Integer(label="Amount")
    note = fields.Char(label="Note", index=True)


class Kind(Model, name="shop.kind", label="Kind", order="id"):
    """A kind."""

    name = fields.Char(label="Name", required=True)
'''
HOOK = "\n\n@hookimpl\ndef models():\n    return [Deal, Kind]\n"
DATA = """<tessera>
  <record id="small" model="shop.kind"><field name="name">Small</field></record>
  <record id="large" model="shop.kind"><field name="name">Large</field></record>
  <record id="odd" model="shop.kind"><field name="name">Odd</field></record>
  <record id="gone" model="shop.kind"><field name="name">Gone</field></record>
  <view id="kinds" model="shop.kind" type="list"><list><field name="name"/></list></view>
</tessera>
"""
LOCK = "shop"


def manifest(version: str, *, depends: str = '"base"', data: str = '"data/kinds.xml"') -> str:
    return f'title = "Shop"\nversion = "{version}"\ndepends = [{depends}]\ndata = [{data}]\n'


def forget() -> None:
    """Let Python read the changed files."""
    for name in [name for name in sys.modules if name == f"addons.{LOCK}" or name.startswith(f"addons.{LOCK}.")]:
        del sys.modules[name]


@pytest.fixture
def shop(write_addon: Write) -> Callable[..., Path]:
    """Write a version of the addon: `shop("1.1.0", model=..., data=..., files={...})`."""

    def write(
        version: str,
        *,
        model: str = MODEL,
        hook: str = HOOK,
        data: str = DATA,
        files: dict[str, str] | None = None,
        depends: str = '"base"',
    ) -> Path:
        forget()
        wanted = {"hooks.py": HEAD + model + hook, "data/kinds.xml": data, **(files or {})}
        return write_addon("shop", manifest=manifest(version, depends=depends), files=wanted).parent

    yield write
    forget()


@pytest.fixture
def old(shop: Callable[..., Path], make_instance: Make) -> Instance:
    """A database of version 1.0.0 with some use of it."""
    folder = shop("1.0.0")
    instance = make_instance("shop", addons_path=[folder])
    with instance.environment(superuser=True) as env:
        env["shop.deal"].create(title="First deal", amount=7, note="Call back")
        env["shop.deal"].write([1], note="Call again")
        env["shop.kind"].write([env.ref("shop.large").id], name="Huge")
        env["shop.kind"].delete([env.ref("shop.odd").id])
    return instance


def raised(instance: Instance, folder: Path, *names: str, rehearse: bool = False) -> Any:
    return upgrade(instance.database.url, names, addons_path=[folder], rehearse=rehearse)


def reopened(instance: Instance, folder: Path) -> Instance:
    return Instance.open(instance.database.url, addons_path=[folder])


def test_an_outdated_database_is_refused_until_it_is_upgraded(old: Instance, shop: Callable[..., Path]) -> None:
    folder = shop("1.1.0")
    with pytest.raises(DatabaseOutdated, match=r"made by version 1\.0\.0 of 'shop'; this is 1\.1\.0.*addon upgrade"):
        reopened(old, folder)
    done = raised(old, folder)
    assert [(step.kind, step.detail) for step in done.plan.steps if step.kind == "addon"] == [
        ("addon", "1.0.0 to 1.1.0")
    ]
    again = reopened(old, folder)
    with again.environment(superuser=True, write=False) as env:
        assert env["shop.deal"].read("", ["title", "amount"])[0]["title"] == "First deal"
    assert raised(old, folder).plan.steps == ()
    again.close()


def test_new_fields_models_and_indexes_arrive_and_what_goes_is_kept_aside(
    old: Instance, shop: Callable[..., Path], canonical: Dump
) -> None:
    model = MODEL.replace('    note = fields.Char(label="Note", index=True)\n', "").replace(
        "amount = fields.Integer",
        'due = fields.Date(label="Due", required=True, index=True)\n    amount = fields.Integer',
    )
    model += '\n\nclass Line(Model, name="shop.line", label="Line"):\n    """A line."""\n\n    name = fields.Char()\n'
    folder = shop("1.1.0", model=model, hook=HOOK.replace("Kind]", "Kind, Line]"))
    done = raised(old, folder)
    steps = {(step.action, step.kind, step.name) for step in done.plan.steps}
    assert {("add", "column", "shop_deal.due"), ("add", "table", "shop_line")} <= steps
    assert ("remove", "column", "shop_deal.note") in steps
    (aside,) = kept.kept_by(old.database, "shop")
    assert old.database.fetch(f'SELECT id, note FROM "{aside.name}"') == [(1, "Call again")]
    assert aside.retired == "1.1.0"
    again = reopened(old, folder)
    with again.environment(superuser=True) as env:
        env["shop.line"].create(name="x")
        assert [entry.operation for entry in timeline(env, "shop.deal", 1)] == ["write", "create"]
    uninstall(again, "shop", purge=True)
    assert "kept_" not in dump(again.database)
    again.close()


def test_a_field_that_must_be_filled_in_now_hinders_neither_an_archive_nor_a_new_installation(
    old: Instance, shop: Callable[..., Path], databases: Databases, tmp_path: Path
) -> None:
    model = MODEL.replace("amount = fields.Integer", "due = fields.Date(required=True)\n    amount = fields.Integer")
    folder = shop("1.1.0", model=model)
    raised(old, folder)
    backup(old.database, tmp_path / "x.zip")
    target = databases.fresh(old.database.engine)
    restore_instance(target, tmp_path / "x.zip", addons_path=[folder])
    restored = Instance.open(target, addons_path=[folder])
    for _round in range(2):
        with restored.environment(superuser=True) as env:
            assert env["shop.deal"].read("", ["title", "due"]) == [{"title": "First deal", "due": None}]
            with pytest.raises(Invalid):
                env["shop.deal"].create(title="Second deal")
        uninstall(restored, "shop")
        install(restored, ["shop"])
    restored.close()
    databases.drop(target)


def test_a_column_that_changed_its_kind_needs_a_migration(old: Instance, shop: Callable[..., Path]) -> None:
    model = MODEL.replace("amount = fields.Integer", "amount = fields.Char")
    before = dump(old.database)
    with pytest.raises(
        ConfigurationError, match=r"A020 column shop_deal\.amount holds integer and is declared as text"
    ):
        raised(old, shop("1.1.0", model=model))
    assert dump(old.database) == before
    step = (
        "aside = []\n\n\ndef before(former):\n    aside.append(former.set_aside('shop.deal', 'amount'))\n\n\n"
        "def after(env):\n"
        "    for id_, amount in env.database.fetch(f'SELECT id, amount FROM \"{aside[0]}\"'):\n"
        "        env['shop.deal'].write([id_], amount=f'{amount} pieces')\n"
    )
    folder = shop("1.1.0", model=model, files={"migrations/0001_pieces.py": step})
    raised(old, folder)
    again = reopened(old, folder)
    with again.environment(superuser=True, write=False) as env:
        assert env["shop.deal"].read("", ["amount"])[0]["amount"] == "7 pieces"
    again.close()


def test_a_field_is_renamed_with_its_values_and_its_history(old: Instance, shop: Callable[..., Path]) -> None:
    model = MODEL.replace("note = ", "remark = ").replace('"Note"', '"Remark"')
    files = {
        "migrations/0001_remark.py": "def before(former):\n    former.rename_field('shop.deal', 'note', 'remark')\n"
    }
    folder = shop("1.1.0", model=model, files=files)
    with pytest.raises(DatabaseOutdated, match="its migration 0001_remark was not applied"):
        reopened(old, folder)
    raised(old, folder)
    assert kept.kept_by(old.database, "shop") == []
    again = reopened(old, folder)
    with again.environment(superuser=True) as env:
        assert env["shop.deal"].read("", ["remark"])[0]["remark"] == "Call again"
        (changed, _created) = timeline(env, "shop.deal", 1)
        assert [(each.name, each.old, each.new) for each in changed.changes] == [("remark", "Call back", "Call again")]
    assert migrations.applied(again.database, "shop") == {1: "remark"}
    again.close()


def test_data_files_are_brought_up_to_date_and_records_no_longer_shipped_go(
    old: Instance, shop: Callable[..., Path]
) -> None:
    with old.environment(superuser=True) as env:
        gone = env.ref("shop.gone").id
    data = DATA.replace(">Small<", ">Tiny<").replace(">Large<", ">Vast<").replace(">Odd<", ">Strange<")
    data = data.replace('  <record id="gone" model="shop.kind"><field name="name">Gone</field></record>\n', "")
    data = data.replace('<view id="kinds"', '<view id="all_kinds"')
    folder = shop("1.1.0", data=data)
    done = raised(old, folder)
    found = {(each.kind, each.external_id) for each in done.findings}
    assert found == {("conflict", "shop.large"), ("deleted", "shop.odd")}
    assert "yours stays" in "\n".join(lines(done))
    removed = {step.name for step in done.plan.steps if step.action == "remove"}
    assert removed == {"shop.gone", "shop.kinds"}
    again = reopened(old, folder)
    with again.environment(superuser=True, write=False) as env:
        names = {record["name"] for record in env["shop.kind"].read("", ["name"])}
        assert names == {"Tiny", "Huge"}
        assert not env["shop.kind"].read("id == gone", ["id"], gone=gone)
    again.close()


def test_a_record_no_longer_shipped_stays_where_somebody_changed_it(old: Instance, shop: Callable[..., Path]) -> None:
    with old.environment(superuser=True) as env:
        env["shop.kind"].write([env.ref("shop.gone").id], name="Mine now")
    data = DATA.replace('  <record id="gone" model="shop.kind"><field name="name">Gone</field></record>\n', "")
    folder = shop("1.1.0", data=data)
    done = raised(old, folder)
    assert ("retired", "shop.gone") in {(each.kind, each.external_id) for each in done.findings}
    again = reopened(old, folder)
    with again.environment(superuser=True, write=False) as env:
        assert env["shop.kind"].get(env.ref("shop.gone").id).name == "Mine now"
    again.close()
    assert all(each.kind != "retired" for each in raised(old, folder, "shop").findings)


@pytest.mark.parametrize(
    ("files", "data", "message"),
    [
        ({"migrations/0001_bad.py": "def after(env):\n    raise ValueError('no such luck')\n"}, DATA, "no such luck"),
        ({"migrations/0001_bad.py": "x = 1\n"}, DATA, "A019 it has neither 'before' nor 'after'"),
        ({"migrations/0001_bad.py": "def before(\n"}, DATA, "A019 the migration cannot be imported"),
        (
            {"migrations/0001_bad.py": "def before(former):\n    former.rename_field('shop.deal', 'x', 'y')\n"},
            DATA,
            "A019 shop.deal has no column of a field 'x'",
        ),
        ({"migrations/0001_bad.py": "def before(former):\n    former.set_aside('x', 'x')\n"}, DATA, "no model 'x'"),
        ({}, DATA.replace('<field name="name"/></list>', '<field name="nme"/></list>'), "did you mean 'name'"),
        ({"migrations/0002_bad.py": "x = 1\n"}, DATA, "A017"),
    ],
)
def test_what_goes_wrong_changes_nothing(
    old: Instance, shop: Callable[..., Path], canonical: Dump, files: dict[str, str], data: str, message: str
) -> None:
    before = canonical(old.database)
    model = MODEL.replace("amount = fields.Integer", "due = fields.Date()\n    amount = fields.Integer")
    with pytest.raises((ConfigurationError, ValueError), match=message):
        raised(old, shop("1.1.0", model=model, data=data, files=files))
    assert canonical(old.database) == before


def test_a_migration_with_a_wrong_statement_is_told_with_its_line(old: Instance, shop: Callable[..., Path]) -> None:
    step = "def before(former):\n    former.execute('SELECT * FROM no_such_table')\n"
    folder = shop("1.1.0", files={"migrations/0001_bad.py": step})
    arguments = ["addon", "upgrade", "--db", old.database.url, "--addons-path", str(folder)]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 1
    assert "addons/shop/migrations/0001_bad.py:2:1 A019 the migration fails:" in done.stderr
    assert "no_such_table" in done.stderr


def test_of_two_upgrades_at_once_the_second_applies_nothing(
    old: Instance, shop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = "def before(former):\n    former.execute('UPDATE shop_deal SET amount = amount * 2')\n"
    folder = shop("1.1.0", files={"migrations/0001_double.py": step})

    run = upgrades._Upgrading.run

    def overtaken(planned: upgrades._Upgrading, **options: Any) -> upgrades.Upgraded:
        monkeypatch.setattr(upgrades._Upgrading, "run", run)
        raised(old, folder)
        return run(planned, **options)

    monkeypatch.setattr(upgrades._Upgrading, "run", overtaken)
    with pytest.raises(Refusal, match="Somebody else installed, upgraded or removed addons meanwhile"):
        raised(old, folder)
    assert old.database.fetch("SELECT amount FROM shop_deal") == [(14,)]
    assert raised(old, folder).plan.steps == ()


def test_a_rehearsal_does_everything_and_takes_it_back(
    old: Instance, shop: Callable[..., Path], canonical: Dump
) -> None:
    before = canonical(old.database)
    model = MODEL.replace("amount = fields.Integer", "due = fields.Date()\n    amount = fields.Integer")
    folder = shop("1.1.0", model=model, data=DATA.replace(">Large<", ">Vast<"))
    rehearsed = raised(old, folder, rehearse=True)
    assert canonical(old.database) == before
    done = raised(old, folder)
    assert rehearsed.as_json() == done.as_json()
    assert [each["why"] for each in done.as_json()["left"]] == ["conflict", "deleted"]


def test_an_addon_that_is_needed_now_is_installed_too(
    old: Instance, shop: Callable[..., Path], write_addon: Write
) -> None:
    write_addon("tools", depends=("base",))
    folder = shop("1.1.0", depends='"base", "tools"')
    raised(old, folder)
    again = reopened(old, folder)
    assert set(again.installed) == {"base", "tools", "shop"}
    again.close()


def test_former_and_unknown_versions_are_refused(old: Instance, shop: Callable[..., Path]) -> None:
    folder = shop("2.0.0")
    raised(old, folder)
    with pytest.raises(DatabaseRefusal, match="newer version"):
        raised(old, shop("1.0.0"))
    with pytest.raises(Refusal, match="'crm' is not installed"):
        raised(old, shop("2.0.0"), "crm")


def test_hook_after_upgrade(old: Instance, shop: Callable[..., Path]) -> None:
    hook = HOOK + (
        "\n\n@hookimpl\ndef after_upgrade(env, former):\n    env['shop.deal'].create(title=f'Came from {former}')\n"
    )
    folder = shop("1.1.0", hook=hook)
    raised(old, folder)
    again = reopened(old, folder)
    with again.environment(superuser=True, write=False) as env:
        assert env["shop.deal"].count("title == 'Came from 1.0.0'") == 1
    again.close()


def test_a_table_that_a_new_version_lacks_is_kept_aside(old: Instance, shop: Callable[..., Path]) -> None:
    head = MODEL.partition("class Kind")[0]
    folder = shop("1.1.0", model=head, hook=HOOK.replace(", Kind", ""), data="<tessera/>")
    raised(old, folder)
    assert "table shop_kind column" not in dump(old.database)
    (aside,) = kept.kept_by(old.database, "shop")
    assert (aside.table, aside.whole, aside.retired) == ("shop_kind", True, "1.1.0")
    assert old.database.fetch("SELECT name FROM core_external_id WHERE model = 'shop.kind'") == []
    again = reopened(old, folder)
    uninstall(again, "shop")
    install(again, ["shop"])
    assert [each.retired for each in kept.kept_by(again.database, "shop")] == ["1.1.0"]
    uninstall(again, "shop", purge=True)
    assert "kept_" not in dump(again.database)
    assert again.database.fetch("SELECT name FROM core_model WHERE name IN ('shop.deal', 'shop.kind')") == []
    again.close()


def test_what_comes_and_goes_twice_in_one_version_is_kept_twice(old: Instance, shop: Callable[..., Path]) -> None:
    without = MODEL.replace('    note = fields.Char(label="Note", index=True)\n', "").partition("class Kind")[0]
    lean = {"model": without, "hook": HOOK.replace(", Kind", ""), "data": "<tessera/>"}
    raised(old, shop("1.1.0", **lean))
    for text in ("Second", "Third"):
        folder = shop("1.1.0")
        raised(old, folder, "shop")
        again = reopened(old, folder)
        with again.environment(superuser=True) as env:
            env["shop.deal"].write([1], note=text)
        again.close()
        raised(old, shop("1.1.0", **lean), "shop")
    aside = [each for each in kept.kept_by(old.database, "shop") if each.table == "shop_deal"]
    values = {old.database.fetch(f'SELECT note FROM "{each.name}"')[0][0] for each in aside}
    assert values == {"Call again", "Second", "Third"}
    assert len([each for each in kept.kept_by(old.database, "shop") if each.table == "shop_kind"]) == 3
    again = reopened(old, shop("1.1.0", **lean))
    uninstall(again, "shop", purge=True)
    assert "kept_" not in dump(again.database)
    again.close()


def test_a_migration_reads_what_it_set_aside_also_where_that_is_nothing(
    old: Instance, shop: Callable[..., Path]
) -> None:
    with old.environment(superuser=True) as env:
        env["shop.deal"].write([1], amount=None)
    step = (
        "aside = []\n\n\ndef before(former):\n    aside.append(former.set_aside('shop.deal', 'amount'))\n\n\n"
        "def after(env):\n    assert env.database.fetch(f'SELECT id, amount FROM \"{aside[0]}\"') == []\n"
    )
    model = MODEL.replace("amount = fields.Integer", "amount = fields.Char")
    raised(old, shop("1.1.0", model=model, files={"migrations/0001_pieces.py": step}))
    done = "SELECT number, name FROM core_migration WHERE addon = 'shop'"
    assert old.database.fetch(done) == [(1, "pieces")], "the migration ran, and what it asserts held"


def test_a_record_that_users_deleted_and_nobody_ships_any_more_is_forgotten(
    old: Instance, shop: Callable[..., Path]
) -> None:
    data = DATA.replace('  <record id="odd" model="shop.kind"><field name="name">Odd</field></record>\n', "")
    folder = shop("1.1.0", data=data)
    done = raised(old, folder)
    assert "shop.odd" not in {each.external_id for each in done.findings}
    assert old.database.fetch("SELECT id FROM core_external_id WHERE addon = 'shop' AND name = 'odd'") == []
    reopened(old, folder).close()


def test_a_ledger_that_tells_no_kinds_is_read_with_those_declared(old: Instance, shop: Callable[..., Path]) -> None:
    """As version 0.1 wrote it."""
    database = old.database
    with database.transaction(write=True):
        rows = database.fetch("SELECT id, detail FROM core_owned WHERE kind IN ('column', 'index')")
        sql = placed(database, "UPDATE core_owned SET detail = ? WHERE id = ?")
        for id_, text in rows:
            detail = {name: value for name, value in json.loads(text).items() if name not in ("kind", "columns")}
            database.execute(sql, (json.dumps(detail), id_))
    model = MODEL.replace("amount = fields.Integer", "due = fields.Date()\n    amount = fields.Integer")
    folder = shop("1.1.0", model=model)
    done = raised(old, folder)
    assert [step.name for step in done.plan.steps if step.kind == "column"] == ["shop_deal.due"]
    reopened(old, folder).close()
