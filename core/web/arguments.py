"""The arguments of actions: which there are, and refusing what an action does not take before it is called."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from core.errors import closest
from core.i18n import _
from core.records.records import Records
from core.web.problems import BadRequest

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def parameters(records: Records, action: str) -> list[inspect.Parameter]:
    """The parameters of an action besides the records it is called on."""
    method = getattr(records.env.registry.models[records.model], action)
    _rows, *rest = inspect.signature(method).parameters.values()
    return [parameter for parameter in rest if parameter.kind in _NAMED]


def check_arguments(records: Records, action: str, given: Mapping[str, object]) -> None:
    """Raise BadRequest for an argument that the action does not take, or one that is missing."""
    known = {parameter.name: parameter for parameter in parameters(records, action)}
    for name in given:
        if name not in known:
            near = closest(name, known)
            hint = _("Did you mean '{name}'?", name=near) if near else ""
            raise BadRequest(_("'{action}' takes no argument '{name}'.", action=action, name=name), hint=hint)
    for name, parameter in known.items():
        if parameter.default is inspect.Parameter.empty and name not in given:
            raise BadRequest(_("'{action}' needs the argument '{name}'.", action=action, name=name))
