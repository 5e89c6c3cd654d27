"""The nodes of a composed view as values: what generation and page data work with, for one set of groups.

Reading assumes that the view was checked. Nodes and fields that the groups may not see are left out, and every group
that decided anything is noted, so that a view is generated once for all users it looks the same to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from core.data.xml import attribute
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.lang.tree import Expression
from core.model.registry import Registry
from core.views import arch
from core.views.widgets import WIDGETS, Widget, default_widget, edit_widget

AUTOMATIC = frozenset({"id", "version", "create_date", "create_uid", "write_date", "write_uid"})
CURRENCY = "res.currency"


@dataclass(frozen=True, slots=True)
class FieldNode:
    """A `<field>`. `key` is its own within the view; `path` what is read; texts are in English, to be translated.

    `edit` is the widget that edits it, empty where it is only shown; `label_path` is read beside a relation's id,
    `currency_path` leads to the currency of an amount, `zone_path` to the zone of a day, `quality_path` to what says
    whether a text is of use.
    """

    key: str
    path: str
    model: str
    info: FieldInfo
    label: str
    help: str
    placeholder: str
    widget: Widget
    edit: str
    label_path: str = ""
    currency_path: str = ""
    zone_path: str = ""
    quality_path: str = ""
    invisible: Expression | None = None
    readonly: Expression | None = None
    required: Expression | None = None
    settled: Expression | None = None
    full: bool = False
    sum: str = ""
    card: str = ""
    optional: str = ""
    why: str = ""  # the panel that says why the value is what it is

    @property
    def numeric(self) -> bool:
        """Whether values stand at the end of their cell."""
        return self.widget.numeric


@dataclass(frozen=True, slots=True)
class ButtonNode:
    """A `<button>` that runs an action of the model."""

    key: str
    action: str
    label: str
    icon: str
    primary: bool
    confirm: str
    batch: bool
    invisible: Expression | None


@dataclass(slots=True)
class Reader:
    """Reads the nodes of one view for the holder of `groups` (None: everything is seen)."""

    registry: Registry
    model: str
    groups: frozenset[str] | None
    mentioned: set[str] = field(default_factory=set)
    count: int = 0

    def sees(self, *needed: frozenset[str]) -> bool:
        """Whether each set of groups is empty or shares one with the reader's; notes them all."""
        self.mentioned.update(*needed)
        groups = self.groups
        return groups is None or all(not each or not each.isdisjoint(groups) for each in needed)

    def key(self, prefix: str) -> str:
        """A name for the next node."""
        self.count += 1
        return f"{prefix}{self.count}"

    def expression(self, node: etree._Element, name: str, model: str) -> Expression | None:
        """A modifier, None where the node has none."""
        source = attribute(node, name)
        return self.registry.parse(source, model) if source else None

    def fields(self, parent: etree._Element | None, model: str = "") -> Iterator[FieldNode]:
        """The fields directly inside a node, without those that may not be seen."""
        for node in parent.iterchildren("field") if parent is not None else ():
            found = self.field(node, model)
            if found is not None:
                yield found

    def field(self, node: etree._Element, model: str = "") -> FieldNode | None:
        """One field, or None where it may not be seen."""
        owner, path, key = model or self.model, attribute(node, "name"), self.key("f")
        steps = list(self._steps(owner, path))
        if not self.sees(arch.groups(node), *(info.groups for _model, info in steps)):
            return None
        last_model, info = steps[-1]
        declaration = self.registry.declarations[last_model].get(info.name)
        declared = type(declaration).__name__
        widget = WIDGETS[attribute(node, "widget")] if attribute(node, "widget") else default_widget(info, declared)
        return FieldNode(
            key=key,
            path=path,
            model=owner,
            info=info,
            label=attribute(node, "label") or info.label or path,
            help=attribute(node, "help") or (declaration.help if declaration else ""),
            placeholder=attribute(node, "placeholder"),
            widget=widget,
            edit="" if len(steps) > 1 or is_fixed(self.registry, owner, info) else edit_widget(widget, info, declared),
            label_path=self._label_path(path, info),
            currency_path=currency_path(self.registry, path, last_model, info),
            zone_path=self._named_path("zone", path, last_model, info),
            quality_path=self._named_path("quality", path, last_model, info),
            invisible=self.expression(node, "invisible", owner),
            readonly=self.expression(node, "readonly", owner),
            required=self.expression(node, "required", owner),
            settled=self.expression(node, "settled", owner),
            full=attribute(node, "full") == "1",
            sum=attribute(node, "sum"),
            card=attribute(node, "card"),
            optional=attribute(node, "optional"),
            why=attribute(node, "why"),
        )

    def button(self, node: etree._Element) -> ButtonNode | None:
        """One button, or None where it may not be seen."""
        marked = self.registry.actions[self.model][attribute(node, "action")]
        key = self.key("b")
        if not self.sees(arch.groups(node), marked.groups):
            return None
        return ButtonNode(
            key=key,
            action=marked.name,
            label=attribute(node, "label") or marked.label,
            icon=attribute(node, "icon") or marked.icon or "",
            primary=attribute(node, "primary") == "1",
            confirm=attribute(node, "confirm"),
            batch=marked.batch,
            invisible=self.expression(node, "invisible", self.model),
        )

    def buttons(self, parent: etree._Element | None) -> tuple[ButtonNode, ...]:
        """The buttons directly inside a node."""
        nodes = parent.iterchildren("button") if parent is not None else ()
        return tuple(found for found in map(self.button, nodes) if found is not None)

    def _steps(self, model: str, path: str) -> Iterator[tuple[str, FieldInfo]]:
        for name in path.split("."):
            info = self.registry.schema[model].fields[name]
            yield model, info
            model = info.target or model

    def _label_path(self, path: str, info: FieldInfo) -> str:
        if info.kind is not Kind.REFERENCE or info.target is None:
            return ""
        return f"{path}.{self.registry.schema[info.target].label_field}"

    def _named_path(self, word: str, path: str, model: str, info: FieldInfo) -> str:
        """The path to the field that the declaration names as its `zone` or `quality`; empty where it names none."""
        named = getattr(self.registry.declarations[model].get(info.name), word, None)
        return f"{path.rpartition('.')[0]}.{named}".lstrip(".") if named else ""


