"""Menus, actions and searches as shipped: everything they name is there, and every filter gives an answer."""

import json
from xml.etree import ElementTree

import pytest


def searches(env):
    """The nodes of every search view, by model."""
    found = {}
    for view in env.sudo()["core.view"].search("type == 'search' and extends == none"):
        found[view.model] = list(ElementTree.fromstring(f"<arch>{view.arch}</arch>")[0])
    return found


def menus(env, login):
    """The names of the menus that a user sees, by the name of the menu they stand under."""
    found = {}
    theirs = env.as_user(login)
    rows = env.sudo()["core.menu"].search("")
    names = {row.id: row.name for row in rows}
    groups = {row.id: {env.sudo()["core.external_id"].read(
        "model == 'res.groups' and record == wanted", ["addon", "name"], wanted=group.id)[0]["name"]
        for group in row.groups} for row in rows}  # fmt: skip
    known = {name.split(".")[1] for name in theirs.groups}
    for row in rows:
        if not groups[row.id] or groups[row.id] & known:
            parent = row.parent.id if row.parent else None
            found.setdefault(names.get(parent), []).append(row.name)
    return found


def test_every_filter_and_grouping_gives_an_answer(env, leads):
    leads.create_many([{"name": "One"}, {"name": "Two", "active": False, "probability": 0}])
    asked = 0
    for model, nodes in searches(env).items():
        for node in nodes:
            if node.tag == "filter":
                assert env[model].count(node.get("condition")) >= 0
            elif node.tag == "group_by":
                assert env[model].aggregate("", by=[node.get("field")], measures=["id:count"]) is not None
            asked += node.tag in ("filter", "group_by")
    assert asked > 60


def test_every_action_opens(env):
    nodes = searches(env)
    kinds = {(view.model, view.type) for view in env.sudo()["core.view"].search("extends == none")}
    actions = env["core.action"].search("")
    assert len(actions) >= 20
    for action in actions:
        assert env[action.model].count(action.condition or "") >= 0
        assert {(action.model, view.partition(":")[0]) for view in action.views.split(",")} <= kinds
        known = {node.get("name") for node in nodes[action.model] if node.tag == "filter"}
        assert set((action.filters or "").replace(",", " ").split()) <= known
        env[action.model].defaults(json.loads(action.defaults or "{}"))
        env[action.model].read(action.condition or "", ["id"], order=action.order, limit=1)


@pytest.mark.parametrize("model", ["crm.lead", "res.partner"])
def test_the_screens_of_a_model_are_complete(env, model):
    views = env.sudo()["core.view"].search("model == wanted and extends == none", wanted=model)
    assert {"form", "list", "search"} <= {view.type for view in views}


def test_salespeople_see_the_pipeline(env, user):
    seen = menus(env, user("owner"))
    assert seen["Sales"] == [
        "My Opportunities",
        "My Open Opportunities",
        "Unassigned Opportunities",
        "Opportunities",
        "New Opportunity",
        "Customers",
        "Teams",
        "Reporting",
    ]
    assert seen["Reporting"] == ["Forecast", "Pipeline", "Win and loss", "Times"]
    assert not {"Sales configuration", "Settings"} & set(seen[None])


def test_administrators_of_sales_see_the_configuration(env, user):
    seen = menus(env, user("boss"))
    assert "Sales configuration" in seen[None]
    assert {"Stages", "Tags", "Lost reasons", "Campaigns", "Sources", "Media"} <= set(seen["Sales configuration"])


def test_the_leads_menu_is_a_matter_of_choice(env, user):
    env["res.users"].write(user("owner"), groups=[env.ref("crm.own").id, env.ref("crm.leads_menu").id])
    seen = menus(env, user("owner"))
    assert {"Leads", "My Leads"} <= set(seen["Sales"])
    assert "Leads" in seen["Reporting"]


def test_the_pipeline_shows_what_its_name_says(env, leads, user, as_user):
    leads.create_many(
        [
            {"name": "Mine", "user": user("owner")},
            {"name": "Nobody's", "user": None},
            {"name": "A lead", "type": "lead", "user": user("owner")},
            {"name": "A deal", "user": user("owner"), "stage": env.ref("crm.stage_won").id},
        ]
    )
    theirs = as_user("owner")["crm.lead"]
    nodes = {node.get("name"): node.get("condition") for node in searches(env)["crm.lead"] if node.tag == "filter"}
    for name, expected in {
        "pipeline_action": ["A deal", "Mine"],
        "unassigned_action": ["Nobody's"],
        "opportunity_action": ["A deal", "Nobody's", "Mine"],
        "my_open_action": ["Mine"],
        "lead_action": ["A lead"],
        "my_leads_action": ["A lead"],
    }.items():
        action = env.ref(f"crm.{name}")
        filters = [nodes[each.strip()] for each in (action.filters or "").split(",") if each]
        condition = " and ".join(f"({part})" for part in (action.condition, *filters) if part)
        assert [row.name for row in theirs.search(condition)] == expected


def test_lists_have_at_most_seven_columns(env):
    for view in env.sudo()["core.view"].search("type == 'list' and extends == none"):
        columns = ElementTree.fromstring(f"<arch>{view.arch}</arch>")[0].findall("field")
        columns = [column for column in columns if not column.get("groups")]
        assert len(columns) <= 7, view.name
