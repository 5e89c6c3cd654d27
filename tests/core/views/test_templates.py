"""The template files: what they may not contain, and that there is one for every widget."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import core.views
from core.views.template import Templates
from core.views.widgets import WIDGETS, default_widget, edit_widget

FOLDER = Path(core.views.__file__).parent
FILES = sorted(FOLDER.rglob("*.html"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_templates_hold_to_the_content_security_policy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=", text), "no style attributes"
    assert not re.search(r"<script|\son[a-z]+\s*=", text), "no inline script"
    assert "|safe" not in text.replace("</span>'|safe)", ""), "text from data is never marked safe"


def test_every_widget_has_its_templates() -> None:
    shown = {path.stem for path in (FOLDER / "templates/show").glob("*.html")}
    edited = {path.stem for path in (FOLDER / "templates/edit").glob("*.html")}
    assert shown == set(WIDGETS)
    assert {widget.edit for widget in WIDGETS.values() if widget.edit} | {"date", "datetime"} == edited


@pytest.mark.parametrize("path", sorted((FOLDER / "templates").rglob("*.html")), ids=lambda path: path.stem)
def test_templates_of_widgets_compile(path: Path) -> None:
    Templates().compile(path.read_text("utf-8").replace("{{ attrs }}", ""))


def test_every_field_has_a_widget(shop: object) -> None:
    for name, info in shop.schema["shop.deal"].fields.items():  # type: ignore[attr-defined]
        declared = type(shop.declarations["shop.deal"].get(name)).__name__  # type: ignore[attr-defined]
        widget = default_widget(info, declared)
        assert info.kind in widget.kinds
        assert edit_widget(widget, info, declared) or info.link is None
