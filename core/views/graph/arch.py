"""A graph view as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from core.data.xml import attribute
from core.i18n import _
from core.lang.kinds import Kind
from core.views.formats import Number
from core.views.kit import Kit
from core.views.nodes import FieldNode, Reader

CHARTS = ("bar", "line")
_DECIMALS = 1


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that is worked out of the records of a group; `label` is in English."""

    node: FieldNode
    function: str
    label: str

    @property
    def key(self) -> str:
        """As an address and an aggregate take it: `expected_revenue:sum`."""
        return f"{self.node.path}:{self.function}"

    @property
    def additive(self) -> bool:
        """Whether the numbers of parts add up to that of the whole."""
        return self.function in {"sum", "count"}

    @property
    def parts(self) -> tuple[str, ...]:
        """What is asked for; averages are worked out of sums and counts, so that those of totals are right too."""
        if self.function == "avg":
            return f"{self.node.path}:sum", f"{self.node.path}:count"
        return (self.key,)

    @property
    def condition(self) -> str:
        """What the records behind the number have in common besides their group: all others do not count."""
        without = self.function == "sum" or self.node.info.required or self.node.path == "id"
        return "" if without else f"{self.node.path} != none"

    @property
    def money(self) -> bool:
        """Whether the number is an amount."""
        return self.node.info.kind is Kind.MONEY and self.function != "count"

    @property
    def whole(self) -> bool:
        """Whether there is nothing between two neighbouring numbers."""
        return self.function == "count" or (self.node.info.kind is Kind.INTEGER and self.function != "avg")

    def title(self) -> str:
        """What the number is called."""
        return _(self.label) if self.label else _(_NAMES[self.function], field=_(self.node.label))

    def of(self, parts: Mapping[str, Number | None]) -> Number | None:
        """The number, of what was asked for; None where no record has one."""
        if self.function != "avg":
            return parts.get(self.key)
        total, count = (parts.get(part) for part in self.parts)
        return total / int(count) if count and total is not None else None

    def shown(self, kit: Kit, value: Number | None) -> str:
        """The number as people read it."""
        if self.money:
            return kit.money(value, whole=True)
        if self.function == "count" or value is None:
            return kit.number(value)
        if self.node.widget.name == "percent":
            return kit.percent(value)
        return kit.number(value, 0 if self.whole else _DECIMALS)

    def ticked(self, kit: Kit, value: Number) -> str:
        """A round number of the scale."""
        if self.money:
            return kit.money(value)
        return kit.percent(value) if self.node.widget.name == "percent" else kit.number(value)


_NAMES: Mapping[str, str] = {
    "sum": "{field}",
    "avg": "{field} (average)",
    "min": "{field} (least)",
    "max": "{field} (most)",
    "count": "{field} (number)",
}


@dataclass(frozen=True, slots=True)
class GraphArch:
    """What records are grouped by at first, the terms as aggregates take them, and the measures to choose from."""

    model: str
    chart: str
    by: str
    stack: str
    measures: tuple[Measure, ...]


def read(root: etree._Element, reader: Reader) -> GraphArch:
    """Read a checked graph. Where every measure is closed to the reader the records are counted."""
    measures = tuple(each for node in root.iterchildren("measure") if (each := _measure(node, reader)))
    return GraphArch(
        model=reader.model,
        chart=attribute(root, "type") or CHARTS[0],
        by=_seen(attribute(root, "by"), reader),
        stack=_seen(attribute(root, "stack"), reader),
        measures=measures or (_count(reader),),
    )


def _measure(node: etree._Element, reader: Reader) -> Measure | None:
    read_as = etree.Element("field")
    read_as.set("name", attribute(node, "field"))
    for name in ("widget", "groups"):
        if attribute(node, name):
            read_as.set(name, attribute(node, name))
    found = reader.field(read_as)
    return Measure(found, attribute(node, "aggregate"), attribute(node, "label")) if found else None


def _count(reader: Reader) -> Measure:
    node = etree.Element("measure")
    for name, value in (("field", "id"), ("aggregate", "count"), ("label", "Count")):
        node.set(name, value)
    found = _measure(node, reader)
    assert found is not None  # nobody is kept from the id
    return found


def _seen(term: str, reader: Reader) -> str:
    """A term of the view, empty where the reader may not see its field."""
    node = etree.Element("field")
    node.set("name", term.partition(":")[0])
    return term if term and reader.field(node) else ""
