"""Reading forms: what stands between groups, one column, related lists of both kinds; and the path of stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.records.environment import Environment
from core.views.form import page as forms
from core.views.form.arch import Notebook, Section
from core.views.form.steps import MOST_STEPS, steps
from core.views.looks import Choice, Looks
from core.views.state import State
from core.views.store import ViewStore

ARCH = """
<form>
  <header><field name="stage" widget="path"/></header>
  <field name="name"/>
  <group name="one" columns="1"><field name="kind"/><field name="amount"/></group>
  <field name="email"/>
  <field name="tags"><list limit="2"><field name="name"/><field name="color"/></list></field>
  <notebook name="n"><page name="p" label="P"><field name="phone"/></page></notebook>
  <field name="count"/>
</form>
"""


def test_fields_outside_of_groups_stand_where_they_are(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(write("shop", ARCH))
    view = store.view(env, "shop.deal", "form")
    arch = view.variant(env).arch
    assert [type(part) for part in arch.body] == [Section, Section, Section, Notebook, Section]
    assert [node.path for node in arch.fields()] == [
        "name",
        "stage",
        "name",
        "kind",
        "amount",
        "email",
        "phone",
        "count",
    ]
    assert [node.full for node in arch.fields()] == [False, False, False, True, True, False, False, False]
    deal = env["shop.deal"].create(
        name="A", tags=[env["shop.tag"].create(name=f"Tag {number}", color=number).id for number in range(3)]
    )
    page = forms.page(env, view, deal.id, State())
    (related,) = page.related.values()
    assert [record["name"] for record in related.records] == ["Tag 0", "Tag 1"]
    assert (related.more, related.may_add) == (True, False)  # nothing leads from a tag to its deals
    shown = view.render(env, page, links)
    assert (
        shown.index("Deal") < shown.index("Kind") < shown.index("Email") < shown.index("Tag 0") < shown.index("Count")
    )


def test_the_path_shows_at_most_seven_steps_around_the_present_one(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None]
) -> None:
    put(write("shop", ARCH))
    node = store.view(env, "shop.deal", "form").variant(env).arch.path
    looks = Looks(stages={"shop.stage": {number: Choice(number, str(number)) for number in range(1, 13)}})
    found = steps(node, {"stage": 8}, looks)
    assert len(found) == MOST_STEPS
    assert [(step.place, step.done, step.current) for step in found][3] == (8, False, True)
    assert [step.place for step in steps(node, {"stage": None}, looks)] == [1, 2, 3, 4, 5, 6, 7]
    assert [step.place for step in steps(node, {"stage": 12}, looks)] == [6, 7, 8, 9, 10, 11, 12]
    folded = Looks(stages={"shop.stage": {1: Choice(1, "a"), 2: Choice(2, "b", folded=True)}})
    assert [step.choice.id for step in steps(node, {"stage": 1}, folded)] == [1]
    assert [step.choice.id for step in steps(node, {"stage": 2}, folded)] == [1, 2]
    assert steps(None, {}, looks) == []


def test_conditions_on_many_records_ask_for_them(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None]
) -> None:
    put(
        write(
            "shop",
            '<form><group name="g"><field name="name" invisible="any(lines, amount &gt; 5)"/>'
            '<field name="kind" invisible="any(tags, name == \'Vip\')"/></group></form>',
        )
    )
    view = store.view(env, "shop.deal", "form")
    tag = env["shop.tag"].create(name="Vip")
    hidden = []
    for amount, tags in ((9, []), (1, [tag.id])):
        deal = env["shop.deal"].create(name="A", lines=[{"name": "L", "amount": amount}], tags=tags)
        page = forms.page(env, view, deal.id, State())
        keys = {node.key: node.path for node in view.variant(env).arch.fields()}
        hidden.append([keys[key] for key in page.hidden])
    assert hidden == [["name"], ["kind"]]


def test_conditions_of_related_rows_are_about_those_rows(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], links: Any
) -> None:
    put(
        write(
            "shop",
            '<form><field name="lines"><list><field name="name"/>'
            '<field name="amount" invisible="deal.urgent and amount &gt; 5"/></list></field></form>',
        )
    )
    view = store.view(env, "shop.deal", "form")
    lines = [{"name": "Small", "amount": 1}, {"name": "Large", "amount": 9}]
    deal = env["shop.deal"].create(name="A", urgent=True, lines=lines)
    page = forms.page(env, view, deal.id, State())
    (related,) = page.related.values()
    assert {record["name"]: bool(record["_hidden"]) for record in related.records} == {"Small": False, "Large": True}
    shown = view.render(env, page, links)
    assert "€1<" in shown
    assert "€9<" not in shown
    assert forms.dependencies(env, view) == frozenset()
