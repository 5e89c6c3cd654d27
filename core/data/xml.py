"""Reading XML that nobody has to trust: no document types, entities or network, and an exact place for every element.

lxml builds the tree; a parallel expat pass gives line, column and byte offsets, which lxml does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree

from core.errors import ConfigurationError, Problem

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 100
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def problem(self, code: str, text: str, suggestion: str = "", notes: tuple[str, ...] = ()) -> Problem:
        """A mistake found here."""
        return Problem(self.file, self.line, self.column, code, text, suggestion, notes)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Span:
    """An element's place and byte offsets: of its start tag and of its end tag (of itself where it is empty)."""

    place: Place
    start: int
    close: int


@dataclass(frozen=True)
class Document:
    """A parsed file: the tree, the span of every element and the bytes they were read from."""

    root: etree._Element
    spans: Mapping[etree._Element, Span]
    content: bytes

    def place(self, element: etree._Element) -> Place:
        """Where the element's start tag begins."""
        return self.spans[element].place

    def inner(self, element: etree._Element) -> tuple[str, Place]:
        """The exact source between the first child of `element` and its end tag, and where that begins.

        An element without children gives an empty text and its own place.
        """
        first = next(element.iterchildren(etree.Element), None)
        if first is None:
            return "", self.place(element)
        span = self.spans[first]
        return self.content[span.start : self.spans[element].close].decode("utf-8").rstrip(), span.place


def parse(content: bytes, file: str) -> Document:
    """Parse a UTF-8 file; ConfigurationError (D001 to D004) says where it is broken or what it may not contain."""
    origin = Place(file, 1, 1)
    if len(content) > MAX_BYTES:
        raise _refused(origin, "D003", f"the file has {len(content)} bytes, more than the {MAX_BYTES} allowed")
    content = content.removeprefix(b"\xef\xbb\xbf")
    _require_utf8(content, origin)
    return _build(content, origin, _Places(content, origin).spans)


def parse_fragment(source: str, origin: Place, wrapper: str) -> Document:
    """Parse the inner source of an element (several roots allowed) inside `<wrapper>`; places count from `origin`."""
    opening = f"<{wrapper}>"
    content = f"{opening}{source}</{wrapper}>".encode()
    shifted = Place(origin.file, origin.line, origin.column - len(opening))
    return _build(content, shifted, _Places(content, shifted).spans)


def _refused(place: Place, code: str, text: str) -> ConfigurationError:
    return ConfigurationError([place.problem(code, text)])


def _require_utf8(content: bytes, origin: Place) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(_at(content, error.start, origin), "D004", "the file is not UTF-8") from error


def _at(content: bytes, offset: int, origin: Place) -> Place:
    """The place of a byte."""
    before = content[:offset]
    line, start = before.count(b"\n"), before.rfind(b"\n") + 1
    column = len(before[start:].decode("utf-8", "replace"))
    return Place(origin.file, origin.line + line, (origin.column if line == 0 else 1) + column)


def _build(content: bytes, origin: Place, spans: list[Span]) -> Document:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place, reason = Place(origin.file, origin.line + line - 1, column), error.msg.partition(", line ")[0]
        raise _refused(place, "D001", f"not well-formed XML: {reason}") from error
    return Document(root, dict(zip(root.iter("*"), spans, strict=True)), content)


class _Places:
    """The expat pass: a span for every element in document order; refuses what has no business in a data file."""

    def __init__(self, content: bytes, origin: Place) -> None:
        self.content = content
        self.origin = origin
        self.opened: list[tuple[Place, int]] = []
        self.closes: dict[int, int] = {}
        self.stack: list[int] = []
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise _refused(self._shift(error.lineno, error.offset), "D001", f"not well-formed XML: {reason}") from error

    @property
    def spans(self) -> list[Span]:
        return [Span(place, start, self.closes[index]) for index, (place, start) in enumerate(self.opened)]

    def _shift(self, line: int, column: int) -> Place:
        """The place in the file of expat's line (from 1) and column (from 0)."""
        first = self.origin.column if line == 1 else 1
        return Place(self.origin.file, self.origin.line + line - 1, first + column)

    def _here(self) -> Place:
        return self._shift(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in _UTF8:
            raise _refused(self._here(), "D004", f"the file declares the encoding {encoding}; data files are UTF-8")

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        place = _at(self.content, self.content.find(b"<!DOCTYPE"), self.origin)
        raise _refused(place, "D002", "a document type is not allowed: data files have no entities")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _refused(self._here(), "D003", f"elements are nested more than {MAX_DEPTH} deep")
        self.stack.append(len(self.opened))
        self.opened.append((self._here(), self.parser.CurrentByteIndex))

    def _end(self, tag: str) -> None:
        self.closes[self.stack.pop()] = self.parser.CurrentByteIndex


def tag(element: etree._Element) -> str:
    """The element's tag as text."""
    return str(element.tag)


def attribute(element: etree._Element, name: str) -> str:
    """The attribute's value, empty where it is not given."""
    return str(element.get(name, ""))


def attributes(element: etree._Element) -> dict[str, str]:
    """All attributes by name, in the order of the file."""
    return {str(name): str(value) for name, value in element.attrib.items()}


def select(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements an XPath finds; whatever else it finds (text, numbers) is left out. Raises etree.XPathError."""
    found = element.xpath(path)
    return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []
