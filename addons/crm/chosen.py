"""Records that somebody chose for leads: they must be there, be seen, and not be archived."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core import NotFound, Refusal, _

if TYPE_CHECKING:
    from core import EnvironmentProtocol


def require_active(env: EnvironmentProtocol, model: str, ids: Iterable[int | None]) -> None:
    """Refuse a choice that cannot be; None is no choice.

    :raises NotFound: a record is gone, or the user may not see it.
    :raises Refusal: a record is archived.
    """
    wanted = [id_ for id_ in ids if id_ is not None]
    if not wanted:
        return
    rows = env[model].read_ids(wanted, ["active"])
    label = _(env.registry.schema[model].label or model)
    for id_ in wanted:
        if id_ not in rows:
            raise NotFound(_("The {label} {id} is gone, or you may not see it.", label=label, id=id_))
        if not rows[id_]["active"]:
            name = env[model].label([id_])[id_]
            raise Refusal(
                _("'{name}' ({label}) is archived.", name=name, label=label),
                hint=_("Restore it, or choose another one."),
            )
