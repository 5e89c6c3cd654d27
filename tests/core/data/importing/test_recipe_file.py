"""Recipes: what each key becomes, and the place that every refusal names."""

import tomllib
from datetime import time
from pathlib import Path

import pytest

from core.data.importing.problems import ImportRefused
from core.data.importing.recipe import ColumnRule, Condition, Recipe, Value, Writing
from core.data.importing.recipe_file import load_recipe, read_recipe

EXAMPLES = Path(__file__).parents[4] / "examples"


def read(text: str) -> Recipe:
    return read_recipe(tomllib.loads(text), "recipe.toml")


def refused(text: str) -> str:
    with pytest.raises(ImportRefused) as caught:
        read(text)
    return str(caught.value)


def test_a_recipe_of_several_files():
    recipe = read(
        """
        title = "Two"
        [[file]]
        file = "a.csv"
        model = "res.partner"
        key = "ref"
        encoding = "cp1252"
        delimiter = ";"
        date = "DD/MM/YYYY"
        time = 12:00:00
        decimal = ","
        create_missing = ["country"]
        guess = false
        distinct = true
        existing = "skip"
        empty = "default"
        [[file]]
        file = "b.csv"
        key = ["a", "b"]
        create_missing = true
        """
    )
    first, second = recipe.steps
    assert recipe.title == "Two"
    assert (first.file, first.model, first.key) == ("a.csv", "res.partner", ("ref",))
    assert (first.encoding, first.delimiter) == ("cp1252", ";")
    assert first.writing == Writing("DMY", time(12), ",")
    assert first.create_missing == ("country",)
    assert (first.guess, first.distinct, first.existing, first.empty) == (False, True, "skip", "default")
    assert (second.key, second.create_missing, second.guess, second.existing) == (("a", "b"), True, True, "update")


def test_columns():
    (step,) = read(
        """
        [columns]
        account = "partner"
        noise = ""
        stage = { field = "stage", map = { Engaging = "Qualified", 7 = 8 }, create = true, lookup = "name" }
        when = { field = "date_open", date = "M/D/Y", time = "08:30", decimal = ".", empty = "refuse" }
        job = [
            { field = "tags", prefix = "job: ", separator = "", links = "replace" },
            "function",
        ]
        """
    ).steps
    assert step.ignored == ("noise",)
    assert step.columns["account"] == (ColumnRule("partner"),)
    assert step.columns["stage"] == (
        ColumnRule("stage", lookup="name", create=True, map={"Engaging": "Qualified", "7": "8"}),
    )
    assert step.columns["when"] == (ColumnRule("date_open", writing=Writing("MDY", time(8, 30), "."), empty="refuse"),)
    assert step.columns["job"] == (
        ColumnRule("tags", prefix="job: ", separator="", links="replace"),
        ColumnRule("function"),
    )


def test_values_templates_mending_and_conditions():
    (step,) = read(
        """
        [constants]
        type = "lead"
        active = false
        probability = 0
        reason = ""
        tags = ["a", "b"]
        groups = { ref = "crm.own" }
        stage = { value = "New", lookup = "name", create = true }
        day = 2017-03-01
        [templates]
        name = ["{product} for {account}", "{product}"]
        [mend.product]
        GTXPro = "GTX Pro"
        [[when]]
        column = "stage"
        is = ["Lost", "Dead"]
        set = { active = false }
        [[skip]]
        column = "stage"
        not = ""
        """
    ).steps
    assert step.constants == {
        "type": Value(("lead",)),
        "active": Value(("false",)),
        "probability": Value(("0",)),
        "reason": Value(null=True),
        "tags": Value(("a", "b")),
        "groups": Value(refs=("crm.own",)),
        "stage": Value(("New",), lookup="name", create=True),
        "day": Value(("2017-03-01",)),
    }
    assert [alternative.source for alternative in step.templates["name"]] == ["{product} for {account}", "{product}"]
    assert step.mend == {"product": {"GTXPro": "GTX Pro"}}
    assert step.when[0].condition == Condition("stage", frozenset({"Lost", "Dead"}))
    assert step.when[0].values == {"active": Value(("false",))}
    assert step.when[0].condition.holds({"stage": "Dead"})
    assert not step.when[0].condition.holds({"stage": "Won"})
    assert step.skip == (Condition("stage", frozenset({""}), negated=True),)
    assert step.skip[0].holds({"stage": "x"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colums = {}", "unknown key 'colums'. Did you mean 'columns'?"),
        ("[[file]]\nfile = 'a'\n[[file]]\nmodle = 'x'", "file 2: unknown key 'modle'"),
        ("titel = 'x'\n[[file]]", "unknown key 'titel'"),
        ("file = 3", "'file' must be a text"),
        ("guess = 'no'", "'guess' must be true or false"),
        ("columns = 'x'", "'columns' must be a table"),
        ("[columns]\na = 3", "'a' must be a table"),
        ("[columns]\na = { lookup = 'x' }", "the column 'a' names no field"),
        ("[columns]\na = { field = 'x', formatt = 'y' }", "unknown key 'formatt'"),
        ("[columns]\na = { field = 'x', links = 'y' }", "'links' must be one of: add, replace"),
        ("[columns]\na = { field = 'x', map = { b = [['c']] } }", "'b' must be a value"),
        ("date = 'soon'", "'date' must be one of: YYYY-MM-DD, DD/MM/YYYY, MM/DD/YYYY"),
        ("time = 'noon'", "'time' must be a time of day"),
        ("decimal = ';'", "'decimal' must be one of"),
        ("delimiter = ';;'", "'delimiter' must be one character"),
        ("empty = 'x'", "'empty' must be one of: null, default, refuse"),
        ("existing = 'x'", "'existing' must be one of: update, skip"),
        ("[constants]\na = { vlaue = 1 }", "unknown key 'vlaue'"),
        ("[templates]\na = '{'", "a brace without its pair"),
        ("[[skip]]\ncolumn = 'a'", "a condition needs"),
        ("[[when]]\ncolumn = 'a'\nis = 'x'\nnot = 'y'", "a condition needs"),
    ],
)
def test_refused(text, told):
    assert told in refused(text)


def test_files_that_are_no_recipe(tmp_path):
    with pytest.raises(ImportRefused, match="no recipe"):
        load_recipe(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("a = ")
    with pytest.raises(ImportRefused, match="not TOML"):
        load_recipe(tmp_path / "bad.toml")
