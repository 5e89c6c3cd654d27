"""The graph: order by depth and name, missing dependencies, rings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.discovery import Catalog, discover
from core.addon.graph import ancestors, closure, dependents, order
from core.errors import ConfigurationError, Refusal

Write = Callable[..., Path]


@pytest.fixture
def catalog_of(write_addon: Write, tmp_path: Path) -> Callable[[dict[str, tuple[str, ...]]], Catalog]:
    def make(depends: dict[str, tuple[str, ...]]) -> Catalog:
        for name, others in depends.items():
            write_addon(name, depends=others)
        return discover([tmp_path / "extra"])

    return make


Make = Callable[[dict[str, tuple[str, ...]]], Catalog]
DIAMOND = {"top": ("left", "right"), "right": ("bottom",), "left": ("bottom",), "bottom": ()}


def test_the_closure_comes_by_depth_then_name(catalog_of: Make) -> None:
    catalog = catalog_of(DIAMOND)
    assert closure(catalog, ["top"]) == ("base", "bottom", "left", "right", "top")
    assert closure(catalog, ["right"]) == ("base", "bottom", "right")
    assert closure(catalog, []) == ("base",)


def test_the_order_does_not_depend_on_the_order_of_asking(catalog_of: Make) -> None:
    catalog = catalog_of(DIAMOND)
    assert order(catalog, {"right", "base", "left", "bottom"}) == ("base", "bottom", "left", "right")
    assert closure(catalog, ["left", "right"]) == closure(catalog, ["right", "left"])


def test_ancestors_and_dependents(catalog_of: Make) -> None:
    catalog = catalog_of(DIAMOND)
    assert ancestors(catalog, "top") == {"left", "right", "bottom", "base"}
    assert ancestors(catalog, "base") == frozenset()
    assert dependents(catalog, "bottom", ("base", "bottom", "left", "top")) == ("left", "top")


def test_an_unknown_name_asked_for_is_refused(catalog_of: Make) -> None:
    with pytest.raises(Refusal, match=r"There is no addon 'botom'.*Did you mean 'bottom"):
        closure(catalog_of(DIAMOND), ["botom"])


def test_missing_dependencies_are_all_told_with_their_place(catalog_of: Make) -> None:
    catalog = catalog_of({"top": ("middle", "gone"), "middle": ("midle",)})
    with pytest.raises(ConfigurationError) as caught:
        closure(catalog, ["top"])
    assert [str(problem) for problem in caught.value.problems] == [
        "addons/middle/addon.toml:3:12 A009 the addon 'middle' depends on 'midle', which was not found; "
        "did you mean 'middle'?",
        "addons/top/addon.toml:3:22 A009 the addon 'top' depends on 'gone', which was not found",
    ]


def test_a_ring_is_named_once(catalog_of: Make) -> None:
    catalog = catalog_of({"one": ("two",), "two": ("three",), "three": ("one",), "user": ("two",)})
    with pytest.raises(ConfigurationError) as caught:
        closure(catalog, ["user"])
    assert [str(problem) for problem in caught.value.problems] == [
        "addons/one/addon.toml:3:12 A010 addons depend on each other in a ring: one -> two -> three -> one"
    ]


def test_a_broken_dependency_is_told_by_its_own_problems(write_addon: Write, catalog_of: Make) -> None:
    write_addon("broken", manifest='title = "x"\nversion = "1"\n')
    catalog = catalog_of({"top": ("broken",)})
    with pytest.raises(ConfigurationError, match=r"addons/broken/addon.toml:2:1 A005"):
        closure(catalog, ["top"])


def test_a_long_chain_is_ordered(catalog_of: Make) -> None:
    chain = {f"a{number:03}": ((f"a{number - 1:03}",) if number else ()) for number in range(120)}
    assert closure(catalog_of(chain), ["a119"]) == ("base", *sorted(chain))
