"""Dotted paths: from names to fields, with the nearest known name where one is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from core.errors import ExpressionError, closest
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo, ModelInfo, Schema
from core.lang.tree import NOWHERE, Path, Span

MAX_STEPS = 10
# What may be taken from an object of JSON, by the word for it.
ENTRIES: Mapping[str, Kind] = {
    "number": Kind.FLOAT,
    "text": Kind.TEXT,
    "date": Kind.DATE,
    "yes": Kind.BOOLEAN,
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}", re.ASCII)


class PathError(Exception):
    """A path that leads nowhere: the reason, the nearest name, and which step is wrong (counted from 0)."""

    def __init__(self, reason: str, step: int, suggestion: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.step = step
        self.suggestion = suggestion


def find_fields(names: Sequence[str], model: str, schema: Schema) -> tuple[FieldInfo, ...]:
    """The fields of a path. Raises PathError; a to-many relation may only stand at the end.

    What is taken from a field of JSON is one field with it: `extra.number.seats`.
    """
    if len(names) > MAX_STEPS:
        raise PathError(_("a path has at most {limit} steps", limit=MAX_STEPS), 0)
    found: list[FieldInfo] = []
    info = schema[model]
    for step, name in enumerate(names):
        if step and found[-1].kind is Kind.JSON:
            return (*found[:-1], _entry(found[-1], names[step:], step))
        if step:
            info = schema[_target(found[-1], step - 1)]
        field = info.find(name)
        if field is None:
            reason = _("'{name}' is not a field of {model}", name=name, model=info.name)
            raise PathError(reason, step, closest(name, known_names(info)))
        found.append(field)
    return tuple(found)


def _entry(field: FieldInfo, names: Sequence[str], step: int) -> FieldInfo:
    """The value under a name in an object of JSON, as a field of its kind."""
    kind = ENTRIES.get(names[0])
    if kind is None:
        reason = _("'{name}' holds JSON; say what is taken, like {name}.number.seats", name=field.name)
        raise PathError(reason, step, closest(names[0], ENTRIES))
    if len(names) != 2 or not _NAME.fullmatch(names[1]):
        reason = _("the name of one value is expected here, like {name}.{kind}.seats", name=field.name, kind=names[0])
        raise PathError(reason, step)
    return FieldInfo(field.name, kind, field.column, names[1], groups=field.groups, entry=f"{names[0]}.{names[1]}")


def _target(field: FieldInfo, step: int) -> str:
    """The model behind a field that has more path after it."""
    if field.kind is Kind.REFERENCES:
        raise PathError(_("'{name}' leads to many records; ask any({name}, ...)", name=field.name), step)
    if field.kind is not Kind.REFERENCE or field.target is None:
        raise PathError(_("'{name}' is not a relation and has no fields", name=field.name), step)
    return field.target


def find_path(dotted: str, model: str, schema: Schema, *, column: int = 1, span: Span = NOWHERE) -> Path:
    """The path written as `partner.name`; `column` is where it stands in a longer text. Raises ExpressionError."""
    names = dotted.split(".")
    try:
        fields = find_fields(names, model, schema)
    except PathError as error:
        at = column + sum(len(name) + 1 for name in names[: error.step])
        raise ExpressionError(error.reason, column=at, suggestion=error.suggestion, source=dotted) from error
    return Path(fields[-1].kind, span, model, fields)


def label_path(path: Path, schema: Schema) -> Path | None:
    """The path to the label of the record or records a path leads to; None where their model has none that is text."""
    target = target_of(path, schema)
    field = label_of(target) if target else None
    return Path(field.kind, path.span, path.model, (*path.fields, field)) if field else None


def label_of(info: ModelInfo) -> FieldInfo | None:
    """The field that labels the records of a model, if it is text."""
    field = info.fields.get(info.label_field)
    return field if field is not None and field.kind is Kind.TEXT else None


def target_of(path: Path, schema: Schema) -> ModelInfo | None:
    """The model of the record or records a path leads to: that of a relation, or the own one of `id`."""
    last = path.fields[-1]
    if last.target is not None:
        return schema[last.target]
    if last.name != "id":
        return None
    before = path.fields[-2].target if len(path.fields) > 1 else path.model
    return schema[before] if before else None


def known_names(info: ModelInfo) -> Iterable[str]:
    """The names that may stand for a field of a model."""
    return (*info.fields, *info.by_column)
