"""Plans as data: text and JSON."""

from core.addon.plan import Plan, Step, kind_of

PLAN = Plan(
    "install",
    ("one", "two"),
    (
        Step("add", "table", "one_thing", "one", "8 columns"),
        Step("change", "view", "two.form", "two"),
        Step("keep", "record", "one.stage", "one", "2 of crm.lead refer to it"),
    ),
)


def test_people_read_one_line_a_step_and_a_summary() -> None:
    assert PLAN.lines() == [
        "+ table one_thing (8 columns)",
        "~ view two.form",
        "= record one.stage (2 of crm.lead refer to it)",
        "install one, two: 1 added, 1 changed, 0 removed, 1 kept",
    ]
    assert Plan("install", (), ()).lines() == ["Nothing to do."]


def test_programs_read_json() -> None:
    document = PLAN.as_json()
    assert document["operation"] == "install"
    assert document["addons"] == ["one", "two"]
    steps = document["steps"]
    assert isinstance(steps, list)
    assert steps[0] == {
        "action": "add",
        "kind": "table",
        "name": "one_thing",
        "addon": "one",
        "detail": "8 columns",
    }


def test_records_of_some_models_have_words_of_their_own() -> None:
    assert (kind_of("core.menu"), kind_of("res.groups"), kind_of("crm.stage")) == ("menu", "group", "record")
