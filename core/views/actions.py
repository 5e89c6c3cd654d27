"""Checking actions against the views they open: view types, filters, grouping, order, values of new records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from lxml import etree

from core.data.entries import Entry, RecordEntry
from core.data.xml import Place
from core.errors import Problem, closest
from core.views import arch
from core.views.arch import Stamp
from core.views.checks import Checker, Scope, words
from core.views.compose import TYPES, Composition
from core.views.defaults import default_view
from core.views.opening import views_of

_OPENED = tuple(kind for kind in TYPES if kind != "search")


def check_actions(entries: Iterable[Entry], composition: Composition, scope: Scope) -> list[Problem]:
    """The mistakes of the actions among the entries; those of unknown models are reported with the data files."""
    actions = (entry for entry in entries if isinstance(entry, RecordEntry) and entry.model == "core.action")
    known = (entry for entry in actions if entry.text("model") in scope.registry.schema)
    return [problem for entry in known for problem in _check(entry, composition, scope)]


def _check(entry: RecordEntry, composition: Composition, scope: Scope) -> Iterator[Problem]:
    model = entry.text("model")
    for kind, name in views_of(entry.text("views")):
        if kind not in _OPENED:
            text = f"views: there is no view type '{kind}'"
            yield _place(entry, "views").problem("V007", text, closest(kind, _OPENED))
        elif name:
            yield from _check_named(entry, model, kind, name, composition, scope)
        elif not _has_view(model, kind, composition, scope):
            text = f"views: there is no view of type '{kind}' of {model}, and none can be made"
            yield _place(entry, "views").problem("V037", text)
    filters = _filters(model, composition)
    for name in words(entry.text("filters")):
        if name not in filters:
            text = f"filters: the search of {model} has no filter '{name}'"
            yield _place(entry, "filters").problem("V037", text, closest(name, filters))
    yield from _check_paths(entry, model, scope)
    yield from _check_defaults(entry, model, scope)


def _check_named(
    entry: RecordEntry, model: str, kind: str, name: str, composition: Composition, scope: Scope
) -> Iterator[Problem]:
    """A view that is named is one of the model and type, of the action's addon or of one that it depends on."""
    place, fitting = (
        _place(entry, "views"),
        [view.name for view in composition.views.values() if (view.model, view.type) == (model, kind)],
    )
    owner = name.partition(".")[0]
    if name not in fitting:
        text = f"views: there is no view '{name}' of type '{kind}' of {model}"
        yield place.problem("V037", text, closest(name, fitting))
    elif entry.addon in scope.depends and owner not in scope.depends[entry.addon] | {entry.addon}:
        text = f"views: view '{name}' belongs to addon '{owner}', which '{entry.addon}' does not depend on"
        yield place.problem("V032", text)


def _place(entry: RecordEntry, name: str) -> Place:
    source = entry.fields.get(name)
    return source.place if source else entry.place


def _has_view(model: str, kind: str, composition: Composition, scope: Scope) -> bool:
    shipped = any(view.model == model and view.type == kind for view in composition.views.values())
    return shipped or default_view(scope.registry, model, kind) is not None


def _filters(model: str, composition: Composition) -> list[str]:
    searches = [view for view in composition.views.values() if view.model == model and view.type == "search"]
    if not searches:
        return ["archived"]
    best = min(searches, key=lambda view: (view.priority, view.name))
    return [str(node.get("name")) for node in best.root.iterfind("filter")]


def _check_paths(entry: RecordEntry, model: str, scope: Scope) -> Iterator[Problem]:
    """Grouping and order are checked as those of a list."""
    node = etree.Element("action")
    arch.stamp(node, Stamp(entry.addon, entry.place))
    checker = Checker(scope)
    for name in ("order", "group_by"):
        if entry.text(name):
            node.set(name, entry.text(name))
    if entry.text("order"):
        checker.order(node, model)
    if entry.text("group_by"):
        checker.grouping(node, model, "group_by")
    yield from checker.problems


def _check_defaults(entry: RecordEntry, model: str, scope: Scope) -> Iterator[Problem]:
    place = _place(entry, "defaults")
    try:
        given = json.loads(entry.text("defaults") or "{}")
    except json.JSONDecodeError as error:
        yield place.problem("V038", f"defaults is not JSON: {error.msg} at character {error.pos + 1}")
        return
    if not isinstance(given, dict):
        yield place.problem("V038", "defaults is not a JSON object of fields and values")
        return
    fields = scope.registry.schema[model].fields
    for name in given:
        if name not in fields:
            yield place.problem("V012", f"defaults: field '{name}' is not on {model}", closest(name, fields))
