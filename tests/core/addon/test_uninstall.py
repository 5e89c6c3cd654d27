"""Purging: afterwards the database is that of one which never had the addon; what others refer to stays, listed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon import ledger, state
from core.addon.install import install, plan_install
from core.addon.instance import Instance
from core.addon.uninstall import plan_uninstall, uninstall
from core.database import Database
from core.errors import AccessDenied, ConfigurationError, NotFound, Refusal
from core.records.history import timeline
from core.records.undo import undo

pytestmark = pytest.mark.slow

Make = Callable[..., Instance]
Dump = Callable[[Database], str]
Write = Callable[..., Path]


@pytest.mark.parametrize(("before", "addon"), [((), "mail"), (("mail",), "crm"), (("crm",), "crm_extra")])
def test_install_then_purge_leaves_no_trace(
    make_instance: Make, canonical: Dump, before: tuple[str, ...], addon: str
) -> None:
    instance = make_instance(*before)
    untouched = canonical(instance.database)
    install(instance, [addon])
    assert canonical(instance.database) != untouched
    uninstall(instance, addon, purge=True)
    assert canonical(instance.database).splitlines() == untouched.splitlines()
    assert addon not in instance.installed
    assert not any(model.startswith("crm.competitor") for model in instance.registry.models)


def test_two_addons_are_purged_in_either_order_of_need(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance()
    untouched = canonical(instance.database)
    install(instance, ["crm_extra"])
    for addon in ("crm_extra", "crm", "mail"):
        uninstall(instance, addon, purge=True)
    assert canonical(instance.database) == untouched


def test_the_plan_is_the_inverse_of_that_of_the_installation(make_instance: Make) -> None:
    instance = make_instance("crm")
    planned = plan_install(instance, ["crm_extra"]).plan
    install(instance, ["crm_extra"])
    before = state.generations(instance.database)
    removal = plan_uninstall(instance, "crm_extra", purge=True)
    assert state.generations(instance.database) == before
    taken = {(step.action, step.kind, step.name) for step in removal.steps}
    assert {step.action for step in planned.steps} == {"add"}
    assert taken == {("remove", step.kind, step.name) for step in planned.steps}


def test_after_use_only_what_others_refer_to_stays(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        stage, tag = env.ref("crm_extra.stage_shortlist"), env.ref("crm_extra.tag_tender")
        lead = env["crm.lead"].create(name="Kept", stage=stage, tags=[tag], budget=5, confidential=True)
        number = lead.id
    plan = uninstall(instance, "crm_extra", purge=True)
    assert {(step.kind, step.name, step.detail) for step in plan.steps if step.action == "keep"} == {
        ("record", "crm_extra.stage_shortlist", "1 of crm.lead refer to it; it passes to crm"),
        ("record", "crm_extra.tag_tender", "1 of crm.lead refer to it; it passes to crm"),
    }
    with instance.environment(write=False) as env:
        found = env["crm.lead"].read("id == number", ["name", "stage.name", "tags"], number=number)
    assert [(row["name"], row["stage.name"], len(row["tags"])) for row in found] == [("Kept", "On the shortlist", 1)]
    assert ledger.owners(instance.database, "row")["crm_extra.stage_shortlist"] == "crm"
    assert ledger.owned_by(instance.database, "crm_extra") == []


def test_what_stayed_comes_back_to_its_addon(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        stage = env.ref("crm_extra.stage_shortlist").id
        env["crm.lead"].create(name="Kept", stage=stage)
    uninstall(instance, "crm_extra", purge=True)
    plan = install(instance, ["crm_extra"])
    changed = [step.name for step in plan.steps if step.action == "change"]
    assert changed == ["crm_extra.stage_shortlist"]
    assert ledger.owners(instance.database, "row")["crm_extra.stage_shortlist"] == "crm_extra"
    with instance.environment(write=False) as env:
        assert env.ref("crm_extra.stage_shortlist").id == stage
        assert env["crm.stage"].count("name == 'On the shortlist'") == 1


def test_rows_that_kept_rows_refer_to_stay_too(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    manifest = 'title = "x"\nversion = "1.0.0"\ndata = ["data.xml"]\n'
    data = (
        '<tessera><record id="above" model="res.partner.category"><field name="name">Above</field></record>'
        '<record id="below" model="res.partner.category"><field name="name">Below</field>'
        '<field name="parent" ref="above"/></record>'
        '<record id="free" model="res.partner.category"><field name="name">Free</field></record></tessera>'
    )
    write_addon("categories", manifest=manifest, files={"data.xml": data})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["categories"])
    with instance.environment() as env:
        env["res.partner"].create(name="Someone", categories=[env.ref("categories.below").id])
    plan = uninstall(instance, "categories", purge=True)
    assert [step.name for step in plan.steps if step.action == "keep"] == ["categories.above", "categories.below"]
    with instance.environment(write=False) as env:
        names = [row["name"] for row in env["res.partner.category"].read("", ["name"], order="name")]
    assert names == ["Above", "Below"]


INDEXING = """from addons.base.models import Partner
from core import Model, hookimpl


class PartnerIndex(Partner, extends=True, indexes=[("vat", "city")]):
    pass


@hookimpl
def models() -> list[type[Model]]:
    return [PartnerIndex]
