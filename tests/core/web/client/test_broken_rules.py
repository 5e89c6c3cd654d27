"""A record rule that cannot be read closes its model and nothing else: administrators mend it in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.addon.instance import Instance
from core.database import placed
from core.errors import BrokenRule, Invalid
from core.testing import Browser

BrowserOf = Callable[[str], Browser]
BROKEN = "budget == 3"  # a field that an addon had, which is gone


def broken_rule(instance: Instance, model: str, condition: str = BROKEN) -> int:
    """A rule whose condition was right once."""
    with instance.environment() as env:
        rule = int(env["core.rule"].create(name="Only small ones", model=model, condition="id != 0").id)
    with instance.environment(superuser=True) as env:
        sql = placed(env.database, "UPDATE core_rule SET condition = ? WHERE id = ?")
        env.database.execute(sql, (condition, rule))
        env.database.execute("UPDATE core_generation SET access = access + 1")
    return rule


@pytest.mark.parametrize("model", ["crm.lead", "crm.tag", "res.country", "res.groups", "core.rule", "core.attachment"])
def test_the_page_of_the_rule_stays_open_and_mends_it(browser_of: BrowserOf, instance: Instance, model: str) -> None:
    rule = broken_rule(instance, model)
    browser = browser_of("admin")
    assert "Only small ones" in browser.get("/app/core.rule").text
    page = browser.get(f"/app/core.rule/{rule}")
    assert page.status_code == 200 and f"so that all records of {model} are closed" in page.text
    assert browser.get(f"/app/core.rule/{rule}/edit").status_code == 200
    assert browser.get(f"/app/core.rule/{rule}/history").status_code == 200
    version = instance.database.fetch(f"SELECT version FROM core_rule WHERE id = {rule}")[0][0]
    answer = browser.post(f"/app/core.rule/{rule}/field/condition", {"condition": "id != 0", "version": str(version)})
    assert answer.status_code == 303
    with instance.environment() as env:
        env[model].search("")
        assert env["core.rule"].get(rule).condition == "id != 0"


def test_who_asks_for_the_model_is_told_which_rule_it_is(browser_of: BrowserOf, instance: Instance) -> None:
    rule = broken_rule(instance, "crm.lead")
    answer = browser_of("admin").get("/app/crm.lead")
    assert answer.status_code == 403
    told = f"Rule &#39;Only small ones&#39; (core.rule/{rule}, column 1) D022: the condition &#39;{BROKEN}&#39;"
    assert told in answer.text and f'href="/app/core.rule/{rule}"' in answer.text
    answer = browser_of("own").get("/app/crm.lead")
    assert answer.status_code == 403 and told in answer.text and "Open the rule" not in answer.text
    with instance.environment() as env, pytest.raises(BrokenRule) as refused:
        env["crm.lead"].create(name="New")
    assert refused.value.rule == rule


def test_a_model_that_is_closed_shows_nothing_from_elsewhere(browser_of: BrowserOf, instance: Instance) -> None:
    with instance.environment() as env:
        partner = env["res.partner"].search("name == 'Acme'")[0].id
        env["crm.lead"].create(name="Of Acme", partner=partner, tags=[env["crm.tag"].create(name="Hot").id])
    wanted = "any(tags, name == 'Hot')"
    with instance.environment() as env:
        assert env["crm.lead"].count(wanted) == 1
    broken_rule(instance, "crm.tag")
    with instance.environment() as env:
        assert env["crm.lead"].count(wanted) == 0
        assert not env.permits("read", "crm.tag,1")
        assert env["crm.lead"].count("name == 'Of Acme'") == 1
    assert browser_of("admin").get(f"/app/res.partner/{partner}").status_code == 200


def test_only_administrators_get_past_a_broken_rule_on_rules(instance: Instance) -> None:
    with instance.environment() as env:
        group = env.ref("base.internal").id
        env["core.access"].create(name="Readers of rules", model="core.rule", group=group, can_read=True)
    broken_rule(instance, "core.rule")
    with instance.environment("boss") as env, pytest.raises(BrokenRule):
        env["core.rule"].search("")
    with instance.environment() as env:
        assert env["core.rule"].count("") > 0


@pytest.mark.parametrize(
    ("model", "condition", "told"),
    [
        ("crm.lead", BROKEN, "'budget' is neither a field of crm.lead"),
        ("crm.lead", "nme == 'x'", "did you mean 'name'"),
        ("crm.lead", "name ==", "D022"),
        ("crm.lead", "name", "a value, not yes or no"),
        ("crm.led", "true", "There is no model 'crm.led'"),
    ],
)
def test_a_rule_that_cannot_be_read_is_not_saved(instance: Instance, model: str, condition: str, told: str) -> None:
    with instance.environment() as env:
        rule = env["core.rule"].create(name="Fine", model="crm.lead", condition="id != 0").id
        with pytest.raises(Invalid) as refused:
            env["core.rule"].create(name="Wrong", model=model, condition=condition)
        (error,) = refused.value.errors
        assert told in f"{error.text} did you mean '{error.suggestion}'"
        with pytest.raises(Invalid):
            env["core.rule"].write([rule], model=model, condition=condition)
    broken = broken_rule(instance, "crm.tag")
    with instance.environment() as env:
        env["core.rule"].write([broken], active=False)
    with instance.environment() as env:
        env["crm.tag"].search("")
