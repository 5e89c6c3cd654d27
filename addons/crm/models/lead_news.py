"""What happens to leads, told to those who follow them or their team and chose to hear of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addons.crm.models.stage import WON_PROBABILITY, read_stages
from addons.mail.events import Event, tell
from addons.mail.models import Activities
from addons.mail.text import to_html
from core import Model, _

if TYPE_CHECKING:
    from core import Change

TELLING = frozenset({"stage", "active", "probability"})


class LeadNews(Activities, Model):
    """The part of a lead that lets people hear of it."""

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Tell of leads that are new, moved, won, lost or restored."""
        super().after_write(changes)
        env = cls.env
        moved = [change for change in changes if change.operation == "create" or not TELLING.isdisjoint(change.values)]
        if not moved:
            return
        stages = env.cached(read_stages)

        @cache
        def name_of(team: int) -> str:
            return env.sudo()["crm.team"].label([team]).get(team, "")

        events = (_event(change, stages, name_of) for change in moved)
        tell(
            env,
            "crm.lead",
            [event for event in events if event is not None],
            {int(str(change.id)): change for change in moved},
        )


def _event(change: Change, stages: Mapping[Any, Mapping[str, Any]], name_of: Callable[[int], str]) -> Event | None:
    """What a change means to those who look from afar; nothing where it is no news."""
    id_ = int(str(change.id))
    if change.operation == "create":
        return Event("crm.lead_created", id_, lambda: _created(change["team"], name_of))
    before, after = _state(change.before, stages), _state(change, stages)
    if after != before and after == "won":
        return Event("crm.lead_won", id_, lambda: _said(_("Won.")))
    if after != before and after == "lost":
        return _lost(id_, change["lost_feedback"] if "lost_feedback" in change.values else None)
    if before == "lost" and change["active"]:
        return Event("crm.lead_restored", id_, lambda: _said(_("Restored.")))
    if change.changed("stage"):
        return Event("crm.lead_stage", id_, lambda: _moved(change, stages))
    return None


def _created(team: object, name_of: Callable[[int], str]) -> Markup:
    name = name_of(team) if isinstance(team, int) else ""
    return _said(_("A new lead has been created for the team {team}.", team=name) if name else _("A new lead."))


def _moved(change: Change, stages: Mapping[Any, Mapping[str, Any]]) -> Markup:
    names = [stages[stage]["name"] if stage in stages else _("none") for stage in _stages(change)]
    return _said(_("Stage: {old} → {new}", old=names[0], new=names[1]))


def _lost(id_: int, feedback: object) -> Event:
    """A lead that was lost; a comment stands in its conversation, too."""
    if not feedback:
        return Event("crm.lead_lost", id_, lambda: _said(_("Lost.")))
    heading = Markup("<p><strong>{}</strong></p>").format(_("Lost comment"))
    return Event("crm.lead_lost", id_, lambda: heading + Markup(to_html(str(feedback))), note=True)


def _said(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def _stages(change: Change) -> tuple[Any, Any]:
    return (change.before or {}).get("stage"), change["stage"]


def _state(values: Any, stages: Mapping[Any, Mapping[str, Any]]) -> str:  # noqa: ANN401  # stored values, or a change
    """Won, lost or pending, as the field `won_status` says it."""
    if stages.get(values["stage"], {}).get("is_won") and values["probability"] == WON_PROBABILITY:
        return "won"
    return "lost" if not values["active"] and not values["probability"] else "pending"
