"""What a board must satisfy beyond its grammar."""

from __future__ import annotations

from lxml import etree

from core.data.xml import attribute
from core.lang.kinds import Kind
from core.views.checks import DATES, Checker, words

_COLUMNS = DATES | {Kind.REFERENCE}


def check(checker: Checker, root: etree._Element, model: str) -> None:
    """Check the board `root` over the records of `model`."""
    _check_columns(checker, root, model)
    if attribute(root, "order"):
        checker.order(root, model)
    for at in ("sum", "weighted", "also"):
        info = checker.path(root, model, attribute(root, at), at=at) if attribute(root, at) else None
        if info is not None:
            checker.number(root, info, at)
    for name in words(attribute(root, "quick_create")):
        _check_quick(checker, root, model, name)
    checker.modifiers(root, model)
    for button in root.iterfind("header/button"):
        checker.button(button, model)
    for node in root.iterfind("card/field"):
        checker.field_node(node, model)


def _check_columns(checker: Checker, root: etree._Element, model: str) -> None:
    name = attribute(root, "group").partition(":")[0]
    info = checker.grouping(root, model, "group")
    if info is None:
        return
    if not info.options and info.kind not in _COLUMNS:
        text = f"field '{name}' is a {info.kind.value}; the columns of a board are records, options or spans of time"
        checker.report(root, "V027", text, at="group")
    elif info.kind is Kind.INSTANT and attribute(root, "quick_create"):
        text = f"field '{name}' is an instant; a card that is created in a column has none"
        checker.report(root, "V028", text, at="quick_create")


def _check_quick(checker: Checker, root: etree._Element, model: str, name: str) -> None:
    info = checker.path(root, model, name, at="quick_create")
    if info is not None and ("." in name or info.column is None):
        checker.report(root, "V028", f"'{name}' cannot be filled in when a record is created", at="quick_create")
