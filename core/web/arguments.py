"""The arguments of actions: which there are, and refusing what an action does not take before it is called."""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from core.errors import closest
from core.i18n import _
from core.records.records import Records
from core.web.problems import BadRequest

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_UNIONS = (Union, types.UnionType)
_LISTS = (list, tuple, set, frozenset, Sequence, Collection)
LARGEST = 2**63  # integers are stored in 64 bits


def parameters(records: Records, action: str) -> list[inspect.Parameter]:
    """The parameters of an action besides the records it is called on."""
    _rows, *rest = inspect.signature(_method(records, action)).parameters.values()
    return [parameter for parameter in rest if parameter.kind in _NAMED]


def check_arguments(records: Records, action: str, given: Mapping[str, object]) -> None:
    """Raise BadRequest for an argument that the action does not take, one of another type, or one that is missing."""
    known = {parameter.name: parameter for parameter in parameters(records, action)}
    for name in given:
        if name not in known:
            near = closest(name, known)
            hint = _("Did you mean '{name}'?", name=near) if near else ""
            raise BadRequest(_("'{action}' takes no argument '{name}'.", action=action, name=name), hint=hint)
    for name, parameter in known.items():
        if name not in given:
            if parameter.default is inspect.Parameter.empty:
                raise BadRequest(_("'{action}' needs the argument '{name}'.", action=action, name=name))
            continue
        wanted = _type_of(_method(records, action), parameter)
        if not fits(given[name], wanted):
            text = _("'{action}' takes {type} as '{name}'.", action=action, name=name, type=_in_words(wanted))
            raise BadRequest(text)


def fits(value: object, wanted: Any) -> bool:  # noqa: ANN401  # any annotation
    """Whether a value of JSON is one of an annotated type; types that JSON does not know are the action's to check."""
    if get_origin(wanted) in _UNIONS:
        return any(fits(value, each) for each in get_args(wanted))
    if wanted in (None, type(None)):
        return value is None
    if wanted is bool or wanted is str:
        return isinstance(value, wanted)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value < LARGEST
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in _LISTS:
        return isinstance(value, (list, tuple)) and all(fits(each, inner[0]) for each in value)
    if origin in (dict, Mapping):
        return isinstance(value, Mapping) and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    return True


def _method(records: Records, action: str) -> Callable[..., object]:
    method: Callable[..., object] = getattr(records.env.registry.models[records.model], action)
    return method


def _type_of(method: Callable[..., object], parameter: inspect.Parameter) -> object:
    """The annotated type, as the module of the action knows it; anything where it knows none."""
    annotation = parameter.annotation
    if isinstance(annotation, str):
        try:
            return eval(annotation, getattr(method, "__globals__", {}))  # written by the addon itself
        except NameError:  # imported for type checkers alone
            return Any
    return annotation


def _in_words(wanted: Any) -> str:  # noqa: ANN401  # any annotation
    """A type as people say it."""
    known = {bool: _("true or false"), str: _("a text"), int: _("a whole number"), float: _("a number")}
    if wanted in known:
        return known[wanted]
    if get_origin(wanted) in _UNIONS:
        return _(" or ").join(_in_words(each) for each in get_args(wanted))
    if wanted in (None, type(None)):
        return _("nothing")
    if get_origin(wanted) in (dict, Mapping):
        return _("an object, its values each {type}", type=_in_words(get_args(wanted)[1]))
    if get_origin(wanted) in _LISTS:
        return _("a list, each {type}", type=_in_words(get_args(wanted)[0]))
    return getattr(wanted, "__name__", str(wanted))
