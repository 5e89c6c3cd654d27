"""The suite that every addon gets: passed by those that come with the product and one that extends them, and it finds
what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.conformance import Conformance
from core.testing import MakeInstance

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


class TestBase(Conformance):
    folder = ROOT / "addons" / "base"


class TestMail(Conformance):
    folder = ROOT / "addons" / "mail"


class TestCrm(Conformance):
    folder = ROOT / "addons" / "crm"


class TestCrmExtra(Conformance):
    folder = ROOT / "tests" / "addons" / "crm_extra"


MANIFEST = """title = "Faulty"
version = "1.0.0"
data = ["data/faulty.xml"]
"""
HOOKS = """from core import Model, fields, hookimpl


class Thing(Model, name="faulty_addon.thing", label="Thing"):
    name = fields.Char(label="Name", required=True)
    at = fields.Char(label="At", default=lambda env: env.now().isoformat())


@hookimpl
def models():
    return [Thing]


@hookimpl
def after_install(env):
    env["res.partner"].create(name="Left behind")
"""
DATA = """<tessera>
  <menu id="nowhere" name="Nowhere"/>
</tessera>
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Conformance:
    """The suite of an addon that breaks most of it."""
    folder = tmp_path / "faulty_addon"
    texts = {"addon.toml": MANIFEST, "__init__.py": "", "hooks.py": HOOKS, "data/faulty.xml": DATA}
    texts |= {"data/forgotten.xml": DATA, "README.md": "# Faulty\n\n| model | |\n|---|---|\n| `faulty.gone` | a |\n"}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    found = Conformance()
    found.folder = folder  # type: ignore[misc]  # of this one alone
    return found


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_suite_finds_what_is_wrong(faulty: Conformance, make_instance: MakeInstance) -> None:
    with pytest.raises(AssertionError, match="A024"):
        faulty.test_the_check_finds_no_mistake()
    with pytest.raises(AssertionError, match="leaves something behind"):
        faulty.test_it_leaves_comes_back_and_goes_without_a_trace(make_instance)
    with faulty.open(make_instance, faulty.name).environment() as env:
        with pytest.raises(AssertionError, match=r"faulty_addon\.thing"):
            faulty.test_every_model_has_a_line_of_rights(env)
        with pytest.raises(AssertionError, match="Nowhere"):
            faulty.test_menus_lead_somewhere(env)
        with pytest.raises(AssertionError, match=r"faulty\.gone"):
            faulty.test_the_models_that_the_readme_lists_exist(env)
        broken = env["core.rule"].create(name="Broken", model="res.partner", condition="name == 'a'")
        env.database.execute(f"UPDATE core_rule SET condition = 'nam == 1' WHERE id = {broken.id}")
        with pytest.raises(AssertionError, match="nam == 1"):
            faulty.test_rules_can_be_asked(env)
