"""Queries: which rows, with whose rights, compiled to one statement per shape.

Every read of records goes through `Query.where`, which joins the caller's condition, the reader's record rules and the
filter on archived rows. Values are bound by name or position, never formatted into the text.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.errors import AccessDenied
from core.i18n import _
from core.lang.bound import RESERVED, bound_kind
from core.lang.kinds import Converter, Kind, decoder
from core.lang.order import OrderTerm, parse_order
from core.lang.sql import SqlCompiler
from core.lang.statement import Fragment, Part, Slot, Statement, bind, list_size, render
from core.lang.tree import Expression
from core.records.paging import Branch, Key, Step, first_page, following_page
from core.records.traits import unreadable
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment

T = TypeVar("T")
Named = TypeVar("Named", int, str, int | str)

# SQLite takes 32,766 bound values in one statement (SQLITE_MAX_VARIABLE_NUMBER since 3.32).
CHUNK = 1_000


def in_chunks(env: Environment, ids: Sequence[Named]) -> Iterator[tuple[Sequence[Named], str]]:
    """Ids, or texts that name records, in pieces with the placeholders of an IN list; their sizes are padded to powers
    of two, so that few texts are prepared."""
    if len(ids) == 1:
        yield ids, env.runtime.slot
        return
    for start in range(0, len(ids), CHUNK):
        chunk = list(ids[start : start + CHUNK])
        size = 1 << (len(chunk) - 1).bit_length()
        chunk += [chunk[-1]] * (size - len(chunk))
        yield chunk, ", ".join([env.runtime.slot] * size)


@dataclass(frozen=True, slots=True)
class Select:
    """A compiled SELECT: its statement, and how each of its columns becomes a Python value."""

    statement: Statement
    decoders: tuple[tuple[int, Converter], ...]
    width: int

    def decode(self, rows: Iterable[Sequence[object]]) -> list[list[object]]:
        """Driver rows as lists of Python values."""
        decoded = [list(row) for row in rows]
        for position, convert in self.decoders:
            for row in decoded:
                if row[position] is not None:
                    row[position] = convert(row[position])
        return decoded


class Query:
    """A condition on one model, as one reader."""

    def __init__(
        self,
        env: Environment,
        model: str,
        where: str | Expression = "",
        names: Mapping[str, object] | None = None,
        *,
        operation: Operation = "read",
        archived: bool = False,
    ) -> None:
        self.env = env
        self.model = model
        self.info = env.registry.schema[model]
        self.names: dict[str, object] = {}
        self.sizes: dict[str, int] = {}
        if names:
            self._bind(names)
        self.expression = self._parse(where)
        self.operation = operation
        self.rule = env.policy.required_rule(model, operation) if env.policy else None
        self.hides_archived = not archived and self._hides_archived()

    def _bind(self, names: Mapping[str, object]) -> None:
        taken = RESERVED & names.keys()
        if taken:  # a rule means the environment's own, whatever a caller binds
            raise ValueError(f"{', '.join(sorted(taken))} cannot be bound: every condition knows it already")
        self.names = {name: _plain(value) for name, value in names.items()}
        self.sizes = {name: list_size(len(value)) for name, value in self.names.items() if isinstance(value, list)}

    def _parse(self, where: str | Expression) -> Expression | None:
        if isinstance(where, Expression) or not where.strip():
            return where if isinstance(where, Expression) else None
        types = {name: bound_kind(value) for name, value in self.names.items()}
        return self.env.registry.parse(where, self.model, types)

    def _hides_archived(self) -> bool:
        return "active" in self.info.fields and not (self.expression and "active" in self.expression.paths)

    @property
    def shape(self) -> Hashable:
        """What the text of statements over these rows depends on."""
        expression = self.expression.shape if self.expression else None
        sizes = tuple(self.sizes.items())
        return (self.model, self.env.policy, self.operation, expression, self.hides_archived, sizes)

    def render(self, fragment: Fragment) -> Statement:
        """A fragment as a statement of the engine; lists bound by name are padded to a few sizes."""
        return render(fragment, self.env.database.engine, self.sizes)

    def compiler(self) -> SqlCompiler:
        """A compiler for one statement over the model as `t`, with the reader's rights on everything joined."""
        return SqlCompiler(
            self.env.registry.schema,
            self.model,
            self.env.database.engine,
            guard=self.env.policy,
            parse=self.env.registry.parse,
        )

    def where(self, compiler: SqlCompiler, *, ordered: bool = False) -> list[Fragment]:
        """The conditions that hold together. `ordered`: an index gives the order, so a rule must not choose another
        one."""
        parts: list[Fragment] = []
        if self.expression is not None:
            parts.append(compiler.condition(self.expression))
        if self.hides_archived:
            parts.append(("t.active",) if self.env.database.engine == "postgresql" else ("t.active = 1",))
        if self.rule is not None:
            rule = compiler.condition(self.rule, constants=True)
            # SQLite answers a top-level OR from several indexes and then sorts all it found.
            keep_order = ordered and self.env.database.engine == "sqlite"
            parts.append(("((", *rule, ") IS TRUE)") if keep_order else ("(", *rule, ")"))
        return parts

    def source(self, compiler: SqlCompiler) -> Fragment:
        """FROM and the joins that the compiled parts need; call it last."""
        return (f" FROM {self.info.table} t", *compiler.joins())

    def fetch(self, statement: Statement, extra: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
        """Run a compiled statement with this query's literals and names."""
        return self.env.database.fetch(statement.text, self.bound(statement, extra))

    def bound(self, statement: Statement, extra: Mapping[str, object] | None = None) -> list[object]:
        """The parameters of a compiled statement, as the driver takes them."""
        literals = self.expression.literals if self.expression else ()
        names = self.env.bindings(self.names)
        if extra:
            names.update(extra)
        return bind(statement, literals, names, self.env.database.engine)

    def kept(self, kind: str, key: Hashable, make: Callable[[], T]) -> T:
        """A compiled statement from the runtime's cache."""
        return self.env.runtime.statements.get((kind, self.shape, key), make)

    def order(self, order: str | None) -> tuple[OrderTerm, ...]:
        """The terms of an order, the model's own when none is given; they always end in `id`."""
        text = order or self.info.order
        return self.env.runtime.statements.get(
            ("order", self.model, text), lambda: parse_order(text, self.model, self.env.registry.schema)
        )

    def keys(self, terms: Sequence[OrderTerm]) -> tuple[Key, ...]:
        """What paging needs to know of the terms."""
        return tuple(Key(term.kind, term.descending, self._nullable(term)) for term in terms)

    def _nullable(self, term: OrderTerm) -> bool:
        info = self.info.fields.get(term.path)
        if info is None or info.column is None or info.kind is Kind.REFERENCE:
            return True
        return not (info.name in ("id", "version") or info.kind is Kind.BOOLEAN or info.required)


def _plain(value: object) -> object:
    """Rows are bound by their ids; lists may hold rows."""
    if hasattr(value, "_name") and hasattr(value, "id"):
        return value.id
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value


def conjoined(parts: Sequence[Fragment]) -> Fragment:
    """` WHERE a AND b`, or nothing."""
    if not parts:
        return ()
    joined: list[Part] = [" WHERE "]
    for position, part in enumerate(parts):
        if position:
            joined.append(" AND ")
        joined.extend(part)
    return tuple(joined)


def require_readable(env: Environment, model: str, paths: Iterable[str]) -> None:
    """Refuse fields of the model itself that are closed to the reader.

    :raises AccessDenied: naming the first of them.
    """
    hidden = unreadable(env, model)
    for path in paths if hidden else ():
        info = env.registry.schema[model].find(path.partition(".")[0])
        if info is not None and info.name in hidden:
            raise AccessDenied(_("You may not read '{field}' of {model}.", field=path, model=model))


def select_count(query: Query) -> Statement:
    """The statement that counts the rows up to `_limit`."""
    return query.kept("count", None, lambda: _compile_count(query))


def _compile_count(query: Query) -> Statement:
    compiler = query.compiler()
    conditions = conjoined(query.where(compiler))
    source = query.source(compiler)
    limit = Slot("name", "_limit", Kind.INTEGER)
    return query.render(("SELECT count(*) FROM (SELECT 1", *source, *conditions, " LIMIT ", limit, ") AS counted"))


def select_page(
    query: Query, paths: Sequence[str], terms: Sequence[OrderTerm], absent: Sequence[bool] | None
) -> Select:
    """Compile the page: the values of `paths`, then those of the order's terms; `absent` is None for the first page.

    Slots: `_limit` and, for a following page, `_key0`, `_key1`, ... hold the values of the cursor.
    """
    compiler = query.compiler()
    values = [compiler.value(path) for path in paths]
    keys = [compiler.order_key(term.path) for term in terms]
    paging = query.keys(terms)
    conditions = query.where(compiler, ordered=True)
    source = query.source(compiler)
    chosen = [*(value for value, _kind in values), *keys]
    branches = first_page(paging) if absent is None else following_page(paging, absent)
    engine = query.env.database.engine
    if len(branches) == 1:
        text = _branch(branches[0], chosen, keys, paging, conditions, source)
    else:
        text = _union(branches, chosen, keys, paging, conditions, source, len(paths), engine)
    kinds = [*(kind for _value, kind in values), *(term.kind for term in terms)]
    converters = [(position, decoder(kind, engine)) for position, kind in enumerate(kinds)]
    return Select(
        query.render(text), tuple((position, convert) for position, convert in converters if convert), len(paths)
    )


def _branch(
    branch: Branch,
    chosen: Sequence[Fragment],
    keys: Sequence[Fragment],
    paging: Sequence[Key],
    conditions: Sequence[Fragment],
    source: Fragment,
    ordinal: int | None = None,
) -> Fragment:
    columns: list[Part] = [] if ordinal is None else [f"{ordinal} AS b"]
    for position, value in enumerate(chosen):
        columns.append(", " if columns else "")
        columns.extend(value)
        if ordinal is not None:
            columns.append(f" AS c{position}")
    tests = [_test(step, keys[step.position], paging[step.position]) for step in branch.steps]
    order: list[Part] = []
    for position in range(branch.first, len(keys)):
        order.append(", " if order else " ORDER BY ")
        order.extend(keys[position])
        order.append(_direction(paging[position], known=position in branch.known))
    limit: Fragment = (" LIMIT ", Slot("name", "_limit", Kind.INTEGER))
    return ("SELECT ", *columns, *source, *conjoined([*conditions, *tests]), *order, *limit)


def _direction(key: Key, *, known: bool) -> str:
    nulls = "" if known or not key.nullable else " NULLS LAST"
    return (" DESC" if key.descending else "") + nulls


def _test(step: Step, key: Fragment, paging: Key) -> Fragment:
    if step.test == "null":
        return (*key, " IS NULL")
    if step.test == "not null":
        return (*key, " IS NOT NULL")
    return (*key, f" {step.test} ", Slot("name", f"_key{step.position}", paging.kind))


def _union(
    branches: Sequence[Branch],
    chosen: Sequence[Fragment],
    keys: Sequence[Fragment],
    paging: Sequence[Key],
    conditions: Sequence[Fragment],
    source: Fragment,
    width: int,
    engine: str,
) -> Fragment:
    parts: list[Part] = []
    for ordinal, branch in enumerate(branches):
        parts.append(" UNION ALL " if parts else "")
        parts.append("SELECT * FROM (")
        parts.extend(_branch(branch, chosen, keys, paging, conditions, source, ordinal))
        parts.append(f") AS p{ordinal}")
    order = ["b"]
    for position, key in enumerate(paging):
        collation = ' COLLATE "C"' if engine == "postgresql" and key.kind is Kind.TEXT else ""
        order.append(f"c{width + position}{collation}{_direction(key, known=False)}")
    columns = ", ".join(f"c{position}" for position in range(len(chosen)))
    limit: Fragment = (" LIMIT ", Slot("name", "_limit", Kind.INTEGER))
    return (f"SELECT {columns} FROM (", *parts, f") AS page ORDER BY {', '.join(order)}", *limit)
