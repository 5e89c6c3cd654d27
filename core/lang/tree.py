"""The typed tree of an expression: immutable, free of literal values, so that equal trees give equal SQL.

            Expression(source, model, tree, literals, paths)
      And(parts)  Or(parts)  Not(operand)                      conditions: Kind.BOOLEAN, two-valued
      Compare  In  Member  Filled  Any  Within  Match  HasGroup
      Path  Name  Literal(index)  Constant  Arithmetic ...     values: nullable, of the kind they carry

`!=` is Not(Compare "=="), `not in` is Not(In): the compilers push Not inward, so complements are exact. Booleans, none
and the keys of selections are constants of the tree; every other literal is an index into `Expression.literals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

from core.lang.kinds import Kind
from core.lang.schema import FieldInfo

Span = tuple[int, int]
NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """A node: the kind of its value and where it stands in the source (character offsets, end excluded)."""

    kind: Kind
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """True, false, none, the key of a selection, or a tuple of such."""

    value: object


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """The literal at `index`; `size` is None for one value, else the padded length of a list (0: any length)."""

    index: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A value bound by name when the expression is used; `many` marks a list."""

    name: str
    many: bool = False
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Fields from `model` on; all but the last are many2one. The last may be to-many only where a node asks for a
    relation."""

    model: str
    fields: tuple[FieldInfo, ...]

    @property
    def dotted(self) -> str:
        """The path as it is written."""
        return ".".join(step.written for step in self.fields)


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """At least one of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The exact complement."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Two values of one kind, or none; an order comparison with none is false, `==` takes none as a value."""

    operator: OneOf["==", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """A value among a list of literals, of constants, or a list bound by name."""

    operand: Node
    choices: Node


@dataclass(frozen=True, slots=True)
class Member(Node):
    """A value, or one of a list, among the records of a to-many relation: by label where it is text, else by id."""

    relation: Path
    choices: Node


@dataclass(frozen=True, slots=True)
class Filled(Node):
    """A to-many relation that is not empty."""

    relation: Path


@dataclass(frozen=True, slots=True)
class Any(Node):
    """A to-many relation with a record that meets the condition."""

    relation: Path
    condition: Node


@dataclass(frozen=True, slots=True)
class Count(Node):
    """The number of records of a to-many relation that meet the condition."""

    relation: Path
    condition: Node


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """The sum of a number over the records of a to-many relation; 0 over nothing."""

    relation: Path
    operand: Node


@dataclass(frozen=True, slots=True)
class Within(Node):
    """A record (or one of a to-many relation) that is `root` or below it; `root` is a label or an id."""

    operand: Path
    root: Node


@dataclass(frozen=True, slots=True)
class Match(Node):
    """Text that contains or starts with other text, folded."""

    how: OneOf["contains", "startswith"]
    text: Node
    needle: Node


@dataclass(frozen=True, slots=True)
class HasGroup(Node):
    """Whether the user has the group with this external id."""

    group: Literal


@dataclass(frozen=True, slots=True)
class Reachable(Node):
    """Whether the user may do something with the record that a text such as `crm.lead,42` names."""

    operation: OneOf["read", "update"]
    operand: Path


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Double precision arithmetic; money is counted in ten-thousandths and rounded once, at the end."""

    operator: OneOf["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """Minus a number."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Convert(Node):
    """A number as another kind of number: integers as floats, numbers as money."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Concat(Node):
    """Two texts as one."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """A length of time: `amount` times `minutes`."""

    minutes: int
    amount: Node


@dataclass(frozen=True, slots=True)
class Shift(Node):
    """A date or instant moved by an interval, forward (`sign` 1) or back (-1); none outside the years 1 to 9999."""

    base: Node
    sign: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class Difference(Node):
    """Days between two dates or two instants."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`then` where the condition holds, else `otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Coalesce(Node):
    """The first of the parts that is not none."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Round(Node):
    """A number rounded half away from zero to `digits` decimals."""

    operand: Node
    digits: int


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A plain function of one value."""

    name: OneOf["abs", "length", "start_of_day", "start_of_month", "start_of_quarter", "start_of_year"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    `paths` are the dotted paths it names, those inside any/count/sum with the relation in front; computed fields are
    not followed. `shape` is equal for expressions of one model that differ in literals only.
    """

    source: str
    model: str
    tree: Node
    literals: tuple[object, ...]
    paths: frozenset[str]
    shape: str

    @property
    def kind(self) -> Kind:
        """What the expression gives."""
        return self.tree.kind

    @property
    def groups(self) -> frozenset[str]:
        """The external ids of the groups that it asks for with `has_group`."""
        return frozenset(str(self.literals[node.group.index]) for node in _all(self.tree) if isinstance(node, HasGroup))


def make_expression(
    source: str, model: str, tree: Node, literals: Iterable[object], paths: Iterable[str]
) -> Expression:
    """An expression with its shape worked out."""
    return Expression(source, model, tree, tuple(literals), frozenset(paths), f"{model}:{_shape(tree)}")


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, in the order of the source."""
    found: list[Node] = []
    for name in parts_of(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            found.extend(value)
    return tuple(found)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _all(child)


def written_out(expression: Expression, name: str, text: str) -> str:
    """The source of an expression with a bound name replaced by the text of its value."""
    source = expression.source
    places = {node.span for node in _all(expression.tree) if isinstance(node, Name) and node.name == name}
    for start, end in sorted(places, reverse=True):
        source = f"{source[:start]}{text}{source[end:]}"
    return source


def is_fixed(node: Node) -> bool:
    """Whether the value depends on no record, only on literals and names."""
    return type(node) not in _OF_RECORD and all(is_fixed(child) for child in children(node))


def parts_of(kind: type[Node]) -> tuple[str, ...]:
    """The names of what a kind of node holds beside its kind and its place."""
    return kind.__match_args__[2:]


def _shape(node: Node) -> str:
    describe = _SHAPES.get(type(node))
    if describe:
        return describe(node)
    parts = [type(node).__name__, node.kind.value]
    for name in parts_of(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            parts.append(_shape(value))
        elif isinstance(value, tuple):
            parts.extend(_shape(part) for part in value)
        else:
            parts.append(repr(value))
    return f"({' '.join(parts)})"


def _path_shape(node: Node) -> str:
    assert isinstance(node, Path)
    return node.dotted


def _literal_shape(node: Node) -> str:
    assert isinstance(node, Literal)
    return f"?{node.index}:{node.kind.value}" if node.size is None else f"?{node.index}:{node.kind.value}[{node.size}]"


def _constant_shape(node: Node) -> str:
    assert isinstance(node, Constant)
    return f"={node.value!r}"


_SHAPES: dict[type[Node], Callable[[Node], str]] = {
    Path: _path_shape,
    Literal: _literal_shape,
    Constant: _constant_shape,
}
_OF_RECORD = frozenset({Path, Member, Filled, Any, Count, Sum, Within, Reachable})
