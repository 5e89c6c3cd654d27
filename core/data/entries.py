"""What data files say, as values: records to write, with place and source text of every field; records to delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from core.data.xml import Place
from core.errors import Problem

# text: as written; ref: external ids; expr: an expression; cell: of CSV, external ids where the field is a relation.
SourceKind = Literal["text", "ref", "expr", "cell"]


@dataclass(frozen=True, slots=True)
class Source:
    """The value of one field as it stands in the file; `above` are the lines between its place and its text."""

    kind: SourceKind
    text: str
    place: Place
    above: int = 0

    def at(self, line: int) -> Place:
        """The place of a line of the text, from 1; that of the field for 0, and for the first line beside it."""
        further = self.above + line - 1
        return replace(self.place, line=self.place.line + further, column=1) if line and further else self.place


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A record that an addon ships; `external_id` is complete (`crm.stage_won`), `tag` the element it stood in."""

    external_id: str
    model: str
    fields: Mapping[str, Source]
    place: Place
    addon: str
    tag: str = "record"

    def text(self, name: str) -> str:
        """The source text of a field, empty where the file does not set it."""
        source = self.fields.get(name)
        return source.text if source else ""


@dataclass(frozen=True, slots=True)
class DeleteEntry:
    """A record that the addon no longer ships and wants gone."""

    external_id: str
    model: str
    place: Place
    addon: str


Entry = RecordEntry | DeleteEntry


@dataclass(slots=True)
class Reading:
    """What was read so far: entries in order, mistakes of form, and the external ids of entries left out for them."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def add(self, other: Reading) -> None:
        """Append what another file gave."""
        self.entries.extend(other.entries)
        self.problems.extend(other.problems)
        self.broken.update(other.broken)


def split(external_id: str) -> tuple[str, str]:
    """The addon and the name of a complete external id."""
    addon, _, name = external_id.partition(".")
    return addon, name


def complete(external_id: str, addon: str) -> str:
    """The external id with its addon: one without a dot belongs to the file's addon."""
    return external_id if "." in external_id else f"{addon}.{external_id}"


def references(source: Source, addon: str) -> list[str]:
    """The complete external ids that a `ref=` names, in order."""
    return [complete(word, addon) for word in (part.strip() for part in source.text.split(",")) if word]
