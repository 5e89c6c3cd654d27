"""Upgrades on the page of addons: offered where the addon on disk is another one, planned first, done while serving."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.addon import renewal, state
from core.addon.canonical import canonical
from core.addon.instance import Instance
from core.addon.upgrade import upgrade
from core.addon.waiting import Waiting, waiting
from core.testing import Browser
from core.web.application import Application

HOOKS = '''"""A shop."""

from core import Model, fields, hookimpl


class Kind(Model, name="shop.kind", label="Kind", order="id"):
    """A kind."""

    name = fields.Char(label="Name", required=True)
    {more}


@hookimpl
def models():
    return [Kind]


@hookimpl
def asides(env, model, record):
    return ["{mark}"] if model == "res.partner" else []
'''
DATA = """<tessera>
  <record id="small" model="shop.kind"><field name="name">Small</field></record>
  <record id="large" model="shop.kind"><field name="name">Large</field></record>
</tessera>
"""
COLOR = 'color = fields.Integer(label="Color")'
NEWER = {"more": COLOR, "mark": "Second mark", "data": DATA.replace("Small", "Tiny").replace("Large", "Vast")}
RENAMED = "def before(former):\n    former.execute('SELECT 1')\n"

pytestmark = pytest.mark.slow

Ship = Callable[..., Path]


@pytest.fixture
def ship(tmp_path: Path) -> Iterator[Ship]:
    """Put a version of the addon on disk."""
    folder = tmp_path / "extra" / "shop"

    def write(version: str, *, more: str = "", mark: str = "First mark", data: str = DATA, step: str = "") -> Path:
        (folder / "migrations").mkdir(parents=True, exist_ok=True)
        (folder / "addon.toml").write_text(f'title = "Shop"\nversion = "{version}"\ndata = ["kinds.xml"]\n')
        (folder / "__init__.py").write_text('"""A shop."""\n')
        (folder / "hooks.py").write_text(HOOKS.format(more=more, mark=mark))
        (folder / "kinds.xml").write_text(data)
        if step:
            (folder / "migrations" / "0001_step.py").write_text(step)
        return folder.parent

    yield write
    for name in [name for name in sys.modules if name == "addons.shop" or name.startswith("addons.shop.")]:
        del sys.modules[name]


@pytest.fixture
def instance(make_instance: Callable[..., Instance], ship: Ship) -> Instance:
    made = make_instance("shop", addons_path=[ship("1.0.0")])
    with made.environment(superuser=True) as env:
        env["shop.kind"].write([env.ref("shop.large").id], name="Huge")
    return made


@pytest.fixture
def browser(instance: Instance, cheap_passwords: None) -> Browser:
    found = Browser(Application(instance))
    found.sign_in("admin", "secret")
    return found


def shown(browser: Browser) -> str:
    """The page of a contact, on which the addon shows which of its versions serves."""
    return str(browser.get("/app/res.partner/1").text)


def test_nothing_is_offered_while_disk_and_database_agree(browser: Browser, instance: Instance) -> None:
    assert waiting(instance) == {}
    assert "Plan upgrade" not in browser.get("/addons/").text + browser.get("/addons/shop").text


def test_an_upgrade_is_planned_and_done_while_the_server_runs(
    browser: Browser, instance: Instance, ship: Ship, engine: str
) -> None:
    assert "First mark" in shown(browser)
    ship("1.1.0", **NEWER, step=RENAMED)
    assert waiting(instance) == {"shop": Waiting("1.0.0", "1.1.0")}
    assert "Plan upgrade" in browser.get("/addons/").text
    text = browser.get("/addons/shop").text
    assert "The database has 1.0.0, on disk is 1.1.0." in text and "/addons/shop/upgrade" not in text

    before = canonical(instance.database)
    text = browser.post("/addons/shop/rehearse").text
    for part in ("1.0.0 to 1.1.0", "shop 0001_step", "shop_kind.color", "shop.small (name)", "yours stays"):
        assert part in text
    assert 'action="/addons/shop/upgrade"' in text
    assert canonical(instance.database) == before and "First mark" in shown(browser)

    assert browser.post("/addons/shop/upgrade").location == "/addons/shop"
    text = browser.get("/addons/shop").text
    assert "Upgraded shop" in text and "Plan upgrade" not in text and "1.1.0" in text
    assert "Second mark" in shown(browser) and waiting(instance) == {}
    with instance.environment(superuser=True) as env:
        names = [row["name"] for row in env["shop.kind"].read("color == none", ["name"])]
    assert names == ["Tiny", "Huge"]
    done_by = "SELECT u.login FROM core_change_set c JOIN res_users u ON u.id = c.user_id WHERE c.kind = 'upgrade'"
    assert instance.database.fetch(done_by) == [("admin",)]


def test_data_files_that_changed_without_a_new_version_are_offered(
    browser: Browser, instance: Instance, ship: Ship
) -> None:
    ship("1.0.0", data=DATA.replace("Small", "Tiny"))
    text = browser.get("/addons/shop").text
    assert "Version 1.0.0 on disk is another one than the database has." in text
    browser.post("/addons/shop/upgrade")
    assert waiting(instance) == {}
    ship("1.0.0", data=DATA.replace("Small", "Tiny"), more=COLOR)
    assert waiting(instance) == {"shop": Waiting("1.0.0", "1.0.0")}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("def after(env):\n    raise ValueError('no such luck')\n", "0001_step.py:2:1 A019 the migration fails"),
        ("def before(\n", "A019 the migration cannot be imported"),
        ("def after(env):\n    env['shop.kind'].create(name=None)\n", "Name"),
    ],
)
def test_what_fails_explains_itself_and_changes_nothing(
    browser: Browser, instance: Instance, ship: Ship, step: str, told: str
) -> None:
    before, module = canonical(instance.database), sys.modules["addons.shop.hooks"]
    ship("1.1.0", **NEWER, step=step)
    browser.get("/addons/shop")
    for act in ("rehearse", "upgrade"):
        answer = browser.post(f"/addons/shop/{act}")
        assert answer.status_code == 422
        assert told in answer.text and "Nothing was changed." in answer.text
        assert 'action="/addons/shop/upgrade"' not in answer.text
    assert canonical(instance.database) == before
    assert sys.modules["addons.shop.hooks"] is module and "First mark" in shown(browser)
    ship("1.1.0", **NEWER, step=RENAMED)
    assert browser.post("/addons/shop/upgrade").status_code == 303
    assert "Second mark" in shown(browser)


def test_an_upgrade_by_another_process_is_taken_over(browser: Browser, instance: Instance, ship: Ship) -> None:
    folder = ship("1.1.0", **NEWER, step=RENAMED)
    former = sys.modules.pop("addons.shop"), sys.modules.pop("addons.shop.hooks")
    upgrade(instance.database.url, addons_path=[folder])
    sys.modules["addons.shop"], sys.modules["addons.shop.hooks"] = former  # this process has the former ones still
    assert "Second mark" in shown(browser)
    assert instance.catalog["shop"].version.minor == 1


def test_only_administrators_plan_and_upgrade(instance: Instance, ship: Ship, cheap_passwords: None) -> None:
    with instance.environment(superuser=True) as env:
        env["res.users"].create(login="ann", name="Ann", password="secret", groups=[env.ref("base.internal").id])
    ship("1.1.0")
    browser = Browser(Application(instance))
    browser.sign_in("ann", "secret")
    browser.get("/app/res.partner")
    for act in ("rehearse", "upgrade"):
        assert "Only administrators" in browser.post(f"/addons/shop/{act}").text
    assert str(state.installed_versions(instance.database)["shop"]) == "1.0.0"


def test_addons_that_are_not_installed_are_not_upgraded(browser: Browser) -> None:
    browser.get("/addons/crm")
    answer = browser.post("/addons/crm/upgrade")
    assert answer.status_code == 422 and "is not installed" in answer.text


def test_what_comes_with_the_product_is_not_upgraded_under_a_running_server(
    browser: Browser, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "is_changed", lambda manifest: manifest.name == "base")
    module = sys.modules["addons.base"]
    browser.get("/addons/base")
    answer = browser.post("/addons/base/upgrade")
    assert answer.status_code == 422 and "Stop the server" in answer.text
    assert sys.modules["addons.base"] is module
