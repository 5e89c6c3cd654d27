"""Activities are due where their owners are: their days get the instants at which they begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core import EnvironmentProtocol


def after(env: EnvironmentProtocol) -> None:
    """Fill in the activities of one user after the other."""
    for user in env["res.users"].read("active or not active", ["id"]):
        env.registry.models["mail.activity"].keep_up([user["id"]])
