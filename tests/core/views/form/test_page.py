"""Forms: modifiers over stored and unsaved values, tabs, related lists, what was typed, nothing written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from core.errors import NotFound
from core.records.environment import Environment
from core.views.form import page as forms
from core.views.form.typed import Typed, read_typed
from core.views.state import State
from core.views.store import ViewStore
from core.views.view import ComposedView

ARCH = """
<form>
  <header>
    <button action="win" primary="1" invisible="share == 100"/>
    <button action="approve"/>
    <field name="stage" widget="path"/>
    <field name="urgency" widget="priority"/>
    <field name="tags" widget="tags"/>
  </header>
  <key><field name="amount"/><field name="weighted"/></key>
  <group name="main" label="Main">
    <field name="name"/>
    <field name="kind"/>
    <field name="deadline" required="kind == 'new'" invisible="stage.is_won"/>
    <field name="share" readonly="stage.is_won" help="In percent"/>
    <field name="category"/>
    <field name="urgent" widget="toggle"/>
    <field name="seen"/>
    <field name="count"/>
    <field name="reference"/>
    <field name="margin"/>
    <field name="email" widget="email"/>
  </group>
  <group name="won" label="Won" invisible="not stage.is_won"><field name="notes"/></group>
  <notebook name="pages">
    <page name="lines" label="Lines">
      <field name="lines"><list><field name="name"/><field name="amount"/></list></field>
    </page>
    <page name="text" label="Text"><field name="body"/></page>
  </notebook>
