"""The parameters of API addresses: read, checked, and refused by name when unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import ExpressionError, closest
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.paths import find_path
from core.lang.schema import FieldInfo, ModelInfo, Schema
from core.records.records import UnknownField
from core.web.problems import BadRequest

DEFAULT_LIMIT = 80
LARGEST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Query:
    """What a GET asks for; `fields` None means all that the caller may read."""

    where: str = ""
    fields: tuple[str, ...] | None = None
    order: str | None = None
    limit: int = DEFAULT_LIMIT
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """What an aggregate asks for."""

    where: str = ""
    by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ("id:count",)
    limit: int | None = None


def read_query(given: Mapping[str, str]) -> Query:
    """The parameters of a list."""
    _refuse_unknown(given, ("where", "fields", "order", "limit", "after"))
    return Query(
        given.get("where", ""),
        read_names(given),
        given.get("order") or None,
        _limit(given, DEFAULT_LIMIT),
        given.get("after") or None,
    )


def read_names(given: Mapping[str, str]) -> tuple[str, ...] | None:
    """The `fields` parameter: paths separated by commas."""
    return _names(given["fields"]) if given.get("fields") else None


def read_fields_only(given: Mapping[str, str]) -> tuple[str, ...] | None:
    """The parameters of an address that takes `fields` alone."""
    _refuse_unknown(given, ("fields",))
    return read_names(given)


def read_grouping(given: Mapping[str, str]) -> Grouping:
    """The parameters of an aggregate."""
    _refuse_unknown(given, ("where", "by", "measure", "limit"))
    return Grouping(
        given.get("where", ""),
        _names(given.get("by", "")),
        _names(given.get("measure", "")) or ("id:count",),
        _limit(given, LARGEST_LIMIT) if given.get("limit") else None,
    )


def readable_fields(model: ModelInfo, hidden: Iterable[str]) -> tuple[str, ...]:
    """What is told of a record when no fields are named: all but lists of children and what is hidden."""
    closed = set(hidden)
    return tuple(field.name for field in model.fields.values() if field.name not in closed and not field.inverse)


def check_path(schema: Schema, model: ModelInfo, path: str) -> None:
    """Raise UnknownField unless each step of a path is a field of where the steps before lead; BadRequest for many."""
    *steps, last = path.split(".")
    begin = model.name
    for step in steps:
        field = find_field(model, step)
        if field.kind is Kind.JSON:
            _check_entry(schema, begin, path)
            return
        if field.target is None or field.kind is not Kind.REFERENCE:
            raise BadRequest(_("'{step}' in '{path}' does not lead to one record.", step=step, path=path))
        model = schema[field.target]
    find_field(model, last)


def _check_entry(schema: Schema, model: str, path: str) -> None:
    """Raise BadRequest where what is taken from a field of JSON is not said rightly."""
    try:
        find_path(path, model, schema)
    except ExpressionError as error:
        raise BadRequest(error.reason) from error


def find_field(model: ModelInfo, name: str) -> FieldInfo:
    """The field of the model; raises UnknownField with the nearest one that exists."""
    field = model.find(name)
    if field is not None:
        return field
    near = closest(name, model.fields)
    hint = _("Did you mean '{name}'?", name=near) if near else ""
    raise UnknownField(_("There is no field '{name}' on {model}.", name=name, model=model.name), hint=hint)


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _limit(given: Mapping[str, str], default: int) -> int:
    text = given.get("limit", "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text[:10]) <= LARGEST_LIMIT:
        raise BadRequest(_("limit must be a number from 1 to {most}", most=LARGEST_LIMIT))
    return int(text)


def _refuse_unknown(given: Mapping[str, str], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            near = closest(name, known)
            hint = _("Did you mean '{name}'?", name=near) if near else _("Known are {names}.", names=", ".join(known))
            raise BadRequest(_("There is no parameter '{name}'.", name=name), hint=hint)
