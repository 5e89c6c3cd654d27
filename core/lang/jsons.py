"""Values of JSON: checked, written in one canonical text, and given as objects and lists that refuse every change."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from core.i18n import _
from core.text import is_storable

_LEAST, _MOST = -(2**63), 2**63 - 1
MOST_LEVELS = 32
MOST_CHARACTERS = 1_000_000

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


def canonical(value: object) -> str:
    """The text of a value: keys sorted, no blanks; equal values have equal texts."""
    return _encode(value)


def _text_or_none(value: object) -> str | None:
    try:
        return canonical(value)
    except (TypeError, ValueError):
        return None


class _Frozen:
    """What objects and lists have in common: equal when their texts are, so that true is not 1; changed by nobody."""

    __slots__ = ()
    _kind: ClassVar[type] = object

    def _refuse(self, *_arguments: object, **_keywords: object) -> NoReturn:
        raise TypeError("a JSON value of a record is not changed in place: change thawed(value), and set the field")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, self._kind) and _text_or_none(other) == canonical(self)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(canonical(self))

    def __copy__(self) -> _Frozen:
        return self

    def __deepcopy__(self, _memo: object) -> _Frozen:
        return self

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return decoded, (canonical(self),)


class JsonObject(_Frozen, dict[str, Any]):  # type: ignore[misc]  # it has a hash, since nobody changes it
    """An object of JSON: a dict that refuses to be changed."""

    __slots__ = ()
    _kind = dict
    __setitem__ = __delitem__ = __ior__ = _Frozen._refuse
    clear = pop = popitem = setdefault = update = _Frozen._refuse


class JsonList(_Frozen, list[Any]):  # type: ignore[misc]  # the same
    """A list of JSON: a list that refuses to be changed."""

    __slots__ = ()
    _kind = list
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _Frozen._refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _Frozen._refuse


def frozen(value: object, level: int = 0) -> object:
    """A checked copy of a value that refuses to be changed.

    :raises ValueError: JSON has no such value, a number is not finite or too large, it is nested too deep.
    """
    if level > MOST_LEVELS:
        raise ValueError(_("At most {limit} levels may be nested.", limit=MOST_LEVELS))
    if isinstance(value, dict):
        return JsonObject({_key(key): frozen(each, level + 1) for key, each in value.items()})
    if isinstance(value, list | tuple):
        return JsonList(frozen(each, level + 1) for each in value)
    return _scalar(value)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(_("The keys of an object are texts, not {value}.", value=repr(key)))
    return str(_scalar(key))


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not _LEAST <= value <= _MOST:
            raise ValueError(_("The number is out of range (64 bits)."))
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(_("The number must be finite, not {value}.", value=value))
        return value + 0.0  # minus zero is zero
    if isinstance(value, str):
        if not is_storable(value):
            raise ValueError(_("Text cannot hold the character NUL or half of a character."))
        return str(value)
    raise ValueError(_("JSON has no value of the type {type}.", type=type(value).__name__))


def decoded(text: object) -> object:
    """The value of a stored text."""
    return frozen(json.loads(str(text)))


def thawed(value: object) -> Any:  # noqa: ANN401
    """A copy of a value that may be changed, to be set on the field again."""
    if isinstance(value, dict):
        return {key: thawed(each) for key, each in value.items()}
    return [thawed(each) for each in value] if isinstance(value, list) else value
