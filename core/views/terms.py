"""What records are grouped by: a path and, for dates, a unit of time.

A term knows how a group is called and which records it holds. Lists and graphs group by the same ones, so that a list
can show what a graph counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.lang.tree import Path
from core.records.aggregates import bucket_name
from core.records.environment import Environment
from core.records.properties import property_on
from core.views.formats import bucket_start
from core.views.kit import Kit
from core.views.paths import walk
from core.views.periods import boundary, first_day, following

DEFAULT_UNIT = "month"


@dataclass(frozen=True, slots=True)
class Term:
    """What is grouped by: a path and, for dates, a unit of time. `label_path` leads to the label of a record."""

    path: str
    unit: str
    info: FieldInfo
    label_path: str

    @property
    def text(self) -> str:
        """As an aggregate takes it."""
        return f"{self.path}:{self.unit}" if self.unit else self.path

    def label(self, kit: Kit, row: Mapping[str, Any]) -> str:
        """What the group of a row of an aggregate is called."""
        value = row[self.text]
        if value is None:
            return _("None")
        if self.label_path:
            return str(row[self.label_path] or f"#{value}")
        if self.unit:
            return kit.bucket(value, self.unit)
        if self.info.kind is Kind.BOOLEAN:
            return _("Yes") if value else _("No")
        if isinstance(value, float):
            return kit.number(value)
        return _(dict(self.info.options).get(str(value), "")) or str(value)

    def bucket(self, kit: Kit, value: Any) -> object:  # noqa: ANN401  # of the field's type
        """The group that a record with this value is in."""
        if not self.unit or value is None:
            return value
        day = kit.day(value)
        assert day is not None  # only None has no day
        return self.named(first_day(day, self.unit))

    def named(self, first: date) -> str:
        """The span of time that begins on a day, as an aggregate names it."""
        return bucket_name(first, self.unit)

    def span(self, kit: Kit, bucket: object) -> tuple[date, date]:
        """First and following first of a span of time; instants in the user's zone where the field holds instants."""
        first = bucket_start(str(bucket), self.unit)
        assert first is not None  # the aggregate names every bucket so
        kind = self.info.kind
        return boundary(first, kind, kit.tz), boundary(following(first, self.unit), kind, kit.tz)

    def condition(self, kit: Kit, value: object) -> str:
        """The group as an expression that people can read and change."""
        if value is None:
            return f"{self.path} == none"
        if self.unit:
            first, last = self.span(kit, value)
            return f"{self.path} >= {first.isoformat()!r} and {self.path} < {last.isoformat()!r}"
        return f"{self.path} == {literal(value)}"


def term(env: Environment, model: str, group: str) -> Term:
    """The term that `group` of a view or an address names; the records refuse what cannot be grouped by."""
    path, _colon, unit = group.partition(":")
    tree = env.registry.parse(path, model).tree  # refuses what is no path, with the nearest that is
    if isinstance(tree, Path) and tree.fields[-1].entry:
        defined = property_on(env, model, path)
        info = replace(tree.fields[-1], options=defined.info("").options if defined else ())
    else:
        _prefix, _owner, info = walk(env.registry, model, path)
    label = f"{path}.{env.registry.schema[str(info.target)].label_field}" if info.kind is Kind.REFERENCE else ""
    if info.kind in {Kind.DATE, Kind.INSTANT} and not unit:
        unit = DEFAULT_UNIT
    return Term(path, unit, info, label)


def literal(value: object) -> str:
    """A value as an expression writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)
