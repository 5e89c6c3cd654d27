"""Values in JSON: money as text, dates and instants in ISO 8601, relations as ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

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
    """An instant in UTC with `Z`; a fraction of a second only where there is one."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat()}Z"


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
    """The values of a body by field name; raises BadRequest for an unknown field, Invalid for unreadable values."""
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
    if value is None:
        return None
    reader = READERS.get(field.kind)
    return reader(value) if reader else value


def _date(value: object) -> object:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(_("Give a date such as 2026-01-31")) from error


def _instant(value: object) -> object:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(_("Give an instant such as 2026-01-31T10:00:00Z")) from error
    if found.tzinfo is None:
        raise ValueError(_("Give an instant with its zone, such as 2026-01-31T10:00:00Z"))
    return found.astimezone(UTC)


def _money(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(_('Give an amount such as "1054.00"'))
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(_('Give an amount such as "1054.00"')) from error
    if not amount.is_finite():
        raise ValueError(_('Give an amount such as "1054.00"'))
    return amount


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


READERS: Mapping[Kind, Callable[[object], object]] = {
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
    Kind.MONEY: _money,
    Kind.REFERENCES: _links,
}
