"""The hooks of same_field_b."""

from addons.crm.models import Lead
from core import Model, fields, hookimpl


class LeadSize(Lead, extends=True):
    """How big a lead is."""

    size = fields.Integer(label="Size")


@hookimpl
def models() -> list[type[Model]]:
    return [LeadSize]