def is_fixed(registry: Registry, model: str, info: FieldInfo) -> bool:
    """Whether nobody types the field in: computed, automatic, or declared read-only."""
    if info.name in AUTOMATIC or info.expression is not None:
        return True
    declaration = registry.declarations[model].get(info.name)
    return (info.kind is Kind.REFERENCES and info.link is None) or bool(declaration and declaration.readonly)


def currency_path(registry: Registry, path: str, model: str, info: FieldInfo) -> str:
    """The path to the currency of an amount: the field its declaration names, else that of the record's company."""
    if info.kind is not Kind.MONEY:
        return ""
    prefix = path.rpartition(".")[0]
    named = getattr(registry.declarations[model].get(info.name), "currency", None)
    fields = registry.schema[model].fields
    company = fields.get("company")
    for candidate in (named, "company.currency" if company is not None and company.target else None):
        if candidate and candidate.partition(".")[0] in fields:
            return f"{prefix}.{candidate}".lstrip(".")
    return ""


def paths(nodes: Iterable[FieldNode]) -> list[str]:
    """Everything to read to show the fields: values, labels of relations, currencies of amounts, zones of days, and
    the quality of texts."""
    found: list[str] = []
    for node in nodes:
        if node.info.link is None or "." in node.path:  # links are read beside, for all records at once
            found.append(node.path)
        if node.label_path:
            found.append(node.label_path)
        if node.currency_path:
            found += [f"{node.currency_path}.{name}" for name in ("name", "symbol", "digits")]
        found += [path for path in (node.zone_path, node.quality_path) if path]
    return list(dict.fromkeys(found))
