"""Properties: further fields that people define for records, with their values by name in one field of JSON.

The definitions are records that belong to a record, such as a team; whatever belongs to that team, or to one below it,
has the property. A value stays where it is when its record goes to another team, and when its definition is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import FieldError, Invalid, closest, did_you_mean
from core.i18n import _
from core.lang.jsons import canonical, frozen
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.model.change import Change
from core.model.properties import declared, default_of, options_in, plain

if TYPE_CHECKING:
    from core.records.environment import Environment


_WORDS = {  # of the language, for what is taken from an object of JSON
    "text": "text",
    "number": "number",
    "amount": "number",
    "boolean": "yes",
    "date": "date",
    "selection": "text",
}


@dataclass(frozen=True, slots=True)
class Property:
    """One definition: `owner` is the record that it belongs to, `default` a value as it is stored."""

    name: str
    label: str
    type: str
    options: tuple[str, ...]
    default: object
    owner: int | None
    on_card: bool
    active: bool

    def value(self, stored: object) -> Any:  # noqa: ANN401
        """The Python value of a stored one: text, float, Decimal, bool or date; None where there is none.

        :raises ValueError: with a sentence for people, when it does not fit the type.
        """
        return None if stored is None else declared(self.type, self.options).check(stored)

    def stored(self, value: object) -> object:
        """What is stored for a value, checked: dates as text, amounts as numbers, whole numbers without decimals.

        :raises ValueError: as `value` does.
        """
        return plain(self.value(value))

    def info(self, field: str) -> FieldInfo:
        """The property as a field of its own, called `properties.seats`."""
        return FieldInfo(
            name=f"{field}.{self.name}",
            kind=declared(self.type, self.options).kind,
            label=self.label,
            options=tuple((option, option) for option in self.options),
        )

    def path(self, field: str) -> str:
        """What the language calls it: `properties.number.seats`."""
        return f"{field}.{_WORDS[self.type]}.{self.name}"


@dataclass(frozen=True, slots=True)
class Definitions:
    """All definitions of one field by name, in their order; `parents` are those of the records that they belong to."""

    by_name: Mapping[str, Property]
    parents: Mapping[int, int | None]

    def of(self, owner: object) -> list[Property]:
        """The properties of whatever belongs to `owner`: those of the topmost one above it first."""
        chain: list[int | None] = []
        while isinstance(owner, int) and owner not in chain:
            chain.insert(0, owner)
            owner = self.parents.get(owner)
        found = [each for each in self.by_name.values() if each.active and each.owner in chain]
        return sorted(found, key=lambda each: chain.index(each.owner))


def definitions(env: Environment, model: str, field: str) -> Definitions:
    """The definitions of a field of properties."""
    return env.cached(_read_all)[model, field]


def property_at(env: Environment, model: str, path: str) -> Property | None:
    """The definition that a name such as `properties.seats` means; None where it means none."""
    field, _dot, name = path.partition(".")
    info = env.registry.schema[model].fields.get(field)
    return definitions(env, model, field).by_name.get(name) if info is not None and info.definitions else None


def field_info(env: Environment, model: str, name: str) -> FieldInfo:
    """A field of the model, or one of its properties by a name such as `properties.seats`: a text where it is gone."""
    fields = env.registry.schema[model].fields
    if name in fields:
        return fields[name]
    found = property_at(env, model, name)
    field, _dot, own = name.partition(".")
    return found.info(field) if found is not None else FieldInfo(name, Kind.TEXT, label=own)


def property_on(env: Environment, model: str, path: str) -> Property | None:
    """The definition of what a path such as `properties.number.seats` takes from the model's own field."""
    field, _dot, entry = path.partition(".")
    return property_at(env, model, f"{field}.{entry.partition('.')[2]}")


def _read_all(env: Environment) -> Mapping[tuple[str, str], Definitions]:
    return {
        (model, info.name): _read(env, model, info)
        for model, found in env.registry.schema.items()
        for info in found.fields.values()
        if info.definitions
    }


def _read(env: Environment, model: str, info: FieldInfo) -> Definitions:
    names = ["name", "label", "type", "options", "default", "on_card", "active", info.by]
    rows = env[info.definitions].read("active or not active", names)
    by_name = {row["name"]: _property(row, row[info.by]) for row in rows}
    target = env.registry.schema[str(env.registry.schema[model].fields[info.by].target)]
    if target.parent is None:
        return Definitions(by_name, {})
    everything = "active or not active" if "active" in target.fields else ""
    owners = env[target.name].read(everything, ["id", target.parent])
    return Definitions(by_name, {row["id"]: row[target.parent] for row in owners})


def holders(env: Environment, defining: str, name: str) -> int:
    """How many records have a value of a property, by the model of definitions and the name."""
    found = 0
    for model, info in _fields_defined_by(env, defining):
        everything = "(active or not active) and " if "active" in env.registry.schema[model].fields else ""
        rows = env.sudo()[model].read(f"{everything}{info.name} != none", [info.name])
        found += sum(name in row[info.name] for row in rows)
    return found


