"""Subdivisions of ISO 3166-2 and currencies of ISO 4217, written once when the addon is installed.

External ids are `base.state_us_ca` and `base.currency_chf`. Countries are shipped in `data/res.country.csv`, since the
data of other addons refers to them. What a data file shipped is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pycountry
from babel.numbers import get_currency_precision, get_currency_symbol

if TYPE_CHECKING:
    from core import EnvironmentProtocol

ADDON = "base"


def load_states(env: EnvironmentProtocol) -> None:
    """Write the subdivisions of all countries."""
    countries = {country["code"]: country["id"] for country in env["res.country"].read("", ["id", "code"])}
    states = {}
    for subdivision in sorted(pycountry.subdivisions, key=lambda subdivision: str(subdivision.code)):
        country, code = subdivision.code.split("-", 1)
        name = f"state_{country.lower()}_{code.lower()}"
        states[name] = {"country": countries[country], "code": code, "name": subdivision.name}
    _load(env, "res.country.state", states)


def load_currencies(env: EnvironmentProtocol) -> None:
    """Write the currencies of ISO 4217; those that no data file shipped are archived until somebody needs them."""
    present = {currency["name"] for currency in env["res.currency"].read("active or not active", ["name"])}
    _load(
        env,
        "res.currency",
        {
            f"currency_{currency.alpha_3.lower()}": {
                "name": currency.alpha_3,
                "title": currency.name,
                "symbol": get_currency_symbol(currency.alpha_3, "en"),
                "digits": min(get_currency_precision(currency.alpha_3), 4),
                "active": False,
            }
            for currency in pycountry.currencies
            if currency.alpha_3 not in present
        },
    )


def _load(env: EnvironmentProtocol, model: str, items: Mapping[str, Mapping[str, object]]) -> None:
    """Create the records and give them external ids."""
    rows = env[model].create_many(list(items.values()))
    env.sudo()["core.external_id"].create_many(
        [
            {"addon": ADDON, "name": name, "model": model, "record": row.id}
            for name, row in zip(items, rows, strict=True)
        ]
    )
