"""Values in the place of what only running an addon would tell: unknown ones, and functions that do nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

STUB = "__tessera_stub__"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known, and why; `matters` is False where it can be neither a field nor a definition."""

    reason: str
    matters: bool = True


OUTSIDE = Unknown("it comes from outside of the addons", matters=False)


def anything(*_arguments: object, **_keywords: object) -> None:
    """Stand in for a value that may be whatever it likes, such as the default of a field."""


def stub(name: str, line: int, arguments: Sequence[str], answer: Callable[[], object]) -> Callable[..., Any]:
    """A function that has the name, place and arguments of one in a source, and answers what `answer` gives."""

    def called(*_arguments: object, **_keywords: object) -> object:
        return answer()

    called.__name__ = called.__qualname__ = name
    called.__code__ = called.__code__.replace(co_firstlineno=line)
    shape = _shapeless.__code__.replace(
        co_argcount=len(arguments), co_nlocals=len(arguments), co_varnames=tuple(arguments)
    )
    shown = FunctionType(shape, {}, name)
    setattr(called, STUB, True)
    setattr(called, "__wrapped__", shown)  # noqa: B010  # where the plugin manager reads the arguments
    return called


def _shapeless() -> None:
    """Lend its code to the shapes of functions; never called."""


def is_stub(value: object) -> bool:
    """Whether a value stands for a function of an addon."""
    return hasattr(getattr(value, "__func__", value), STUB)


def first_unknown(value: object) -> Unknown | None:
    """The first unknown among a value and what it holds."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return next((found for item in value if (found := first_unknown(item)) is not None), None)
    return None
