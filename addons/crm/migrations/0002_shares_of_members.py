"""Leads are assigned by rules: members of former versions take as many as new ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core import EnvironmentProtocol


def after(env: EnvironmentProtocol) -> None:
    """The default of the field."""
    env.database.execute("UPDATE crm_team_member SET assignment_max = 30 WHERE assignment_max IS NULL")
