"""Properties: what a team defines for its leads, the values, and what becomes of them."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import AccessDenied, Invalid


@pytest.fixture
def team(env):
    return env["crm.team"].create(name="Europe")


@pytest.fixture
def define(env):
    """Define a property of a team."""

    def create(team, label, type_="text", **values):
        return env["crm.team.property"].create(team=team, label=label, type=type_, **values)

    return create


@pytest.fixture
def five(define, team):
    """One property of each type."""
    define(team, "Seats", "number")
    define(team, "Budget", "amount")
    define(team, "Pilot agreed", "boolean")
    define(team, "Go-live", "date")
    define(team, "Plan", "selection", options="Basic, Gold ,,Gold")
    return team


def refused(action):
    with pytest.raises(Invalid) as caught:
        action()
    return {error.field: error.text for error in caught.value.errors}


def test_a_name_is_made_of_the_label_and_stays(define, team):
    names = [define(team, label).name for label in ("Seats", "Größe (m²)", "Seats", "日本", "2nd line", "Class")]
    assert names == ["seats", "grosse_m2", "seats_2", "property", "property_2nd_line", "property_class"]
    first = define(team, "Region")
    first.label = "Area"
    first.save()
    assert first.name == "region"
    first.name = "area"
    assert "stays" in refused(first.save)["name"]


def test_values_are_kept_as_their_property_says(leads, five):
    lead = leads.create(
        name="One",
        team=five,
        properties={
            "seats": 5.0,
            "budget": Decimal("1200.50"),
            "pilot_agreed": True,
            "go_live": date(2026, 2, 1),
            "plan": "Gold",
        },
    )
    assert lead.properties == {
        "seats": 5,
        "budget": 1200.5,
        "pilot_agreed": True,
        "go_live": "2026-02-01",
        "plan": "Gold",
    }
    assert type(lead.properties["seats"]) is int
    lead.properties = {"seats": None, "plan": None}
    lead.save()
    assert lead.properties is None


def test_what_does_not_fit_is_refused_by_name(leads, five):
    given = {"seats": "many", "budget": True, "pilot_agreed": "yes", "go_live": "soon", "plan": "Silver", "seat": 1}
    found = refused(lambda: leads.create(name="One", team=five, properties=given))
    assert found.keys() == {f"properties.{name}" for name in given}
    assert "a number" in found["properties.seats"]
    assert "'Silver' is not one of Basic, Gold." in found["properties.plan"]
    assert found["properties.seat"] == "There is no property 'seat'. did you mean 'seats'?"
    assert "object" in refused(lambda: leads.create(name="One", properties=[1]))["properties"]


def test_defaults_come_with_the_team_unless_the_value_is_given(leads, define, team, env):
    define(team, "Plan", "selection", options="Basic, Gold", default="Basic")
    define(team, "Seats", "number", default="2.5")
    define(team, "Pilot", "boolean", default="yes")
    assert leads.create(name="A", team=team).properties == {"plan": "Basic", "seats": 2.5, "pilot": True}
    assert leads.create(name="B", team=team, properties={"seats": 3, "plan": None}).properties == {
        "seats": 3,
        "pilot": True,
    }
    lead = leads.create(name="C", team=env["crm.team"].create(name="Other"))
    assert lead.properties is None
    lead.team = team
    lead.save()
    assert lead.properties == {"plan": "Basic", "seats": 2.5, "pilot": True}
    lead.properties = {"seats": 2.5}
    lead.save()
    assert lead.properties == {"seats": 2.5}


def test_teams_below_have_the_properties_too(leads, define, team, env):
    below = env["crm.team"].create(name="Alps", parent=team)
    define(team, "Seats", "number", default="1")
    define(below, "Slope", "text", default="steep")
    assert leads.create(name="A", team=below).properties == {"seats": 1, "slope": "steep"}
    assert leads.create(name="B", team=team).properties == {"seats": 1}


def test_values_survive_another_team_and_a_deleted_definition(env, leads, define, five):
    lead = leads.create(name="One", team=five, properties={"seats": 5, "plan": "Gold"})
    other = env["crm.team"].create(name="Asia")
    lead.team = other
    lead.save()
    assert lead.properties == {"seats": 5, "plan": "Gold"}
    env["crm.team.property"].delete([row["id"] for row in env["crm.team.property"].read("name == 'plan'", ["id"])])
    lead.properties = {"seats": 6, "plan": "Gold"}
    lead.save()
    assert lead.properties == {"seats": 6, "plan": "Gold"}
    lead.properties = {"plan": "Silver"}
    assert "There is no property 'plan'." in refused(lead.save)["properties.plan"]
    assert define(other, "Plan").name == "plan_2"  # the values that are left keep their name


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"type_": "selection"}, "options"),
        ({"type_": "number", "default": "many"}, "default"),
        ({"type_": "boolean", "default": "perhaps"}, "default"),
        ({"type_": "date", "default": "2026-02-30"}, "default"),
        ({"type_": "selection", "options": "A", "default": "B"}, "default"),
        ({"name": "Not a name"}, "name"),
        ({"name": "in"}, "name"),
    ],
)
def test_definitions_that_contradict_themselves_are_refused(define, team, values, field):
    assert refused(lambda: define(team, "Seats", **values)).keys() == {field}


def test_a_type_changes_only_while_there_are_no_values(leads, define, team):
    seats = define(team, "Seats")
    seats.type = "number"
    seats.save()
    leads.create(name="One", team=team, properties={"seats": 5}, active=False)
    seats.type = "text"
    assert "Records with a value of the present type: 1." in refused(seats.save)["type"]


def test_an_option_that_is_gone_stays_where_it_was_chosen(leads, five, env):
    lead = leads.create(name="One", team=five, properties={"plan": "Gold"})
    plan = env["crm.team.property"].read("name == 'plan'", ["id"])[0]["id"]
    env["crm.team.property"].write(plan, options="Basic")
    lead.properties = {"plan": "Gold", "seats": 5}
    lead.save()
    assert lead.properties == {"plan": "Gold", "seats": 5}


def test_merging_takes_the_first_value_of_each_property(leads, five, env):
    one = leads.create(name="One", type="opportunity", team=five, properties={"seats": 5})
    two = leads.create(name="Two", type="opportunity", team=five, properties={"seats": 7, "plan": "Gold"})
    three = leads.create(name="Three", type="opportunity", team=five, properties={"plan": "Basic", "budget": 1200.5})
    gold = env["crm.team.property"].read("name == 'budget'", ["id"])[0]["id"]
    env["crm.team.property"].delete(gold)
    merged = leads.call([one.id, two.id, three.id], "merge")
    assert (merged.id, merged.properties) == (one.id, {"seats": 5, "plan": "Gold"})
    told = env["mail.message"].read("record == r", ["body"], r=merged.reference)[-1]["body"]
    assert "Seats: 7<br>Plan: Gold" in told
    assert "Plan: Basic<br>budget: 1200.5" in told  # what has no definition is told, too


def test_undo_brings_back_definitions_and_values(instance, undoing):
    with instance.environment() as env:
        team = env["crm.team"].search("")[0]
        env["crm.team.property"].create(team=team, label="Seats", type="number")
        lead = env["crm.lead"].create(name="One", team=team, properties={"seats": 5})
    with instance.environment() as env:
        env["crm.team.property"].delete([row["id"] for row in env["crm.team.property"].read("", ["id"])])
        env["crm.lead"].write(lead.id, properties=None)
        changed = env.change_set
    undoing(changed)
    with instance.environment() as env:
        assert env["crm.team.property"].read("", ["name", "label"])[0]["name"] == "seats"
        assert env["crm.lead"].get(lead.id).properties == {"seats": 5}


def test_leaders_define_the_properties_of_their_own_teams(env, as_user, team, user, define):
    team.user = user("owner")
    team.save()
    other = define(env["crm.team"].create(name="Asia"), "Seats")
    leader = as_user("owner")
    with leader:
        own = leader["crm.team.property"].create(team=team.id, label="Users", type="number")
        assert own.name == "users"
        assert {row["label"] for row in leader["crm.team.property"].read("", ["label"])} == {"Seats", "Users"}
        with pytest.raises(AccessDenied):
            leader["crm.team.property"].create(team=other.team.id, label="Users", type="number")
        with pytest.raises(AccessDenied):
            leader["crm.team.property"].write(other.id, label="Chairs")
    boss = as_user("boss")
    with boss:
        boss["crm.team.property"].write(other.id, label="Chairs")
