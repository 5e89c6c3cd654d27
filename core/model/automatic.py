"""The columns every table has: who made and changed a row, when, and how often. Written by the pipeline alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.model.declaration import Declaration
from core.model.relations import Many2one
from core.model.scalars import Datetime, Integer

USERS = "res.users"


class UserStamp(Many2one[Any]):
    """The user who did something to a row; its column carries the field's own name."""

    def column(self, name: str) -> str:
        return name


class Automatic:
    """The automatic fields, where users are a model of the registry."""

    id = Integer(label="ID")
    version = Integer(label="Version")
    create_date = Datetime(label="Created on")
    create_uid = UserStamp(USERS, label="Created by", on_delete="restrict")
    write_date = Datetime(label="Last changed on")
    write_uid = UserStamp(USERS, label="Last changed by", on_delete="restrict")


class Userless:
    """What replaces the stamps in a registry that has no users."""

    create_uid = Integer(label="Created by")
    write_uid = Integer(label="Last changed by")


def automatic_fields(*, users: bool) -> Mapping[str, Declaration[Any]]:
    """The automatic fields by name, in the order of their columns."""
    found: dict[str, Declaration[Any]] = {}
    for source in (Automatic,) if users else (Automatic, Userless):
        found.update({name: value for name, value in vars(source).items() if isinstance(value, Declaration)})
    return found
