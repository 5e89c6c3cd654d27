"""The classes and functions of a source, rebuilt: definitions with fields and marks, functions that do nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from types import new_class
from typing import TYPE_CHECKING, Any

from core.addon.source.bindings import Imported, bindings, is_typing_only
from core.addon.source.expressions import Names, parameters, shortened, value_of
from core.addon.source.unknown import OUTSIDE, Unknown, stub
from core.model.declaration import Declaration
from core.model.definition import Model
from core.model.places import SOURCE

if TYPE_CHECKING:
    from core.addon.source.modules import SourceModule

_DECORATORS = (property, classmethod, staticmethod)
_MARKING = ("core.model.decorators", "pluggy")  # what puts a mark on a function and gives it back
_METHOD = ast.FunctionDef | ast.AsyncFunctionDef


class Inner:
    """The names inside a class or function: its own, then those around it."""

    def __init__(self, around: Names, given: Iterable[str] = ()) -> None:
        self.around = around
        self.values: dict[str, object] = dict.fromkeys(given, OUTSIDE)  # until each is worked out

    def find(self, name: str, node: ast.expr) -> object:
        """What a name means."""
        return self.values[name] if name in self.values else self.around.find(name, node)

    def fail(self, node: ast.AST, error: Exception) -> Unknown:
        """Note that importing the addon would raise an error here."""
        return self.around.fail(node, error)


def make_function(node: _METHOD, names: Names) -> object:
    """The function, with the decorators of `core` applied."""
    line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    made: object = stub(node.name, line, parameters(node.args), lambda: answer(node, names))
    for decorator in reversed(node.decorator_list):
        marker = value_of(decorator, names)
        if marker in _DECORATORS or str(getattr(marker, "__module__", "")).startswith(_MARKING):
            made = _applied(marker, made, decorator, names)
        elif isinstance(marker, Unknown) and marker.matters:
            return Unknown(f"its decorator must be run: {marker.reason}")
    return made


def _applied(marker: Any, made: object, node: ast.expr, names: Names) -> object:  # noqa: ANN401
    try:
        return marker(made)
    except Exception as error:  # whatever importing the addon would raise here
        return names.fail(node, error)


class Raised(Exception):
    """A function would raise an error, at a line of its module."""

    def __init__(self, line: int, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.line = line


class _Running(Inner):
    """The names inside a function that is asked for its answer."""

    def fail(self, node: ast.AST, error: Exception) -> Unknown:
        """The function fails, not the import."""
        raise Raised(getattr(node, "lineno", 0), error) from error


def answer(node: _METHOD, names: Names) -> object:
    """What a function returns that does nothing but give names to values and return one.

    :raises Raised: where it would raise an error.
    """
    inner = _Running(names, _arguments(node.args))
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node)):
        return iter(())
    for statement in node.body:
        if isinstance(statement, ast.Return):
            return None if statement.value is None else value_of(statement.value, inner)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            for name, binding in bindings([statement], "").items():
                inner.values[name] = value_of(binding, inner) if isinstance(binding, ast.expr) else binding
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            return Unknown(f"'{shortened(statement)}' must be run to be known")
    return None


def _arguments(given: ast.arguments) -> list[str]:
    starred = [each.arg for each in (given.vararg, given.kwarg) if each is not None]
    return [*parameters(given), *(each.arg for each in given.kwonlyargs), *starred]


def make_class(node: ast.ClassDef, module: SourceModule, names: Names) -> object:
    """The class: a definition where it derives from `Model`, else one without contents, or what is unknown."""
    bases = [value_of(base, names) for base in node.bases]
    known = tuple(base for base in bases if isinstance(base, type))
    unknown = [base for base in bases if isinstance(base, Unknown)]
    if any(issubclass(base, Declaration) for base in known):
        return Unknown(f"'{node.name}' is a field of the addon's own making")
    is_definition = any(issubclass(base, Model) for base in known)
    for base in unknown:
        if is_definition and base.matters:
            module.tell_unknown(node, f"a base of '{node.name}': {base.reason}", _keyword(node, "name") or node.name)
    if unknown and not is_definition:
        return Unknown(
            f"'{node.name}' derives from what must be run to be known", any(each.matters for each in unknown)
        )
    keywords = _keywords(node, module, names) if is_definition else {}
    body = _body(node, module, names, is_definition=is_definition)
    try:
        return new_class(node.name, known, keywords, lambda namespace: namespace.update(body))
    except Exception as error:  # whatever importing the addon would raise here
        return names.fail(node, error)


def _keyword(node: ast.ClassDef, name: str) -> str:
    found = next((each.value for each in node.keywords if each.arg == name), None)
    return str(found.value) if isinstance(found, ast.Constant) else ""


def _keywords(node: ast.ClassDef, module: SourceModule, names: Names) -> dict[str, object]:
    found: dict[str, object] = {}
    for keyword in node.keywords:
        value = value_of(keyword.value, names)
        if keyword.arg is None and isinstance(value, dict):
            found.update(value)
        elif keyword.arg is None or isinstance(value, Unknown):
            reason = value.reason if isinstance(value, Unknown) else "its keywords must be run to be known"
            module.tell_unknown(node, f"'{keyword.arg or '**'}' of '{node.name}': {reason}", node.name)
        else:
            found[keyword.arg] = value
    return found


def _body(node: ast.ClassDef, module: SourceModule, names: Names, *, is_definition: bool) -> dict[str, object]:
    """The contents of a class: all of a definition, of others what can be asked of a class."""
    given = bindings(node.body, module.package)
    inner = Inner(names, given)
    places = _places(node.body)
    for name, binding in given.items():
        value = inner.values[name] = value_of_binding(binding, module, inner)
        if is_definition and isinstance(value, Unknown) and value.matters:
            module.tell_unknown(places.get(name, node), f"'{name}' of '{node.name}': {value.reason}", name)
    return {
        **{name: value for name, value in inner.values.items() if _is_kept(name, value)},
        "__module__": module.name,
        "__qualname__": node.name,
        "__doc__": ast.get_docstring(node),
        SOURCE: str(module.path),
    }


def _is_kept(name: str, value: object) -> bool:
    """What Python itself would call while it makes a class is left out, and what may or may not be a field."""
    return not name.startswith("__") and not (isinstance(value, Unknown) and value.matters)


def value_of_binding(binding: object, module: SourceModule, names: Names) -> object:
    """What a name is, from what a statement gives it."""
    makers: dict[type, Callable[[Any], object]] = {
        ast.FunctionDef: lambda node: make_function(node, names),
        ast.AsyncFunctionDef: lambda node: make_function(node, names),
        ast.ClassDef: lambda node: make_class(node, module, names),
        Imported: module.imported,
        Unknown: lambda unknown: unknown,
    }
    maker = makers.get(type(binding))
    return maker(binding) if maker else value_of(binding, names)  # type: ignore[arg-type]  # an expression


def _places(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """The statement that gives each name."""
    return {name: node for node in body if not is_typing_only(node) for name in bindings([node], "")}
