"""The pages about views and data files describe every element and attribute of the grammars, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import core.views
from core.data.elements import GRAMMAR_FILE
from core.data.grammar import ElementRule, Grammar
from core.views.compose import TYPES
from core.views.inherit import EXTENSION_GRAMMAR
from core.views.widgets import WIDGETS

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(core.views.__file__).parent


def rules(*paths: Path) -> dict[str, ElementRule]:
    found: dict[str, ElementRule] = {}
    for path in paths:
        found.update(Grammar(path).rules)
    return found


def headings(known: Mapping[str, ElementRule], wrapper: str = "") -> Iterator[tuple[str, list[str]]]:
    """For each element the heading it must have, and its attributes."""
    tags = [rule.tag for rule in known.values()]
    for key, rule in known.items():
        if rule.tag == wrapper:
            continue
        inside = dict.fromkeys(each.tag for each in known.values() if each.children.get(rule.tag) == key)
        where = f" in {', '.join(f'`<{tag}>`' for tag in inside)}" if tags.count(rule.tag) > 1 and inside else ""
        yield f"`<{rule.tag}>`{where}", list(rule.attributes)


def described(page: str) -> dict[str, list[str]]:
    """The elements of a page, each with the attributes that have a heading below it."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    found: dict[str, list[str]] = {}
    for level, heading in re.findall(r"^(###|####) (.+)$", text, re.MULTILINE):
        if level == "###":
            found[heading] = attributes = []
        else:
            attributes.append(heading.strip("`"))
    return found


@pytest.mark.parametrize(
    ("page", "known", "wrapper"),
    [
        ("views.md", rules(*(FOLDER / kind / "grammar.rng" for kind in TYPES), EXTENSION_GRAMMAR), "arch"),
        ("data_files.md", rules(GRAMMAR_FILE), ""),
    ],
)
def test_every_element_and_attribute_has_a_heading(page: str, known: Mapping[str, ElementRule], wrapper: str) -> None:
    wanted = {heading: sorted(attributes) for heading, attributes in headings(known, wrapper)}
    # `<list>` stands in a form's field too, and means the same there.
    wanted = {heading.removesuffix(" in `<field>`"): attributes for heading, attributes in wanted.items()}
    assert {heading: sorted(attributes) for heading, attributes in described(page).items()} == wanted


def test_every_widget_is_described() -> None:
    table = (ROOT / "docs/views.md").read_text("utf-8").partition("## Widgets")[2]
    assert set(re.findall(r"`([a-z]+)`", table)) == set(WIDGETS)


def test_the_types_of_a_data_file_are_those_of_views() -> None:
    assert set(rules(GRAMMAR_FILE)["view"].attributes["type"].values) == set(TYPES)
