"""Countries, subdivisions and currencies of ISO 3166 and ISO 4217, written once when the addon is installed.

External ids are `base.country_fr`, `base.state_us_ca` and `base.currency_eur`. Rows that a data file shipped before are
left as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import phonenumbers
import pycountry
from babel.numbers import get_currency_precision, get_currency_symbol

if TYPE_CHECKING:
    from core.records.environment import Environment

ADDON = "base"


def load_countries(env: Environment) -> None:
    """Write the countries of ISO 3166-1 and the subdivisions of ISO 3166-2."""
    countries = sorted(pycountry.countries, key=lambda country: str(country.alpha_2))
    ids = _load(
        env,
        "res.country",
        {
            f"country_{country.alpha_2.lower()}": {
                "code": country.alpha_2,
                "name": getattr(country, "common_name", country.name),
                "phone_code": phonenumbers.country_code_for_region(country.alpha_2) or None,
            }
            for country in countries
        },
    )
    _load(env, "res.country.state", _states(ids))


def _states(countries: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """The subdivisions by external name, with the ids of their countries."""
    states = {}
    for subdivision in sorted(pycountry.subdivisions, key=lambda subdivision: str(subdivision.code)):
        country, code = subdivision.code.split("-", 1)
        name = f"state_{country.lower()}_{code.lower()}"
        states[name] = {"country": countries[f"country_{country.lower()}"], "code": code, "name": subdivision.name}
    return states


def load_currencies(env: Environment) -> None:
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


def _load(env: Environment, model: str, items: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
    """Create the records and name them; the ids by external name."""
    rows = env[model].create_many(list(items.values()))
    ids: dict[str, int] = {name: row.id for name, row in zip(items, rows, strict=True)}
    _name(env, model, ids.items())
    return ids


def _name(env: Environment, model: str, ids: Iterable[tuple[str, int]]) -> None:
    names: Sequence[Mapping[str, object]] = [
        {"addon": ADDON, "name": name, "model": model, "record": id_} for name, id_ in ids
    ]
    env.sudo()["core.external_id"].create_many(names)
