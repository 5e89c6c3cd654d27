"""What the language knows of models: names, kinds and columns. Filled by the registry; no model is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.lang.kinds import Kind


@dataclass(frozen=True, slots=True)
class LinkTable:
    """The table of a many2many, seen from one side: `own` points to this model, `other` to the target."""

    table: str
    own: str
    other: str


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field. `column` is None for computed fields and to-many relations.

    `target` is the model a relation leads to; `inverse` the many2one on the target of a one2many; `fold` the column of
    the folded twin; `options` the keys and labels of a selection; `expression` the source of a computed field;
    `required` says that the database itself keeps the column filled, `html` that its text is markup; `models` are those
    whose records a text such as `crm.lead,42` may name; `definitions` is the model whose records define
    properties, `by` the field that leads to their owner; `entry` is what a path takes from JSON: `number.seats`.
    """

    name: str
    kind: Kind
    column: str | None = None
    label: str = ""
    target: str | None = None
    inverse: str | None = None
    link: LinkTable | None = None
    fold: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    expression: str | None = None
    groups: frozenset[str] = frozenset()
    required: bool = False
    html: bool = False
    models: tuple[str, ...] = ()
    definitions: str = ""
    by: str = ""
    entry: str = ""

    @property
    def written(self) -> str:
        """The step as a path has it."""
        return f"{self.name}.{self.entry}" if self.entry else self.name


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model: its table, its fields by name, the field that labels a record, the field that leads to the parent
    record."""

    name: str
    table: str
    fields: Mapping[str, FieldInfo]
    label: str = ""
    label_field: str = "name"
    parent: str | None = None
    order: str = "id"
    by_column: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> FieldInfo | None:
        """The field called `name`, or whose column is called so (`partner_id` for `partner`)."""
        return self.fields.get(name) or self.fields.get(self.by_column.get(name, ""))


Schema = Mapping[str, ModelInfo]
