"""The fields that a file fills, bound to the registry: a cell's text becomes a value, or names related records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.data.importing import convert
from core.data.importing.convert import Convert, Format
from core.data.importing.formats import NUMBERS
from core.data.importing.numbers import Typed
from core.data.importing.problems import CellError, ImportRefused
from core.data.importing.recipe import ColumnRule, Create, Empty, Links
from core.errors import closest, did_you_mean
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo, ModelInfo
from core.model.declaration import BadValue, Declaration
from core.model.scalars import Html, Text
from core.records.traits import PROTECTED, traits

if TYPE_CHECKING:
    from core.records.environment import Environment

ID = "id"
_SEPARATORS = re.compile(r"[,;|\n]")


@dataclass(frozen=True, slots=True)
class Lookup:
    """How texts name records of a model: by which fields, in this order; and whether missing ones are created.

    `create_field` takes the text of a created one, `extra` are its other values. `number` identifies it in one import.
    `named` says that the header or the recipe has named the field.
    """

    number: int
    model: str
    fields: tuple[str, ...]
    create: bool = False
    create_field: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    named: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A field to fill. `convert` makes its value of a text; a relation has a `lookup` in its place."""

    info: FieldInfo
    convert: Convert | None = None
    lookup: Lookup | None = None
    links: Links = "add"
    empty: Empty | None = None
    defaulted: bool = False
    prefix: str = ""
    separator: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The field's name."""
        return self.info.name

    @property
    def many(self) -> bool:
        """Whether it takes links to several records."""
        return self.info.link is not None

    def texts(self, cell: str) -> list[str]:
        """The texts of a cell, mapped: one, or for links as many as the separators make."""
        cell = self.map.get(cell, cell)
        if isinstance(cell, Typed) and self.info.kind in NUMBERS:
            return [cell]
        if not self.many or self.separator == "":
            parts = [cell]
        else:
            parts = cell.split(self.separator) if self.separator else _SEPARATORS.split(cell)
        return [self.prefix + part.strip() for part in parts if part.strip()]


