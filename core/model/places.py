"""Where a definition or one of its names stands in the source: found by reading the file again, for errors only."""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from core.errors import Problem

# In the contents of a class that was read and not imported: the path of its file.
SOURCE = "__tessera_source__"


@dataclass(frozen=True, slots=True)
class Place:
    """A file, line and column from 1; 0 where unknown.

    An addon's file is called `addons/<name>/...` wherever it lies, others from the working folder where they lie in it.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def problem(self, code: str, text: str, suggestion: str = "", notes: tuple[str, ...] = ()) -> Problem:
        """A problem at this place."""
        return Problem(self.file, self.line, self.column, code, text, suggestion, notes)


def find_place(definition: type, name: str = "") -> Place:
    """The place of a class, or of the statement in its body that gives `name`."""
    module = sys.modules.get(definition.__module__)
    file = vars(definition).get(SOURCE) or getattr(module, "__file__", None)
    if not file:
        return Place(definition.__module__)
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return Place(_shown(definition.__module__, file))
    found = _find_class(tree, definition.__qualname__.split("."))
    if found is None:
        return Place(_shown(definition.__module__, file))
    node: ast.stmt = next((statement for statement in found.body if name in _names(statement)), found)
    return Place(_shown(definition.__module__, file), node.lineno, node.col_offset + 1)


def _shown(module: str, file: str) -> str:
    if module.startswith("addons."):
        inside = "/__init__.py" if Path(file).name == "__init__.py" else ".py"
        return module.replace(".", "/") + inside
    relative = os.path.relpath(file)
    return file if relative.startswith(os.pardir) else relative


def _find_class(tree: ast.AST, path: list[str]) -> ast.ClassDef | None:
    for part in path:
        if part != "<locals>":
            found = next((node for node in ast.walk(tree) if getattr(node, "name", None) == part), None)
            if found is None:
                return None
            tree = found
    return tree if isinstance(tree, ast.ClassDef) else None


def _names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}
