"""What a list must satisfy beyond its grammar. Forms use it for the lists of related records too."""

from __future__ import annotations

from lxml import etree

from core.data.xml import attribute
from core.views.checks import Checker


def check(checker: Checker, root: etree._Element, model: str) -> None:
    """Check the list `root` over the records of `model`."""
    if attribute(root, "order"):
        checker.order(root, model)
    if attribute(root, "group"):
        checker.grouping(root, model, "group")
    for button in root.iterfind("header/button"):
        checker.button(button, model)
    roles: dict[str, str] = {}
    for node in root.iterfind("field"):
        info = checker.field_node(node, model)
        if info is not None and attribute(node, "sum"):
            checker.number(node, info, "sum")
        role, name = attribute(node, "card"), attribute(node, "name")
        if role and roles.setdefault(role, name) != name:
            checker.report(node, "V034", f"'{roles[role]}' is the card's {role} already", at="card")
