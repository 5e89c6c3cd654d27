"""What a recipe says: how files become records of models. Values only; they are read elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Literal, TypeAlias

from core.data.importing.dates import Order
from core.data.importing.numbers import Sign
from core.data.importing.templates import Template

Empty = Literal["null", "default", "refuse"]
Existing = Literal["update", "skip"]
Links = Literal["add", "replace"]
# Whether a related record is created where none is found, with which values beside its name; None: as the file says.
Create: TypeAlias = "bool | Mapping[str, Value] | None"


@dataclass(frozen=True, slots=True)
class Writing:
    """How dates and numbers are written; None leaves it to what the cells show."""

    order: Order | None = None
    clock: time | None = None
    decimal: Sign | None = None


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What a column becomes; empty strings and None leave the choice to the file or to the field."""

    field: str
    lookup: str = ""
    create: Create = None
    map: Mapping[str, str] = dataclasses.field(default_factory=dict)
    prefix: str = ""
    separator: str | None = None
    links: Links = "add"
    writing: Writing = Writing()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a recipe gives itself: texts as a cell would hold them, or external ids."""

    texts: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    lookup: str = ""
    create: Create = None
    null: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one column: its mended text is (or is not) one of `texts`."""

    column: str
    texts: frozenset[str]
    negated: bool = False

    def holds(self, cells: Mapping[str, str]) -> bool:
        """Whether the row meets it."""
        return (cells[self.column] in self.texts) != self.negated


@dataclass(frozen=True, slots=True)
class When:
    """Values that are given where a condition holds; they win over what the columns say."""

    condition: Condition
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Step:
    """How one file becomes records of one model."""

    file: str = ""
    model: str = ""
    key: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    writing: Writing = Writing()
    empty: Empty | None = None
    existing: Existing = "update"
    distinct: bool = False
    create_missing: bool | tuple[str, ...] = False
    guess: bool = True
    columns: Mapping[str, tuple[ColumnRule, ...]] = dataclasses.field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    constants: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    templates: Mapping[str, tuple[Template, ...]] = dataclasses.field(default_factory=dict)
    mend: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    when: tuple[When, ...] = ()
    skip: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """Files in the order in which they are imported."""

    title: str
    steps: tuple[Step, ...]
