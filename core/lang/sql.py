"""The SQL compiler: expressions, values, orders and buckets of one statement, sharing its joins.

One compiler makes the parts of one statement about one model: conditions, selected values, sort keys, and at the end
the joins they need. The text depends on the shape of the expressions, the engine and the answers of the guard only;
values are slots.
"""

from __future__ import annotations

from core.errors import ExpressionError
from core.i18n import _
from core.lang.dialect import UNITS, Parts, dialect_of
from core.lang.kinds import Engine, Kind
from core.lang.order import sort_path
from core.lang.paths import find_path
from core.lang.schema import Schema
from core.lang.sql_conditions import Conditions
from core.lang.sql_places import Guard, Parse, Place, Scope
from core.lang.sql_values import ZONE
from core.lang.statement import Fragment, Slot, Statement, bind, list_size, render
from core.lang.tree import Expression, Path
from core.lang.typing import require_condition

__all__ = ["Fragment", "Guard", "Slot", "SqlCompiler", "Statement", "bind", "list_size", "render"]


class SqlCompiler(Conditions):
    """Compiles the parts of one statement that selects records of `model` under `alias`.

    `guard` is what the reader may see of related records, None for everything. `parse` reads computed fields'
    expressions (give the cached one of the schema's owner). All methods raise ExpressionError.
    """

    def __init__(
        self,
        schema: Schema,
        model: str,
        engine: Engine,
        *,
        alias: str = "t",
        guard: Guard | None = None,
        parse: Parse | None = None,
    ) -> None:
        super().__init__(schema, dialect_of(engine), guard, parse)
        self.model = model
        self._scope = Scope()
        self._root = Place(self._scope, alias, schema[model], True)

    def condition(self, expression: Expression, *, constants: bool = False, guarded: bool | None = None) -> Fragment:
        """The condition, TRUE exactly where it holds; may be joined by AND as it is.

        With `constants` literals become constants of the statement, as rules want it; a rule also sees everything, so
        `guarded` is false then unless it is given.
        """
        require_condition(expression)
        return tuple(self.condition_at(self._place(expression, constants, guarded), expression.tree))

    def expression(self, expression: Expression, *, constants: bool = False, guarded: bool | None = None) -> Fragment:
        """The value of an expression; a condition gives true or false."""
        return tuple(self.value_at(self._place(expression, constants, guarded), expression.tree))

    def value(self, path: str) -> tuple[Fragment, Kind]:
        """The value of a dotted path, stored or computed, and its kind."""
        found = find_path(path, self.model, self.schema)
        return tuple(self.path(self._root, found.fields)), found.kind

    def order_key(self, path: str) -> Fragment:
        """What a path sorts by: the folded twin of text where there is one, the label of a many2one."""
        found = find_path(path, self.model, self.schema)
        return tuple(self._key(sort_path(found, self.schema)))

    def bucket(self, path: str, unit: str) -> Fragment:
        """The first day of the day, week, month, quarter or year of a date, or of an instant in the environment's zone;
        a date."""
        found = find_path(path, self.model, self.schema)
        if unit not in UNITS or found.kind not in (Kind.DATE, Kind.INSTANT):
            reason = _("'{path}' cannot be grouped by '{unit}'", path=path, unit=unit)
            raise ExpressionError(reason, column=len(path) + 2, source=f"{path}:{unit}")
        parts = self.path(self._root, found.fields)
        bucket = (
            self.dialect.truncated(unit, parts) if found.kind is Kind.DATE else self.dialect.bucket(unit, parts, ZONE)
        )
        return tuple(bucket)

    def joins(self) -> Fragment:
        """The LEFT JOINs that everything compiled so far needs, each with a blank in front."""
        return tuple(self._scope.joins)

    def _place(self, expression: Expression, constants: bool, guarded: bool | None) -> Place:
        if expression.model != self.model:
            raise ValueError(f"an expression about {expression.model} in a statement about {self.model}")
        root = self._root
        seen = not constants if guarded is None else guarded
        return Place(root.scope, root.alias, root.info, seen, expression.literals if constants else None)

    def _key(self, path: Path) -> Parts:
        if path.kind is not Kind.TEXT:
            return self.path(self._root, path.fields)
        parts = self.twin(self._root, path.fields) if path.fields[-1].fold else self.path(self._root, path.fields)
        return self.dialect.text(parts)
