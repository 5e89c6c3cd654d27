"""Generating templates: our own markup around constants. No text from data ever becomes template text.

A builder hands out names of constants (`c[7]`) for every string of a view; the template gets the constants at render
time. Widget templates are files of ours and are put in as text, since a macro or include per cell costs six times as
much as the cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from core.i18n import _
from core.views.nodes import FieldNode
from core.views.widgets import property_widgets

_FOLDER = Path(__file__).with_name("templates")
_MARK = re.compile("@([a-z_]+)@")
ATTRS = (
    'id="{{ id }}" name="{{ name }}"{% if required %} required{% endif %}'
    '{% if error %} aria-invalid="true"{% endif %}'
    '{% if error or help or quality == "incorrect" %} aria-describedby="{{ id }}-hint"{% endif %}'
    '{% if placeholder %} placeholder="{{ placeholder }}"{% endif %}{% if refresh %} data-refresh{% endif %}'
)


_SHOW = "v, text, r, label, target, options, currency, mode, settled, zone, quality"
_EDIT = f"{_SHOW}, name, help, placeholder, id, required, error, refresh"
# Inputs that cannot be left empty by nature, those that take a whole line, and widgets that hold links or boxes.
_UNREQUIRED = frozenset({"boolean", "toggle"})
_WIDE = frozenset({"textarea", "html"})
_BESIDE = frozenset({"email", "phone", "url", "link", "partner", "html"})


@dataclass(frozen=True, slots=True)
class ShownNode:
    """The constants of one field, translated."""

    path: str
    label_path: str
    label: str
    help: str
    placeholder: str
    widget: str
    edit: str
    target: str
    options: Mapping[str, str]
    currency: str
    zone: str
    quality: str
    required: bool
    full: bool
    beside: bool
    why: str


def shown_node(node: FieldNode) -> ShownNode:
    """The constants of a field in the language in force."""
    return ShownNode(
        path=node.path,
        label_path=node.label_path,
        label=_(node.label),
        help=_(node.help) if node.help else "",
        placeholder=_(node.placeholder) if node.placeholder else "",
        widget=node.widget.name,
        edit=node.edit,
        target=node.info.target or node.info.definitions,
        options=MappingProxyType({key: _(label) for key, label in node.info.options}),
        currency=node.currency_path,
        zone=node.zone_path,
        quality=node.quality_path,
        required=node.info.required and node.edit not in _UNREQUIRED,
        full=node.full or node.edit in _WIDE,
        beside=node.widget.name in _BESIDE,
        why=node.why,
    )


_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@lru_cache(maxsize=128)
def _template(source: str) -> Template:
    """Compiling takes a tenth of a second, and the same text comes again: in another language, for other groups."""
    return _ENVIRONMENT.from_string(source)


class Templates:
    """Compiles templates in a sandbox, and keeps the widget files read so far."""

    def __init__(self) -> None:
        self._snippets: dict[Path, str] = {}

    def compile(self, source: str) -> Template:
        """A template from generated text."""
        return _template(source)

    def snippet(self, folder: Path, name: str) -> str:
        """The text of a template file, without the blanks around it."""
        path = folder / f"{name}.html"
        if path not in self._snippets:
            self._snippets[path] = path.read_text("utf-8").strip()
        return self._snippets[path]


class Builder:
    """Puts one template together; `constants` are what it shows, translated to the language in force."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        self.constants: list[object] = []
        self._known: dict[str, str] = {}
        self.nodes: dict[str, ShownNode] = {}

    def const(self, value: object) -> str:
        """The name of a constant."""
        if isinstance(value, str) and value in self._known:
            return self._known[value]
        self.constants.append(value)
        name = f"c[{len(self.constants) - 1}]"
        if isinstance(value, str):
            self._known[value] = name
        return name

    def text(self, english: str) -> str:
        """The name of a constant for people, translated."""
        return self.const(_(english) if english else "")

    def frame(self, folder: Path, name: str, marks: Mapping[str, str] = MappingProxyType({})) -> str:
        """A template file with template text put in for its marks (`@name@`)."""
        return _MARK.sub(lambda mark: marks[mark[1]], self.templates.snippet(folder, name))

    def shared(self, name: str) -> str:
        """A template file of macros that several view types use."""
        return self.templates.snippet(_FOLDER / "frames", name)

    def show(self, node: FieldNode, mode: str, record: str = "r") -> str:
        """Template text that shows the node's value in `record`, put in whole: for cells, of which there are many.

        Mode is `cell`, `card`, `head` or `form`.
        """
        names = self._shown_names(node, mode, record)
        return within(names, self.templates.snippet(_FOLDER / "show", node.widget.name))

    def node(self, node: FieldNode) -> str:
        """The key of a field whose value is shown or edited through `show` and `edit`, by macros all fields share."""
        self.nodes[node.key] = shown_node(node)
        return f'"{node.key}"'

    def macros(self) -> str:
        """The macros `show(key, mode, r)` and `edit(key, r, id, ...)`, with the widgets they need."""
        shows = {node.widget for node in self.nodes.values()}
        edits = {node.edit for node in self.nodes.values() if node.edit}
        if "properties" in shows:
            further_shows, further_edits = property_widgets()
            shows, edits = shows | further_shows, edits | further_edits
        kinds = {
            "show": (_SHOW, sorted(shows)),
            "edit": (_EDIT, sorted(edits)),
        }
        text = []
        for kind, (names, widgets) in kinds.items():
            for widget in widgets:
                body = self.templates.snippet(_FOLDER / kind, widget).replace("{{ attrs }}", ATTRS)
                text.append(f"{{% macro {kind}_{widget}({names}) %}}{body}{{% endmacro %}}")
            known = ", ".join(f'"{widget}": {kind}_{widget}' for widget in widgets)
            text.append(f"{{% set {kind}s = {{{known}}} %}}")
        return "\n".join([self.shared("doubt"), *text, self.shared("values")])

    def _shown_names(self, node: FieldNode, mode: str, record: str) -> dict[str, str]:
        return {
            "v": f"{record}[{self.const(node.path)}]",
            "text": f"{record}[{self.const(node.label_path)}]" if node.label_path else "none",
            "r": record,
            "label": self.text(node.label),
            "target": self.const(node.info.target or node.info.definitions),
            "options": self.const({key: _(label) for key, label in node.info.options}) if node.info.options else "{}",
            "currency": self.const(node.currency_path),
            "mode": f'"{mode}"',
            "settled": f'"{node.key}" in {record}["_settled"]' if node.settled else "false",
            "zone": f"{record}[{self.const(node.zone_path)}]" if node.zone_path else "none",
            "quality": f"{record}[{self.const(node.quality_path)}]" if node.quality_path else "none",
        }


def within(names: Mapping[str, str], body: str) -> str:
    """Template text with names for expressions; all are worked out before any is set."""
    given = ", ".join(f"{name} = {value}" for name, value in names.items())
    return f"{{% with {given} %}}{body}{{% endwith %}}"


class Icons:
    """What templates call as `icon`: the markup of a symbol of the sprite, made once per page."""

    def __init__(self, sprite: str) -> None:
        self._sprite = sprite
        self._known: dict[tuple[str, str], Markup] = {}

    def __call__(self, name: str, extra: str = "") -> Markup:
        """An icon; `extra` are further classes."""
        key = (name, extra)
        if key not in self._known:
            classes = f"icon {extra}".strip()
            use = Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>')
            self._known[key] = use.format(classes, escape(self._sprite), name)
        return self._known[key]


Constants = tuple[object, ...]
Context = dict[str, Any]
