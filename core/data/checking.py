"""Checking what data files say against the models: every mistake with its place, all files of all addons together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from core.data.entries import Entry, RecordEntry, Source, split
from core.data.values import is_reference, read_references, read_value
from core.errors import ExpressionError, Problem, closest
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.model.declaration import BadValue
from core.model.registry import Registry
from core.records.traits import PROTECTED

# Fields that hold the name of a model, and those that hold a condition on the records of that model.
_KEPT = PROTECTED - {"create_date"}
_NAMES_A_MODEL = frozenset({"core.rule", "core.access", "core.action", "core.view"})
_CONDITIONS = frozenset({"core.rule", "core.action"})
_NOW = datetime(2000, 1, 1, tzinfo=UTC)
# What expressions in data files may name while they are only checked.
_SAMPLE = {
    "me": 1,
    "company": 1,
    "companies": [1],
    "tz": "UTC",
    "now": _NOW,
    "today": _NOW.date(),
    "groups": frozenset(),
}


def check(
    entries: Sequence[Entry],
    registry: Registry,
    known: Mapping[str, str],
    depends: Mapping[str, frozenset[str]],
    broken: Iterable[str] = (),
) -> list[Problem]:
    """Every mistake of the entries, in order.

    `known` maps external ids already in the database to their models, `depends` addons to all that they depend on;
    references to entries in `broken`, left out for mistakes of form, are not reported again.
    """
    checker = _Checker(registry, dict(known), depends, frozenset(broken))
    return [problem for entry in entries for problem in checker.check(entry)]


class _Checker:
    def __init__(
        self,
        registry: Registry,
        known: dict[str, str],
        depends: Mapping[str, frozenset[str]],
        broken: frozenset[str],
    ) -> None:
        self.registry = registry
        self.known = known
        self.depends = depends
        self.broken = broken
        self.shipped: dict[str, Entry] = {}

    def check(self, entry: Entry) -> Iterator[Problem]:
        """The mistakes of one entry; afterwards later entries may name it."""
        place = entry.place
        owner, _name = split(entry.external_id)
        if owner != entry.addon:
            text = f"'{entry.external_id}' belongs to addon '{owner}'; an addon ships records under its own name"
            yield place.problem("D025", text)
        if entry.model not in self.registry.schema:
            suggestion = closest(entry.model, self.registry.schema)
            yield place.problem("D016", f"there is no model '{entry.model}'", suggestion)
            self.broken |= {entry.external_id}
            return
        if not isinstance(entry, RecordEntry):
            return
        if entry.external_id in self.shipped:
            first = self.shipped[entry.external_id].place
            yield place.problem("D024", f"'{entry.external_id}' is shipped twice, first at {first}")
        yield from self._check_fields(entry)
        yield from self._check_model_names(entry)
        self.shipped[entry.external_id] = entry
        self.known[entry.external_id] = entry.model

    def _check_fields(self, entry: RecordEntry) -> Iterator[Problem]:
        info = self.registry.schema[entry.model]
        for name, source in entry.fields.items():
            field = info.find(name)
            if field is None:
                text = f"field '{name}' is not on {entry.model}"
                yield source.place.problem("D017", text, closest(name, info.fields))
            elif field.expression is not None or field.name in _KEPT:
                yield source.place.problem("D023", f"field '{name}' of {entry.model} is kept by the system")
            else:
                yield from self._check_source(entry, field, source)
        if entry.external_id not in self.known:
            yield from self._check_required(entry)

    def _check_required(self, entry: RecordEntry) -> Iterator[Problem]:
        """A hook of the model may fill other required fields; nothing but the file names the record."""
        name = self.registry.schema[entry.model].label_field
        declaration = self.registry.declarations[entry.model].get(name)
        if declaration and declaration.required and declaration.default is None and name not in entry.fields:
            yield entry.place.problem("D026", f"field '{name}' of {entry.model} must be filled in")

    def _check_source(self, entry: RecordEntry, field: FieldInfo, source: Source) -> Iterator[Problem]:
        if is_reference(source, field):
            yield from self._check_references(entry, field, source)
            return
        if field.kind is Kind.REFERENCES or (field.target is not None and source.kind != "expr"):
            yield source.place.problem("D021", f"field '{field.name}' names records: give them with ref=")
            return
        declaration = self.registry.declarations[entry.model].get(field.name)
        try:
            read_value(self.registry, entry.model, field, source, _SAMPLE)
        except ExpressionError as error:
            yield source.place.problem("D022", f"expr= of '{field.name}': {error.text}", error.suggestion)
        except BadValue as error:
            code = "D027" if declaration is not None and declaration.template else "D018"
            yield source.at(error.line).problem(code, f"field '{field.name}': {error}")
        except ValueError as error:
            yield source.place.problem("D018", f"field '{field.name}': {error}")

    def _check_references(self, entry: RecordEntry, field: FieldInfo, source: Source) -> Iterator[Problem]:
        if field.target is None and not field.models:
            yield source.place.problem(
                "D021", f"field '{field.name}' of {entry.model} is no relation and takes no ref="
            )
            return
        found = read_references(entry, source, field)
        if not found.many and len(found.names) != 1:
            yield source.place.problem("D021", f"field '{field.name}' names exactly one record, not {len(found.names)}")
        for name in found.names:
            yield from self._check_reference(entry, source, name, found.targets)

    def _check_reference(
        self, entry: RecordEntry, source: Source, name: str, targets: Sequence[str]
    ) -> Iterator[Problem]:
        owner, _rest = split(name)
        if owner != entry.addon and owner not in self.depends.get(entry.addon, frozenset()):
            text = f"'{name}' belongs to addon '{owner}', which '{entry.addon}' does not depend on"
            yield source.place.problem("D020", text)
        elif name in self.broken:
            return
        elif name not in self.known:
            yield source.place.problem("D019", f"there is no record '{name}' yet", closest(name, self.known))
        elif self.known[name] not in targets:
            needed = " or ".join(targets)
            text = f"'{name}' is a record of {self.known[name]}, this field needs one of {needed}"
            yield source.place.problem("D021", text)

    def _check_model_names(self, entry: RecordEntry) -> Iterator[Problem]:
        if entry.model not in _NAMES_A_MODEL or "model" not in entry.fields:
            return
        source = entry.fields["model"]
        if source.text not in self.registry.schema:
            suggestion = closest(source.text, self.registry.schema)
            yield source.place.problem("D016", f"there is no model '{source.text}'", suggestion)
            return
        condition = entry.fields.get("condition")
        if entry.model in _CONDITIONS and condition is not None and condition.text:
            yield from self._check_condition(entry, source.text, condition)

    def _check_condition(self, entry: RecordEntry, model: str, condition: Source) -> Iterator[Problem]:
        try:
            expression = self.registry.parse(condition.text, model)
        except ExpressionError as error:
            yield condition.place.problem("D022", f"condition: {error.text}", error.suggestion)
            return
        if expression.kind is not Kind.BOOLEAN:
            yield condition.place.problem("D022", "condition: this gives a value, not yes or no")
        for group in sorted(expression.groups):
            yield from self._check_reference(entry, condition, group, ("res.groups",))
