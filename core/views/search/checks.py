"""What a search must satisfy beyond its grammar."""

from __future__ import annotations

from lxml import etree

from core.data.xml import attribute, tag
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.views.checks import Checker, words

_RELATIONS = frozenset({Kind.REFERENCE, Kind.REFERENCES})


def check(checker: Checker, root: etree._Element, model: str) -> None:
    """Check the search `root` over the records of `model`."""
    checker.names(root)
    for node in root.iterchildren("*"):
        if tag(node) == "field":
            _check_field(checker, node, model)
        elif tag(node) == "filter":
            checker.condition(node, model, "condition")
        elif tag(node) == "group_by":
            checker.grouping(node, model, "field")
        checker.groups(node)


def _check_field(checker: Checker, node: etree._Element, model: str) -> None:
    operator = attribute(node, "operator") or "contains"
    at = "paths" if attribute(node, "paths") else "name"
    for path in words(attribute(node, at)):
        info = checker.path(node, model, path, at=at)
        if info is not None and not _searchable(checker, info, operator):
            text = f"'{path}' is a {info.kind.value}; it cannot be searched by {operator}"
            checker.report(node, "V033", text, at=at)


def _searchable(checker: Checker, info: FieldInfo, operator: str) -> bool:
    if operator == "within":
        target = checker.scope.registry.schema.get(info.target or "")
        return info.kind in _RELATIONS and target is not None and target.parent is not None
    if operator == "equals":
        return info.kind is not Kind.REFERENCES
    return info.kind in _RELATIONS or info.kind is Kind.TEXT
