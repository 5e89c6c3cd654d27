"""What no committed file may hold: paths of one machine, addresses of package registries, notes to oneself."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TEXT_SUFFIXES = {
    "", ".cfg", ".css", ".csv", ".html", ".in", ".js", ".json", ".md", ".po", ".py", ".rnc", ".rng", ".svg", ".toml",
    ".txt", ".xml", ".yaml", ".yml",
}  # fmt: skip

# Put together from parts, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.~$}-])/(?:" + "|".join(("work", "farm", "home", "root", "Users", "tmp")) + r")/\w")
REGISTRIES = re.compile("|".join(("npmjs" + r"\.", "pypi" + r"\.org", "python" + "hosted", "debian" + r"\.org")))
NOTES = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
BARE_IGNORES = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)")
LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"}


def found_in(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    return ((text.count("\n", 0, match.start()) + 1, match.group()) for match in pattern.finditer(text))


@pytest.fixture(scope="session")
def texts(root: Path, project_files: tuple[Path, ...]) -> dict[Path, str]:
    chosen = (path for path in project_files if path.suffix in TEXT_SUFFIXES)
    return {path: (root / path).read_text(encoding="utf-8", errors="replace") for path in chosen}


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES, NOTES, BARE_IGNORES], ids=lambda one: one.pattern[:12])
def test_no_file_holds_it(texts: dict[Path, str], pattern: re.Pattern[str]) -> None:
    found = [f"{path}:{line} {word}" for path, text in texts.items() for line, word in found_in(text, pattern)]
    assert found == []


def test_the_lock_pins_contents_and_names_no_address(root: Path) -> None:
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_no_lock_of_another_tool_and_no_awkward_name(project_files: tuple[Path, ...]) -> None:
    assert [str(path) for path in project_files if path.name in LOCKS] == []
    assert [str(path) for path in project_files if re.search(r"[^\w./@+-]", str(path))] == []


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (MACHINE_PATHS, 'open("/ho' + 'me/ada/x")', True),
        (MACHINE_PATHS, "../home/x and tests/tmp/x", False),
        (MACHINE_PATHS, "$HOME/work/x", False),
        (REGISTRIES, "see https://registry.np" + "mjs.org/x", True),
        (NOTES, "# TO" + "DO later", True),
        (NOTES, "TODOS", False),
        (BARE_IGNORES, "x  # type: " + "ignore", True),
        (BARE_IGNORES, "x  # type: ignore[misc]", False),
    ],
)
def test_the_patterns_find_what_they_should(pattern: re.Pattern[str], text: str, matches: bool) -> None:
    assert bool(list(found_in(text, pattern))) is matches
