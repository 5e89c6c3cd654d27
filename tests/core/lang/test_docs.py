"""The page on the language: every function and operator has a heading, every example is one."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from core.lang.calls import FUNCTIONS
from core.lang.kinds import Kind
from core.lang.parser import parse
from core.lang.schema import FieldInfo

from .conftest import SCHEMA, stored, to

PAGE = (Path(__file__).parents[3] / "docs" / "language.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
EXAMPLES = [line for block in re.findall(r"```expression\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
OPERATORS = ["and", "or", "not", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "+", "-", "*", "/", "a if c else b"]
MORE = (
    stored("expected_revenue", Kind.MONEY),
    stored("date_deadline", Kind.DATE),
    stored("create_date", Kind.INSTANT),
    stored("phone", Kind.TEXT),
    stored("properties", Kind.JSON),
    to("team", "res.category"),
    stored("record", Kind.TEXT, models=("res.partner",)),
    FieldInfo("followers", Kind.REFERENCES, target="res.users", inverse="lead"),
)
LEAD = replace(SCHEMA["crm.lead"], fields={**SCHEMA["crm.lead"].fields, **{field.name: field for field in MORE}})


def test_every_function_has_its_heading():
    described = {heading for heading in HEADINGS if "(" in heading}
    assert described == {call.usage for call in FUNCTIONS.values()}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_its_heading(operator):
    words = [word for heading in HEADINGS for word in re.split(r", | and ", heading)]
    words += [word for heading in HEADINGS if heading == "and, or, not" for word in heading.split(", ")]
    assert operator in words


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_condition(example):
    assert parse(example, "crm.lead", {**SCHEMA, "crm.lead": LEAD}).kind is Kind.BOOLEAN


def test_there_are_examples_of_every_function():
    assert {name for name in FUNCTIONS if f"{name}(" not in " ".join(EXAMPLES)} == set()
