"""Pages that cannot lag: each command, option, hook, manifest key and error id has its heading, and none is stale."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

import cli
from core import hookspecs
from core.addon import manifest

ERROR_ID = re.compile(r"[A-Z]\d{3}")


def headings(root: Path, pattern: str) -> set[str]:
    """The headings of the pages, without marks of code."""
    pages = sorted(root.glob(pattern))
    found = (re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE) for page in pages)
    return {heading.replace("`", "").strip() for page in found for heading in page}


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next one."""
    return page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def commands(group: click.Group, prefix: str = "tessera") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


COMMANDS = dict(commands(cli.main))


def test_the_page_has_exactly_the_commands(root: Path) -> None:
    described = {heading for heading in headings(root, "docs/cli.md") if heading.startswith("tessera ")}
    assert described == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_its_options_are_described(root: Path, name: str) -> None:
    command = COMMANDS[name]
    page = (root / "docs/cli.md").read_text(encoding="utf-8")
    assert command.help, "a docstring, shown by --help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert any(flag in section(page, name) or flag in page.split("\n## ")[0] for flag in parameter.opts), (
                f"{parameter.opts} of {name}"
            )


def hooks() -> dict[str, str]:
    """Each hook with its arguments, as written in a heading."""
    found = {}
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction):
        if hasattr(function, f"{hookspecs.PROJECT}_spec"):
            found[name] = f"{name}({', '.join(inspect.signature(function).parameters)})"
    return found


def test_every_hook_has_a_heading_with_its_arguments(root: Path) -> None:
    assert set(hooks().values()) - headings(root, "docs/*.md") == set()


@pytest.mark.parametrize("name", hooks())
def test_every_hook_has_a_test(project_files: tuple[Path, ...], root: Path, name: str) -> None:
    tests = (path for path in project_files if path.name.startswith("test_") and path.suffix == ".py")
    assert any(f"def test_hook_{name}" in (root / path).read_text(encoding="utf-8") for path in tests)


def test_every_manifest_key_has_a_heading(root: Path) -> None:
    assert set(manifest.KEYS) - headings(root, "docs/addons.md") == set()


def test_error_ids_and_headings_are_the_same(root: Path, modules: Mapping[Path, ast.Module]) -> None:
    raised = {
        node.value
        for path, tree in modules.items()
        if path.parts[0] == "core"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ERROR_ID.fullmatch(node.value)
    }
    described = {heading.split()[0] for heading in headings(root, "docs/errors/*.md")}
    assert {each for each in described if ERROR_ID.fullmatch(each)} == raised


def test_links_between_pages_lead_somewhere(root: Path, project_files: tuple[Path, ...]) -> None:
    broken = []
    for path in project_files:
        if path.suffix == ".md":
            prose = re.sub(
                r"^```.*?^```|`[^`]+`", "", (root / path).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
            )
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose):
                if not (root / path.parent / target).exists():
                    broken.append(f"{path}: {target}")
    assert broken == []
