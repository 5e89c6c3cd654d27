"""From a page's state to the condition its records meet: the action's, filters, typed text, the user's expression.

Texts are bound by name, never put into the expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import Refusal, closest, did_you_mean
from core.i18n import _
from core.lang.joining import conjunction, disjunction
from core.lang.kinds import Kind
from core.lang.paths import find_path
from core.lang.schema import FieldInfo
from core.lang.tree import Expression
from core.lang.typing import require_condition
from core.model.registry import Registry
from core.records.environment import Environment
from core.views.opening import Opening
from core.views.search.arch import Filter, SearchArch, SearchField
from core.views.state import State

MOST_WORDS = 8
_WORD = re.compile(r'"([^"]+)"|(\S+)')
_CALLS: Mapping[str, str] = {"contains": "contains", "startswith": "startswith"}


class UnknownFilter(Refusal):
    """The address names a filter that the search view does not have, or not for this user; `without` leaves it out."""

    code = "unknown_filter"
    status = 404

    def __init__(self, name: str, known: Sequence[str], state: State) -> None:
        text = _("There is no filter '{name}' here, or not for you.", name=name)
        super().__init__(text, hint=did_you_mean(closest(name, known)))
        self.without = state.but(filters=tuple(each for each in state.filters or () if each != name))


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that narrows the page, and the state without it; `condition` is that of the address."""

    label: str
    operator: str
    value: str
    without: State
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The condition with the values of its names, what narrows beyond the action, and the filters in force."""

    expression: Expression | None = None
    names: Mapping[str, Any] = field(default_factory=dict)
    chips: tuple[Chip, ...] = ()
    filters: tuple[str, ...] = ()

    @property
    def where(self) -> Expression | str:
        """The condition as records take it."""
        return self.expression or ""

    @property
    def bound(self) -> dict[str, Any]:
        """The names to bind."""
        return dict(self.names)


def narrow(env: Environment, opening: Opening, view: SearchArch | None, state: State) -> Narrowing:
    """What the page in this state shows.

    :raises ExpressionError: `where` of the address is no condition on the model.
    """
    return _Narrowing(env.registry, opening, view or SearchArch((), (), ()), state).run()


@dataclass(slots=True)
class _Narrowing:
    registry: Registry
    opening: Opening
    view: SearchArch
    state: State

    def run(self) -> Narrowing:
        names: dict[str, Any] = {}
        chips: list[Chip] = []
        parts = [self._parse(self.opening.condition)] if self.opening.condition else []
        shown = self.opening.filters if self.state.filters is None else self.state.filters
        parts += self._filters(shown, chips)
        for number, (target, text, chip) in enumerate(self._typed()):
            chips.append(chip)
            parts += self._text(target, text, f"text{number}", names)
        if self.state.where:
            condition = require_condition(self._parse(self.state.where))
            parts.append(condition)
            chips.append(Chip(_("Condition"), "", self.state.where, self.state.but(where=""), condition))
        return Narrowing(conjunction(parts) if parts else None, names, tuple(chips), shown)

    def _parse(self, source: str, names: Mapping[str, Kind] | None = None) -> Expression:
        return self.registry.parse(source, self.opening.model, names or {})

    def _filters(self, shown: Iterable[str], chips: list[Chip]) -> Iterator[Expression]:
        """The conditions of the filters that are on: alternatives are joined by "or", and so is their chip."""
        names = tuple(shown)
        self._require_filters(self.state.filters or ())
        for alternatives in self.view.filters:
            active: list[Filter] = [each for each in alternatives if each.name in names]
            if active:
                rest = tuple(name for name in names if all(name != each.name for each in active))
                label = _(" or ").join(_(each.label) for each in active)
                chips.append(Chip(label, "", "", self.state.but(filters=rest)))
                yield disjunction([self._parse(each.condition) for each in active])

    def _require_filters(self, names: Iterable[str]) -> None:
        known = [each.name for alternatives in self.view.filters for each in alternatives]
        for name in names:
            if name not in known:
                raise UnknownFilter(name, known, self.state)

    def _typed(self) -> Iterator[tuple[SearchField, str, Chip]]:
        """Each field with the text typed for it; the search box belongs to the first field."""
        fields = {each.name: each for each in self.view.fields}
        if self.state.q and fields:
            first = self.view.fields[0]
            yield first, self.state.q, Chip(_(first.label), _("contains"), self.state.q, self.state.but(q=""))
        for name, text in self.state.terms:
            if name in fields:
                rest = tuple(term for term in self.state.terms if term != (name, text))
                chip = Chip(_(fields[name].label), _("contains"), text, self.state.but(terms=rest))
                yield fields[name], text, chip

    def _text(self, target: SearchField, text: str, name: str, names: dict[str, Any]) -> Iterator[Expression]:
        """Every word must be found in one of the field's paths."""
        for number, word in enumerate(_words(text) if target.operator == "contains" else [text]):
            bound = f"{name}_{number}"
            tests = [self._test(path, target.operator, bound) for path in target.paths]
            names[bound] = word
            yield disjunction([self._parse(test, {bound: Kind.TEXT}) for test in tests])

    def _test(self, path: str, operator: str, name: str) -> str:
        """The expression that compares a path with the text bound as `name`."""
        info = find_path(path, self.opening.model, self.registry.schema).fields[-1]
        if operator == "within":  # what is called exactly so with all below it, and what is called about so
            return f"within({path}, {name}) or {self._test(path, 'contains', name)}"
        if info.kind is Kind.REFERENCES:
            return f"any({path}, {_compare(self._label(info), operator, name)})"
        if info.kind is Kind.REFERENCE:
            return _compare(f"{path}.{self._label(info)}", operator, name)
        if info.kind is not Kind.TEXT:
            raise Refusal(_("'{field}' cannot be searched by text.", field=path))
        return _compare(path, operator, name)

    def _label(self, info: FieldInfo) -> str:
        return self.registry.schema[str(info.target)].label_field


def _compare(path: str, operator: str, name: str) -> str:
    return f"{_CALLS[operator]}({path}, {name})" if operator in _CALLS else f"{path} == {name}"


def _words(text: str) -> list[str]:
    """The words of typed text; what stands in quotation marks is one."""
    return [quoted or plain for quoted, plain in _WORD.findall(text)][:MOST_WORDS] or [text]
