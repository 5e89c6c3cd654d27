"""The hooks of foreign_model."""

from addons.crm.models import Stage
from core import Model, fields, hookimpl


class StageSize(Stage, extends=True):
    """How big a stage is."""

    size = fields.Integer(label="Size")


@hookimpl
def models() -> list[type[Model]]:
    return [StageSize]
