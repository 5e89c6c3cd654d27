"""What can be chosen on a graph page: measure, dimensions with their unit of time, kind of picture; and their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.i18n import _
from core.records.aggregates import UNITS
from core.records.environment import Environment
from core.views.graph.arch import CHARTS, GraphArch, Measure
from core.views.kit import Kit
from core.views.list.page import UNGROUPED
from core.views.search.arch import SearchArch
from core.views.state import State
from core.views.terms import Term, term

_CHART_NAMES = {"bar": "Bars", "line": "Line"}
_UNIT_NAMES = {"day": "Day", "week": "Week", "month": "Month", "quarter": "Quarter", "year": "Year"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to change the graph."""

    label: str
    state: State
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """Ways to change one thing about the graph; `label` says what, `value` how it is now."""

    name: str
    label: str
    value: str
    choices: tuple[Choice, ...]


def named(found: Term, search: SearchArch | None, kit: Kit) -> str:
    """What a dimension is called: as the search calls it; a date by its field, with its unit."""
    if found.unit:
        return _("{field} ({unit})", field=_field(found), unit=kit.inside(_(_UNIT_NAMES[found.unit])))
    return _plain_name(found, search)


def _plain_name(found: Term, search: SearchArch | None) -> str:
    if found.unit:
        return _field(found)
    offered = {each.field: each.label for each in search.groupings} if search else {}
    return _(offered[found.path]) if found.path in offered else _field(found)


def _field(found: Term) -> str:
    return _(found.info.label or found.info.name)


@dataclass(slots=True)
class Menus:
    """What can be chosen: measure, dimensions with their unit of time, kind of picture."""

    state: State
    arch: GraphArch
    search: SearchArch | None
    measure: Measure
    terms: Sequence[Term]
    chart: str

    def all(self, env: Environment) -> tuple[Menu, ...]:
        """The menus; one with nothing to choose is left out."""
        known = self._dimensions(env)
        first, second = self.terms[0], self.terms[1] if len(self.terms) > 1 else None
        measures = [
            Choice(each.title(), self.state.but(measure=each.key), each.key == self.measure.key)
            for each in self.arch.measures
        ]
        others = [each for each in known if each.path != first.path]
        split = [Choice(_("Nothing"), self.state.but(stack=UNGROUPED), second is None)]
        menus = [
            self._menu("measure", _("Measure"), measures),
            self._menu("group", _("By"), self._choices(known, first, "group")),
            self._units("unit", first, "group"),
            self._menu("stack", _("Split by"), [*split, *self._choices(others, second, "stack")]),
            self._units("stack-unit", second, "stack"),
        ]
        if first.unit:
            charts = [Choice(_(_CHART_NAMES[each]), self.state.but(chart=each), each == self.chart) for each in CHARTS]
            menus.append(self._menu("chart", _("As"), charts))
        return tuple(menu for menu in menus if len(menu.choices) > 1)

    def _dimensions(self, env: Environment) -> list[Term]:
        """The groupings of the search, and those in force; each field once."""
        texts = [each.field for each in self.search.groupings] if self.search else []
        offered = [*self.terms, *(term(env, self.arch.model, text) for text in texts)]
        found = {each.path: each for each in reversed(offered)}
        places = {text.partition(":")[0]: place for place, text in enumerate(texts)}
        return sorted(found.values(), key=lambda each: places.get(each.path, -1))

    def _choices(self, known: Sequence[Term], current: Term | None, name: str) -> list[Choice]:
        return [
            Choice(
                _plain_name(each, self.search),
                self.state.but(**{name: each.text}),
                current is not None and each.path == current.path,
            )
            for each in known
        ]

    def _units(self, name: str, found: Term | None, of: str) -> Menu:
        """The units of time of a dimension of dates."""
        if found is None or not found.unit:
            return Menu(name, "", "", ())
        choices = [
            Choice(_(_UNIT_NAMES[unit]), self.state.but(**{of: f"{found.path}:{unit}"}), unit == found.unit)
            for unit in UNITS
        ]
        return self._menu(name, _("In steps of"), choices)

    def _menu(self, name: str, label: str, choices: Sequence[Choice]) -> Menu:
        current = next((each.label for each in choices if each.current), "")
        return Menu(name, label, current, tuple(choices))
