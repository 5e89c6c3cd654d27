"""The widgets: which kinds of fields each can show, and which one a field gets when its view names none.

How a widget looks is in `templates/show/<name>.html` and `templates/edit/<name>.html`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.lang.kinds import Kind
from core.lang.schema import FieldInfo

USERS = "res.users"


@dataclass(frozen=True, slots=True)
class Widget:
    """One way to show a value.

    `edit` is the widget that edits it (empty: it cannot be edited this way, the field's default widget does it);
    `target` the model a relation must lead to; `options` says that the field must be a selection.
    """

    name: str
    kinds: frozenset[Kind]
    edit: str = ""
    target: str = ""
    options: bool = False
    numeric: bool = False


def _widget(name: str, *kinds: Kind, edit: str = "", target: str = "", options: bool = False) -> Widget:
    numeric = name in {"money", "number", "percent", "progress"}
    return Widget(name, frozenset(kinds), edit, target, options, numeric)


_ALL = (
    _widget("text", Kind.TEXT, edit="text"),
    _widget("textarea", Kind.TEXT, edit="textarea"),
    _widget("html", Kind.TEXT, edit="html"),
    _widget("email", Kind.TEXT, edit="email"),
    _widget("phone", Kind.TEXT, edit="phone"),
    _widget("url", Kind.TEXT, edit="url"),
    _widget("selection", Kind.TEXT, edit="selection", options=True),
    _widget("chip", Kind.TEXT, edit="selection", options=True),
    _widget("priority", Kind.TEXT, Kind.INTEGER, edit="selection", options=True),
    _widget("number", Kind.INTEGER, Kind.FLOAT, edit="number"),
    _widget("money", Kind.MONEY, edit="money"),
    _widget("percent", Kind.INTEGER, Kind.FLOAT, edit="number"),
    _widget("progress", Kind.INTEGER, Kind.FLOAT, edit="number"),
    _widget("color", Kind.INTEGER, edit="color"),
    _widget("date", Kind.DATE, Kind.INSTANT),
    _widget("datetime", Kind.INSTANT, edit="datetime"),
    _widget("due", Kind.DATE),
    _widget("age", Kind.DATE, Kind.INSTANT),
    _widget("overage", Kind.DATE, Kind.INSTANT),
    _widget("boolean", Kind.BOOLEAN, edit="boolean"),
    _widget("toggle", Kind.BOOLEAN, edit="toggle"),
    _widget("reference", Kind.TEXT),
    _widget("link", Kind.REFERENCE, edit="picker"),
    _widget("select", Kind.REFERENCE, edit="select"),
    _widget("partner", Kind.REFERENCE, edit="picker"),
    _widget("user", Kind.REFERENCE, edit="select", target=USERS),
    _widget("stage", Kind.REFERENCE, edit="select"),
    _widget("path", Kind.REFERENCE, edit="select"),
    _widget("tags", Kind.REFERENCES, edit="tags"),
    _widget("records", Kind.REFERENCES),
    _widget("json", Kind.JSON),
    _widget("properties", Kind.JSON),
)
WIDGETS: Mapping[str, Widget] = MappingProxyType({widget.name: widget for widget in _ALL})

_DEFAULTS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.INTEGER: "number",
    Kind.FLOAT: "number",
    Kind.MONEY: "money",
    Kind.DATE: "date",
    Kind.INSTANT: "datetime",
    Kind.BOOLEAN: "boolean",
    Kind.REFERENCE: "link",
    Kind.REFERENCES: "tags",
    Kind.JSON: "json",
}
# The kinds of properties, whose widgets the template of a form with properties has.
PROPERTY_KINDS = (Kind.TEXT, Kind.FLOAT, Kind.MONEY, Kind.BOOLEAN, Kind.DATE)
# The edit widget of kinds whose shown default differs from it.
_EDITS: Mapping[Kind, str] = {Kind.DATE: "date", Kind.INSTANT: "datetime"}


def default_widget(info: FieldInfo, declared: str = "") -> Widget:
    """The widget of a field whose view names none; `declared` is the class of its declaration (`Html`, `Text`)."""
    if info.definitions:
        return WIDGETS["properties"]
    if info.options:
        return WIDGETS["selection"]
    if info.models:
        return WIDGETS["reference"]
    if info.kind is Kind.TEXT and declared in {"Text", "Html"}:
        return WIDGETS["html" if declared == "Html" else "textarea"]
    if info.target == USERS and info.kind is Kind.REFERENCE:
        return WIDGETS["user"]
    if info.kind is Kind.REFERENCES and info.link is None:
        return WIDGETS["records"]
    return WIDGETS[_DEFAULTS[info.kind]]


def edit_widget(widget: Widget, info: FieldInfo, declared: str = "") -> str:
    """The name of the widget that edits the field; empty where the field's kind cannot be edited in a form."""
    if info.options:
        return "selection"
    if widget.options:
        widget = default_widget(info, declared)
    return widget.edit or _EDITS.get(info.kind, "") or default_widget(info, declared).edit


def fits(widget: Widget, info: FieldInfo) -> bool:
    """Whether the widget can show the field."""
    if info.kind not in widget.kinds:
        return False
    if (widget.name == "reference" and not info.models) or (widget.name == "properties" and not info.definitions):
        return False
    if widget.options and not (info.options or (widget.name == "priority" and info.kind is Kind.INTEGER)):
        return False
    return not widget.target or info.target == widget.target


def fitting(info: FieldInfo) -> list[str]:
    """The names of all widgets that can show the field."""
    return [widget.name for widget in _ALL if fits(widget, info)]


def property_widgets() -> tuple[frozenset[str], frozenset[str]]:
    """The names of the widgets that show properties, and of those that edit them."""
    used = [WIDGETS["selection"], *(WIDGETS[_DEFAULTS[kind]] for kind in PROPERTY_KINDS)]
    edits = {widget.edit for widget in used} | set(_EDITS.values())
    return frozenset(widget.name for widget in used), frozenset(filter(None, edits))
