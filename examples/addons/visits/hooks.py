"""The hooks of visits."""

from __future__ import annotations

from addons.visits.models.partner import PartnerVisits
from addons.visits.models.visit import Visit
from core import Model, hookimpl


@hookimpl
def models() -> list[type[Model]]:
    """Visits, and what they add to contacts."""
    return [Visit, PartnerVisits]
