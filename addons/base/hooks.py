"""The hooks of base: its models, and the subdivisions and currencies of the ISO standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.housekeeping import CLEAN, FREE
from addons.base.iso import load_currencies, load_states
from addons.base.models import ALL
from addons.base.wording import beside
from core import Job, Model, hookimpl

if TYPE_CHECKING:
    from core import EnvironmentProtocol


@hookimpl
def models() -> list[type[Model]]:
    """Every model of base."""
    return list(ALL)


@hookimpl
def jobs() -> list[Job]:
    """What base does every night."""
    return [CLEAN, FREE]


@hookimpl
def after_install(env: EnvironmentProtocol) -> None:
    """Load what the ISO standards list."""
    load_states(env)
    load_currencies(env)


@hookimpl
def asides(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """What a record rule says."""
    return beside(env, model, record)
