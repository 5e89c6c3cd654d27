"""Extending a view: operations found by XPath, each on exactly one node, only on nodes of addons one depends on.

The order of extensions follows from dependencies and names alone, so that it is the same on every database.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from core.data.grammar import Codes, Grammar
from core.data.xml import Place, attribute, select, tag
from core.errors import ConfigurationError, Problem, closest
from core.views import arch
from core.views.arch import Stamp
from core.views.source import ViewSource

EXTENSION_GRAMMAR = Path(__file__).with_name("extension.rng")
CODES = Codes(element="V001", attribute="V002", missing="V003", value="V004", text="V005", shape="V006")
_LAST_STEP = re.compile(
    r"^(?P<before>.*?)/*(?P<tag>[\w-]+)(?:\[@(?P<key>[\w-]+)\s*=\s*['\"](?P<value>[^'\"]*)['\"]\])?$"
)

# Which addons each installed addon needs, directly or not.
Depends = Mapping[str, frozenset[str]]


def ordered(sources: Iterable[ViewSource], depends: Depends) -> list[ViewSource]:
    """Extensions in the order they apply: what an addon needs comes before it; then priority, addon and view by name.

    An addon needs more addons than any addon it needs, so the count sorts by dependency. What was written in this
    database comes last.
    """

    def place(each: ViewSource) -> tuple[bool, int, str, int, str]:
        return not each.addon, len(depends.get(each.addon, ())), each.addon, each.priority, each.name

    return sorted(sources, key=place)


@dataclass(slots=True)
class Extending:
    """One view being extended: its tree so far, what was applied, and the tree as it was before each removal."""

    root: etree._Element
    depends: Depends
    grammar: Grammar
    applied: list[ViewSource] = field(default_factory=list)
    removals: list[tuple[ViewSource, Place, etree._Element]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def apply(self, source: ViewSource) -> None:
        """Apply every operation of one extension; an operation that fails is reported and leaves the tree as it was."""
        try:
            operations = arch.load(source)
        except ConfigurationError as error:
            self.problems.extend(error.problems)
            return
        places = {clean: arch.place(node) for clean, node in _pairs(arch.stripped(operations), operations)}
        root = next(iter(places))
        found = self.grammar.check(root, places.__getitem__, CODES)
        self.problems.extend(found)
        if not found:
            for operation in operations.iterchildren("*"):
                self._operate(operation, source)
            self.applied.append(source)

    def _operate(self, operation: etree._Element, source: ViewSource) -> None:
        target = self._target(operation, source)
        if target is None:
            return
        kind = attribute(operation, "position")
        touched = list(target.iter("*")) if kind == "replace" else [target]
        wrong = [*self._foreign(operation, touched, source), *_misplaced(operation, target, kind)]
        self.problems.extend(wrong)
        if not wrong:
            if kind == "replace":
                self.removals.append((source, arch.place(operation), copy.deepcopy(self.root)))
            _OPERATIONS[kind](operation, target, source)

    def _target(self, operation: etree._Element, source: ViewSource) -> etree._Element | None:
        path = attribute(operation, "expr")
        try:
            found = [] if arch.STAMP in path else select(self.root, path)
        except etree.XPathError as error:
            self.problems.append(arch.problem(operation, "V021", f"the XPath {path} cannot be read: {error}"))
            return None
        if len(found) == 1:
            return found[0]
        self.problems.append(self._missed(operation, path, found))
        return None

    def _missed(self, operation: etree._Element, path: str, found: Sequence[etree._Element]) -> Problem:
        """The problem of an anchor that is not exactly one node, with all that helps to mend it."""
        where = arch.place(operation)
        applied = [f"applied before: {each.name} ({each.place})" for each in self.applied]
        if found:
            notes = [f"found: {arch.describe(node)} at {arch.place(node)}" for node in found[:5]]
            text = f"{path} finds {len(found)} nodes; an operation needs exactly one"
            return where.problem("V023", text, notes=(*notes, *applied))
        removed = [
            f"removed by: {source.name} at {place}"
            for source, place, before in reversed(self.removals)
            if len(select(before, path)) == 1
        ][:1]
        suggestion, near = self._nearest(path)
        return where.problem("V022", f"{path} finds nothing", suggestion, (*removed, *near, *applied))

    def _nearest(self, path: str) -> tuple[str, list[str]]:
        """A path that would find something like it, and the excerpt of the node where it was looked for."""
        match = _LAST_STEP.match(path.strip())
        if match is None:
            return "", [f"in: {line}" for line in arch.excerpt(self.root)]
        key = match["key"] or "name"
        nodes = [node for node in self.root.iter("*") if attribute(node, key)]
        same = {attribute(node, key): node for node in nodes if tag(node) == match["tag"]}
        known = {**{attribute(node, key): node for node in nodes}, **same}
        word = closest(match["value"] or match["tag"], same) or closest(match["value"] or "", known)
        suggestion = f"//{tag(known[word])}[@{key}='{word}']" if word else ""
        near = [f"nearest: {arch.describe(known[word])} at {arch.place(known[word])}"] if word else []
        return suggestion, [*near, *(f"in: {line}" for line in arch.excerpt(self._around(match["before"])))]

    def _around(self, path: str) -> etree._Element:
        """The node that the path before the last step finds, else the root."""
        try:
            found = select(self.root, path) if path else []
        except etree.XPathError:
            return self.root
        return found[0] if found else self.root

    def _foreign(self, operation: etree._Element, nodes: list[etree._Element], source: ViewSource) -> list[Problem]:
        """Nodes that stand there only when an addon is installed that this one does not need."""
        if not source.addon:  # written in this database, which has every addon it needs
            return []
        allowed = self.depends.get(source.addon, frozenset()) | {source.addon}
        owners = {arch.owner(node): node for node in reversed(nodes)}
        return [
            arch.problem(
                operation,
                "V024",
                f"{arch.describe(node)} was put there by addon '{addon}' ({arch.place(node)}), "
                f"which '{source.addon}' does not depend on",
            )
            for addon, node in owners.items()
            if addon not in allowed
        ]


def _pairs(clean: etree._Element, stamped: etree._Element) -> list[tuple[etree._Element, etree._Element]]:
    return list(zip(clean.iter("*"), stamped.iter("*"), strict=True))


def check_grammar(root: etree._Element, grammar: Grammar) -> list[Problem]:
    """What a stamped tree breaks of its type's grammar, each at the place of whoever put or changed the node."""
    places = dict(_pairs(arch.stripped(root), root))
    return grammar.check(next(iter(places)), lambda node: arch.place(places[node]), CODES)


