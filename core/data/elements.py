"""From the elements of a data file to entries.

Short elements (menu, action, rule, access, view) become records of the models they are short for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from pathlib import Path

from lxml import etree

from core.data.entries import DeleteEntry, Entry, Reading, RecordEntry, Source, SourceKind, complete
from core.data.grammar import Codes, Grammar
from core.data.xml import Document, Place, attribute, attributes, parse, tag
from core.errors import Problem

GRAMMAR_FILE = Path(__file__).with_name("tessera.rng")
CODES = Codes(element="D005", attribute="D006", missing="D007", value="D008", text="D009", shape="D010")

# An attribute of a short element is a field of the model the element is short for; these ones name other records.
_SHORT: Mapping[str, tuple[str, frozenset[str]]] = {
    "menu": ("core.menu", frozenset({"parent", "action", "groups"})),
    "action": ("core.action", frozenset()),
    "rule": ("core.rule", frozenset({"groups"})),
    "access": ("core.access", frozenset({"group"})),
}
SHORT_MODELS = frozenset({model for model, _ in _SHORT.values()} | {"core.view"})


def read_xml(content: bytes, file: str, addon: str, grammar: Grammar) -> Reading:
    """The entries of one XML file and what is wrong with its form.

    Raises ConfigurationError for a file that cannot be read at all (D001 to D004).
    """
    document = parse(content, file)
    reading = Reading(problems=grammar.check(document.root, document.place, CODES))
    if tag(document.root) != "tessera":
        return reading
    reader = _Reader(document, addon, reading)
    broken = _broken(document, reading.problems)
    for element in document.root.iterchildren("*"):
        if element not in broken:
            reading.entries.append(reader.entry(element))
        elif attribute(element, "id"):
            reading.broken.add(complete(attribute(element, "id"), addon))
    return reading


def _broken(document: Document, problems: list[Problem]) -> set[etree._Element]:
    """The children of the root in which problems were found: the last that begins before each."""
    children = list(document.root.iterchildren("*"))
    begins = [(document.place(child).line, document.place(child).column) for child in children]
    places = (bisect_right(begins, (problem.line, problem.column)) for problem in problems)
    return {children[index - 1] for index in places if index}


class _Reader:
    def __init__(self, document: Document, addon: str, reading: Reading) -> None:
        self.document = document
        self.addon = addon
        self.problems = reading.problems
        self._readers: dict[str, Callable[[etree._Element], Mapping[str, Source]]] = {
            "record": self._record,
            "view": self._view,
        }

    def entry(self, element: etree._Element) -> Entry:
        """The entry that one child of `<tessera>` stands for."""
        kind, place = tag(element), self.document.place(element)
        external_id = complete(attribute(element, "id"), self.addon)
        if kind == "delete":
            return DeleteEntry(external_id, attribute(element, "model"), place, self.addon)
        model = _SHORT[kind][0] if kind in _SHORT else "core.view" if kind == "view" else attribute(element, "model")
        return RecordEntry(external_id, model, self._readers.get(kind, self._short)(element), place, self.addon, kind)

    def _record(self, element: etree._Element) -> dict[str, Source]:
        fields: dict[str, Source] = {}
        for child in element.iterchildren("*"):
            name, place = attribute(child, "name"), self.document.place(child)
            if name in fields:
                self.problems.append(
                    place.problem("D011", f"field '{name}' is given twice, first at {fields[name].place}")
                )
            fields[name] = self._source(child, place)
        return fields

    def _source(self, child: etree._Element, place: Place) -> Source:
        written = child.text or ""
        text = written.strip()
        given: list[tuple[SourceKind, str]] = []
        if child.get("ref") is not None:
            given.append(("ref", attribute(child, "ref")))
        if child.get("expr") is not None:
            given.append(("expr", attribute(child, "expr")))
        if text or not given:
            given.append(("text", text))
        if len(given) > 1:
            kinds = " and ".join(kind if kind == "text" else f"{kind}=" for kind, _ in given)
            self.problems.append(
                place.problem("D012", f"field '{attribute(child, 'name')}' has more than one value: {kinds}")
            )
        kind, value = given[0]
        above = written[: len(written) - len(written.lstrip())].count("\n") if kind == "text" else 0
        return Source(kind, value.strip(), place, above)

    def _short(self, element: etree._Element) -> dict[str, Source]:
        place = self.document.place(element)
        relations = _SHORT[tag(element)][1]
        fields = {}
        for name, value in attributes(element).items():
            if name != "id":
                fields[name] = Source("ref" if name in relations else "text", value.strip(), place)
        if "name" not in fields:
            fields["name"] = Source("text", attribute(element, "id").replace("_", " "), place)
        return fields

    def _view(self, element: etree._Element) -> dict[str, Source]:
        place = self.document.place(element)
        arch, begins = self.document.inner(element)
        if not arch:
            self.problems.append(place.problem("D010", "<view> is empty"))
        values = {
            "name": complete(attribute(element, "id"), self.addon),
            "model": attribute(element, "model"),
            "type": attribute(element, "type"),
            "arch": arch,
            "file": begins.file,
            "line": str(begins.line),
            "column": str(begins.column),
            "priority": attribute(element, "priority") or "16",
            "addon": self.addon,
        }
        if attribute(element, "extends"):
            values["extends"] = complete(attribute(element, "extends"), self.addon)
        return {name: Source("text", value, place) for name, value in values.items()}
