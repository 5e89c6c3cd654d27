"""Addons come and go in the browser: planned, removed with their data kept, brought back, upgraded."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.addon.discovery import discover
from core.addon.install import install


def test_an_addon_is_removed_and_brought_back(page_of, site):
    page = page_of("admin")
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("link", name="Addons", exact=True).click()
    page.get_by_role("link", name="Sales", exact=True).click()
    plan = page.get_by_role("region", name="Remove Sales")
    expect(plan).to_contain_text("crm_lead")
    plan.get_by_role("button", name="Remove Sales").click()
    expect(page.get_by_role("status").filter(has_text="its data is kept")).to_be_visible()
    expect(page.locator("#sidebar").get_by_text("My Opportunities")).to_have_count(0)
    assert "crm" not in site.instance.installed
    back = page.get_by_role("region", name="Bring Sales back")
    expect(back).to_contain_text("crm_lead")
    back.get_by_role("button", name="Bring Sales back").click()
    expect(page.get_by_role("status").filter(has_text="Installed crm")).to_be_visible()
    page.goto("/app/crm.lead?view=list&q=Cold-chain")
    expect(page.get_by_role("link", name="Cold-chain sensors for 3 depots").first).to_be_visible()


def write_version(folder: Path, version: str, label: str) -> None:
    """Put an addon on disk that gives contacts a field."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "addon.toml").write_text(f'title = "Loyalty"\nversion = "{version}"\ndata = ["data.xml"]\n')
    (folder / "__init__.py").write_text('"""Loyalty."""\n')
    (folder / "hooks.py").write_text(
        '"""Loyalty."""\n\nfrom core import hookimpl\n\n\n@hookimpl\ndef asides(env, model, record):\n'
        f'    return ["<p>{label}</p>"] if model == "res.partner" else []\n'
    )
    (folder / "data.xml").write_text(
        f'<tessera><record id="club" model="res.partner.category"><field name="name">{label}</field></record></tessera>'
    )


@pytest.fixture
def folder(tmp_path):
    """Where the addon lies; its name is free again afterwards."""
    yield tmp_path / "extra" / "loyalty"
    for name in [name for name in sys.modules if name.startswith("addons.loyalty")]:
        del sys.modules[name]


def test_an_addon_is_upgraded_while_the_server_runs(page_of, site, folder):
    write_version(folder, "1.0.0", "Silver club")
    site.instance.catalog = discover([folder.parent])
    install(site.instance, ["loyalty"])
    page = page_of("admin")
    page.goto("/app/res.partner/1")
    expect(page.get_by_text("Silver club")).to_be_visible()
    write_version(folder, "1.1.0", "Golden club")

    page.goto("/addons/")
    page.get_by_role("link", name="Plan upgrade").click()
    offered = page.get_by_role("region", name="Upgrade Loyalty")
    expect(offered).to_contain_text("The database has 1.0.0, on disk is 1.1.0.")
    offered.get_by_role("button", name="Plan upgrade").click()
    expect(offered).to_contain_text("loyalty.club (name)")
    offered.get_by_role("button", name="Upgrade Loyalty").click()
    expect(page.get_by_role("status").filter(has_text="Upgraded loyalty")).to_be_visible()
    expect(page.get_by_role("link", name="Plan upgrade")).to_have_count(0)
    page.goto("/app/res.partner/1")
    expect(page.get_by_text("Golden club")).to_be_visible()

    write_version(folder, "1.2.0", "Club")
    (folder / "data.xml").write_text("<tessera><record")
    page.goto("/addons/loyalty")
    offered.get_by_role("button", name="Plan upgrade").click()
    expect(offered.get_by_role("alert")).to_contain_text("addons/loyalty/data.xml:1")
    expect(offered.get_by_role("button", name="Upgrade Loyalty")).to_have_count(0)
