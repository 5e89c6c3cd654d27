"""The hooks of crm: its models, and what it tells of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.crm import history, stage_times
from addons.crm.assignment.carrying_out import ASSIGN
from addons.crm.assignment.words import beside
from addons.crm.conversion.job import CONVERT
from addons.crm.customer_hint import CUSTOMER_NEWS
from addons.crm.models import ALL
from addons.crm.pages import blueprint, probability
from addons.crm.scoring.job import SCORE
from addons.crm.similar_hint import SIMILAR
from addons.crm.team_hint import ONE_TEAM
from core import EnvironmentProtocol, Hint, HistoryEntry, Job, Model, Panel, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint


@hookimpl
def models() -> list[type[Model]]:
    """Every model of crm, and what it adds to those of base."""
    return list(ALL)


@hookimpl
def jobs() -> list[Job]:
    """Converting many leads; and what crm does by itself where administrators want it."""
    return [CONVERT, ASSIGN, SCORE]


@hookimpl
def blueprints() -> list[Blueprint]:
    """The pages of crm."""
    return [blueprint]


@hookimpl
def panels() -> list[Panel]:
    """How long a lead was in each stage, and why its probability is what it is."""
    return [Panel("crm.stage_times", stage_times.render), Panel("crm.probability", probability.why)]


@hookimpl
def history_entries(env: EnvironmentProtocol, partners: Sequence[int]) -> list[HistoryEntry]:
    """Leads and opportunities of a customer."""
    return history.entries(env, partners)


@hookimpl
def asides(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """What a team and its members take by rules."""
    return beside(env, model, record)


@hookimpl
def hints() -> list[Hint]:
    """That there are similar leads, that saving one changes its customer, and that a membership ends another."""
    return [SIMILAR, CUSTOMER_NEWS, ONE_TEAM]
