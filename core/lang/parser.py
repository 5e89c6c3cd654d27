"""From source text to a typed tree. Python's own syntax, read against a whitelist; nothing is evaluated.

A name is looked up as: true, false, none; a name bound by the caller; a field of the model; a name of the environment.
So an addon that adds a field can never change what a caller's own name means.
"""

from __future__ import annotations

import ast
import math
import threading
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from core.errors import ExpressionError, closest
from core.i18n import _
from core.lang import calls
from core.lang.bound import ENVIRONMENT, RESERVED, Bound, as_bound
from core.lang.comparisons import Comparisons
from core.lang.kinds import Kind
from core.lang.paths import PathError, find_fields, known_names
from core.lang.schema import ModelInfo, Schema
from core.lang.source import Source, read_source
from core.lang.tree import (
    And,
    Arithmetic,
    Choice,
    Concat,
    Constant,
    Difference,
    Expression,
    Interval,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Path,
    Shift,
    make_expression,
)
from core.lang.typing import NUMBERS, Raw, RawList, Typer, kind_text
from core.text import is_storable

MAX_DEPTH, MAX_NODES = 64, 500
MAX_INNER = 4  # each level multiplies the work by the number of records

Names = Mapping[str, Kind | Bound]
Syntax = TypeVar("Syntax", bound=ast.expr)

_WORDS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
_COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_MOMENTS = frozenset({Kind.DATE, Kind.INSTANT})


def parse(
    source: str, model: str, schema: Schema, *, names: Names | None = None, kind: Kind | None = None
) -> Expression:
    """Read an expression about records of `model`; empty text is the condition that always holds.

    `names` declares the names the caller will bind; `kind` refuses an expression that gives something else. Raises
    ExpressionError with the column (characters, from 1) and the nearest known name. Uncached: keep an `ExpressionCache`
    beside the schema.
    """
    bound = {name: as_bound(declared) for name, declared in (names or {}).items()}
    if taken := RESERVED.intersection(bound):
        raise ExpressionError(
            _("'{name}' is a word of the language and cannot be bound", name=min(taken)), column=1, source=source
        )
    if not source.strip():
        return make_expression(source, model, Constant(Kind.BOOLEAN, (0, 0), True), (), ())
    reader = Reader(read_source(source), model, schema, bound)
    tree = reader.whole()
    if kind is not None and tree.kind is not kind:
        reader.refuse(
            _("{wanted} is expected, this gives {found}", wanted=kind_text(kind), found=kind_text(tree.kind)), tree.span
        )
    return make_expression(source, model, tree, reader.typer.literals, reader.paths)


class ExpressionCache:
    """Parsed expressions of one schema, the latest `limit` of them; belongs to whoever owns the schema. Safe for
    threads."""

    def __init__(self, schema: Schema, limit: int = 2000) -> None:
        self.schema = schema
        self.limit = limit
        self._found: dict[object, Expression] = {}
        self._lock = threading.Lock()

    def parse(self, source: str, model: str, names: Names | None = None) -> Expression:
        """The same as the function `parse`, remembered. Errors are not remembered."""
        key = (source, model, tuple(names.items())) if names else (source, model)
        found = self._found.get(key)
        if found is None:
            found = parse(source, model, self.schema, names=names)
            with self._lock:
                while len(self._found) >= self.limit:
                    del self._found[next(iter(self._found))]
                self._found[key] = found
        return found


class Reader:
    """Reads one source. `info` and `prefix` are the model and the relation inside which names are looked up at the
    moment."""

    def __init__(self, source: Source, model: str, schema: Schema, bound: Mapping[str, Bound]) -> None:
        self.source = source
        self.schema = schema
        self.bound = bound
        self.info: ModelInfo = schema[model]
        self.prefix = ""
        self.typer = Typer(source, schema, [])
        self.comparisons = Comparisons(self.typer)
        self.paths: set[str] = set()
        self.depth = 0
        self.inner = 0
        self.count = 0
        self.refuse = source.refuse

    def whole(self) -> Node:
        """The tree of the whole source."""
        return self.typer.settle(self.value(self.source.tree))

    def node(self, tree: ast.expr) -> Node:
        """Any node; literals and lists may still be raw."""
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH:
            self.refuse(_("an expression is at most {limit} levels deep", limit=MAX_DEPTH), self.source.span(tree))
        if self.count > MAX_NODES:
            self.refuse(_("an expression has at most {limit} parts", limit=MAX_NODES), self.source.span(tree))
        read = _SYNTAX.get(type(tree))
        if read is None:
            self.refuse(_("this has no meaning here"), self.source.span(tree), _instead(tree))
        found = read(self, tree)
        self.depth -= 1
        return found

    def value(self, tree: ast.expr) -> Node:
        """A node that is one value or a condition; a literal may still be raw."""
        return self.typer.scalar(self.node(tree))

    def condition(self, tree: ast.expr) -> Node:
        """A node that is a condition."""
        return self.typer.boolean(self.value(tree))

    def inside(self, relation: Path, read: Callable[[], Node]) -> Node:
        """What `read` gives while names mean fields of the relation's records."""
        target = relation.fields[-1].target
        assert target is not None
        before = self.info, self.prefix
        self.inner += 1
        if self.inner > MAX_INNER:
            self.refuse(_("relations in relations are at most {limit} deep", limit=MAX_INNER), relation.span)
        self.info, self.prefix = self.schema[target], f"{self.prefix}{relation.dotted}."
        found = read()
        self.info, self.prefix = before
        self.inner -= 1
        return found

    def path(self, tree: ast.expr, names: list[str]) -> Path:
        """The path of these names, noted among those the expression uses."""
        span = self.source.span(tree)
        try:
            fields = find_fields(names, self.info.name, self.schema)
        except PathError as error:
            at = span[0] if error.step == 0 else span[1] - len(".".join(names[error.step :]))
            self.refuse(error.reason, (at, span[1]), error.suggestion)
        path = Path(fields[-1].kind, span, self.info.name, fields)
        self.paths.add(self.prefix + ".".join(step.name for step in fields))
        return path

    def name(self, tree: ast.Name) -> Node:
        """One word: a constant, a bound name, a field, a name of the environment."""
        word, span = tree.id, self.source.span(tree)
        if word in _WORDS:
            value = _WORDS[word]
            return Constant(Kind.NONE if value is None else Kind.BOOLEAN, span, value)
        bound = self.bound.get(word)
        if bound is None and self.info.find(word) is None:
            bound = ENVIRONMENT.get(word)
            if bound is None:
                reason = _("'{name}' is neither a field of {model} nor a bound name", name=word, model=self.info.name)
                self.refuse(
                    reason, span, closest(word, (*known_names(self.info), *self.bound, *ENVIRONMENT, *calls.FUNCTIONS))
                )
        if bound is None:
            return self.path(tree, [word])
        if bound.kind is Kind.NONE:
            return Constant(Kind.NONE, span, None)
        return Name(bound.kind, span, bound.key or word, bound.many, bound.target)

    def attribute(self, tree: ast.Attribute) -> Node:
        """A dotted path."""
        names: list[str] = []
        step: ast.expr = tree
        while isinstance(step, ast.Attribute):
            names.append(step.attr)
            step = step.value
        if not isinstance(step, ast.Name):
            self.refuse(_("a path starts with the name of a field"), self.source.span(step))
        if step.id in self.bound or (self.info.find(step.id) is None and step.id in ENVIRONMENT):
            self.refuse(_("'{name}' is a bound name and has no fields", name=step.id), self.source.span(step))
        return self.path(tree, [step.id, *reversed(names)])

    def constant(self, tree: ast.Constant) -> Node:
        """A number, a text, true, false or none."""
        span, value = self.source.span(tree), tree.value
        if value is None or isinstance(value, bool):
            return Constant(Kind.NONE if value is None else Kind.BOOLEAN, span, value)
        if isinstance(value, str):
            if not is_storable(value):
                self.refuse(_("text cannot hold this character"), span)
            return Raw(Kind.TEXT, span, value)
        if isinstance(value, int):
            return Raw(Kind.INTEGER, span, value)
        if isinstance(value, float):
            if not math.isfinite(value):
                self.refuse(_("this number is too large"), span)
            return Raw(Kind.FLOAT, span, value)
        self.refuse(_("this has no meaning here"), span)

    def list(self, tree: ast.List | ast.Tuple) -> Node:
        """A list, for `in`."""
        return RawList(Kind.NONE, self.source.span(tree), tuple(self.value(item) for item in tree.elts))

    def boolean(self, tree: ast.BoolOp) -> Node:
        """`and`, `or`."""
        kind = And if isinstance(tree.op, ast.And) else Or
        return kind(Kind.BOOLEAN, self.source.span(tree), tuple(self.condition(part) for part in tree.values))

    def unary(self, tree: ast.UnaryOp) -> Node:
        """`not`, minus."""
        span = self.source.span(tree)
        if isinstance(tree.op, ast.Not):
            return Not(Kind.BOOLEAN, span, self.condition(tree.operand))
        if not isinstance(tree.op, ast.USub):
            self.refuse(_("this has no meaning here"), span)
        operand = self.node(tree.operand)
        if isinstance(operand, Raw) and operand.kind in NUMBERS:
            return Raw(operand.kind, span, -cast(float, operand.value))
        kind = Kind.MONEY if operand.kind is Kind.MONEY else Kind.FLOAT
        return Negative(kind, span, self.typer.number(self.typer.scalar(operand)))

    def compare(self, tree: ast.Compare) -> Node:
        """One comparison or a chain of them."""
        span = self.source.span(tree)
        left = self.node(tree.left)
        parts: list[Node] = []
        for operator, right_tree in zip(tree.ops, tree.comparators, strict=True):
            right = self.node(right_tree)
            if isinstance(operator, ast.In | ast.NotIn):
                part = self.comparisons.membership(left, right, span)
                parts.append(Not(Kind.BOOLEAN, span, part) if isinstance(operator, ast.NotIn) else part)
            elif type(operator) in _COMPARISONS:
                part, left = self.comparisons.compare(_COMPARISONS[type(operator)], left, right, span), right
                parts.append(part)
            else:
                self.refuse(_("this has no meaning here"), span, "==" if isinstance(operator, ast.Is) else "!=")
        return parts[0] if len(parts) == 1 else And(Kind.BOOLEAN, span, tuple(parts))

    def arithmetic(self, tree: ast.BinOp) -> Node:
        """`+`, `-`, `*`, `/` on numbers; `+` and `-` on dates; `+` on texts."""
        span, operator = self.source.span(tree), _ARITHMETIC.get(type(tree.op))
        if operator is None:
            self.refuse(_("this operator is not part of the language"), span)
        left, right = self.node(tree.left), self.node(tree.right)
        if isinstance(right, Interval) and operator in ("+", "-"):
            return self._shift(left, 1 if operator == "+" else -1, right, span)
        left, right = self.typer.scalar(left), self.typer.scalar(right)
        if operator == "-" and (moments := _MOMENTS.intersection((left.kind, right.kind))):
            moment = max(moments, key=lambda kind: kind is Kind.INSTANT)
            return Difference(Kind.FLOAT, span, self.typer.coerce(left, moment), self.typer.coerce(right, moment))
        if operator == "+" and Kind.TEXT in (left.kind, right.kind):
            return Concat(Kind.TEXT, span, self.typer.coerce(left, Kind.TEXT), self.typer.coerce(right, Kind.TEXT))
        return self._calculation(operator, left, right, span)

    def _shift(self, base: Node, sign: int, interval: Interval, span: tuple[int, int]) -> Node:
        base = self.typer.scalar(base)
        if base.kind not in _MOMENTS:
            self.refuse(_("an interval can only be added to a date or an instant, or taken from one"), base.span)
        if base.kind is Kind.DATE and interval.minutes % 1440:
            self.refuse(_("a date moves by days or weeks; take start_of_day() of it to add hours"), interval.span)
        return Shift(base.kind, span, base, sign, interval)

    def _calculation(self, operator: str, left: Node, right: Node, span: tuple[int, int]) -> Node:
        money = (left.kind is Kind.MONEY, right.kind is Kind.MONEY)
        kind = Kind.MONEY if any(money) else Kind.FLOAT
        if operator in ("+", "-") and kind is Kind.MONEY:
            left, right = self.typer.coerce(left, kind), self.typer.coerce(right, kind)
        elif money == (True, True) and operator == "*":
            self.refuse(_("money cannot be multiplied by money"), span)
        elif money == (False, True) and operator == "/":
            self.refuse(_("a number cannot be divided by money"), span)
        elif money == (True, True):
            kind = Kind.FLOAT
        left, right = self.typer.number(left), self.typer.number(right)
        return Arithmetic(kind, span, operator, left, right)  # type: ignore[arg-type]  # one of the four

    def choice(self, tree: ast.IfExp) -> Node:
        """`a if condition else b`."""
        condition = self.condition(tree.test)
        then, otherwise = self.typer.unify(self.value(tree.body), self.value(tree.orelse))
        kind = otherwise.kind if then.kind is Kind.NONE else then.kind
        return Choice(kind, self.source.span(tree), condition, then, otherwise)

    def call(self, tree: ast.Call) -> Node:
        """A function of the language."""
        span = self.source.span(tree)
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        function = calls.FUNCTIONS.get(name)
        if function is None:
            reason = (
                _("there is no function '{name}'", name=name)
                if name
                else _("only functions of the language can be called")
            )
            self.refuse(reason, span, closest(name, calls.FUNCTIONS))
        starred = any(isinstance(argument, ast.Starred) for argument in tree.args)
        if tree.keywords or starred or not function.least <= len(tree.args) <= function.most:
            self.refuse(_("it is written {usage}", usage=function.usage), span)
        return function.read(self, tree.args, span)


def _instead(tree: ast.expr) -> str:
    return "any(relation, condition)" if isinstance(tree, ast.ListComp | ast.GeneratorExp) else ""


def _entry(
    kind: type[Syntax], read: Callable[[Reader, Syntax], Node]
) -> tuple[type[ast.expr], Callable[[Reader, ast.expr], Node]]:
    return kind, cast("Callable[[Reader, ast.expr], Node]", read)


_SYNTAX: Mapping[type[ast.expr], Callable[[Reader, ast.expr], Node]] = dict(
    (
        _entry(ast.Name, Reader.name),
        _entry(ast.Attribute, Reader.attribute),
        _entry(ast.Constant, Reader.constant),
        _entry(ast.List, Reader.list),
        _entry(ast.Tuple, Reader.list),
        _entry(ast.BoolOp, Reader.boolean),
        _entry(ast.UnaryOp, Reader.unary),
        _entry(ast.Compare, Reader.compare),
        _entry(ast.BinOp, Reader.arithmetic),
        _entry(ast.IfExp, Reader.choice),
        _entry(ast.Call, Reader.call),
    )
)
