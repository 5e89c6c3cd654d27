"""A form view as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from core.data.xml import attribute, tag
from core.lang.bound import Bound
from core.lang.kinds import Kind
from core.lang.tree import Expression
from core.views import arch
from core.views.list.arch import ListArch
from core.views.list.arch import read as read_list
from core.views.nodes import ButtonNode, FieldNode, Reader

THIS = "this"


@dataclass(frozen=True, slots=True)
class Related:
    """A to-many field shown as a list of its records; `inverse` is the field that leads back, if one does."""

    key: str
    field: FieldNode
    list: ListArch
    inverse: str


@dataclass(frozen=True, slots=True)
class CounterNode:
    """How many records of another model belong to the record, and the way to them; `condition` knows it as `this`.

    `action` is the external id of what opens them; one that is created there has the record in its `field`.
    """

    key: str
    label: str
    model: str
    condition: Expression
    action: str
    field: str
    icon: str
    invisible: Expression | None


Item = FieldNode | Related


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a common label; one without a name holds what stands outside of groups."""

    key: str
    name: str
    label: str
    invisible: Expression | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of a notebook; `panel` names what an addon shows on it."""

    key: str
    name: str
    label: str
    invisible: Expression | None
    sections: tuple[Section, ...]
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Notebook:
    """Pages of which one is shown."""

    key: str
    name: str
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class FormArch:
    """A form: the head with its buttons, stage path and values, the facts, then sections and notebooks in order."""

    model: str
    title: FieldNode | None
    buttons: tuple[ButtonNode, ...]
    counters: tuple[CounterNode, ...]
    path: FieldNode | None
    head: tuple[FieldNode, ...]
    facts: tuple[FieldNode, ...]
    body: tuple[Section | Notebook, ...]

    def sections(self) -> Iterator[Section]:
        """All sections, those of every tab too."""
        for part in self.body:
            yield from (part,) if isinstance(part, Section) else (each for tab in part.tabs for each in tab.sections)

    def items(self) -> Iterator[Item]:
        """Everything in the sections."""
        return (item for section in self.sections() for item in section.items)

    def fields(self) -> Iterator[FieldNode]:
        """Every field that shows a value of the record itself; related lists are not among them."""
        yield from (node for node in (self.title, self.path) if node is not None)
        yield from self.head
        yield from self.facts
        yield from (item for item in self.items() if isinstance(item, FieldNode))

    def editable(self) -> dict[str, FieldNode]:
        """The fields that can be typed in, by path; of several nodes of one field that of a section wins."""
        return {node.path: node for node in self.fields() if node.edit}

    def related(self) -> Iterator[Related]:
        """The related lists."""
        return (item for item in self.items() if isinstance(item, Related))


def read(root: etree._Element, reader: Reader) -> FormArch:
    """Read a checked form."""
    header = root.find("header")
    named = list(reader.fields(header))
    info = reader.registry.schema[reader.model]
    title = etree.Element("field")
    title.set("name", info.label_field)
    path = next((node for node in named if node.widget.name == "path"), None)
    return FormArch(
        model=reader.model,
        title=reader.field(title) if info.label_field in info.fields else None,
        buttons=reader.buttons(header),
        counters=tuple(_counters(header, reader)),
        path=path,
        head=tuple(node for node in named if node is not path),
        facts=tuple(reader.fields(root.find("key"))),
        body=tuple(_body(root, reader)),
    )


def this(model: str) -> Mapping[str, Bound]:
    """What the condition of a counter knows besides the fields of the records that are counted."""
    return {THIS: Bound(Kind.REFERENCE, target=model)}


def _counters(header: etree._Element | None, reader: Reader) -> Iterator[CounterNode]:
    for node in header.iterchildren("counter") if header is not None else ():
        if reader.sees(arch.groups(node)):
            model = attribute(node, "model")
            yield CounterNode(
                key=reader.key("c"),
                label=attribute(node, "label"),
                model=model,
                condition=reader.registry.parse(attribute(node, "condition"), model, this(reader.model)),
                action=attribute(node, "action"),
                field=attribute(node, "field"),
                icon=attribute(node, "icon") or "list",
                invisible=reader.expression(node, "invisible", reader.model),
            )


def _body(root: etree._Element, reader: Reader) -> Iterator[Section | Notebook]:
    for node in _runs(root):
        if isinstance(node, list):
            yield Section(reader.key("s"), "", "", None, _items(node, reader))
        elif tag(node) == "group":
            yield from _section(node, reader)
        else:
            tabs = tuple(found for page in node.iterchildren("page") for found in _tab(page, reader))
            if tabs:
                yield Notebook(reader.key("n"), attribute(node, "name"), tabs)


def _runs(parent: etree._Element) -> Iterator[etree._Element | list[etree._Element]]:
    """Groups and notebooks one by one; fields between them as lists."""
    run: list[etree._Element] = []
    for node in parent.iterchildren("field", "group", "notebook"):
        if tag(node) == "field":
            run.append(node)
            continue
        if run:
            yield run
            run = []
        yield node
    if run:
        yield run


def _section(node: etree._Element, reader: Reader) -> Iterator[Section]:
    if reader.sees(arch.groups(node)):
        yield Section(
            key=reader.key("s"),
            name=attribute(node, "name"),
            label=attribute(node, "label"),
            invisible=reader.expression(node, "invisible", reader.model),
            items=_in_columns(_items(list(node.iterchildren("field")), reader), attribute(node, "columns")),
        )


def _tab(node: etree._Element, reader: Reader) -> Iterator[Tab]:
    if reader.sees(arch.groups(node)):
        yield Tab(
            key=reader.key("t"),
            name=attribute(node, "name"),
            label=attribute(node, "label"),
            invisible=reader.expression(node, "invisible", reader.model),
            sections=tuple(section for section in _body(node, reader) if isinstance(section, Section)),
            panel=attribute(node, "panel"),
        )


def _items(nodes: list[etree._Element], reader: Reader) -> tuple[Item, ...]:
    found: list[Item] = []
    for node in nodes:
        field, related = reader.field(node), node.find("list")
        if field is None:
            continue
        if related is None:
            found.append(field)
            continue
        target = str(field.info.target)
        found.append(Related(reader.key("r"), field, read_list(related, reader, target), _inverse(reader, field)))
    return tuple(found)


def _in_columns(items: tuple[Item, ...], columns: str) -> tuple[Item, ...]:
    """In a single column every field has the whole width."""
    if columns != "1":
        return items
    return tuple(replace(item, full=True) if isinstance(item, FieldNode) else item for item in items)


def _inverse(reader: Reader, field: FieldNode) -> str:
    """The field of the target that leads back: the many2one of a one2many, or the other side of a many2many."""
    if field.info.inverse:
        return field.info.inverse
    link = field.info.link
    for info in reader.registry.schema[str(field.info.target)].fields.values():
        if link is not None and info.link is not None and info.link.table == link.table and info.link.own == link.other:
            return info.name
    return ""
