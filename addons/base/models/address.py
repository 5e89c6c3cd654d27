"""The postal address block that partners and leads have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from addons.base.models.country import Country, State
from core import Model, fields

if TYPE_CHECKING:
    from core import Change, RecordsProtocol

ADDRESS_FIELDS = ("street", "street2", "zip", "city", "state", "country")


class Address(Model):
    """An address. A state brings its country with it."""

    street = fields.Char(label="Street", personal=True)
    street2 = fields.Char(label="Street, second line", personal=True)
    zip = fields.Char(label="Postcode", size=24)
    city = fields.Char(label="City")
    state = fields.Many2one(State, label="State", on_delete="restrict")
    country = fields.Many2one(Country, label="Country", on_delete="restrict")

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Fill in the country of a state that was given without one."""
        moved = [change for change in changes if change.changed("state") and "country" not in change.explicit]
        if moved:
            _bring_countries(cls.env.sudo()["res.country.state"], moved)
        super().before_write(changes)


def _bring_countries(states: RecordsProtocol, changes: list[Change]) -> None:
    found = states.read_ids([_id(change["state"]) for change in changes], ["country"])
    for change in changes:
        state = found.get(_id(change["state"]))
        if state is not None:
            change.suggest("country", state["country"])


def _id(value: object) -> int:
    return value if isinstance(value, int) else 0


def address_of(values: Mapping[str, object] | Change) -> dict[str, object]:
    """The address block of a record, of values or of a change."""
    return {name: values[name] for name in ADDRESS_FIELDS}


def has_address(values: Mapping[str, object] | Change) -> bool:
    """Whether any part of the address is filled in."""
    return any(values[name] for name in ADDRESS_FIELDS)