def _fields_defined_by(env: Environment, defining: str) -> list[tuple[str, FieldInfo]]:
    return [
        (model, info)
        for model, found in env.registry.schema.items()
        for info in found.fields.values()
        if info.definitions == defining
    ]


def _property(row: Mapping[str, Any], owner: int | None) -> Property:
    options = options_in(row["options"])
    found = Property(row["name"], row["label"], row["type"], options, None, owner, row["on_card"], row["active"])
    with suppress(ValueError):  # only where somebody went past the checks: then there is none
        return replace(found, default=found.stored(default_of(found.type, options, row["default"])))
    return found


def apply(env: Environment, model: str, field: str, changes: Sequence[Change]) -> None:
    """Check the values that are given, and set defaults of properties that a record did not have; part of every write.

    What is stored already is left as it is, whatever became of its definition.

    :raises Invalid: there is no such property, or the value does not fit; fields are called `properties.seats`.
    """
    by = env.registry.schema[model].fields[field].by
    known = definitions(env, model, field)
    errors: list[FieldError] = []
    for row, change in enumerate(changes):
        fresh = _fresh(known, change, by)
        if field not in change.values and not fresh:
            continue
        place = None if len(changes) == 1 else row
        given, stored = _object(change[field]), _object(change.before.get(field))
        found = _checked(known, field, given, stored, errors, place)
        for each in fresh:
            found.setdefault(each.name, each.default)
        change.values[field] = frozen({name: each for name, each in found.items() if each is not None}) or None
    if errors:
        raise Invalid(errors, model=model)


def fitting(env: Environment, model: str, field: str, values: Mapping[str, object]) -> dict[str, object]:
    """Those of the values, by the names of properties, that a record may get: they fit the present definitions."""
    errors: list[FieldError] = []
    found = _checked(definitions(env, model, field), field, values, {}, errors, None)
    wrong = {error.field for error in errors}
    return {name: value for name, value in found.items() if f"{field}.{name}" not in wrong}


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _fresh(known: Definitions, change: Change, by: str) -> list[Property]:
    """The properties with a default that a record gets with a change."""
    if change.operation != "create" and not change.changed(by):
        return []
    before = known.of(change.before.get(by))
    return [each for each in known.of(change[by]) if each.default is not None and each not in before]


def _checked(
    known: Definitions,
    field: str,
    given: Mapping[str, object],
    stored: Mapping[str, object],
    errors: list[FieldError],
    row: int | None,
) -> dict[str, object]:
    """The values as they are stored, None where one is taken out."""
    found: dict[str, object] = {}
    for name, value in given.items():
        found[name] = value
        if value is None or _equal(stored.get(name), value):
            continue
        if name in known.by_name:
            try:
                found[name] = known.by_name[name].stored(value)
            except ValueError as error:
                errors.append(FieldError(f"{field}.{name}", str(error), value=value, row=row))
            continue
        suggestion = closest(name, known.by_name)
        text = _("There is no property '{name}'.", name=name)
        text = " ".join(filter(None, (text, did_you_mean(suggestion))))
        errors.append(FieldError(f"{field}.{name}", text, value=value, row=row, suggestion=suggestion))
    return found


def _equal(one: object, other: object) -> bool:
    """Whether two values have the same text: true is not 1."""
    return canonical(one) == canonical(other)


def spread(env: Environment, model: str, field: str, stored: object) -> dict[str, Any]:
    """The stored values of properties by names such as `properties.seats`, as Python values, in their order.

    What does not fit its definition, or has none any more, comes as it is stored.
    """
    known, values = definitions(env, model, field).by_name, _object(stored)
    found: dict[str, Any] = {}
    for name in [*(name for name in known if name in values), *(name for name in values if name not in known)]:
        found[f"{field}.{name}"] = values[name]
        if name in known:
            with suppress(ValueError):
                found[f"{field}.{name}"] = known[name].value(values[name])
    return found


def gather(env: Environment, model: str, field: str, stored: object, values: Mapping[str, object]) -> dict[str, object]:
    """Stored values with others put in, by names such as `properties.seats`; None takes one out.

    What does not fit stays as it is, and is refused when it is written.
    """
    known = definitions(env, model, field).by_name
    found = dict(_object(stored))
    for path, value in values.items():
        name = path.partition(".")[2]
        found[name] = value
        if name in known:
            with suppress(ValueError):
                found[name] = known[name].stored(value)
    return found


def read_spread(env: Environment, model: str, id_: int, names: Iterable[str]) -> dict[str, Any]:
    """The values of a record by name, properties by names such as `properties.seats`; empty where it is not there."""
    wanted = list(names)
    fields = {name: name.partition(".")[0] for name in wanted if property_at(env, model, name) is not None}
    found = env[model].read_ids([id_], list(dict.fromkeys(fields.get(name, name) for name in wanted))).get(id_, {})
    for field in dict.fromkeys(fields.values()):
        found.update(spread(env, model, field, found.get(field)))
    return {name: found.get(name) for name in wanted} if found else {}
