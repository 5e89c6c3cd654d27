"""What a graph must satisfy beyond its grammar."""

from __future__ import annotations

from lxml import etree

from core.data.xml import attribute
from core.lang.kinds import Kind
from core.views.checks import Checker


def check(checker: Checker, root: etree._Element, model: str) -> None:
    """Check the graph `root` over the records of `model`."""
    for at in ("by", "stack"):
        if attribute(root, at):
            check_term(checker, root, model, at)
    seen: set[tuple[str, str]] = set()
    for node in root.iterchildren("measure"):
        _check_measure(checker, node, model)
        key = (attribute(node, "field"), attribute(node, "aggregate"))
        if key in seen:
            checker.report(node, "V042", f"{key[1]} of '{key[0]}' is measured already", at="field")
        seen.add(key)


def check_term(checker: Checker, node: etree._Element, model: str, at: str) -> None:
    """Check what a graph groups by."""
    info = checker.grouping(node, model, at)
    if info is not None and info.kind is Kind.REFERENCES:
        text = f"'{attribute(node, at)}' leads to many records; a record would be counted more than once"
        checker.report(node, "V041", text, at=at)


def _check_measure(checker: Checker, node: etree._Element, model: str) -> None:
    info = checker.path(node, model, attribute(node, "field"), at="field")
    if info is not None:
        if attribute(node, "aggregate") != "count":
            checker.number(node, info, attribute(node, "aggregate"))
        checker.widget(node, info)
    checker.groups(node)
