"""What an expression in the source of an addon gives, as far as that can be known without running it.

Only makers of `core` and the plain containers are ever called; nothing of an addon is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.addon.source.unknown import OUTSIDE, Unknown, anything, first_unknown, is_stub, stub
from core.hookspecs import hookimpl
from core.i18n import _
from core.job import Job, Step
from core.model import fields
from core.model.declaration import Declaration
from core.model.decorators import action, constraint
from core.model.definition import Model
from core.timeline import Hint, Panel

FIELDS = frozenset(getattr(fields, name) for name in fields.__all__)
_MAKERS = frozenset({list, tuple, dict, set, frozenset, Job, Step, Panel, Hint, action, constraint, hookimpl, _})
_ANYTHING = frozenset({Job, Step, Panel, Hint})  # what these are given to call is not looked at


class Names(Protocol):
    """Where an expression stands: what names mean there, and where its mistakes are noted."""

    def find(self, name: str, node: ast.expr) -> object:
        """What a name means."""

    def fail(self, node: ast.AST, error: Exception) -> Unknown:
        """Note that importing the addon would raise an error here; what is unknown therefore."""


def value_of(node: ast.expr, names: Names) -> object:
    """What the expression gives, or `Unknown`."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(node, names)
    matters = isinstance(node, ast.IfExp | ast.BoolOp | ast.NamedExpr | ast.Await)
    return Unknown(f"'{shortened(node)}' must be run to be known", matters)


def shortened(node: ast.AST) -> str:
    """The source of a node in one short line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of the arguments that can be given by position."""
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args)]


def _items(nodes: list[ast.expr], names: Names) -> list[object] | Unknown:
    found: list[object] = []
    for node in nodes:
        value = value_of(node.value if isinstance(node, ast.Starred) else node, names)
        if not isinstance(node, ast.Starred):
            found.append(value)
        elif isinstance(value, list | tuple | dict | set | frozenset):
            found.extend(value)
        else:
            return value if isinstance(value, Unknown) else Unknown(f"'{shortened(node)}' must be run to be known")
    return found


def _sequence(node: Any, names: Names) -> object:  # noqa: ANN401
    items = _items(node.elts, names)
    if isinstance(items, Unknown) or isinstance(node, ast.List):
        return items
    if isinstance(node, ast.Tuple):
        return tuple(items)
    unknown = first_unknown(items)
    return unknown if unknown else _made(set, (items,), {}, node, names)


def _mapping(node: ast.Dict, names: Names) -> object:
    found: dict[Any, object] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = value_of(value_node, names)
        key = None if key_node is None else value_of(key_node, names)
        if isinstance(key, Unknown):
            return key
        if key_node is None and not isinstance(value, dict):
            return value if isinstance(value, Unknown) else Unknown("its parts must be run to be known")
        try:
            found.update(value if key_node is None and isinstance(value, dict) else {key: value})
        except TypeError as error:
            return names.fail(node, error)
    return found


def _attribute(node: ast.Attribute, names: Names) -> object:
    value = value_of(node.value, names)
    if isinstance(value, Unknown):
        return value
    member = getattr(value, "member", None)  # of a module that was read
    if callable(member):
        return member(node.attr, node)
    if value is fields:
        found = getattr(fields, node.attr, None)
        missing = AttributeError(f"module '{fields.__name__}' has no attribute '{node.attr}'")
        return names.fail(node, missing) if found is None else found
    if isinstance(value, type) and node.attr in vars(value):
        return vars(value)[node.attr]
    return OUTSIDE


def _subscript(node: ast.Subscript, names: Names) -> object:
    value = value_of(node.value, names)
    if isinstance(value, type | Unknown):
        return value  # Many2one["Lead"] makes what Many2one makes
    index = value_of(node.slice, names)
    if isinstance(value, list | tuple | dict) and isinstance(index, int | str):
        try:
            found: object = value[index]  # type: ignore[index]  # refused below where it does not fit
        except (LookupError, TypeError) as error:
            return names.fail(node, error)
        return found
    return OUTSIDE


def _joined(node: ast.JoinedStr, names: Names) -> object:
    parts: list[str] = []
    for part in node.values:
        plain = part.value if isinstance(part, ast.FormattedValue) and part.format_spec is None else part
        value = OUTSIDE if plain is part and isinstance(part, ast.FormattedValue) else value_of(plain, names)
        if not isinstance(value, str | int):
            return Unknown(f"'{shortened(node)}' must be run to be known", matters=False)
        parts.append(str(value))
    return "".join(parts)


