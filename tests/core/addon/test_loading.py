"""Importing addons: one folder per name and process, places of failures, requirements of Python distributions."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.loading import load
from core.addon.manifest import Manifest, read
from core.errors import ConfigurationError

Write = Callable[..., Path]


def manifest_of(folder: Path) -> Manifest:
    manifest, problems = read(folder)
    assert manifest is not None, problems
    return manifest


def problems_of(*folders: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load([manifest_of(folder) for folder in folders])
    return [str(problem) for problem in caught.value.problems]


def test_an_addon_outside_the_product_is_imported_under_addons(write_addon: Write) -> None:
    first = write_addon(
        "outer_one", files={"models.py": "WORD = 'one'\n", "hooks.py": "from addons.outer_one.models import WORD\n"}
    )
    second = write_addon(
        "outer_two", files={"hooks.py": "from addons.outer_one.models import WORD\n"}, under="elsewhere"
    )
    modules = load([manifest_of(first), manifest_of(second)])
    assert [getattr(module, "WORD", None) for module in modules.values()] == ["one", "one"]
    assert modules["outer_one"].__name__ == "addons.outer_one.hooks"
    assert not any(str(first.parent) == path for path in sys.path)


def test_an_addon_without_hooks_has_no_module(write_addon: Write) -> None:
    assert load([manifest_of(write_addon("quiet"))]) == {"quiet": None}


def test_loading_twice_gives_the_same_module(write_addon: Write) -> None:
    manifest = manifest_of(write_addon("outer_one", files={"hooks.py": ""}))
    assert load([manifest])["outer_one"] is load([manifest])["outer_one"]


def test_a_second_folder_of_the_same_name_is_refused_in_one_process(write_addon: Write) -> None:
    first = write_addon("outer_one", files={"hooks.py": ""}, under="one")
    load([manifest_of(first)])
    (problem,) = problems_of(write_addon("outer_one", files={"hooks.py": ""}, under="two"))
    assert "A014" in problem
    assert str(first) in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "import nowhere_at_all\n",
            "hooks.py:1:1 A011 the addon cannot be imported: ModuleNotFoundError: No module named",
        ),
        ("x = 1\n\ny = x.nothing\n", "hooks.py:3:1 A011 the addon cannot be imported: AttributeError"),
        ("import sys\nsys.exit(3)\n", "hooks.py:2:1 A011 the addon cannot be imported: SystemExit: 3"),
        ("def f(:\n", "hooks.py:1:7 A011 the addon cannot be imported: invalid syntax"),
        ("from addons.outer_bad import models\n", "models.py:2:1 A011 the addon cannot be imported: ZeroDivisionError"),
    ],
)
def test_a_failing_import_is_told_with_its_line(write_addon: Write, text: str, expected: str) -> None:
    folder = write_addon("outer_bad", files={"hooks.py": text, "models.py": "\n1 / 0\n"})
    (problem,) = problems_of(folder)
    assert problem.startswith(f"addons/outer_bad/{expected}")


def test_a_failing_init_is_told(write_addon: Write) -> None:
    folder = write_addon("outer_bad")
    (folder / "__init__.py").write_text("raise OSError('no')\n")
    assert problems_of(folder) == ["addons/outer_bad/__init__.py:1:1 A011 the addon cannot be imported: OSError: no"]


def test_all_failing_addons_are_told_at_once(write_addon: Write) -> None:
    folders = [write_addon(name, files={"hooks.py": "1 / 0\n"}) for name in ("outer_bad", "outer_worse")]
    assert [problem.split(":")[0] for problem in problems_of(*folders)] == [
        "addons/outer_bad/hooks.py",
        "addons/outer_worse/hooks.py",
    ]


def test_missing_distributions_are_told_before_anything_is_imported(write_addon: Write) -> None:
    needs = ("nothing-such>=1", "lxml>=999", "lxml>=1", "gone; python_version < '3'")
    listed = "".join(f'  "{need}",\n' for need in needs)
    manifest = f'title = "x"\nversion = "1.0.0"\npython = [\n{listed}]\n'
    folder = write_addon("outer_bad", manifest=manifest, files={"hooks.py": "1 / 0\n"})
    first, second = problems_of(folder)
    assert first == "addons/outer_bad/addon.toml:4:3 A016 'nothing-such>=1' is needed but is not installed"
    assert second.startswith("addons/outer_bad/addon.toml:5:3 A016 'lxml>=999' is needed but version ")
