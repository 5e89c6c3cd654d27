"""Countries, subdivisions and currencies as the ISO standards list them."""

import csv
from pathlib import Path

import phonenumbers
import pycountry


def test_the_list_of_countries_is_that_of_the_standard():
    file = Path(__file__).resolve().parents[1] / "data" / "res.country.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        shipped = {row["code"]: row for row in csv.DictReader(lines)}
    assert shipped.keys() == {country.alpha_2 for country in pycountry.countries}
    for code, row in shipped.items():
        country = pycountry.countries.get(alpha_2=code)
        assert row["id"] == f"country_{code.lower()}"
        assert row["name"] == getattr(country, "common_name", country.name)
        assert row["phone_code"] == str(phonenumbers.country_code_for_region(code) or "")


def test_everything_is_loaded(env):
    assert env["res.country"].count() == len(pycountry.countries)
    assert env["res.country.state"].count() == len(pycountry.subdivisions)
    assert env["res.currency"].count("active or not active") == len(pycountry.currencies)
    assert {row.name for row in env["res.currency"].search("")} == {"EUR", "USD", "GBP"}


def test_external_ids_name_them(env):
    california = env.ref("base.state_us_ca")
    assert (california.name, california.code, california.country.code) == ("California", "CA", "US")
    assert env.ref("base.country_fr").phone_code == 33
    yen = env.ref("base.currency_jpy")
    assert (yen.name, yen.digits, yen.active) == ("JPY", 0, False)


def test_they_are_written_down_in_the_ledger(env):
    owned = env["core.owned"].count("addon == 'base' and kind == 'row' and contains(detail, 'res.country.state')")
    assert owned == len(pycountry.subdivisions)
