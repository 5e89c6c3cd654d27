"""The hooks of crm: its models."""

from __future__ import annotations

from addons.crm.models import ALL
from core import Model, hookimpl


@hookimpl
def models() -> list[type[Model]]:
    """Every model of crm, and what it adds to those of base."""
    return list(ALL)