def _operation(node: ast.BinOp, names: Names) -> object:
    left, right = value_of(node.left, names), value_of(node.right, names)
    unknown = next((each for each in (left, right) if isinstance(each, Unknown)), None)
    if unknown is not None:
        return unknown
    try:
        if isinstance(node.op, ast.Add) and isinstance(left, str | int | float | list | tuple):
            return left + right  # type: ignore[operator]  # refused below where it does not fit
        if isinstance(node.op, ast.BitOr) and isinstance(left, dict | set | frozenset):
            return left | right  # type: ignore[operator]  # refused below where it does not fit
    except TypeError as error:
        return names.fail(node, error)
    return Unknown(f"'{shortened(node)}' must be run to be known", matters=False)


def _unary(node: ast.UnaryOp, names: Names) -> object:
    value = value_of(node.operand, names)
    if isinstance(node.op, ast.USub) and isinstance(value, int | float):
        return -value
    return Unknown(f"'{shortened(node)}' must be run to be known", matters=False)


def _lambda(node: ast.Lambda, _names: Names) -> object:
    return stub("<lambda>", node.lineno, parameters(node.args), lambda: OUTSIDE)


def _call(node: ast.Call, names: Names) -> object:
    maker = value_of(node.func, names)
    arguments = _items(node.args, names)
    keywords = {each.arg: value_of(each.value, names) for each in node.keywords}
    if isinstance(arguments, Unknown):
        return arguments
    if not _is_maker(maker):
        return _from_call(node, maker, [*arguments, *keywords.values()])
    given = _given(maker, arguments, keywords)
    return given if isinstance(given, Unknown) else _made(maker, *given, node, names)


def _is_maker(value: object) -> bool:
    try:
        return value in FIELDS or value in _MAKERS
    except TypeError:  # cannot be hashed, so it is none
        return False


def _given(
    maker: object, arguments: list[object], keywords: Mapping[str | None, object]
) -> tuple[list[Any], dict[str, Any]] | Unknown:
    """The arguments of a maker; what it does not look at is replaced where it is unknown."""
    named: dict[str, Any] = {}
    for name, value in keywords.items():
        if name is not None:
            named[name] = anything if name == "default" and first_unknown(value) else value
        elif isinstance(value, dict):
            named.update(value)
        else:
            return value if isinstance(value, Unknown) else Unknown("its keywords must be run to be known")
    if maker in _ANYTHING:
        arguments = [anything if isinstance(value, Unknown) else value for value in arguments]
        named = {name: anything if isinstance(value, Unknown) else value for name, value in named.items()}
    # a list may hold what is unknown, and cannot be made of it
    within = [each for each in arguments if isinstance(each, Unknown)] if maker in (list, tuple) else arguments
    unknown = first_unknown([within, named])
    return Unknown(unknown.reason) if unknown else (arguments, named)


def _made(maker: Any, arguments: Any, keywords: Any, node: ast.AST, names: Names) -> object:  # noqa: ANN401
    try:
        return maker(*arguments, **keywords)
    except Exception as error:  # whatever importing the addon would raise here
        return names.fail(node, error)


def _from_call(node: ast.Call, called: object, given: list[object]) -> Unknown:
    """What a call gives that is not made: nothing that matters, unless functions of addons or fields take part."""
    matters = is_stub(called) or (isinstance(called, Unknown) and called.matters)
    matters = matters or any(_is_field(each) for each in given)
    if isinstance(called, type) and not issubclass(called, Model | Declaration):
        matters = False
    return Unknown(f"it is made by calling '{shortened(node.func)}'", matters)


def _is_field(value: object) -> bool:
    if isinstance(value, Unknown):
        return value.matters
    return isinstance(value, Declaration) or (isinstance(value, type) and issubclass(value, Declaration))


_HANDLERS: Mapping[type[ast.expr], Callable[[Any, Names], object]] = {
    ast.Constant: lambda node, _names: node.value,
    ast.Name: lambda node, names: names.find(node.id, node),
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _mapping,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.JoinedStr: _joined,
    ast.BinOp: _operation,
    ast.UnaryOp: _unary,
    ast.Lambda: _lambda,
    ast.Call: _call,
}
