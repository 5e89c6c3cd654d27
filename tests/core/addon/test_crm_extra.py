"""The little addon crm_extra: its field, method, view change, rule and menu work, and without it there is no trace."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.addon.instance import Instance
from core.errors import ExpressionError, Invalid, NotFound

Make = Callable[..., Instance]


@pytest.fixture
def extended(make_instance: Make) -> Instance:
    return make_instance("crm", "crm_extra")


@pytest.fixture
def plain(make_instance: Make) -> Instance:
    return make_instance("crm")


def test_the_field_is_stored_searched_checked_and_logged(extended: Instance, plain: Instance) -> None:
    with extended.environment() as env:
        lead = env["crm.lead"].create(name="Big", budget="1200.50")
        (found,) = env["crm.lead"].search("budget > 1000")
        assert (found.id, found.budget) == (lead.id, Decimal("1200.5"))
        with pytest.raises(Invalid, match=r"A budget is not negative\."):
            env["crm.lead"].create(name="Odd", budget=-1)
    with plain.environment() as env, pytest.raises(ExpressionError, match="budget"):
        env["crm.lead"].count("budget > 1000")


def test_the_method_runs_before_the_one_it_extends(extended: Instance, plain: Instance) -> None:
    with extended.environment() as env:
        lead = env["crm.lead"].create(name="Big", budget=70)
        env["crm.lead"].call([lead], "mark_won")
        won = env["crm.lead"].get(lead.id)
        assert (won.expected_revenue, won.stage.is_won) == (Decimal(70), True)
    with plain.environment() as env:
        lead = env["crm.lead"].create(name="Big")
        env["crm.lead"].call([lead], "mark_won")
        assert not env["crm.lead"].get(lead.id).expected_revenue


def test_the_view_shows_the_field_behind_the_revenue(extended: Instance, plain: Instance) -> None:
    def fields_of_deal(instance: Instance) -> list[str]:
        with instance.environment(write=False) as env:
            root = instance.views.view(env, "crm.lead", "form").root
        return [str(node.get("name")) for node in root.iterfind(".//group[@name='deal']/field")]

    shown, before = fields_of_deal(extended), fields_of_deal(plain)
    place = shown.index("expected_revenue")
    assert shown[place + 1 : place + 3] == ["budget", "competitor"]
    assert [name for name in shown if name not in ("budget", "competitor")] == before


def test_the_rule_hides_confidential_leads_from_who_is_no_manager(extended: Instance) -> None:
    with extended.environment() as env:
        env["res.users"].create(login="ada", name="Ada", groups=[env.ref("crm.all").id])
        env["res.users"].create(login="max", name="Max", groups=[env.ref("crm.manager").id])
        hidden = env["crm.lead"].create(name="Secret", confidential=True).id
        env["crm.lead"].create(name="Open")
    with extended.environment("ada", write=False) as env:
        assert [row["name"] for row in env["crm.lead"].read("", ["name"])] == ["Open"]
        with pytest.raises(NotFound):
            env["crm.lead"].get(hidden)
    with extended.environment("max", write=False) as env:
        assert env["crm.lead"].count("") == 2


def test_the_menu_opens_the_list_of_competitors(extended: Instance, plain: Instance) -> None:
    where = "name == 'Competitors'"
    with extended.environment(write=False) as env:
        (menu,) = env["core.menu"].read(where, ["parent.name", "action.model", "action.views"])
        assert menu["parent.name"] == "Sales configuration"
        assert (menu["action.model"], menu["action.views"]) == ("crm.competitor", "list,form")
    with plain.environment(write=False) as env:
        assert env["core.menu"].count(where) == 0
