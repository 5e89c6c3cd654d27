"""Statements as text with slots: fragments are put together, rendered once per shape, and bound again and again.

A slot is a place for a value: a literal of the expression (by index), a bound or environment name, a constant of a
rule, or a part that does not depend on the record and is worked out in Python when the statement is bound.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import Refusal
from core.i18n import _
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN, Converter, Engine, Kind, encoder
from core.text import is_storable

NOBODY = 0  # the id that no record has: `me` where nobody is signed in, so that it equals nothing, not even none
LIST_SIZES = (1, 2, 4, 8, 16, 32, 64)
Names = Mapping[str, object]
Fixed = Callable[[Sequence[object], Names], object]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value. `key` is an index of literals, a name, the constant itself, or a function of (literals,
    names).

    `many` marks a list; `size` is the number of places it is padded to, 0 for any number.
    """

    source: Literal["literal", "name", "constant", "fixed"]
    key: object
    kind: Kind
    many: bool = False
    size: int = 0


Part = str | Slot
Fragment = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text and its slots in positional order; `encoders` belong to the slots one by one."""

    text: str
    slots: tuple[Slot, ...]
    encoders: tuple[Converter | None, ...]


def list_size(count: int) -> int:
    """The number of places a list of `count` values is padded to; 0 above the longest padded list."""
    return next((size for size in LIST_SIZES if size >= count), 0)


def render(fragment: Iterable[Part], engine: Engine, sizes: Mapping[str, int] | None = None) -> Statement:
    """Make text with the engine's placeholders. `sizes` pads lists bound by name on SQLite (name -> `list_size`)."""
    texts: list[str] = []
    slots: list[Slot] = []
    for part in fragment:
        if isinstance(part, str):
            texts.append(part.replace("%", "%%") if engine == "postgresql" else part)
            continue
        if engine == "postgresql":
            texts.append("%s")
        elif part.many:
            if part.source == "name" and sizes:
                part = Slot("name", part.key, part.kind, True, sizes.get(str(part.key), 0))
            texts.append(", ".join("?" * part.size) if part.size else "SELECT value FROM json_each(?)")
        else:
            texts.append("?")
        slots.append(part)
    return Statement("".join(texts), tuple(slots), tuple(_encoder(slot, engine) for slot in slots))


def bind(statement: Statement, literals: Sequence[object], names: Names, engine: Engine) -> list[object]:
    """The values of a statement's places, as the driver takes them.

    `names` holds the caller's names and the environment's (`me`, `company`, `companies`, `today`, `now`, `tz`,
    `groups`). Raises KeyError for a name that is not bound and Refusal for a value that no database can hold.
    """
    values: list[object] = []
    for slot, encode in zip(statement.slots, statement.encoders, strict=True):
        source = slot.source
        if source == "literal":
            value = literals[slot.key]  # type: ignore[call-overload]  # the key of a literal slot is an index
        elif source == "name":
            value = _named(slot, names)
        elif source == "constant":
            value = slot.key
        else:
            value = slot.key(literals, names)  # type: ignore[operator]  # the key of a fixed slot is a function
        if slot.many:
            _bind_many(values, slot, [_encoded(item, encode) for item in value], engine)
        else:
            values.append(_encoded(value, encode))
    return values


def _named(slot: Slot, names: Names) -> object:
    value = names[slot.key]  # type: ignore[index]  # the key of a name slot is a name
    if value is None:
        if slot.kind is Kind.REFERENCE:
            return NOBODY
        raise Refusal(_("'{name}' is none here, but the expression was read for a value", name=slot.key))
    return value


def _encoded(value: object, encode: Converter | None) -> object:
    return value if encode is None or value is None else encode(value)


def _bind_many(values: list[object], slot: Slot, items: list[object], engine: Engine) -> None:
    if engine == "postgresql":
        values.append(items)
    elif slot.size:
        if len(items) > slot.size:
            raise ValueError(f"{len(items)} values do not fit into {slot.size} places")
        values.extend(items)
        values.extend([items[-1] if items else None] * (slot.size - len(items)))
    else:
        values.append(_dumps(items))


_dumps = json.JSONEncoder(separators=(",", ":")).encode


def _encoder(slot: Slot, engine: Engine) -> Converter | None:
    encode = encoder(slot.kind, engine)
    return _CHECKS.get(slot.kind, encode) if slot.source == "name" else encode


def reference(value: object) -> int:
    """The id behind a bound record or id."""
    return whole(value if isinstance(value, int) else getattr(value, "id", value))


def whole(value: object) -> int:
    """An integer that fits into 64 bits; Refusal otherwise."""
    if not isinstance(value, int) or not INTEGER_MIN <= value <= INTEGER_MAX:
        raise Refusal(_("a whole number of 64 bits is expected"))
    return value


def storable(value: object) -> str:
    """Text without NUL and lone surrogates; Refusal otherwise."""
    text = str(value)
    if not is_storable(text):
        raise Refusal(_("text cannot hold this character"))
    return text


def finite(value: object) -> float:
    """A number that is neither NaN nor infinite; Refusal otherwise."""
    number = float(value)  # type: ignore[arg-type]  # a caller's number
    if not math.isfinite(number):
        raise Refusal(_("this number is too large"))
    return number


# Values of names come from callers. These kinds are stored as they are, so the check stands for the encoder.
_CHECKS: Mapping[Kind, Converter] = {
    Kind.REFERENCE: reference,
    Kind.INTEGER: whole,
    Kind.FLOAT: finite,
    Kind.TEXT: storable,
}
