"""What cannot be used is left out with its reasons, and everything else goes on: addons, extensions of views."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon import loading
from core.addon.discovery import discover
from core.addon.install import install
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.errors import AccessDenied, ConfigurationError, Refusal
from core.security.passwords import hash_password
from core.web.app import create_app

Make = Callable[..., Instance]
Write = Callable[..., Path]

EXTENSION = (
    '<view id="lead_form_more" model="crm.lead" type="form" extends="crm.lead_form">'
    '<xpath expr="//field[@name=\'email_cc\']" position="after"><field name="{field}"/></xpath></view>'
)


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make Python lose the distribution `lxml` as far as requirements of addons go."""
    real = loading.version

    def lose() -> None:
        def version(name: str) -> str:
            if name == "lxml":
                raise loading.PackageNotFoundError(name)
            return real(name)

        monkeypatch.setattr(loading, "version", version)

    return lose


@pytest.fixture
def needy(write_addon: Write, make_instance: Make) -> Instance:
    """A database with an addon that needs a distribution, and one that builds on it."""
    manifest = 'title = "Needy"\nversion = "1.0.0"\ndepends = ["crm"]\ndata = ["views/x.xml"]\npython = ["lxml"]\n'
    hooks = (
        "from addons.crm.models import Lead\nfrom core import fields, hookimpl\n\n\n"
        "class More(Lead, extends=True):\n    more = fields.Char()\n\n\n"
        "@hookimpl\ndef models():\n    return [More]\n"
    )
    view = f"<tessera>{EXTENSION.format(field='more')}</tessera>"
    folder = write_addon("needy", manifest=manifest, files={"hooks.py": hooks, "views/x.xml": view}).parent
    write_addon("upon", depends=("needy",))
    instance = make_instance("needy", "upon", addons_path=[folder])
    with instance.environment(superuser=True) as env:
        env["res.users"].write([instance.administrator], password=hash_password("pw"))
    return instance


def test_a_missing_distribution_disables_its_addon_and_the_server_runs(
    needy: Instance, lacking: Callable[[], None]
) -> None:
    folder = needy.catalog["needy"].folder.parent
    lacking()
    instance = Instance.open(needy.database.url, addons_path=[folder])
    assert instance.installed == ("base", "mail", "crm")
    assert {name: str(problems[0]) for name, problems in instance.disabled.items()} == {
        "needy": "addons/needy/addon.toml:5:11 A016 'lxml' is needed but is not installed",
        "upon": "addons/upon/addon.toml:3:12 A016 'needy', which it needs, is disabled: 'lxml' is needed but is not"
        " installed",
    }
    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Still here")
        form = instance.views.view(env, "crm.lead", "form")
        assert "more" not in form.variant(env).arch.editable()
        assert lead.id
    for change in (lambda: install(instance, ["crm"]), lambda: uninstall(instance, "crm")):
        with pytest.raises(Refusal, match="'needy' is installed and disabled: 'lxml' is needed"):
            change()
    instance.close()
    needy.refresh()
    assert needy.disabled == {}


def test_administrators_are_told_on_every_page(needy: Instance, lacking: Callable[[], None]) -> None:
    folder = needy.catalog["needy"].folder.parent
    lacking()
    instance = Instance.open(needy.database.url, addons_path=[folder])
    client = create_app(instance).test_client()
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"login": "admin", "password": "pw", "csrf_token": token})
    text = client.get("/app/crm.lead").text
    assert "2 problems" in text and "A016 &#39;lxml&#39; is needed but is not installed" in text
    instance.close()


def test_a_broken_extension_is_left_out_alone(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        broken = EXTENSION.replace("{field}", "no_such_field")
        arch = broken[broken.index("<xpath") : broken.index("</view>")]
        common = {"model": "crm.lead", "type": "form", "extends": "crm.lead_form", "priority": 16}
        env["core.view"].create(name="own.broken", arch=arch, **common)
        fine = arch.replace("no_such_field", "write_date")
        env["core.view"].create(name="own.fine", arch=fine, **common)
    with instance.environment() as env:
        instance.refresh()
        found = instance.views.composition(env)
        assert found.quarantined == ("own.broken",)
        assert [problem.code for problem in found.problems] == ["V012"]
        shown = {node.path for node in instance.views.view(env, "crm.lead", "form").variant(env).arch.fields()}
        assert "write_date" in shown and "no_such_field" not in shown and "competitor" in shown


def test_a_rule_that_cannot_be_read_closes_its_model(make_instance: Make) -> None:
    instance = make_instance("crm")
    with instance.environment(superuser=True) as env:
        rule = env["core.rule"].create(name="Mine", model="crm.tag", condition="name == 'x'").id
        table = env.registry.schema["core.rule"].table
        env.database.execute(f"UPDATE {table} SET condition = 'gone == 1' WHERE id = {rule}")
    with instance.environment() as env, pytest.raises(AccessDenied, match=r"a rule on them cannot be read.*gone == 1"):
        env["crm.tag"].search("")


def distribution(site: Path, name: str, value: str, *, folder: str) -> None:
    """An installed distribution with an entry point."""
    info = site / f"dist_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[tessera.addons]\n{name} = {value}\n")
    addon = site / folder
    addon.mkdir(parents=True)
    (addon / "__init__.py").write_text('"""An addon of a distribution."""\n')
    (addon / "addon.toml").write_text(f'title = "{name}"\nversion = "1.0.0"\ndepends = ["base"]\n')


def test_an_installed_distribution_brings_an_addon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_instance: Make
) -> None:
    site = tmp_path / "site"
    distribution(site, "loyalty", "loyalty_package.loyalty", folder="loyalty_package/loyalty")
    distribution(site, "lost", "lost_package.elsewhere", folder="lost_package/lost")
    monkeypatch.syspath_prepend(site)
    catalog = discover()
    assert catalog["loyalty"].folder == site / "loyalty_package" / "loyalty"
    with pytest.raises(ConfigurationError, match=r"A021 'lost_package\.elsewhere' leads to no folder 'lost'"):
        catalog["lost"]
    instance = make_instance()
    again = Instance.open(instance.database.url)
    install(again, ["loyalty"])
    assert "loyalty" in again.installed
    again.close()


def test_an_entry_point_that_clashes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    distribution(site, "crm", "more_package.crm", folder="more_package/crm")
    monkeypatch.syspath_prepend(site)
    with pytest.raises(ConfigurationError, match="A008 two addons are called 'crm'"):
        discover()
