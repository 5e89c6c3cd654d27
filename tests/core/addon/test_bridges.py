"""Bridges: there while both addons are, whichever came first; gone without a trace, back with their data."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.discovery import discover
from core.addon.install import install, plan_install
from core.addon.instance import Instance
from core.addon.uninstall import plan_uninstall, uninstall
from core.errors import ConfigurationError, Refusal

ADDONS = Path(__file__).parents[2] / "addons"
BRIDGE = "left_with_right"
pytestmark = pytest.mark.slow

Make = Callable[..., Instance]
Dump = Callable[..., str]


def has_field(instance: Instance) -> bool:
    return "right" in instance.registry.schema["left.thing"].fields


@pytest.mark.parametrize("order", [("left", "right"), ("right", "left")])
def test_it_comes_with_the_second_of_both(make_instance: Make, order: tuple[str, str]) -> None:
    instance = make_instance(addons_path=[ADDONS])
    install(instance, [order[0]])
    assert BRIDGE not in instance.installed
    plan = plan_install(instance, [order[1]]).plan
    assert ("add", "view", f"{BRIDGE}.left_list", BRIDGE) in {
        (step.action, step.kind, step.name, step.addon) for step in plan.steps
    }
    install(instance, [order[1]])
    assert instance.installed[-1] == BRIDGE
    assert has_field(instance)


@pytest.mark.parametrize("going", ["left", "right"])
@pytest.mark.parametrize("purge", [False, True])
def test_it_goes_before_either(make_instance: Make, canonical: Dump, going: str, purge: bool) -> None:
    staying = {"left": "right", "right": "left"}[going]
    instance = make_instance(staying, addons_path=[ADDONS])
    before = canonical(instance.database)
    install(instance, [going])
    plan = plan_uninstall(instance, going, purge=purge)
    assert {BRIDGE, going} == {step.addon for step in plan.steps}
    assert uninstall(instance, going, purge=purge) == plan
    assert instance.installed == ("base", staying)
    if purge:
        assert canonical(instance.database) == before


def test_its_data_comes_back(make_instance: Make) -> None:
    instance = make_instance("left", "right", addons_path=[ADDONS])
    with instance.environment(superuser=True) as env:
        right = env["right.thing"].create(name="R")
        env["left.thing"].create(name="L", right=right)
    uninstall(instance, "right")
    assert not has_field(instance)
    install(instance, ["right"])
    with instance.environment(superuser=True) as env:
        (left,) = env["left.thing"].search()
        assert left.right.name == "R"


def test_one_alone_is_removed_by_nobody_else(make_instance: Make) -> None:
    instance = make_instance("left", "right", addons_path=[ADDONS])
    with pytest.raises(Refusal, match="'base' cannot be removed"):
        uninstall(instance, "base")
    assert BRIDGE in instance.installed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data = [", "addons/upper/with/lower/bridge.toml:1:"),
        ('data = ["x.xml"]\n', "addons/upper/with/lower/bridge.toml:1:9 A006 there is no file 'x.xml'"),
        ('depends = ["crm"]\n', "addons/upper/with/lower/bridge.toml:1:1 A002 'depends' is not a key of a manifest"),
    ],
)
def test_a_broken_one_is_told_when_it_is_needed(make_instance: Make, tmp_path: Path, text: str, expected: str) -> None:
    for side in ("upper", "lower"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "__init__.py").write_text("")
        (tmp_path / side / "addon.toml").write_text(f'title = "{side}"\nversion = "1.0.0"\n')
    folder = tmp_path / "upper" / "with" / "lower"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "bridge.toml").write_text(text)
    assert "upper_with_lower" in discover([tmp_path]).broken
    instance = make_instance(addons_path=[tmp_path])
    plan_install(instance, ["upper"])
    with pytest.raises(ConfigurationError) as caught:
        plan_install(instance, ["upper", "lower"])
    assert str(caught.value.problems[0]).startswith(expected)
