"""The prefix lists of Odoo, `['|', ('name', 'ilike', 'x'), ('user_id', '=', 5)]`, as source text of the language and
names to bind.

Accepted at the edges only: foreign data, compatible interfaces. What has no equal here (patterns with inner wildcards,
parent_of) is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn

from core.errors import ExpressionError
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.paths import PathError, find_fields
from core.lang.schema import FieldInfo, ModelInfo, Schema

MAX_INLINE = 16
MAX_DEPTH = 60

_BOUND = frozenset({Kind.INTEGER, Kind.REFERENCE, Kind.REFERENCES, Kind.TEXT})
_OPERATORS: Mapping[str, str] = {
    "=": "==",
    "==": "==",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
}


@dataclass(frozen=True, slots=True)
class PrefixCondition:
    """Source text and the values of the names in it: `env[model].search(condition.source, **condition.names)`."""

    source: str
    names: Mapping[str, object]


def from_prefix(domain: Sequence[object], model: str, schema: Schema) -> PrefixCondition:
    """Read a prefix list on a model. Raises ExpressionError; its column counts the items of the list from 1."""
    reader = _Reader(schema)
    return PrefixCondition(reader.whole(domain, schema[model]), reader.names)


@dataclass(slots=True)
class _Reader:
    schema: Schema
    names: dict[str, object] = field(default_factory=dict)
    column: int = 0
    depth: int = 0

    def whole(self, domain: object, info: ModelInfo) -> str:
        """The whole list; terms without an operator in front are joined by `and`."""
        if not isinstance(domain, list | tuple):
            self._refuse(_("a list of conditions is expected"))
        self.depth += 1
        items = list(domain)
        parts: list[str] = []
        while items:
            parts.append(self._term(items, info))
        self.depth -= 1
        return " and ".join(parts) or "true"

    def _term(self, items: list[object], info: ModelInfo) -> str:
        self.column += 1
        self.depth += 1
        if not items or self.depth > MAX_DEPTH:
            self._refuse(_("a condition is missing") if not items else _("this list is too deep"))
        item = items.pop(0)
        if item in ("&", "|"):
            left, right = self._term(items, info), self._term(items, info)
            found = f"({left} {'and' if item == '&' else 'or'} {right})"
        elif item == "!":
            found = f"(not {self._term(items, info)})"
        else:
            found = self._leaf(item, info)
        self.depth -= 1
        return found

    def _leaf(self, item: object, info: ModelInfo) -> str:
        if not isinstance(item, list | tuple) or len(item) != 3 or not isinstance(item[1], str):
            self._refuse(_("a condition is three things: field, operator, value"))
        name, operator, value = item
        if (name, operator) in ((1, "="), (0, "=")) and value in (0, 1):
            return "true" if name == value else "false"
        if not isinstance(name, str):
            self._refuse(_("a condition begins with the name of a field"))
        return self._path(name.split("."), operator.lower().strip(), value, info)

    def _path(self, steps: list[str], operator: str, value: object, info: ModelInfo) -> str:
        """A condition on a path; a to-many step on the way becomes any()."""
        for position in range(1, len(steps)):
            fields = self._fields(steps[:position], info)
            last = fields[-1]
            if last.kind is Kind.REFERENCES and last.target is not None:
                inner = self._path(steps[position:], operator, value, self.schema[last.target])
                return f"any({_dotted(fields)}, {inner})"
        fields = self._fields(steps, info)
        return self._condition(_dotted(fields), fields[-1], operator, value)

    def _fields(self, steps: list[str], info: ModelInfo) -> tuple[FieldInfo, ...]:
        try:
            return find_fields(steps, info.name, self.schema)
        except PathError as error:
            raise ExpressionError(error.reason, column=max(self.column, 1), suggestion=error.suggestion) from error

    def _condition(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        if operator == "=?":
            return "true" if value is False or value is None else self._condition(path, info, "=", value)
        if operator in ("in", "not in") and not isinstance(value, list | tuple):
            operator = "=" if operator == "in" else "!="
        elif operator in ("=", "!=", "<>", "==") and isinstance(value, list | tuple):
            operator = "in" if operator in ("=", "==") else "not in"
        write = _WRITERS.get(operator)
        if write is not None:
            return write(self, path, info, operator, value)
        if operator not in _OPERATORS:
            self._refuse(_("the operator '{operator}' is not known", operator=operator))
        return self._compare(path, info, _OPERATORS[operator], value)

    def _compare(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        text = self._value(info, value)
        if info.kind is Kind.REFERENCES and text != "none":
            return f"({text} {'in' if operator == '==' else 'not in'} {path})"
        return f"({path} {operator} {text})"

    def _among(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        items = list(value) if isinstance(value, list | tuple) else [value]
        rest = [item for item in items if self._value(info, item) != "none"]
        parts = [f"{path} == none"] if len(rest) < len(items) else []
        if rest or not parts:
            if len(rest) > MAX_INLINE and info.kind in _BOUND:
                parts.append(f"{path} in {self._bound(rest)}")
            else:
                parts.append(f"{path} in [{', '.join(self._value(info, item) for item in rest)}]")
        found = f"({' or '.join(parts)})"
        return found if operator == "in" else f"(not {found})"

    def _like(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        if info.kind is Kind.REFERENCES:
            label = self.schema[str(info.target)].label_field
            found = f"any({path}, contains({label}, {_quoted(str(value))}))"
        else:
            found = f"contains({path}, {_quoted(str(value))})"
        return f"(not {found})" if operator.startswith("not") else found

    def _pattern(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        pattern = str(value)
        core = pattern.strip("%")
        if "%" in core or "_" in core or "\\" in core:
            self._refuse(_("patterns with wildcards inside are not possible"))
        if pattern.startswith("%"):
            if not pattern.endswith("%") and core:
                self._refuse(_("patterns with a wildcard at the beginning only are not possible"))
            found = f"contains({path}, {_quoted(core)})"
        elif pattern.endswith("%"):
            found = f"startswith({path}, {_quoted(core)})"
        elif operator.endswith("=like"):
            found = f"({path} == {_quoted(core)})"
        else:
            found = f"(startswith({path}, {_quoted(core)}) and length({path}) == {len(core)})"
        return f"(not {found})" if operator.startswith("not") else found

    def _within(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        roots = value if isinstance(value, list | tuple) else [value]
        return f"({' or '.join(f'within({path}, {_plain(root)})' for root in roots) or 'false'})"

    def _any(self, path: str, info: FieldInfo, operator: str, value: object) -> str:
        if info.target is None:
            self._refuse(_("'{name}' is not a relation", name=path))
        if info.kind is not Kind.REFERENCES:
            self._refuse(_("'{name}' leads to one record; write {name}.field", name=path))
        inner = self.whole(value, self.schema[info.target])
        found = f"any({path}, {inner})"
        return f"(not {found})" if operator.startswith("not") else found

    def _value(self, info: FieldInfo, value: object) -> str:
        if info.kind is Kind.BOOLEAN:
            return "true" if value else "false"
        if value is None or value is False:
            return "none"
        if info.kind is Kind.INSTANT and isinstance(value, str) and len(value) == 10:
            return _quoted(f"{value}T00:00:00Z")
        if isinstance(value, datetime | date):
            return _quoted(value.isoformat())
        return _plain(value)

    def _bound(self, values: list[object]) -> str:
        name = f"list_{len(self.names) + 1}"
        self.names[name] = values
        return name

    def _refuse(self, text: str) -> NoReturn:
        raise ExpressionError(text, column=max(self.column, 1))


def _plain(value: object) -> str:
    return str(value) if isinstance(value, int | float | Decimal) else _quoted(str(value))


def _quoted(text: str) -> str:
    """Text as a literal of the language; `repr` escapes what the reader of sources would refuse."""
    return repr(text)


def _dotted(fields: Sequence[FieldInfo]) -> str:
    return ".".join(info.name for info in fields)


_WRITERS: Mapping[str, Callable[[_Reader, str, FieldInfo, str, object], str]] = {
    "in": _Reader._among,
    "not in": _Reader._among,
    "like": _Reader._like,
    "ilike": _Reader._like,
    "not like": _Reader._like,
    "not ilike": _Reader._like,
    "=like": _Reader._pattern,
    "=ilike": _Reader._pattern,
    "not =like": _Reader._pattern,
    "not =ilike": _Reader._pattern,
    "child_of": _Reader._within,
    "any": _Reader._any,
    "not any": _Reader._any,
}