@dataclass(slots=True)
class Fields:
    """The fields of one model that an import may fill, and the targets made of them."""

    env: Environment
    model: str
    lookups: list[Lookup]

    @property
    def info(self) -> ModelInfo:
        """The model."""
        return self.env.registry.schema[self.model]

    def find(self, name: str) -> FieldInfo:
        """The field called `name`, if an import may fill it.

        :raises ImportRefused: unknown, computed, secret, kept by the system, or closed to the user.
        """
        info = self.info.find(name)
        if info is None:
            hint = did_you_mean(closest(name, self.info.fields))
            raise ImportRefused(_("'{field}' is not a field of {model}.", field=name, model=self.model), hint=hint)
        if not self.open(info):
            raise ImportRefused(_("'{field}' of {model} cannot be imported.", field=name, model=self.model))
        return info

    def open(self, info: FieldInfo) -> bool:
        """Whether the user may import the field."""
        if info.name in PROTECTED or (info.column is None and info.link is None):
            return False
        hidden = self.env.policy.hidden(self.model) if self.env.policy else frozenset()
        return info.name not in hidden and not self.declaration(info).secret

    def declaration(self, info: FieldInfo) -> Declaration[Any]:
        """The declaration of a field."""
        return self.env.registry.declarations[self.model][info.name]

    def target(self, rule: ColumnRule, form: Format, *, empty: Empty | None = None, create: bool = False) -> Target:
        """The field of a rule, ready to take texts. `create` is the file's answer where the rule has none."""
        info = self.find(rule.field)
        if info.target is None:
            if rule.lookup:
                raise ImportRefused(_("'{field}' is no relation and takes no 'lookup'.", field=rule.field))
            made = checked(self._convert(info, form), self.declaration(info))
            return self._shaped(info, rule, empty, convert=made)
        return self._shaped(info, rule, empty, lookup=self.lookup(info.target, rule.lookup, rule.create, create))

    def _shaped(
        self,
        info: FieldInfo,
        rule: ColumnRule,
        empty: Empty | None,
        *,
        convert: Convert | None = None,
        lookup: Lookup | None = None,
    ) -> Target:
        return Target(
            info=info,
            convert=convert,
            lookup=lookup,
            links=rule.links,
            empty=rule.empty or empty,
            defaulted=self._defaulted(info),
            prefix=rule.prefix,
            separator=rule.separator,
            map=rule.map,
        )

    def _defaulted(self, info: FieldInfo) -> bool:
        """Whether an empty cell leaves the field to its default: not where nobody and nothing is a value of its own."""
        found = traits(self.env, self.model)
        usual = info.name in found.starting and info.target != "res.users"
        return usual or info.name in found.required or info.kind is Kind.BOOLEAN

    def _convert(self, info: FieldInfo, form: Format) -> Convert:
        declaration = self.declaration(info)
        if info.options:
            return convert.remembering(convert.choice(info.options))
        if isinstance(declaration, Html):
            return convert.markup
        if isinstance(declaration, Text):
            return convert.text_of_lines
        makers = {
            Kind.TEXT: convert.line_of_text,
            Kind.INTEGER: convert.integer(form),
            Kind.FLOAT: convert.real(form),
            Kind.MONEY: convert.remembering(convert.money(form)),
            Kind.BOOLEAN: convert.boolean,
            Kind.DATE: convert.remembering(convert.day(form)),
            Kind.INSTANT: convert.remembering(convert.instant(form)),
            Kind.JSON: convert.json_value,
        }
        return makers[info.kind]

    def lookup(self, model: str, field_name: str, create: Create, default: bool) -> Lookup:
        """How texts name records of `model`: by one field, or by any unique one and the label."""
        info = self.env.registry.schema[model]
        fields = (self._lookup_field(info, field_name),) if field_name else self._lookup_fields(info)
        wanted = default if create is None else create is not False
        create_field = self._create_field(info, fields) if wanted else ""
        extra = create if isinstance(create, Mapping) else {}
        values = {name: self._plain(model, name, value.texts) for name, value in extra.items()}
        found = Lookup(len(self.lookups), model, fields, wanted, create_field, values, bool(field_name))
        same = next((known for known in self.lookups if _same(known, found)), None)
        if same is None:
            self.lookups.append(found)
        return same or found

    def _plain(self, model: str, name: str, texts: tuple[str, ...]) -> object:
        """A value beside the name of a record created on request: plain ones only."""
        other = Fields(self.env, model, self.lookups)
        target = other.target(ColumnRule(name), Format())
        if target.convert is None or len(texts) != 1:
            raise ImportRefused(_("'create' takes plain values; '{field}' is a relation.", field=name))
        try:
            return target.convert(texts[0])
        except CellError as error:
            raise ImportRefused(
                _("'{field}': '{text}' {reason}.", field=name, text=texts[0], reason=error.reason)
            ) from error

    def _lookup_field(self, info: ModelInfo, name: str) -> str:
        found = info.find(name)
        if name != ID and (found is None or found.kind not in (Kind.TEXT, Kind.INTEGER)):
            known = [field.name for field in info.fields.values() if field.kind is Kind.TEXT]
            hint = did_you_mean(closest(name, known))
            raise ImportRefused(
                _("Records of {model} cannot be looked up by '{field}'.", model=info.name, field=name), hint=hint
            )
        return found.name if found else ID

    def _lookup_fields(self, info: ModelInfo) -> tuple[str, ...]:
        declarations = self.env.registry.declarations[info.name]
        unique = [
            name
            for name, declaration in declarations.items()
            if declaration.unique and declaration.kind is Kind.TEXT and not declaration.secret
        ]
        labels = [name for name in (info.label_field, "name") if name in info.fields]
        return tuple(dict.fromkeys((*unique, *labels)))

    def _create_field(self, info: ModelInfo, fields: tuple[str, ...]) -> str:
        """The field that the text is written to: the one looked up, or the one that names the record."""
        declarations = self.env.registry.declarations[info.name]
        stored = [
            name
            for name in ("name", info.label_field)
            if name in info.fields and info.fields[name].column and not declarations[name].derived
        ]
        if len(fields) == 1 and fields[0] not in stored:
            return fields[0]
        if not stored:
            raise ImportRefused(_("Records of {model} have no name and cannot be created by it.", model=info.name))
        return stored[0]


def checked(made: Convert, declaration: Declaration[Any]) -> Convert:
    """A conversion whose result the field's declaration has accepted, as the field keeps it."""

    def converted(text: str) -> object:
        try:
            return declaration.check(made(text))
        except BadValue as error:
            reason = error.text[:1].lower() + error.text[1:].rstrip(".")
            raise CellError(_("does not fit: {reason}", reason=reason), error.suggestion) from error

    return converted


def _same(one: Lookup, other: Lookup) -> bool:
    return (one.model, one.fields, one.create, one.create_field, one.extra) == (
        other.model,
        other.fields,
        other.create,
        other.create_field,
        other.extra,
    )
