"""What the statements of a module, class or function give to each name, found without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.addon.source.unknown import OUTSIDE, Unknown


@dataclass(frozen=True, slots=True)
class Imported:
    """A name from another module; `name` is empty for a module itself, `guarded` where a failure is caught."""

    module: str
    name: str
    node: ast.stmt
    guarded: bool = False


# A value, a function, a class, an import, or what is unknown.
Binding = ast.expr | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | Imported | Unknown
UNSETTLED = Unknown("it is given or changed by statements that must be run")


def bindings(body: Sequence[ast.stmt], package: str, *, guarded: bool = False) -> dict[str, Binding]:
    """The names that statements give, with what they mean; `package` is where relative imports begin."""
    found: dict[str, Binding] = {}
    for node in body:
        given: dict[str, Binding] = {}
        _add(given, node, package, guarded)
        given.update({name: UNSETTLED for name in _touched(node) if name in found})
        for name in given:
            found.pop(name, None)  # its place is that of what counts, the last one
        found.update(given)
    return found


def is_typing_only(node: ast.stmt) -> bool:
    """Whether a statement is `if TYPE_CHECKING`, whose body is never run."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The dotted name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def imports(node: ast.stmt, package: str, *, guarded: bool = False) -> Iterator[tuple[str, Imported]]:
    """Each name that an import statement gives."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            yield alias.asname or whole, Imported(whole, "", node, guarded)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, Imported(absolute(node, package), alias.name, node, guarded)


def _add(found: dict[str, Binding], node: ast.stmt, package: str, guarded: bool) -> None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        found.update(imports(node, package, guarded=guarded))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        found[node.name] = node
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            found.update(_assigned(target, node.value))
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            found.update(_assigned(node.target, node.value))
    elif is_typing_only(node) and isinstance(node, ast.If):
        found.update({name: OUTSIDE for name in bindings(node.body, package)})
        found.update(bindings(node.orelse, package, guarded=guarded))
    elif isinstance(node, ast.Try):
        caught = [each for handler in node.handlers for each in handler.body]
        found.update({handler.name: OUTSIDE for handler in node.handlers if handler.name})
        found.update(bindings(caught, package, guarded=True))
        found.update(bindings([*node.body, *node.orelse, *node.finalbody], package, guarded=True))
    else:
        found.update(dict.fromkeys(_changed([node]), UNSETTLED))


def _assigned(target: ast.expr, value: ast.expr) -> dict[str, Binding]:
    if isinstance(target, ast.Name):
        return {target.id: value}
    return dict.fromkeys(_changed([target]), UNSETTLED)


def _changed(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that statements give."""
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
                yield inner.id
            elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
                yield inner.name
            elif isinstance(inner, ast.Import | ast.ImportFrom):
                yield from (name for name, _imported in imports(inner, ""))


def _touched(node: ast.stmt) -> Iterator[str]:
    """The names whose values a statement may change without giving them others: by a method, an item, an attribute."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign):
        targets = getattr(node, "targets", None) or [getattr(node, "target", ast.Pass())]
        places = [each.value for each in targets if isinstance(each, ast.Subscript | ast.Attribute)]
    else:
        inside = list(ast.walk(node))
        called = [each.func for each in inside if isinstance(each, ast.Call)]
        places = [each.value for each in called if isinstance(each, ast.Attribute)]
        given = [each for each in inside if isinstance(each, ast.Subscript | ast.Attribute)]
        places += [each.value for each in given if not isinstance(each.ctx, ast.Load)]
    yield from (each.id for each in places if isinstance(each, ast.Name))
