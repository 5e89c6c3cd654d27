"""The page about importing has a heading for every key of a recipe and none for a key that is gone; examples work."""

import re
import tomllib
from pathlib import Path

import pytest

from core.data.importing import recipe_file
from core.data.importing.plan import RETURNED

KEYS = {
    *recipe_file.RECIPE_KEYS,
    *recipe_file.FILE_KEYS,
    *recipe_file.COLUMN_KEYS,
    *recipe_file.VALUE_KEYS,
    *recipe_file.WHEN_KEYS,
    *recipe_file.SKIP_KEYS,
}


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs/import.md").read_text(encoding="utf-8")


def test_every_key_of_a_recipe_has_a_heading(page: str) -> None:
    headings = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert set(headings) == KEYS
    assert len(headings) == len(KEYS)


def test_the_columns_of_the_refused_rows_are_named(page: str) -> None:
    section = page.split("\n## Refused rows\n")[1].split("\n## ")[0]
    assert [name for name in RETURNED if f"`{name}`" not in section] == []


def test_the_example_is_a_recipe(page: str) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (step,) = recipe_file.read_recipe(tomllib.loads(example), "example").steps
    assert step.key == ("ref",)


def test_the_examples_are_recipes_and_described(root: Path) -> None:
    described = (root / "examples/README.md").read_text(encoding="utf-8")
    recipes = sorted((root / "examples").glob("*/recipe.toml"))
    assert recipes
    for recipe in recipes:
        assert recipe_file.load_recipe(recipe).title
        assert recipe.parent.name in described
