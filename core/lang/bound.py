"""Names with a value: those a caller binds, and those of the environment that every expression knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from core.errors import Refusal
from core.i18n import _
from core.lang.kinds import Kind

USERS, COMPANIES = "res.users", "res.company"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a bound name holds: a kind, whether it is a list of it, and the model of a reference where it is known.

    `key` is the name under which the value is found when it differs from the name in the source.
    """

    kind: Kind
    many: bool = False
    target: str | None = None
    key: str = ""


ENVIRONMENT: Mapping[str, Bound] = MappingProxyType(
    {
        "me": Bound(Kind.REFERENCE, target=USERS),
        "company": Bound(Kind.REFERENCE, target=COMPANIES),
        "companies": Bound(Kind.REFERENCE, many=True, target=COMPANIES),
        "my_company": Bound(Kind.REFERENCE, target=COMPANIES, key="company"),
        "my_companies": Bound(Kind.REFERENCE, many=True, target=COMPANIES, key="companies"),
    }
)
RESERVED = frozenset(ENVIRONMENT) | {"today", "now", "tz", "groups", "true", "false", "none", "True", "False", "None"}

_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    (float, Kind.FLOAT),
    (Decimal, Kind.MONEY),
    (str, Kind.TEXT),
    (datetime, Kind.INSTANT),
    (date, Kind.DATE),
)


def as_bound(declared: Kind | Bound) -> Bound:
    """The full description of a name declared by its kind alone; REFERENCES is a list of references."""
    if isinstance(declared, Bound):
        return declared
    if declared is Kind.REFERENCES:
        return Bound(Kind.REFERENCE, many=True)
    return Bound(declared)


def bound_kind(value: object) -> Bound:
    """What a name with this value is: lists, tuples and sets are lists of their items' kind; a thing with an `id` is a
    reference.

    None and empty text are Kind.NONE; an empty list is a list of integers. Raises Refusal for anything the language has
    no kind for.
    """
    if isinstance(value, list | tuple | set | frozenset):
        kinds = {bound_kind(item) for item in value} or {Bound(Kind.INTEGER)}
        kind = kinds.pop()
        if kinds or kind.many or kind.kind is Kind.NONE:
            raise Refusal(_("a list bound by name holds values of one kind, and no none"))
        return Bound(kind.kind, many=True)
    if value is None or value == "":
        return Bound(Kind.NONE)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise Refusal(_("an instant without a zone cannot be bound to a name"))
    for python_type, found in _KINDS:
        if isinstance(value, python_type):
            return Bound(found)
    if hasattr(value, "id"):
        return Bound(Kind.REFERENCE)
    raise Refusal(_("a value of type {type} cannot be bound to a name", type=type(value).__name__))
