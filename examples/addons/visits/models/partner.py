"""What visits add to contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.models import Partner
from core import fields

if TYPE_CHECKING:
    from addons.visits.models.visit import Visit


class PartnerVisits(Partner, extends=True):
    """The visits to a contact."""

    visits: fields.One2many[Visit] = fields.One2many("visits.visit", inverse="partner", label="Visits")
