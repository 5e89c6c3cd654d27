"""Detaching: the schema is that of a database that never had the addon, and a later installation brings all back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.addon import kept, state
from core.addon.install import install, plan_install
from core.addon.instance import Instance
from core.addon.uninstall import plan_uninstall, uninstall
from core.database import Database
from core.errors import Refusal
from core.records.history import timeline

pytestmark = pytest.mark.slow

Make = Callable[..., Instance]
Dump = Callable[[Database], str]
# What tells that there was an addon once; and moments that every run has anew.
TRACES = ("table kept_", "row kept_", "row core_addon ", "row core_owned ", "row core_migration ", "row core_schedule ")


def without_traces(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith(TRACES)]


def use(instance: Instance) -> dict[str, int]:
    """Values of every kind that crm_extra adds."""
    with instance.environment() as env:
        rival = env["crm.competitor"].create(name="Rival").id
        small = env["crm.competitor"].create(name="Small", parent=rival).id
        lead = env["crm.lead"].create(name="Deal", budget=5, competitor=rival, rivals=[rival, small], confidential=True)
        user = env["res.users"].create(login="ada", name="Ada", groups=[env.ref("crm.manager").id]).id
        rule = env["core.rule"].create(name="Mine", model="crm.competitor", condition="name != 'x'").id
        env["crm.competitor"].delete(env["crm.competitor"].create(name="Never again").id)
    return {"rival": rival, "small": small, "lead": lead.id, "user": user, "rule": rule}


def values(instance: Instance, ids: dict[str, int]) -> list[Any]:
    with instance.environment(write=False) as env:
        (lead,) = env["crm.lead"].read(
            "id == number", ["budget", "competitor.name", "rivals", "confidential"], number=ids["lead"]
        )
        small = env["crm.competitor"].get(ids["small"])
        return [lead, small.name, small.parent.name, env["core.rule"].get(ids["rule"]).condition]


@pytest.mark.parametrize(("before", "addon"), [((), "mail"), (("mail",), "crm"), (("crm",), "crm_extra")])
def test_the_schema_is_that_of_a_database_that_never_had_it(
    make_instance: Make, canonical: Dump, before: tuple[str, ...], addon: str
) -> None:
    instance = make_instance(*before)
    untouched = without_traces(canonical(instance.database))
    install(instance, [addon])
    uninstall(instance, addon)
    assert without_traces(canonical(instance.database)) == untouched
    assert addon not in instance.installed
    assert list(state.detached(instance.database, [addon])) == [addon]


def test_install_use_uninstall_install_brings_every_value_back(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm", "crm_extra")
    ids = use(instance)
    expected, found = values(instance, ids), canonical(instance.database)
    uninstall(instance, "crm_extra")
    install(instance, ["crm_extra"])
    assert values(instance, ids) == expected
    assert without_moments(canonical(instance.database)) == without_moments(found)
    assert kept.kept_by(instance.database, "crm_extra") == []


def without_moments(text: str) -> list[str]:
    """Ids of ledger entries count on; everything else is as it was."""
    return [line for line in text.splitlines() if not line.startswith(("row core_owned ", "row core_schedule "))]


def test_a_whole_crm_comes_back_with_its_groups_members_rights_and_leads(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm")
    with instance.environment() as env:
        own = env.ref("crm.own").id
        user = env["res.users"].create(login="ada", name="Ada", groups=[own]).id
        partner = env["res.partner"].create(name="Acme", is_company=True).id
        env["crm.lead"].create(name="Deal", partner=partner, user=user, expected_revenue=1000)
        env["crm.stage"].write(env.ref("crm.stage_new").id, name="Fresh")
    found = canonical(instance.database)
    uninstall(instance, "crm")
    with instance.environment() as env:
        assert env["res.users"].get(user).groups == ()
    install(instance, ["crm"])
    assert without_moments(canonical(instance.database)) == without_moments(found)
    with instance.environment("ada") as env:
        (lead,) = env["crm.lead"].read("", ["name", "stage.name", "expected_revenue"])
    assert lead == {"name": "Deal", "stage.name": "Fresh", "expected_revenue": Decimal(1000)}


def test_ids_go_on_and_history_is_told_again(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    ids = use(instance)
    with instance.environment() as env:
        last = env["crm.competitor"].create(name="Last").id
        env["crm.competitor"].delete(last)
        env["crm.competitor"].write(ids["rival"], name="Rival & Co")
    uninstall(instance, "crm_extra")
    install(instance, ["crm_extra"])
    with instance.environment() as env:
        assert env["crm.competitor"].create(name="Next").id > last
        newest = timeline(env, "crm.competitor", ids["rival"])[0]
        assert [(change.name, change.old, change.new) for change in newest.changes] == [("name", "Rival", "Rival & Co")]


def test_what_refers_to_something_that_has_gone_is_emptied_or_stays_aside(
    make_instance: Make, write_addon: Callable[..., Path], tmp_path: Path
) -> None:
    write_addon("visits", files={"hooks.py": VISITS})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["visits"])
    with instance.environment(superuser=True) as env:
        stays, goes = (env["res.partner"].create(name=name).id for name in ("Stays", "Goes"))
        for partner, host in ((stays, stays), (stays, goes), (goes, stays)):
            env["visits.visit"].create(partner=partner, host=host)
    uninstall(instance, "visits")
    with instance.environment() as env:
        env["res.partner"].delete(goes)
    install(instance, ["visits"])
    with instance.environment(superuser=True) as env:
        rows = env["visits.visit"].read("", ["id", "partner", "host"], order="id")
    assert rows == [
        {"id": 1, "partner": stays, "host": stays},
        {"id": 2, "partner": stays, "host": None},
    ]
    (aside,) = kept.kept_by(instance.database, "visits")
    assert (aside.table, kept.rows_kept(instance.database, [aside])) == ("visits_visit", {"visits_visit": 1})
    with instance.environment(superuser=True) as env:
        assert env["visits.visit"].create(partner=stays).id == 4
    uninstall(instance, "visits")
    assert kept.rows_kept(instance.database, kept.kept_by(instance.database, "visits"))["visits_visit"] == 4


VISITS = """from addons.base.models import Partner
from core import Model, fields, hookimpl


