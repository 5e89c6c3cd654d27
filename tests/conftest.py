"""Fixtures of the tests about the project itself: its root, its files, its parsed modules."""

import ast
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def project_files() -> tuple[Path, ...]:
    """Every file that is, or would be, committed; relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file()))


@pytest.fixture(scope="session")
def modules(project_files: tuple[Path, ...]) -> Mapping[Path, ast.Module]:
    """The Python files of core, addons and cli.py, parsed."""
    return {
        path: ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))
        for path in project_files
        if path.suffix == ".py" and path.parts[0] in ("core", "addons", "cli.py")
    }
