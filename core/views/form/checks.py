"""What a form must satisfy beyond its grammar."""

from __future__ import annotations

from lxml import etree

from core.data.xml import attribute, tag
from core.errors import closest
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.views.checks import Checker
from core.views.list.checks import check as check_list


def check(checker: Checker, root: etree._Element, model: str) -> None:
    """Check the form `root` of a record of `model`."""
    checker.names(root)
    for button in root.iterfind("header/button"):
        checker.button(button, model)
    paths = [node for node in root.iterfind("header/field") if attribute(node, "widget") == "path"]
    for node in paths[1:]:
        checker.report(node, "V031", f"the form has a path already, '{attribute(paths[0], 'name')}'", at="widget")
    for node in root.iter("field"):
        if tag(node.getparent()) != "list":  # type: ignore[arg-type]  # only the root has no parent, and it is a form
            _check_field(checker, node, model)
    for node in root.iter("page"):
        panel, known = attribute(node, "panel"), checker.scope.registry.panels
        if panel and panel not in known:
            text = f"there is no panel '{panel}'"
            checker.report(node, "V040", text, at="panel", suggestion=closest(panel, known))
    for node in root.iter("group", "page"):
        checker.modifiers(node, model)
        checker.groups(node)


def _check_field(checker: Checker, node: etree._Element, model: str) -> None:
    info = checker.field_node(node, model)
    related = node.find("list")
    if info is None:
        return
    many = info.kind is Kind.REFERENCES and info.target is not None
    if related is not None and many:
        check_list(checker, related, str(info.target))
    elif related is not None:
        checker.report(related, "V029", f"field '{info.name}' is a {info.kind.value}; only many records have a <list>")
    elif _needs_list(info, node):
        checker.report(node, "V029", f"field '{info.name}' leads to records of {info.target}; say how to <list> them")


def _needs_list(info: FieldInfo, node: etree._Element) -> bool:
    """A one2many is shown as a list or not at all."""
    return info.kind is Kind.REFERENCES and info.link is None and not attribute(node, "widget")