def _misplaced(operation: etree._Element, target: etree._Element, kind: str) -> list[Problem]:
    """Operations whose content or target cannot be."""
    children = list(operation.iterchildren("*"))
    strangers = [child for child in children if (tag(child) == "attribute") is not (kind == "attributes")]
    if strangers:
        wanted = "<attribute> elements" if kind == "attributes" else "nodes to put in, no <attribute>"
        return [arch.problem(strangers[0], "V025", f"position '{kind}' takes {wanted}")]
    if any(attribute(child, "name") == arch.STAMP for child in children):
        return [arch.problem(operation, "V025", f"no attribute is called '{arch.STAMP}'")]
    if not children and kind != "replace":
        return [arch.problem(operation, "V025", f"position '{kind}' needs something to put in")]
    if target.getparent() is None and kind not in {"inside", "attributes"}:
        return [arch.problem(operation, "V025", f"position '{kind}' cannot be used on the outermost node")]
    return []


def _before(operation: etree._Element, target: etree._Element, source: ViewSource) -> None:
    for child in operation.iterchildren("*"):
        target.addprevious(copy.deepcopy(child))


def _after(operation: etree._Element, target: etree._Element, source: ViewSource) -> None:
    for child in reversed(list(operation.iterchildren("*"))):
        target.addnext(copy.deepcopy(child))


def _inside(operation: etree._Element, target: etree._Element, source: ViewSource) -> None:
    target.extend([copy.deepcopy(child) for child in operation.iterchildren("*")])


def _replace(operation: etree._Element, target: etree._Element, source: ViewSource) -> None:
    _before(operation, target, source)
    parent = target.getparent()
    if parent is not None:
        parent.remove(target)


def _attributes(operation: etree._Element, target: etree._Element, source: ViewSource) -> None:
    changed = []
    for child in operation.iterchildren("*"):
        name, value = attribute(child, "name"), (child.text or "").strip()
        changed.append(name)
        if value:
            target.set(name, value)
        else:
            target.attrib.pop(name, "")
    arch.stamp(target, Stamp(source.addon, arch.place(operation), tuple(changed)))


_OPERATIONS: Mapping[str, Callable[[etree._Element, etree._Element, ViewSource], None]] = {
    "before": _before,
    "after": _after,
    "inside": _inside,
    "replace": _replace,
    "attributes": _attributes,
}
