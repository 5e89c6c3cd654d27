"""Values of properties in exports, by the names that the language has for them."""

import io

import pytest

from core.data.exporting import export_csv
from core.errors import ExpressionError


@pytest.fixture
def seats(make_instance):
    instance = make_instance("crm")
    with instance.environment() as env:
        team = env["crm.team"].search("")[0]
        env["crm.team.property"].create(team=team, label="Seats", type="number")
        env["crm.team.property"].create(team=team, label="Pilot", type="boolean")
        env["crm.lead"].create(name="Ferries", team=team, properties={"seats": 5, "pilot": True})
        env["crm.lead"].create(name="Ships", team=team)
        yield env


def test_a_column_for_each(seats):
    file = io.StringIO(newline="")
    export_csv(seats, "crm.lead", ["name", "properties.number.seats", "properties.yes.pilot"], file, order="name")
    assert file.getvalue().splitlines() == [
        "Opportunity,properties.number.seats,properties.yes.pilot",
        "Ferries,5.0,yes",
        "Ships,,no",
    ]
    with pytest.raises(ExpressionError, match="say what is taken"):
        export_csv(seats, "crm.lead", ["properties.seats"], io.StringIO())