class Visit(Model, name="visits.visit", label="Visit", label_field="id"):
    partner = fields.Many2one(Partner, required=True, on_delete="cascade")
    host = fields.Many2one(Partner)


@hookimpl
def models() -> list[type[Model]]:
    return [Visit]
"""


def test_plans_tell_what_is_kept_and_what_comes_back(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    use(instance)
    planned = {(step.kind, step.name): step.detail for step in plan_uninstall(instance, "crm_extra").steps}
    assert planned["table", "crm_competitor"] == "4 rows kept aside"
    assert planned["column", "crm_lead.budget"] == "1 row kept aside"
    uninstall(instance, "crm_extra")
    steps = plan_install(instance, ["crm_extra"]).plan.steps
    coming = {step.name: step.detail for step in steps if step.kind == kept.KEPT}
    assert (coming["crm_competitor"], coming["crm_lead"]) == ("4 rows", "1 row")


def test_a_detached_addon_is_purged(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm")
    untouched = canonical(instance.database)
    install(instance, ["crm_extra"])
    with instance.environment() as env:
        env["crm.competitor"].create(name="Rival")
        number = env.runtime.model_number("crm.competitor")
    uninstall(instance, "crm_extra")
    planned = {step.name: step.detail for step in plan_uninstall(instance, "crm_extra", purge=True).steps}
    assert planned["crm_competitor"] == "3 rows"
    uninstall(instance, "crm_extra", purge=True)
    assert canonical(instance.database).splitlines() == untouched.splitlines()
    assert instance.database.fetch(f"SELECT count(*) FROM core_change WHERE model_no = {number}") == [(0,)]
    with pytest.raises(Refusal, match="is not installed"):
        uninstall(instance, "crm_extra", purge=True)


def test_records_can_be_deleted_while_what_referred_to_them_is_aside(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    ids = use(instance)
    uninstall(instance, "crm_extra")
    with instance.environment() as env:
        env["crm.lead"].delete(ids["lead"])
    install(instance, ["crm_extra"])
    with instance.environment() as env:
        assert env["crm.lead"].count("active or not active") == 0
        assert env["crm.competitor"].get(ids["rival"]).name == "Rival"


def test_what_a_user_changed_of_shipped_records_stays(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        env["crm.tag"].write(env.ref("crm_extra.tag_tender").id, name="Bid")
    uninstall(instance, "crm_extra")
    install(instance, ["crm_extra"])
    with instance.environment() as env:
        assert env.ref("crm_extra.tag_tender").name == "Bid"
        assert env["crm.competitor"].count("name == 'Found at installation'") == 1
