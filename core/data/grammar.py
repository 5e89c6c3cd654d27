"""RELAX NG grammars as data: which elements and attributes a file may have, checked with places and suggestions.

RELAX NG messages name no missing or misspelt attribute, so the rules are read out of the grammar and checked here
first; the validator of libxml2 follows for what rules of one element cannot say (order, one of several). Only the part
of RELAX NG that our grammars use is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from core.data.xml import Place, attribute, attributes, select, tag
from core.errors import Problem, closest

_RNG = "{http://relaxng.org/ns/structure/1.0}"
_OPTIONAL = frozenset({"optional", "zeroOrMore", "choice"})
PlaceOf = Callable[[etree._Element], Place]


@dataclass(frozen=True, slots=True)
class Codes:
    """The error ids under which a grammar's findings are reported."""

    element: str
    attribute: str
    missing: str
    value: str
    text: str
    shape: str


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """One attribute: whether it must stand there, and the values it may have (none: any)."""

    name: str
    required: bool
    values: tuple[str, ...] = ()
    integer: bool = False

    def accepts(self, value: str) -> bool:
        """Whether the value fits."""
        if self.integer:
            return value.strip().lstrip("-").isdigit()
        return not self.values or value in self.values


@dataclass(slots=True)
class ElementRule:
    """One element in one place of the grammar: attributes, children (tag -> key of their rule), text, or anything."""

    key: str
    tag: str
    attributes: dict[str, AttributeRule] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    text: bool = False
    anything: bool = False


class Grammar:
    """A grammar file with its rules; `check` reports what a tree breaks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._defines: dict[str, etree._Element] = {}
        self._start: list[etree._Element] = []
        self._load(path)

    @cached_property
    def rules(self) -> Mapping[str, ElementRule]:
        """Every element rule by the name of its define."""
        found = {}
        for key, define in self._defines.items():
            element = define.find(f"{_RNG}element")
            if element is not None and element.get("name"):
                found[key] = self._rule(key, element)
        return found

    @cached_property
    def roots(self) -> Mapping[str, str]:
        """The tags a document may begin with, and the keys of their rules."""
        holder = ElementRule("", "")
        for start in self._start:
            self._read(holder, start, False)
        return holder.children

    @cached_property
    def _validator(self) -> etree.RelaxNG:
        return etree.RelaxNG(etree.parse(str(self.path)))

    def check(self, root: etree._Element, place: PlaceOf, codes: Codes) -> list[Problem]:
        """All mistakes of the tree; the validator is asked only where the rules found none."""
        key = self.roots.get(tag(root))
        if key is None:
            expected = ", ".join(f"<{name}>" for name in sorted(self.roots))
            return [
                place(root).problem(
                    codes.element, f"<{tag(root)}> cannot be the outermost element; expected {expected}"
                )
            ]
        problems = list(self._check(root, self.rules[key], place, codes))
        return problems or self._validate(root, place, codes)

    def _load(self, path: Path) -> None:
        root = etree.parse(str(path)).getroot()
        for include in root.findall(f"{_RNG}include"):
            self._load(path.parent / attribute(include, "href"))
        self._defines.update({attribute(define, "name"): define for define in root.findall(f"{_RNG}define")})
        self._start.extend(root.findall(f"{_RNG}start"))

    def _rule(self, key: str, element: etree._Element) -> ElementRule:
        rule = ElementRule(key, attribute(element, "name"))
        for child in element.iterchildren("*"):
            self._read(rule, child, True)
        return rule

    def _read(self, rule: ElementRule, pattern: etree._Element, required: bool) -> None:
        kind = tag(pattern).removeprefix(_RNG)
        if kind == "attribute":
            rule.attributes[attribute(pattern, "name")] = self._attribute(pattern, required)
        elif kind in {"text", "data"}:
            rule.text = True
        elif kind == "ref":
            self._follow(rule, attribute(pattern, "name"), required)
        else:
            for child in pattern.iterchildren("*"):
                self._read(rule, child, required and kind not in _OPTIONAL)

    def _follow(self, rule: ElementRule, name: str, required: bool) -> None:
        define = self._defines[name]
        element = define.find(f"{_RNG}element")
        if element is None:
            for child in define.iterchildren("*"):
                self._read(rule, child, required)
        elif element.get("name"):
            rule.children[attribute(element, "name")] = name
        else:
            rule.anything = True

    def _attribute(self, pattern: etree._Element, required: bool) -> AttributeRule:
        named = pattern.find(f"{_RNG}ref")
        content = pattern if named is None else self._defines[attribute(named, "name")]
        values = tuple(str(value.text) for value in content.iter(f"{_RNG}value"))
        return AttributeRule(attribute(pattern, "name"), required, values, content.find(f"{_RNG}data") is not None)

    def _check(self, node: etree._Element, rule: ElementRule, place: PlaceOf, codes: Codes) -> Iterator[Problem]:
        yield from _check_attributes(node, rule, place, codes)
        if rule.anything:
            return
        if not rule.text:
            yield from _check_text(node, place, codes)
        for child in node.iterchildren("*"):
            key = rule.children.get(tag(child))
            if key is not None:
                yield from self._check(child, self.rules[key], place, codes)
                continue
            text = f"<{tag(child)}> is not allowed inside <{tag(node)}>"
            yield place(child).problem(codes.element, text, closest(tag(child), rule.children))

    def _validate(self, root: etree._Element, place: PlaceOf, codes: Codes) -> list[Problem]:
        if self._validator.validate(root):
            return []
        problems: dict[etree._Element, Problem] = {}
        for entry in self._validator.error_log:
            node = next(iter(select(root, entry.path) if entry.path else []), root)
            # The first message of a node is the cause, the others follow from it.
            problems.setdefault(node, place(node).problem(codes.shape, _sentence(node, entry.message)))
        return list(problems.values())


def _check_attributes(node: etree._Element, rule: ElementRule, place: PlaceOf, codes: Codes) -> Iterator[Problem]:
    given = attributes(node)
    unused = [name for name in rule.attributes if name not in given]
    for name, value in given.items():
        expected = rule.attributes.get(name)
        if expected is None:
            text = f"<{tag(node)}> has no attribute '{name}'"
            yield place(node).problem(codes.attribute, text, closest(name, unused))
        elif not expected.accepts(value):
            wanted = "a whole number" if expected.integer else ", ".join(expected.values)
            text = f"<{tag(node)} {name}> cannot be '{value}'; expected {wanted}"
            yield place(node).problem(codes.value, text, closest(value, expected.values))
    for name, expected in rule.attributes.items():
        if expected.required and not given.get(name, "").strip():
            yield place(node).problem(codes.missing, f"<{tag(node)}> needs the attribute '{name}'")


def _check_text(node: etree._Element, place: PlaceOf, codes: Codes) -> Iterator[Problem]:
    stray = next((text.strip() for text in (node.text, *(child.tail for child in node)) if text and text.strip()), "")
    if stray:
        yield place(node).problem(codes.text, f"<{tag(node)}> cannot contain text, but has '{stray[:40]}'")


def _sentence(node: etree._Element, message: str) -> str:
    if message.endswith("got nothing"):
        return f"<{tag(node)}> needs something inside"
    return message[:1].lower() + message[1:]
