"""Checking a composed view against the registry: fields, paths, expressions, widgets, groups, actions, dependencies.

Each view type walks its own nodes and calls the checks below; what is found is collected, nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from core.data.xml import attribute, tag
from core.errors import ExpressionError, Problem, closest
from core.lang.bound import Bound
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.model.registry import Registry
from core.views import arch
from core.views.inherit import Depends
from core.views.paths import walk
from core.views.widgets import WIDGETS, fits, fitting

NUMBERS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.MONEY})
UNREAD = "?"
DATES = frozenset({Kind.DATE, Kind.INSTANT})
BUCKETS = ("day", "week", "month", "quarter", "year")
MODIFIERS = ("invisible", "readonly", "required", "settled")


@dataclass(frozen=True, slots=True)
class Scope:
    """What views are checked against: the models, what each addon needs (indirectly too), and the known groups.

    `actions` are the models that the known actions open, UNREAD where that is not at hand; None: they are not checked.
    """

    registry: Registry
    depends: Depends
    groups: frozenset[str]
    actions: Mapping[str, str] | None = None

    @classmethod
    def of(cls, registry: Registry, groups: Iterable[str]) -> Scope:
        """The scope of a registry, with the external ids of the groups there are or will be."""
        return cls(registry, registry.closure, frozenset(groups))


@dataclass(slots=True)
class Checker:
    """The problems found in one view so far."""

    scope: Scope
    problems: list[Problem] = field(default_factory=list)

    def report(self, node: etree._Element, code: str, text: str, suggestion: str = "", *, at: str = "") -> None:
        """Add a problem at the node, or at whoever set its attribute `at`."""
        self.problems.append(arch.problem(node, code, text, suggestion, at=at))

    def path(self, node: etree._Element, model: str, path: str, *, at: str = "name") -> FieldInfo | None:
        """The last field of a dotted path from `model`, or None where there is none (reported)."""
        found: FieldInfo | None = None
        current = model
        for step in path.split("."):
            if found is not None:
                if found.kind is not Kind.REFERENCE or found.target is None:
                    text = f"'{path}' goes through '{found.name}', which leads to no single record"
                    self.report(node, "V013", text, at=at)
                    return None
                current = found.target
            found = self._step(node, current, step, at)
            if found is None:
                return None
        return found

    def _step(self, node: etree._Element, model: str, name: str, at: str) -> FieldInfo | None:
        info = self.scope.registry.schema[model]
        found = info.fields.get(name)
        if found is None:
            self.report(node, "V012", f"field '{name}' is not on {model}", closest(name, info.fields), at=at)
            return None
        self._depend(node, self.scope.registry.owner_of_field.get((model, name), ""), f"field '{name}' of {model}", at)
        return found

    def _depend(self, node: etree._Element, owner: str, what: str, at: str) -> None:
        user = arch.owner(node, at)
        if owner and user in self.scope.depends and owner != user and owner not in self.scope.depends[user]:
            self.report(node, "V032", f"{what} belongs to addon '{owner}', which '{user}' does not depend on", at=at)

    def field_node(self, node: etree._Element, model: str) -> FieldInfo | None:
        """Check a `<field>`: its path, widget, modifiers and groups."""
        path = attribute(node, "name")
        info = self.path(node, model, path)
        if info is not None:
            self.widget(node, info)
            if attribute(node, "settled") and attribute(node, "widget") != "due":
                self.report(node, "V039", "only widget 'due' knows days that are settled", at="settled")
            self._secret(node, model, path)
        self.modifiers(node, model)
        self.groups(node)
        return info

    def _secret(self, node: etree._Element, model: str, path: str) -> None:
        _prefix, owner, info = walk(self.scope.registry, model, path)
        declaration = self.scope.registry.declarations[owner].get(info.name)
        if declaration is not None and declaration.secret:
            self.report(node, "V036", f"field '{info.name}' is secret and never shown", at="name")

    def widget(self, node: etree._Element, info: FieldInfo) -> None:
        """Check that the widget exists and fits the field."""
        name = attribute(node, "widget")
        if not name:
            return
        widget = WIDGETS.get(name)
        if widget is None:
            self.report(node, "V017", f"there is no widget '{name}'", closest(name, WIDGETS), at="widget")
        elif not fits(widget, info):
            kind = "selection" if info.options else info.kind.value
            text = f"widget '{name}' cannot show field '{info.name}', a {kind}; fitting: {', '.join(fitting(info))}"
            self.report(node, "V018", text, at="widget")

    def modifiers(self, node: etree._Element, model: str) -> None:
        """Check that every modifier is a condition on the record."""
        for name in MODIFIERS:
            if attribute(node, name):
                self.condition(node, model, name)

    def model(self, node: etree._Element, model: str) -> bool:
        """Check that the model which the node names is there and may be used."""
        registry = self.scope.registry
        if model not in registry.schema:
            self.report(node, "V008", f"there is no model '{model}'", closest(model, registry.schema), at="model")
            return False
        self._depend(node, registry.owner_of_model.get(model, ""), f"model {model}", "model")
        return True

    def condition(
        self, node: etree._Element, model: str, at: str, names: Mapping[str, Bound] = MappingProxyType({})
    ) -> None:
        """Check that the attribute is an expression of the language that is true or false; it may use the names."""
        try:
            expression = self.scope.registry.parse(attribute(node, at), model, names)
        except ExpressionError as error:
            text = f"{at} is no expression, column {error.column}: {error.reason}"
            self.report(node, "V014", text, error.suggestion, at=at)
            return
        if expression.kind is not Kind.BOOLEAN:
            self.report(node, "V015", f"{at} must be true or false, but is a {expression.kind.value}", at=at)
        self._known(node, expression.groups, at)

    def groups(self, node: etree._Element) -> None:
        """Check that the groups named exist."""
        self._known(node, arch.groups(node), "groups")

    def _known(self, node: etree._Element, groups: frozenset[str], at: str) -> None:
        for group in sorted(groups - self.scope.groups):
            self.report(node, "V019", f"there is no group '{group}'", closest(group, self.scope.groups), at=at)

    def button(self, node: etree._Element, model: str) -> None:
        """Check a `<button>`: its action, modifiers and groups."""
        name, actions = attribute(node, "action"), self.scope.registry.actions.get(model, {})
        if name not in actions:
            self.report(node, "V016", f"{model} has no action '{name}'", closest(name, actions), at="action")
        self.modifiers(node, model)
        self.groups(node)

    def number(self, node: etree._Element, info: FieldInfo, at: str) -> None:
        """Check that the field can be summed."""
        if info.kind not in NUMBERS:
            text = f"field '{info.name}' is a {info.kind.value}; only numbers and money have a {at}"
            self.report(node, "V020", text, at=at)

    def order(self, node: etree._Element, model: str) -> None:
        """Check `order`: paths with an optional minus, separated by commas."""
        for term in words(attribute(node, "order")):
            info = self.path(node, model, term.lstrip("-+"), at="order")
            if info is not None and info.kind is Kind.REFERENCES:
                text = f"'{info.name}' leads to many records; a list cannot be ordered by it"
                self.report(node, "V030", text, at="order")

    def grouping(self, node: etree._Element, model: str, at: str) -> FieldInfo | None:
        """Check a field to group by: a path, for dates with a unit (`date_deadline:month`)."""
        path, _, unit = attribute(node, at).partition(":")
        info = self.path(node, model, path, at=at)
        if info is None:
            return None
        if unit and unit not in BUCKETS:
            self.report(node, "V030", f"'{unit}' is no unit of time", closest(unit, BUCKETS), at=at)
        elif bool(unit) is not (info.kind in DATES):
            wanted = "needs a unit, as in" if info.kind in DATES else "takes no unit, unlike"
            self.report(node, "V030", f"grouping by '{path}' {wanted} 'date:month'", at=at)
        return info

    def names(self, root: etree._Element) -> None:
        """Check that nodes which others anchor to have a name of their own."""
        seen: dict[tuple[str, str], etree._Element] = {}
        for node in root.iter(*arch.NAMED):
            key = (tag(node), attribute(node, "name"))
            first = seen.setdefault(key, node)
            if first is not node and key[1]:
                text = f'there is another <{key[0]} name="{key[1]}"> at {arch.place(first)}'
                self.report(node, "V026", text, at="name")


def words(text: str) -> Iterable[str]:
    """The comma-separated words of an attribute."""
    return [word for word in re.split(r"[,\s]+", text) if word]