"""


def test_what_another_addon_needs_too_passes_to_it(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    for name in ("indexes_a", "indexes_b"):
        write_addon(name, files={"hooks.py": INDEXING})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["indexes_a", "indexes_b"])
    ((index, owner),) = (item for item in ledger.owners(instance.database, "index").items() if "vat_city" in item[0])
    other = {"indexes_a": "indexes_b", "indexes_b": "indexes_a"}[owner]
    plan = uninstall(instance, owner, purge=True)
    assert [(step.action, step.kind, step.name, step.detail) for step in plan.steps] == [
        ("remove", "addon", owner, ""),
        ("keep", "index", index, f"{other} needs it too"),
    ]
    assert ledger.owners(instance.database, "index")[index] == other
    uninstall(instance, other, purge=True)
    assert index not in ledger.owners(instance.database, "index")


def test_a_row_that_a_user_deleted_is_no_hindrance(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        env["crm.tag"].delete([env.ref("crm_extra.tag_tender")])
    plan = uninstall(instance, "crm_extra", purge=True)
    assert "crm_extra.tag_tender" not in [step.name for step in plan.steps]
    assert "crm_extra" not in instance.installed


def test_groups_go_whoever_belongs_to_them(make_instance: Make) -> None:
    instance = make_instance("crm")
    with instance.environment() as env:
        group = env.ref("crm.own").id
        env["res.users"].create(login="ada", name="Ada", groups=[group])
    uninstall(instance, "crm", purge=True)
    with instance.environment(write=False) as env:
        assert env["res.groups"].count("") == 2
        assert [row["groups"] for row in env["res.users"].read("login == 'ada'", ["groups"])] == [[]]


def test_rights_that_name_a_model_go_with_it(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        env["core.access"].create(name="Mine", model="crm.competitor", can_read=True)
        env["core.rule"].create(name="Mine", model="crm.competitor", condition="name != 'x'", active=False)
    uninstall(instance, "crm_extra", purge=True)
    for table in ("core_access", "core_rule", "core_view", "core_action"):
        assert instance.database.fetch(f"SELECT count(*) FROM {table} WHERE model = 'crm.competitor'") == [(0,)]


def test_history_goes_and_numbers_never_return(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        number = env.runtime.model_number("crm.competitor")
        env["crm.competitor"].create(name="Rival")
    uninstall(instance, "crm_extra", purge=True)
    assert instance.database.fetch(f"SELECT count(*) FROM core_change WHERE model_no = {number}") == [(0,)]
    install(instance, ["crm_extra"])
    with instance.environment() as env:
        assert env.runtime.model_number("crm.competitor") > number


def test_history_of_what_stays_is_still_told_and_undone(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        lead = env["crm.lead"].create(name="Before", budget=5)
        number = lead.id
    with instance.environment() as env:
        env["crm.lead"].write([number], name="After", budget=6)
        changed = env.change_set
    uninstall(instance, "crm_extra", purge=True)
    with instance.environment(write=False) as env:
        newest, _oldest = timeline(env, "crm.lead", number)
        assert [(change.name, change.old, change.new) for change in newest.changes] == [("name", "Before", "After")]
    assert changed is not None
    with instance.environment() as env:
        assert undo(env, changed).conflicts == []
        assert env["crm.lead"].get(number).name == "Before"


def test_who_is_needed_stays(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm", "crm_extra")
    before = canonical(instance.database)
    with pytest.raises(Refusal, match=r"'crm' is needed by crm_extra. Remove crm_extra first."):
        uninstall(instance, "crm", purge=True)
    with pytest.raises(Refusal, match="'base' cannot be removed"):
        uninstall(instance, "base", purge=True)
    assert canonical(instance.database) == before


def test_what_is_not_there_cannot_be_removed(make_instance: Make) -> None:
    instance = make_instance("crm")
    with pytest.raises(Refusal, match="'crm_extra' is not installed"):
        plan_uninstall(instance, "crm_extra", purge=True)
    with pytest.raises(Refusal, match=r"There is no addon 'cmr'"):
        uninstall(instance, "cmr", purge=True)


def test_only_administrators_remove(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm", "crm_extra")
    with instance.environment() as env:
        env["res.users"].create(login="ada", name="Ada", groups=[env.ref("crm.manager").id])
    before = canonical(instance.database)
    with pytest.raises(AccessDenied, match="Only administrators"):
        uninstall(instance, "crm_extra", user="ada")
    with pytest.raises(NotFound):
        uninstall(instance, "crm_extra", user="eve")
    assert canonical(instance.database) == before


def test_a_view_of_a_user_that_would_break_stops_the_removal(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm", "crm_extra")
    arch = "<list><field name='name'/><field name='budget'/></list>"
    with instance.environment() as env:
        env["core.view"].create(name="mine.lead_list", model="crm.lead", type="list", arch=arch, priority=99)
    before = canonical(instance.database)
    with pytest.raises(ConfigurationError, match=r"V012 field 'budget' is not on crm.lead"):
        uninstall(instance, "crm_extra", purge=True)
    assert canonical(instance.database) == before
    assert "crm_extra" in instance.installed


def test_other_processes_lose_the_models(make_instance: Make) -> None:
    instance = make_instance("crm", "crm_extra")
    other = Instance.open(instance.database.url, addons_path=instance.catalog.folders[1:])
    old = other.registry
    uninstall(instance, "crm_extra", purge=True)
    other.refresh()
    assert "crm.competitor" not in other.registry.models
    assert "crm.competitor" in old.models
    other.close()
