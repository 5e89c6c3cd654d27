"""The hooks of crm_extra."""

from __future__ import annotations

from addons.crm_extra.models.competitor import Competitor
from addons.crm_extra.models.lead import LeadExtras
from core import Environment, Model, hookimpl


@hookimpl
def models() -> list[type[Model]]:
    return [Competitor, LeadExtras]


@hookimpl
def after_install(env: Environment) -> None:
    env["crm.competitor"].create(name="Found at installation")
