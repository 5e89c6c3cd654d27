"""From the text of a data file to the value a field takes; references stay names until records are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from core.data.entries import RecordEntry, Source, references
from core.lang.accessor import Values
from core.lang.jsons import decoded
from core.lang.kinds import Kind
from core.lang.python import predicate
from core.lang.schema import FieldInfo
from core.model.registry import Registry

_TRUE, _FALSE = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True)
class References:
    """The records that a field of a data file names, by complete external id, with the models they may be of."""

    targets: tuple[str, ...]
    names: tuple[str, ...]
    many: bool


def is_reference(source: Source, info: FieldInfo) -> bool:
    """Whether the source names records: `ref=`, or a CSV cell of a relation."""
    return source.kind == "ref" or (source.kind == "cell" and info.target is not None)


def read_references(entry: RecordEntry, source: Source, info: FieldInfo) -> References:
    """The records a source names."""
    targets = info.models or (str(info.target),)
    return References(targets, tuple(references(source, entry.addon)), info.kind is Kind.REFERENCES)


def read_value(registry: Registry, model: str, info: FieldInfo, source: Source, names: Mapping[str, object]) -> object:
    """The value of a source that names no records, as the field's declaration checks it.

    :raises ValueError: text that the field cannot hold.
    :raises ExpressionError: `expr=` that cannot be read.
    """
    if source.kind == "expr":
        expression = registry.parse(source.text, model)
        nothing = Values({}, model, registry.schema, lambda _model, _ids: [])
        value = _fitted(predicate(expression, registry.schema, parse=registry.parse)(nothing, names), info.kind)
    else:
        value = _from_text(source.text, info)
    return None if value is None else registry.declarations[model][info.name].check(value)


def _fitted(value: object, kind: Kind) -> object:
    """Arithmetic gives doubles; a whole number or an amount is taken back from one."""
    if isinstance(value, float) and kind is Kind.INTEGER and value.is_integer():
        return int(value)
    return Decimal(str(value)) if isinstance(value, float) and kind is Kind.MONEY else value


def _from_text(text: str, info: FieldInfo) -> object:
    if text == "" and info.kind is not Kind.BOOLEAN:
        return None
    try:
        return _read(text, info.kind)
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"'{text}' is not {_EXPECTED.get(info.kind, info.kind.value)}") from error


def _read(text: str, kind: Kind) -> object:
    if kind is Kind.BOOLEAN:
        word = text.lower()
        if word not in _TRUE | _FALSE:
            raise ValueError(word)
        return word in _TRUE
    if kind is Kind.INTEGER:
        return int(text)
    if kind is Kind.FLOAT:
        return float(text)
    if kind is Kind.MONEY:
        return Decimal(text)
    if kind is Kind.INSTANT:
        return datetime.fromisoformat(text)
    if kind is Kind.JSON:
        return decoded(text)
    return text


_EXPECTED = {
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "a whole number",
    Kind.FLOAT: "a number",
    Kind.MONEY: "an amount",
    Kind.INSTANT: "an instant such as 2026-01-31T10:00:00Z",
    Kind.JSON: "JSON",
}
