"""The Python compiler: an expression as a function of a record that need not be saved. The same answers as SQL, on both
engines.

Inside, money is an integer of ten-thousandths as in the database; outside it is Decimal. A value is None where it is
none; a condition is always True or False.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from core.lang.accessor import Accessor
from core.lang.kinds import Kind, integer_to_money
from core.lang.parser import parse
from core.lang.python_conditions import PythonConditions
from core.lang.python_values import Parse, Run, State
from core.lang.schema import Schema
from core.lang.statement import Fixed, Names
from core.lang.tree import Expression, Node

Predicate = Callable[[Accessor, Names], object]


def predicate(expression: Expression, schema: Schema, *, parse: Parse | None = None) -> Predicate:
    """The expression as a function of (record, names): True or False for a condition, else the value as the kind's
    Python type.

    `names` are those of `bind`. `parse` reads the expressions of computed fields (give the cached one of the schema's
    owner).
    """
    run = evaluation(expression.tree, schema, parse)
    literals = expression.literals
    return lambda record, names: run(State(record, literals, names))


def evaluation(tree: Node, schema: Schema, parse_computed: Parse | None = None) -> Run:
    """A node as a function of its state."""
    return outward(PythonConditions(schema, parse_computed or partial(parse, schema=schema)).value(tree), tree.kind)


def constant_function(node: Node, schema: Schema, literals: Sequence[object] | None) -> Fixed:
    """A part that depends on no record, as a function of (literals, names); `literals` are those of a rule, if it is
    one's."""
    run = evaluation(node, schema)
    nothing = cast(Accessor, None)  # never asked: no path leads to a record
    if literals is None:
        return lambda given, names: run(State(nothing, given, names))
    return lambda given, names: run(State(nothing, literals, names))


def outward(run: Run, kind: Kind) -> Run:
    """The result as callers see it: money as Decimal."""
    if kind is not Kind.MONEY:
        return run

    def money(state: State) -> object:
        value = run(state)
        return None if value is None else integer_to_money(value)

    return money
