"""The store: which view a page gets, for which groups and language it is made, and when it is made again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import NotFound
from core.i18n import speaking
from core.model.registry import Registry
from core.records.environment import Environment
from core.views.defaults import default_view
from core.views.form import page as forms
from core.views.list import page as lists
from core.views.opening import Opening
from core.views.state import State
from core.views.store import ViewStore
from core.views.view import Variants

LIST = '<list><field name="name"/><field name="margin"/><field name="kind" groups="shop.boss"/></list>'


@pytest.fixture
def people(env: Environment) -> dict[str, Environment]:
    """A boss and somebody plain, as environments."""
    boss = env.ref("shop.boss")
    rows = env["res.users"].create_many(
        [
            {"login": "boss", "name": "Boss", "company": env.company, "groups": [boss.id]},
            {"login": "plain", "name": "Plain", "company": env.company},
        ]
    )
    for model in ("shop.deal", "shop.stage", "shop.tag", "res.users"):
        env["core.access"].create(name=model, model=model, can_read=True, can_update=True)
    return {row.login: env.as_user(row.id) for row in rows}


def columns(view: Any, env: Environment) -> list[str]:
    return [node.path for node in view.variant(env).arch.columns]


def test_groups_see_their_nodes_and_fields(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], people: dict[str, Environment], links: Any
) -> None:
    put(write("shop", LIST, type="list"))
    view = store.view(env, "shop.deal", "list")
    env["shop.deal"].create(name="Fleet", margin=12.5)
    assert view.mentioned == {"shop.boss"}
    assert columns(view, people["boss"]) == ["name", "margin", "kind"]
    assert columns(view, people["plain"]) == ["name"]
    shown = {
        login: view.render(user, lists.page(user, view, State(), Opening("shop.deal")), links)
        for login, user in people.items()
    }
    assert "12.5" in shown["boss"]
    assert "12.5" not in shown["plain"]


def test_a_view_is_made_once_for_all_it_looks_the_same_to(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], people: dict[str, Environment]
) -> None:
    put(write("shop", LIST, type="list"))
    view = store.view(env, "shop.deal", "list")
    other = env["res.groups"].create(name="Other")
    env["core.external_id"].create(addon="shop", name="other", model="res.groups", record=other.id)
    row = env["res.users"].create(login="third", name="Third", company=env.company, groups=[other.id])
    third = env.as_user(row.id)
    assert view.variant(people["plain"]) is view.variant(third)
    assert view.variant(people["plain"]) is not view.variant(people["boss"])
    with speaking("de"):
        assert view.variant(people["plain"]) is not None
    assert len(store.variants) == 3


def test_variants_are_bounded(shop: Registry) -> None:
    kept = Variants(shop, limit=2)
    made: list[int] = []

    def make(number: int) -> Any:
        made.append(number)
        return number

    for number in (1, 2, 1, 3, 1, 2):
        kept.get(number, lambda number=number: make(number))
    assert made == [1, 2, 3, 2]  # 2 was asked for least recently when 3 came
    assert len(kept) == 2


def test_the_view_with_the_least_priority_is_shown(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None]
) -> None:
    put(write("shop", '<list><field name="name"/></list>', type="list", name="b", priority=20))
    put(write("shop", '<list><field name="kind"/></list>', type="list", name="c", priority=10))
    put(write("shop", '<list><field name="kind"/></list>', type="list", name="a", priority=10))
    assert store.view(env, "shop.deal", "list").name == "shop.a"


def test_views_are_made_again_when_they_were_changed(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None]
) -> None:
    put(write("shop", '<list><field name="name"/></list>', type="list"))
    store.follow(1)
    assert columns(store.view(env, "shop.deal", "list"), env) == ["name"]
    row = env["core.view"].search("name == 'shop.deal_list'")[0]
    env["core.view"].write(row, arch='<list><field name="kind"/></list>')
    assert columns(store.view(env, "shop.deal", "list"), env) == ["name"]
    store.follow(2)
    assert columns(store.view(env, "shop.deal", "list"), env) == ["kind"]


def test_a_broken_view_is_left_out_and_logged(
    env: Environment, store: ViewStore, write: Any, put: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    put(write("shop", '<list><field name="nmae"/></list>', type="list"))
    with caplog.at_level(logging.WARNING):
        view = store.view(env, "shop.deal", "list")
    assert view.name == "shop.deal:list"
    assert "V012 field 'nmae' is not on shop.deal; did you mean 'name'?" in caplog.text
    assert [problem.code for problem in store.composition(env).problems] == ["V012"]


@pytest.mark.parametrize("kind", ["list", "form", "search"])
def test_every_model_has_views(kind: str, env: Environment, store: ViewStore) -> None:
    for model in env.registry.schema:
        if kind == "search" and default_view(env.registry, model, kind) is None:
            assert store.search(env, model) is None
            continue
        view = store.view(env, model, kind)
        assert view.variant(env).arch is not None
        assert "password" not in str([node.get("name") for node in view.root.iter()])


def test_default_pages_can_be_shown(env: Environment, store: ViewStore, links: Any) -> None:
    deal = env["shop.deal"].create(name="Fleet", notes="a\nb", body="<p>c</p>", tags=[env["shop.tag"].create(name="T")])
    form = store.view(env, "shop.deal", "form")
    assert "Fleet" in form.render(env, forms.page(env, form, deal.id, State()), links)
    rows = store.view(env, "shop.deal", "list")
    assert "Fleet" in rows.render(env, lists.page(env, rows, State(), Opening("shop.deal")), links)
    assert store.view(env, "shop.deal", "board").variant(env).arch.group.path == "stage"


def test_what_there_is_no_view_of(env: Environment, store: ViewStore) -> None:
    for model, kind in (("shop.nope", "list"), ("shop.deal", "gantt"), ("shop.tag", "board")):
        with pytest.raises(NotFound, match="There is no view"):
            store.view(env, model, kind)
    assert store.search(env, "shop.nope") is None


def test_threads_share_what_is_made(shop: Registry) -> None:
    kept = Variants(shop)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("x", object))) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(kept) == 1
