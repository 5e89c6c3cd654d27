"""The README's first addon, built from the page's own text."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.addon.install import install, plan_install
from core.addon.instance import create_instance
from core.addon.uninstall import uninstall
from core.errors import ConfigurationError, Invalid

BLOCK = re.compile(r"^(?P<names>`[^\n]*)\n\n```(?:toml|python|xml)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w/]+\.(?:toml|py|xml))`")


def write_addon(readme: str, folder: Path) -> None:
    tutorial = readme.partition("## Five minutes to a first addon")[2].partition("\n## ")[0]
    for block in BLOCK.finditer(tutorial):
        first_line = block["names"]
        for name in FILE.findall(first_line):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")


@pytest.fixture
def my_addons(root: Path, tmp_path: Path) -> Path:
    write_addon((root / "README.md").read_text(encoding="utf-8"), tmp_path / "my_addons" / "crm_budget")
    return tmp_path / "my_addons"


def test_the_first_addon(my_addons: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    instance = create_instance(url, ["crm"], demo=False, admin_password="a long one", addons_path=[my_addons])
    view = my_addons / "crm_budget" / "views" / "lead_views.xml"
    right = view.read_text()
    view.write_text(right.replace('<field name="budget"/>', '<filed name="budget"/>'))
    with pytest.raises(ConfigurationError, match=r"lead_views\.xml:4:7 .*did you mean 'field'"):
        plan_install(instance, ["crm_budget"])
    view.write_text(right)
    install(instance, ["crm_budget"])
    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Fleet", budget="12.50")
        assert lead.budget == Decimal("12.5")
        with pytest.raises(Invalid, match="not negative"):
            env["crm.lead"].write(lead, budget=-1)
    uninstall(instance, "crm_budget")
    assert instance.installed == ("base", "crm")
    instance.close()
