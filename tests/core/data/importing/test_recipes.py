"""Recipes at work: several files in order, mended and computed values, conditions, and what they refuse."""

from pathlib import Path

import pytest

from core.data.importing.problems import ImportRefused
from core.data.importing.run import run_import, run_recipe

RECIPE = """
[[file]]
file = "firms.csv"
model = "i.firm"
key = "name"
[file.columns]
sector = { field = "sector", create = { code = "new" } }
[file.mend.sector]
technolgy = "technology"

[[file]]
file = "deals.csv"
model = "i.sale"
key = "ref"
guess = false
[file.columns]
id = "ref"
firm = "firm"
product = { field = "words", create = true, separator = "" }
trait = { field = "words", prefix = "trait: ", create = true, separator = "" }
state = { field = "stage", map = { Open = "new", Dead = "" }, empty = "default" }
[file.templates]
name = ["{product} for {firm}", "Deal {row:03}, {product}"]
[file.constants]
count = 3
text = "imported"
[[file.when]]
column = "state"
is = "Dead"
set = { stage = "lost", active = false, text = "", words = { value = "gone", create = true } }
[[file.skip]]
column = "state"
is = ["Junk", ""]
"""
FIRMS = "name,sector\nAcme,technolgy\nZed,technology\n"
DEALS = """id,firm,product,trait,state
d1,Acme,GTX,"red, hot",Open
d2,,GTX,,Won
d3,Zed,GTY,blue,Dead
d4,Zed,GTY,blue,Junk
d5,Zed,GTY,blue,
d6,Nobody,GTY,,Won
"""


@pytest.fixture
def folder(write, tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(RECIPE, "recipe.toml")
    write(FIRMS, "firms.csv")
    write(DEALS, "deals.csv")
    return tmp_path


def test_a_recipe_of_two_files(env, folder):
    dry = run_recipe(env, folder / "recipe.toml", folder, dry_run=True)
    result = run_recipe(env, folder / "recipe.toml", folder)
    assert result.created == {"i.firm": 2, "i.sale": 3, "i.sector": 1, "i.word": 3}
    assert (result.skipped, result.refused) == ({"i.sale": 2}, 1)
    assert (dry.created, dry.skipped, dry.refused) == (result.created, result.skipped, result.refused)
    first, second, third = env["i.sale"].search("active or not active")
    assert (first.name, first.stage, first.text, first.count) == ("GTX for Acme", "new", "imported", 3)
    assert [word.name for word in first.words] == ["GTX", "trait: red, hot"]
    assert (second.name, second.stage, second.firm) == ("Deal 002, GTX", "won", None)
    assert (third.stage, third.active, third.text) == ("lost", False, None)
    assert [word.name for word in third.words] == ["gone"]
    assert [(row.name, row.code) for row in env["i.sector"].search("")] == [("technology", "new")]
    again = run_recipe(env, folder / "recipe.toml", folder)
    assert (again.created, again.changed, again.skipped) == ({}, {}, {"i.firm": 2, "i.sale": 5})


def test_refused_rows_of_several_files_go_to_a_folder(env, folder, write):
    write("name,sector\nAcme,\n,x\n", "firms.csv")
    result = run_recipe(env, folder / "recipe.toml", folder)
    assert result.refused == 3
    assert result.refused_file.is_dir()
    assert sorted(path.name for path in result.refused_file.iterdir()) == ["deals.csv", "firms.csv"]


def test_nothing_is_written_when_a_later_file_is_refused(env, folder, write):
    write("id,firm\nd1,Acme\n", "deals.csv")
    with pytest.raises(ImportRefused, match=r"deals\.csv has no column 'product'"):
        run_recipe(env, folder / "recipe.toml", folder)
    (folder / "deals.csv").unlink()
    with pytest.raises(ImportRefused, match="There is no file"):
        run_recipe(env, folder / "recipe.toml", folder)
    assert env["i.firm"].count() == 0


def test_a_later_file_may_complete_what_an_earlier_one_creates(env, write, tmp_path):
    write("name,code\nAcme,C1\n", "a.csv")
    write("name,email\nAcme,a@b.c\nZed,z@b.c\n", "b.csv")
    recipe = write(
        '[[file]]\nfile = "a.csv"\nmodel = "i.firm"\nkey = "name"\n'
        '[[file]]\nfile = "b.csv"\nmodel = "i.firm"\nkey = "name"\n',
        "recipe.toml",
    )
    dry = run_recipe(env, recipe, tmp_path, dry_run=True)
    assert (dry.created, dry.changed) == ({"i.firm": 2}, {"i.firm": 1})
    result = run_recipe(env, recipe, tmp_path)
    assert (result.created, result.changed) == ({"i.firm": 2}, {"i.firm": 1})
    assert [(row.code, row.email) for row in env["i.firm"].search("")] == [("C1", "a@b.c"), (None, "z@b.c")]


def test_a_recipe_with_a_model_and_a_file(env, folder, write):
    small = write('model = "i.sale"\n[columns]\nx = "name"\n', "small.toml")
    assert run_import(env, model="i.sale", file=write("x\nA\n"), recipe=small).created == {"i.sale": 1}
    with pytest.raises(ImportRefused, match=r"for i\.sale, not for i\.firm"):
        run_import(env, model="i.firm", file=write("x\nA\n"), recipe=small)
    with pytest.raises(ImportRefused, match="names several files"):
        run_import(env, model="i.sale", file=write("x\nA\n"), recipe=folder / "recipe.toml")
    with pytest.raises(ImportRefused, match="is not a folder"):
        run_recipe(env, folder / "recipe.toml", folder / "deals.csv")


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ('[columns]\ny = "name"', "has no column 'y'"),
        ('[mend.y]\na = "b"', "has no column 'y'"),
        ('[templates]\nname = "{y}"', "has no column 'y'"),
        ('[[skip]]\ncolumn = "y"\nis = ""', "has no column 'y'"),
        ('[columns]\nx = "nme"', "Did you mean 'name'"),
        ('[columns]\nx = "name"\n[templates]\nname = "a"', "'name' is filled by the column 'x' and by a template"),
        ('[columns]\nx = { field = "name", lookup = "x" }', "'name' is no relation"),
        ('[columns]\nx = { field = "firm", lookup = "nam" }', "cannot be looked up by 'nam'"),
        ('[constants]\nstage = "old"', "'stage': 'old' is not one of"),
        ("[constants]\ncount = [1, 2]", "'count' takes one value"),
        ('[constants]\nfirm = ["a", "b"]', "'firm' takes one value"),
        ('[constants]\nfirm = { ref = "i.none" }', "no record with the external id"),
        ('[columns]\nx = { field = "firm", create = { parent = "a" } }', "'create' takes plain values"),
        ('[columns]\nx = { field = "firm", create = { active = "perhaps" } }', "'active': 'perhaps' is neither"),
    ],
)
def test_recipes_that_do_not_fit(load, recipe, told):
    with pytest.raises(Exception, match=told):
        load("x,name\nA,B\n", recipe=recipe + "\n")


def test_external_ids(load, env):
    firm = env["i.firm"].create(name="Acme")
    insert = "INSERT INTO core_external_id (addon, name, model, record) VALUES ('i', 'acme', 'i.firm', ?)"
    env.database.execute(env.runtime.text(insert), (firm.id,))
    load("name\nA\n", recipe='[constants]\nfirm = { ref = "i.acme" }\n')
    assert env["i.sale"].search("")[0].firm_id == firm.id
    with pytest.raises(ImportRefused, match=r"is no record of i\.word"):
        load("name\nA\n", recipe='[constants]\nwords = { ref = "i.acme" }\n')
