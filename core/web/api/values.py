"""Values in JSON: money as text, dates and instants in ISO 8601, relations as ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from core.errors import FieldError, Invalid
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo, ModelInfo
from core.model.change import Link
from core.model.record import Record
from core.web.api.parameters import find_field

CENT = Decimal("0.01")


def money_text(amount: Decimal) -> str:
    """Money with two decimals, or as many as it needs: `1054.00`, `0.1234`."""
    normal = amount.normalize()
    exponent = normal.as_tuple().exponent
    return f"{amount.quantize(CENT)}" if isinstance(exponent, int) and exponent >= -2 else f"{normal:f}"


def instant_text(instant: datetime) -> str:
    """An instant in UTC with `Z`, to the second."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def encode(value: object) -> object:
    """A value of a record, of a group or of an action's result as JSON takes it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return money_text(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Record):
        return value.id
    if isinstance(value, Mapping):
        return {str(key): encode(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(each) for each in value]
    raise TypeError(f"an action's result cannot be told in JSON: {type(value).__name__}")


def decode_values(model: ModelInfo, given: Mapping[str, object]) -> dict[str, object]:
    """The values of a body by field name; raises UnknownField for an unknown field, Invalid for unreadable values."""
    values: dict[str, object] = {}
    errors: list[FieldError] = []
    for name, value in given.items():
        field = find_field(model, name)
        try:
            values[field.name] = decode(field, value)
        except ValueError as error:
            errors.append(FieldError(field.name, str(error), value))
    if errors:
        raise Invalid(errors, model=model.name)
    return values


def decode(field: FieldInfo, value: object) -> object:
    """A value from JSON as the records take it; raises ValueError with a sentence about what is expected."""
    return value if value is None or field.kind is not Kind.REFERENCES else _links(value)


def _links(value: object) -> object:
    if isinstance(value, Mapping):
        unknown = set(value) - {"add", "remove"}
        if unknown or not all(_ids(each) for each in value.values()):
            raise ValueError(_('Give a list of ids, or {"add": [ids], "remove": [ids]}'))
        return Link(add=list(value.get("add", [])), remove=list(value.get("remove", [])))
    if not isinstance(value, list):
        raise ValueError(_('Give a list of ids, or {"add": [ids], "remove": [ids]}'))
    return value


def _ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, int) and not isinstance(each, bool) for each in value)
