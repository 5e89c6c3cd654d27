"""The hooks of crm_extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.crm_extra.models.competitor import Competitor
from addons.crm_extra.models.lead import LeadExtras
from core import Model, hookimpl

if TYPE_CHECKING:
    from core.records.environment import Environment


@hookimpl
def models() -> list[type[Model]]:
    return [Competitor, LeadExtras]


@hookimpl
def after_install(env: Environment) -> None:
    env["crm.competitor"].create(name="Found at installation")