</form>
"""


@pytest.fixture
def stages(env: Environment) -> dict[str, int]:
    rows = env["shop.stage"].create_many(
        [
            {"name": "New", "sequence": 1},
            {"name": "Open", "sequence": 2},
            {"name": "Won", "sequence": 3, "is_won": True},
        ]
    )
    return {row.name: row.id for row in rows}


@pytest.fixture
def deal(env: Environment, stages: dict[str, int]) -> int:
    tags = env["shop.tag"].create_many([{"name": "Vip"}, {"name": "Old"}])
    row = env["shop.deal"].create(
        name="Fleet",
        stage=stages["Open"],
        amount=Decimal("1200"),
        share=50.0,
        tags=[tags[0].id],
        deadline=date(2026, 4, 30),
        lines=[{"name": "Trucks", "amount": Decimal(5)}, {"name": "Vans"}],
    )
    return row.id


@pytest.fixture
def view(env: Environment, store: ViewStore, write: Any, put: Callable[..., None]) -> ComposedView:
    put(write("shop", ARCH))
    return store.view(env, "shop.deal", "form")


def key(env: Environment, view: ComposedView, path: str) -> str:
    """The key of the last node that shows a field."""
    return [node.key for node in view.variant(env).arch.fields() if node.path == path][-1]


def typed(env: Environment, view: ComposedView, **values: str | list[str]) -> Typed:
    pairs = [(name.replace("__", ":"), value) for name, given in values.items() for value in _list(given)]
    return read_typed(env, view.kit(env), view.variant(env).arch.editable().values(), MultiDict(pairs))


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_a_record_is_shown(env: Environment, view: ComposedView, deal: int, links: Any) -> None:
    page = forms.page(env, view, deal, State())
    shown = view.render(env, page, links)
    assert "<h1>Fleet</h1>" in shown
    for text in ("€1,200", "€600", "30 Apr 2026", "Vip", "New business", "Trucks", "Vans"):
        assert text in shown, text
    assert 'aria-current="step"' in shown
    assert "Edit Share" in shown
    assert "Edit Reference" not in shown  # read-only by its declaration
    assert "Add email" in shown


def test_a_page_costs_few_queries(env: Environment, view: ComposedView, deal: int, links: Any) -> None:
    def statements() -> int:
        with env.database.counting() as counter:
            view.render(env, forms.page(env, view, deal, State()), links)
        return len(counter.statements)

    statements()
    assert statements() <= 7  # record, stages, links of tags, tags, related list, its links, currency


def test_there_is_no_such_record(env: Environment, view: ComposedView) -> None:
    with pytest.raises(NotFound, match="no Deal 999"):
        forms.page(env, view, 999, State())


def test_modifiers_of_a_stored_record(env: Environment, view: ComposedView, deal: int, stages: dict[str, int]) -> None:
    page = forms.page(env, view, deal, State())
    assert key(env, view, "deadline") in page.required
    assert key(env, view, "deadline") not in page.hidden
    assert key(env, view, "name") in page.required  # required by its declaration
    assert key(env, view, "notes") not in page.hidden
    assert [section.key in page.hidden for section in view.variant(env).arch.sections() if section.name == "won"] == [
        True
    ]
    env["shop.deal"].write(deal, stage=stages["Won"], share=100.0)
    won = forms.page(env, view, deal, State())
    assert key(env, view, "deadline") in won.hidden
    assert key(env, view, "share") in won.fixed
    assert [button.action for button in won.buttons] == ["approve"]


def test_modifiers_follow_what_is_typed_and_nothing_is_written(
    env: Environment, view: ComposedView, deal: int, stages: dict[str, int], links: Any
) -> None:
    before = env["shop.deal"].read_ids([deal], ["stage", "version", "share"])
    given = typed(env, view, stage=str(stages["Won"]), share="25", amount="4,000.00", kind="renewal", urgent=["", "1"])
    page = forms.editing(env, view, deal, State(), typed=given)
    assert key(env, view, "deadline") in page.hidden
    assert key(env, view, "share") in page.fixed
    assert page.record["weighted"] == Decimal(1000)
    assert page.record["stage.is_won"] is True
    assert 'name="deadline"' not in view.part(env, page, links, "sections_edit")
    assert env["shop.deal"].read_ids([deal], ["stage", "version", "share"]) == before


def test_a_form_knows_what_asks_for_a_refresh(env: Environment, view: ComposedView, deal: int, links: Any) -> None:
    assert forms.dependencies(env, view) == {"stage", "kind", "share", "amount"}
    shown = view.part(env, forms.editing(env, view, deal, State()), links, "editing")
    assert len(re.findall(r" data-refresh[ >]", shown)) == 4


def test_tabs_are_in_the_address_and_only_the_current_one_is_read(
    env: Environment, view: ComposedView, deal: int, links: Any
) -> None:
    first = forms.page(env, view, deal, State())
    assert [page.count_text(first.kit) for page in first.related.values()] == ["2"]
    assert list(first.counts.values()) == ["2"]
    second = forms.page(env, view, deal, State(page="text"))
    assert second.related == {}
    assert "Trucks" not in view.render(env, second, links)
    assert forms.page(env, view, deal, State(page="nope")).current == first.current


def test_a_related_record_can_be_added(env: Environment, view: ComposedView, deal: int, links: Any) -> None:
    page = forms.page(env, view, deal, State())
    shown = view.render(env, page, links)
    assert f'<input type="hidden" name="deal" value="{deal}">' in shown
    assert '<form class="form" method="post" action="/shop.line/"' in shown


def test_a_new_record_has_defaults(env: Environment, view: ComposedView, stages: dict[str, int], links: Any) -> None:
    page = forms.editing(env, view, None, State(), defaults={"stage": stages["Won"], "nonsense": 1})
    assert (page.id, page.version, page.title) == (None, None, "New deal")
    assert page.record["kind"] == "new"
    assert page.record["stage.is_won"] is True
    shown = view.part(env, page, links, "editing")
    assert 'action="/shop.deal/"' in shown
    assert 'data-refresh-to="/shop.deal/new/refresh"' in shown


def test_values_are_read_in_the_users_language(env: Environment, view: ComposedView, deal: int) -> None:
    category = env["shop.category"].create(name="Transport")
    tag = env["shop.tag"].create(name="X")
    given = typed(
        env,
        view,
        name=" Trucks ",
        amount="1,234.50",
        share="12.5%",
        count="1,000",
        deadline="2026-05-01",
        seen="2026-05-01T09:30",
        kind="renewal",
        urgent=[""],
        category=str(category.id),
        category__label="Transport",
        tags=["", str(tag.id)],
        reference="smuggled",
        weighted="9",
        version="3",
    )
    assert given.errors == {}
    assert given.values == {
        "name": "Trucks",
        "amount": Decimal("1234.50"),
        "share": 12.5,
        "count": 1000,
        "deadline": date(2026, 5, 1),
        "seen": datetime(2026, 5, 1, 9, 30, tzinfo=UTC),
        "kind": "renewal",
        "urgent": False,
        "category": category.id,
        "tags": [tag.id],
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("amount", "12,34", "is not a number; write it like 1,234.50"),
        ("count", "1.5", "Write a whole number"),
        ("deadline", "tomorrow", "Write a date like 2"),
        ("seen", "noon", "Write a date and time like 2"),
        ("kind", "other", "Choose one of the options"),
        ("stage", "abc", "There is no such record"),
        ("stage", "9" * 40, "There is no such record"),
        ("tags", "x", "There is no such record"),
    ],
)
def test_what_cannot_be_read_comes_back_as_it_was_typed(
    name: str, text: str, message: str, env: Environment, view: ComposedView, deal: int, links: Any
) -> None:
    given = typed(env, view, **{name: text})
    assert name not in given.values
    assert message in given.errors[name]
    page = forms.editing(env, view, deal, State(), typed=given)
    shown = view.part(env, page, links, "editing")
    assert "Correct 1 field to save" in shown
    assert message.split(";")[0] in shown
    assert f'href="#edit-{view.variant(env).arch.editable()[name].key}"' in shown


def test_a_relation_is_found_by_its_label(env: Environment, view: ComposedView, deal: int) -> None:
    transport = env["shop.category"].create(name="Transport")
    env["shop.category"].create_many([{"name": "Twin"}, {"name": "Twin"}])
    old = env["shop.category"].create(name="Old")
    assert typed(env, view, category="", category__label="Transport").values["category"] == transport.id
    assert typed(env, view, category=str(old.id), category__label="Transport").values["category"] == transport.id
    assert typed(env, view, category=str(old.id), category__label="").values["category"] is None
    missing = typed(env, view, category="", category__label="Transprt")
    assert missing.errors["category"] == "There is none called 'Transprt'; did you mean 'Transport'?"
    assert "several called 'Twin'" in typed(env, view, category="", category__label="Twin").errors["category"]


def test_a_record_without_a_name_is_found_by_its_number(env: Environment, view: ComposedView, deal: int) -> None:
    nodes = view.variant(env).arch.editable()
    node = replace(nodes["category"], info=replace(nodes["category"].info, target="core.generation"))
    line = str(env["core.generation"].search("")[0].id)

    def given(id_: str, label: str) -> Typed:
        return read_typed(env, view.kit(env), [node], MultiDict({"category": id_, "category:label": label}))

    for id_, label in ((line, line), ("", line), ("", f"#{line}")):
        assert given(id_, label).values["category"] == int(line)
    for label in ("99999", "Trucks"):
        assert given("", label).errors["category"] == "There is no such record"


def test_mistakes_of_the_record_stand_at_their_fields(
    env: Environment, view: ComposedView, deal: int, links: Any
) -> None:
    errors = {"name": "Say what it is about", "": "Nothing can be saved today"}
    shown = view.part(env, forms.editing(env, view, deal, State(), errors=errors), links, "editing")
    assert "Correct 2 fields to save" in shown
    assert "Deal: Say what it is about" in shown
    assert "<li>Nothing can be saved today</li>" in shown
    assert shown.count('aria-invalid="true"') == 1


def test_one_field_is_edited_in_its_place(env: Environment, view: ComposedView, deal: int, links: Any) -> None:
    node = forms.field_of(env, view, "share")
    page = forms.editing(env, view, deal, State())
    editor = view.part(env, page, links, "editor", node.key)
    assert f'action="/shop.deal/{deal}/field/share"' in editor
    assert 'name="share"' in editor
    assert "In percent" in editor
    assert "50" in view.part(env, page, links, "value", node.key)
    for name in ("weighted", "reference", "nope"):
        with pytest.raises(NotFound):
            forms.field_of(env, view, name)


def test_more_than_three_buttons_go_to_the_menu(env: Environment, view: ComposedView, deal: int, links: Any) -> None:
    page = forms.page(env, view, deal, State())
    assert [(button.action, button.primary) for button in page.buttons] == [("win", True), ("approve", False)]
    page.shown_buttons = 1
    shown = view.render(env, page, links)
    assert shown.index("More actions") < shown.index("/do/approve")
