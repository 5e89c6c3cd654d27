"""The hooks of crm_extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.crm_extra.models.competitor import Competitor
from addons.crm_extra.models.lead import LeadExtras
from core import Job, Model, hookimpl

if TYPE_CHECKING:
    from core.records.environment import Environment


@hookimpl
def models() -> list[type[Model]]:
    return [Competitor, LeadExtras]


def count(env: Environment) -> None:
    """Count the competitors, in the background."""
    env["crm.competitor"].count()


@hookimpl
def jobs() -> list[Job]:
    return [Job("crm_extra.count", count, label="Count competitors", cron="0 4 * * *")]


@hookimpl
def after_install(env: Environment) -> None:
    env["crm.competitor"].create(name="Found at installation")
