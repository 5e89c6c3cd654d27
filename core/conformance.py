"""What every addon must keep to, as tests that any addon gets for free.

    from pathlib import Path

    from core.conformance import Conformance


    class TestConformance(Conformance):
        folder = Path(__file__).resolve().parents[1]

Tests that need a database run on each engine; they share databases with all tests that ask for the same addons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from core.addon.canonical import canonical
from core.addon.check import UNKNOWN, check
from core.addon.discovery import BASE, bundled_folder, discover
from core.addon.graph import closure
from core.addon.install import install
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.addon.upgrade import upgrade
from core.errors import TesseraError
from core.model.dump import dump
from core.views.opening import views_of

if TYPE_CHECKING:
    from core.records.environment import Environment
    from core.testing import MakeInstance

_LEDGER_ID = re.compile(r"^(row core_owned .*?)\('id', \d+\), ", re.MULTILINE)
_ROW = re.compile(r"^\|([^|\n]*)\|", re.MULTILINE)
_MODEL = re.compile(r"`([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)`")


class Conformance:
    """The tests of one addon.

    `folder` is where it lies, `addons_path` are folders with addons that it needs and that are neither bundled nor
    beside it.
    """

    folder: ClassVar[Path]
    addons_path: ClassVar[Sequence[Path]] = ()

    @property
    def name(self) -> str:
        """The addon's name, which is its folder's."""
        return self.folder.name

    @property
    def folders(self) -> list[Path]:
        """The folders of addons besides the bundled one."""
        beside = () if self.folder.parent == bundled_folder() else (self.folder.parent,)
        return [*beside, *self.addons_path]

    def open(self, make_instance: MakeInstance, *addons: str, demo: bool = False) -> Instance:
        """A database of its own with base and the addons named."""
        chosen = [name for name in addons if name != BASE]
        return make_instance(*chosen, demo=demo, addons_path=self.folders)

    @pytest.fixture
    def installed(self, make_instance: MakeInstance) -> Iterator[Environment]:
        """The administrator's environment in a database that has the addon, with what it needs alone."""
        with self.open(make_instance, self.name).environment() as env:
            yield env

    def test_the_check_finds_no_mistake(self) -> None:
        """Manifest, models, views before and after inheritance, data files, hooks, imports, references."""
        _names, problems = check([self.folder], self.addons_path)
        assert [str(problem) for problem in problems if problem.code != UNKNOWN] == []

    def test_every_model_has_a_line_of_rights(self, installed: Environment) -> None:
        """What core alone writes is an exception."""
        registry = installed.registry
        own = {model for model, owner in registry.owner_of_model.items() if owner == self.name}
        needing = {model for model in own if not registry.options[model].system}
        lines = installed.sudo()["core.access"].read("", ["model"])
        assert sorted(needing - {line["model"] for line in lines}) == []

    def test_rules_can_be_asked(self, installed: Environment) -> None:
        """Each rule and each condition of an action is run by the database."""
        failed = []
        for model in ("core.rule", "core.action"):
            for row in installed.sudo()[model].read("condition != none", ["id", "model", "condition"]):
                try:
                    installed.sudo()[row["model"]].count(row["condition"])
                except TesseraError as error:
                    failed.append(f"{model} {row['id']}: {row['condition']}: {error}")
        assert failed == []

    def test_menus_lead_somewhere(self, installed: Environment) -> None:
        """A menu opens an action or a page, or holds other menus."""
        rows = installed.sudo()["core.menu"].read("", ["id", "name", "parent", "action", "address"])
        holding = {row["parent"] for row in rows}
        own = self.own_ids(installed, "core.menu")
        assert [
            row["name"]
            for row in rows
            if row["id"] in own and not row["action"] and not row["address"] and row["id"] not in holding
        ] == []

    def test_actions_open_views(self, make_instance: MakeInstance) -> None:
        """Each view that an action names is there, and none was left out."""
        instance = self.open(make_instance, self.name)
        with instance.environment() as env:
            for row in env.sudo()["core.action"].read("", ["model", "views"]):
                for kind, name in views_of(row["views"]):
                    view = instance.views.view(env, row["model"], kind, name)
                    assert (view.model, name or view.name) == (row["model"], view.name)
            composition = instance.views.composition(env)
        assert [str(problem) for problem in composition.problems] == []

    def test_the_models_that_the_readme_lists_exist(self, installed: Environment) -> None:
        """They stand in the first column of a table with the heading `model`."""
        readme = self.folder / "README.md"
        text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
        named = [name for table in text.split("\n\n") if table.lower().startswith("| model") for name in _models(table)]
        assert [name for name in named if name not in installed.registry.schema] == []

    def test_it_can_be_installed_with_examples(self, make_instance: MakeInstance) -> None:
        """Demo data loads."""
        if discover(self.folders)[self.name].demo:
            assert self.name in self.open(make_instance, self.name, demo=True).installed

    def test_it_leaves_comes_back_and_goes_without_a_trace(self, make_instance: MakeInstance) -> None:
        """Installed again it has the schema it had; read again it changes no row; purged it leaves nothing."""
        catalog = discover(self.folders)
        needed = [name for name in closure(catalog, [self.name]) if name != self.name]
        instance = self.open(make_instance, *needed)
        if self.name == BASE:
            self.read_again(instance)
            return
        before = canonical(instance.database)
        install(instance, [self.name])
        schema = dump(instance.database)
        uninstall(instance, self.name)
        install(instance, [self.name])
        assert differing(dump(instance.database), schema) == [], "installed again it has another schema"
        self.read_again(instance)
        uninstall(instance, self.name, purge=True)
        assert differing(canonical(instance.database), before) == [], "it leaves something behind"

    def read_again(self, instance: Instance) -> None:
        """Read the addon's data files again, which changes nothing."""
        rows, changes = _unnumbered(canonical(instance.database)), _count(instance)
        upgrade(instance.database.url, [self.name], addons_path=instance.catalog.folders)
        instance.refresh()
        found = _unnumbered(canonical(instance.database))
        assert differing(found, rows) == [], "reading its data files again changes rows"
        assert _count(instance) == changes, "reading its data files again writes rows"

    def own_ids(self, env: Environment, model: str) -> set[int]:
        """The ids of the records of a model that the addon ships."""
        where = "addon == own and model == m"
        rows = env.sudo()["core.external_id"].read(where, ["record"], own=self.name, m=model)
        return {row["record"] for row in rows}


def differing(found: str, expected: str) -> list[str]:
    """The first lines that only one of two dumps has."""
    lines, others = set(found.splitlines()), set(expected.splitlines())
    return [*(f"+ {line}" for line in sorted(lines - others)), *(f"- {line}" for line in sorted(others - lines))][:10]


def _unnumbered(text: str) -> str:
    """A dump without the ids of rows of the ledger, which is written anew each time."""
    return _LEDGER_ID.sub(r"\1", text)


def _count(instance: Instance) -> int:
    """How many changes the history holds."""
    ((count,),) = instance.database.fetch("SELECT count(*) FROM core_change")
    return int(count)


def _models(table: str) -> list[str]:
    return [name for cell in _ROW.findall(table) for name in _MODEL.findall(cell)]
