"""What a form must satisfy beyond its grammar."""

from __future__ import annotations

from lxml import etree

from core.data.xml import attribute, tag
from core.errors import closest
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.views.checks import UNREAD, Checker
from core.views.form.arch import this
from core.views.list.checks import check as check_list


def check(checker: Checker, root: etree._Element, model: str) -> None:
    """Check the form `root` of a record of `model`."""
    checker.names(root)
    for button in root.iterfind("header/button"):
        checker.button(button, model)
    for node in root.iterfind("header/counter"):
        _check_counter(checker, node, model)
    paths = [node for node in root.iterfind("header/field") if attribute(node, "widget") == "path"]
    for node in paths[1:]:
        checker.report(node, "V031", f"the form has a path already, '{attribute(paths[0], 'name')}'", at="widget")
    for node in root.iter("field"):
        if tag(node.getparent()) != "list":  # type: ignore[arg-type]  # only the root has no parent, and it is a form
            _check_field(checker, node, model)
    for node in root.iter("page"):
        _check_panel(checker, node, "panel")
    for node in root.iterfind("key/field"):
        _check_panel(checker, node, "why")
    for node in root.iter("group", "page"):
        checker.modifiers(node, model)
        checker.groups(node)


def _check_counter(checker: Checker, node: etree._Element, model: str) -> None:
    """A counter counts records of a model; a new one of them has the form's record in a field that leads to it."""
    checker.modifiers(node, model)
    checker.groups(node)
    counted, name = attribute(node, "model"), attribute(node, "field")
    if not checker.model(node, counted):
        return
    checker.condition(node, counted, "condition", this(model))
    info = checker.path(node, counted, name, at="field") if name else None
    if info is not None and ("." in name or info.column is None or info.target != model):
        checker.report(node, "V043", f"'{name}' of {counted} does not lead to a record of {model}", at="field")
    action, known = attribute(node, "action"), checker.scope.actions
    fitting = [name for name, opened in (known or {}).items() if opened in {counted, UNREAD}]
    if action and known is not None and action not in fitting:
        text = f"there is no action '{action}' that opens {counted}"
        checker.report(node, "V043", text, closest(action, fitting), at="action")


def _check_panel(checker: Checker, node: etree._Element, name: str) -> None:
    panel, known = attribute(node, name), checker.scope.registry.panels
    if panel and panel not in known:
        checker.report(node, "V040", f"there is no panel '{panel}'", at=name, suggestion=closest(panel, known))


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
