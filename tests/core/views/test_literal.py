"""Text from data is shown as it is written, whatever it looks like: never run as template text, always escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from markupsafe import escape

from core.i18n import speaking
from core.records.environment import Environment
from core.views.board import page as boards
from core.views.form import page as forms
from core.views.graph import page as graphs
from core.views.list import page as lists
from core.views.nodes import Reader
from core.views.opening import Opening
from core.views.state import State
from core.views.store import ViewStore
from core.views.template import Builder, Templates
from core.views.types import VIEW_TYPES

HOSTILE = (
    "{{7*1111111}}",
    "{% raw %}",
    "{% endmacro %}{{ links.csrf }}",
    "<script>alert(1)</script>",
    '" onfocus="alert(1)',
    "@label@ @shown@",
    "c[0] {# x #}",
    "{amount}",
)
EVERYTHING = " | ".join(HOSTILE)


def arch(kind: str, text: str) -> str:
    label = f"label={quoteattr(text)}"
    return {
        "list": f'<list><field name="name" {label}/><field name="amount" {label} sum="sum"/>'
        f'<field name="kind" {label}/><field name="tags" {label} widget="tags"/></list>',
        "board": f'<board group="stage" sum="amount" quick_create="name"><card><field name="name" {label}/>'
        f'<field name="urgency" {label} widget="priority"/><field name="kind" widget="chip"/></card></board>',
        "graph": f'<graph by="stage" stack="kind"><measure field="amount" aggregate="sum" {label}/>'
        f'<measure field="id" aggregate="count" {label}/></graph>',
        "form": f'<form><header><button action="win" {label} confirm={quoteattr(text)}/>'
        f'<field name="stage" widget="path" {label}/></header><key><field name="amount" {label}/></key>'
        f'<group name="main" {label}><field name="name" {label} placeholder={quoteattr(text)} help={quoteattr(text)}/>'
        f'<field name="kind" {label}/></group><notebook name="n"><page name="p" {label}>'
        f'<field name="lines"><list><field name="name" {label}/></list></field></page></notebook></form>',
    }[kind]


def fill(env: Environment, text: str) -> int:
    stage = env["shop.stage"].create(name=text)
    tag = env["shop.tag"].create(name=text)
    deal = env["shop.deal"].create(name=text, stage=stage, tags=[tag.id], amount="12.50", notes=text, urgency="1")
    env["shop.line"].create(name=text, deal=deal)
    return deal.id


@pytest.mark.parametrize("kind", ["list", "board", "graph", "form"])
def test_hostile_text_is_literal_everywhere(
    kind: str, env: Environment, store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(write("shop", arch(kind, EVERYTHING), type=kind))
    record = fill(env, EVERYTHING)
    view = store.view(env, "shop.deal", kind)
    opening = Opening("shop.deal", name=EVERYTHING, help=EVERYTHING)
    made: Mapping[str, Callable[[], list[str]]] = {
        "list": lambda: [view.render(env, lists.page(env, view, State(), opening), links)],
        "board": lambda: [view.render(env, boards.page(env, view, State(), opening), links)],
        "graph": lambda: [view.render(env, graphs.page(env, view, State(), opening), links)],
        "form": lambda: [
            view.render(env, forms.page(env, view, record, State()), links),
            view.part(env, forms.editing(env, view, record, State()), links, "editing"),
        ],
    }
    for shown in made[kind]():
        assert "7777777" not in shown
        assert "<script" not in shown
        assert 'onfocus="' not in shown
        for text in HOSTILE:
            assert str(escape(text)) in shown, text
        # Every use of the text is whole: nothing was cut out of it or put into it.
        assert shown.count(str(escape(HOSTILE[0]))) == shown.count(str(escape(HOSTILE[5])))


@pytest.mark.parametrize("kind", ["list", "board", "graph", "form"])
def test_no_text_of_a_view_is_in_its_template(kind: str, shop: Any, write: Any, composed: Any) -> None:
    """The template of a view is the same whatever its texts say."""
    sources = []
    for text in ("harmless", EVERYTHING):
        view = composed(write("shop", arch(kind, text), type=kind)).require().views[f"shop.deal_{kind}"]
        made = VIEW_TYPES[kind]
        builder = Builder(Templates())
        sources.append(made.generate(made.read(view.root, Reader(shop, "shop.deal", None)), builder))
    assert sources[0] == sources[1]


def test_translations_are_constants_too(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(write("shop", arch("list", "Title"), type="list"))
    fill(env, "Fleet")
    view = store.view(env, "shop.deal", "list")
    page = lists.page(env, view, State(), Opening("shop.deal"))
    with speaking("de", {"Title": EVERYTHING, "New business": "{{ 7*1111111 }}"}):
        shown = view.render(env, page, links)
    assert str(escape(EVERYTHING)) in shown
    assert "{{ 7*1111111 }}" in shown
    assert "7777777" not in shown
    assert "Title" in view.render(env, page, links)


def test_templates_cannot_reach_into_python(env: Environment) -> None:
    template = Templates().compile("{{ x.__class__.__mro__ }}")
    with pytest.raises(Exception, match=r"unsafe|undefined"):
        template.render(x="text")
