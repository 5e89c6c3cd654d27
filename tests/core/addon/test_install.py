"""Installing: plan first, everything checked, one transaction; a failure anywhere leaves the database as it was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon import ledger, state
from core.addon.install import apply, install, plan_install
from core.addon.instance import Instance
from core.addon.uninstall import uninstall
from core.database import Database
from core.errors import AccessDenied, ConfigurationError, NotFound, Refusal

Make = Callable[..., Instance]
Dump = Callable[[Database], str]
Write = Callable[..., Path]


def test_a_plan_names_everything_and_changes_nothing(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm")
    before = canonical(instance.database)
    plan = plan_install(instance, ["crm_extra"]).plan
    assert canonical(instance.database) == before
    named = {(step.action, step.kind, step.name) for step in plan.steps}
    assert {
        ("add", "table", "crm_competitor"),
        ("add", "table", "crm_lead_rivals"),
        ("add", "column", "crm_lead.budget"),
        ("add", "column", "crm_lead.competitor_id"),
        ("add", "index", "crm_lead_competitor_id_index"),
        ("add", "view", "crm_extra.lead_form_extra"),
        ("add", "menu", "crm_extra.competitor_menu"),
        ("add", "rule", "crm_extra.rule_lead_confidential"),
        ("add", "access", "crm_extra.access_competitor_manager"),
        ("add", "record", "crm_extra.stage_shortlist"),
    } <= named
    assert {step.addon for step in plan.steps} == {"crm_extra"}


def test_what_was_planned_is_what_is_done(make_instance: Make) -> None:
    instance = make_instance("crm")
    planned = plan_install(instance, ["crm_extra"]).plan
    assert install(instance, ["crm_extra"]) == planned
    assert instance.installed == ("base", "mail", "crm", "crm_extra")
    assert plan_install(instance, ["crm_extra"]).plan.steps == ()
    assert install(instance, ["crm_extra"]).lines() == ["Nothing to do."]


def test_an_addon_that_brings_nothing_else_is_told_of(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    write_addon("bare_one")
    instance = make_instance(addons_path=[tmp_path / "extra"])
    assert install(instance, ["bare_one"]).lines() == [
        "+ addon bare_one (1.0.0)",
        "install bare_one: 1 added, 0 changed, 0 removed, 0 kept",
    ]
    assert install(instance, ["bare_one"]).lines() == ["Nothing to do."]
    assert uninstall(instance, "bare_one").lines()[0] == "- addon bare_one"
    assert uninstall(instance, "bare_one", purge=True).lines()[0] == "- addon bare_one"


def test_demo_data_that_was_asked_for_and_not_loaded_is_told_of(make_instance: Make) -> None:
    instance = make_instance("crm")
    told = "= addon crm (installed already; demo data is loaded together with its addon only)"
    assert install(instance, ["crm"], demo=True).lines() == [told, "install crm: 0 added, 0 changed, 0 removed, 1 kept"]
    with instance.environment() as env:
        assert env["crm.lead"].count("") == 0
    assert plan_install(instance, ["crm", "crm_extra"], demo=True).plan.lines()[0] == told
    assert told not in plan_install(instance, ["crm", "crm_extra"]).plan.lines()


def test_the_ledger_gives_every_object_one_owner(make_instance: Make) -> None:
    instance = make_instance("mail", "crm", "crm_extra")
    kinds = {kind: ledger.owners(instance.database, kind) for kind in ("table", "column", "index", "row")}
    total = instance.database.fetch("SELECT count(*) FROM core_owned")[0][0]
    assert total == sum(len(owners) for owners in kinds.values())
    assert set(kinds["table"]) == state.tables(instance.database)
    assert kinds["table"]["crm_competitor"] == "crm_extra"
    assert kinds["column"]["crm_lead.budget"] == "crm_extra"
    assert kinds["column"]["crm_lead.stage_id"] == "crm"
    assert kinds["index"]["crm_lead_competitor_id_index"] == "crm_extra"
    named = {f"{addon}.{name}" for addon, name in instance.database.fetch("SELECT addon, name FROM core_external_id")}
    assert set(kinds["row"]) == named
    assert kinds["row"]["crm_extra.stage_shortlist"] == "crm_extra"


def test_addon_and_version_are_written_down(make_instance: Make) -> None:
    instance = make_instance("crm_extra")
    versions = {name: str(version) for name, version in state.installed_versions(instance.database).items()}
    assert versions["crm_extra"] == "1.2.0"
    assert set(versions) == {"base", "mail", "crm", "crm_extra"}


def test_dependencies_come_along_in_order(make_instance: Make) -> None:
    instance = make_instance()
    plan = install(instance, ["crm_extra"])
    assert plan.addons == ("mail", "crm", "crm_extra")


def test_installing_at_once_or_one_by_one_gives_the_same_schema(make_instance: Make, canonical: Dump) -> None:
    at_once = make_instance("mail", "crm", "crm_extra")
    later = make_instance("crm")
    install(later, ["crm_extra"])

    def schema(instance: Instance) -> list[str]:
        return [line for line in canonical(instance.database).splitlines() if line.startswith("table ")]

    assert schema(at_once) == schema(later)


def test_hooks_after_install_run_in_the_same_transaction(make_instance: Make) -> None:
    instance = make_instance("crm_extra")
    with instance.environment(write=False) as env:
        names = [row["name"] for row in env["crm.competitor"].read("", ["name"], order="name")]
    assert names == ["Found at installation", "Unknown"]


def test_one_change_set_holds_the_whole_installation(make_instance: Make) -> None:
    instance = make_instance("crm")
    last = instance.database.fetch("SELECT max(id) FROM core_change_set")[0][0]
    install(instance, ["crm_extra"])
    rows = instance.database.fetch(f"SELECT kind, label, user_id FROM core_change_set WHERE id > {last}")
    assert rows == [("install", "install crm_extra", instance.administrator)]


def test_everybody_learns_of_a_new_generation(make_instance: Make) -> None:
    instance = make_instance("crm")
    before = state.generations(instance.database)
    install(instance, ["crm_extra"])
    after = state.generations(instance.database)
    assert (after.addons, after.access > before.access, after.views > before.views) == (before.addons + 1, True, True)


def test_only_administrators_install(make_instance: Make, canonical: Dump) -> None:
    instance = make_instance("crm")
    with instance.environment() as env:
        groups = [env.ref("base.internal").id]
        env["res.users"].create(login="ada", name="Ada", groups=groups)
    before = canonical(instance.database)
    with pytest.raises(AccessDenied, match="Only administrators"):
        install(instance, ["crm_extra"], user="ada")
    with pytest.raises(NotFound, match="There is no user 'eve'"):
        install(instance, ["crm_extra"], user="eve")
    assert canonical(instance.database) == before
    assert instance.installed == ("base", "mail", "crm")


HOOKS = "from core import Model, fields, hookimpl\n"
FAILING_HOOK = HOOKS + (
    "class Thing(Model, name='x.thing', label='Thing'):\n    name = fields.Char()\n"
    "@hookimpl\ndef models():\n    return [Thing]\n"
    "@hookimpl\ndef after_install(env):\n    env['x.thing'].create(name='x')\n    raise RuntimeError('after')\n"
)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_file_of_a_failed_installation_has_the_same_bytes(
    make_instance: Make, write_addon: Write, tmp_path: Path
) -> None:
    write_addon("fails_in_bytes", files={"hooks.py": FAILING_HOOK})
    instance = make_instance(addons_path=[tmp_path / "extra"])

    def stored() -> bytes:
        instance.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(instance.database.place).read_bytes()

    before = stored()
    with pytest.raises(RuntimeError, match="after"):
        install(instance, ["fails_in_bytes"])
    assert stored() == before


RETYPED = (
    "from addons.base.models import Partner\n"
    + HOOKS
    + ("class X(Partner, extends=True):\n    email = fields.Integer()\n@hookimpl\ndef models():\n    return [X]\n")
)
DATA = 'title = "x"\nversion = "1.0.0"\ndata = ["data.xml"]\n'
CATEGORY = '<record id="c{}" model="res.partner.category"><field name="name">{}</field>{}</record>'


def test_a_failing_hook_leaves_the_database_as_it_was(
    make_instance: Make, canonical: Dump, write_addon: Write, tmp_path: Path
) -> None:
    write_addon("fails_late", files={"hooks.py": FAILING_HOOK})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    before = canonical(instance.database)
    with pytest.raises(RuntimeError, match="after"):
        install(instance, ["fails_late"])
    assert canonical(instance.database) == before
    assert instance.installed == ("base",)
    assert instance.database.fetch("SELECT count(*) FROM core_model WHERE name = 'x.thing'") == [(0,)]


@pytest.mark.parametrize(
    ("hooks", "data", "codes"),
    [
        ("def broken(:\n", None, {"A011"}),
        (HOOKS + "@hookimpl\ndef modles():\n    return []\n", None, {"A012"}),
        (HOOKS + "@hookimpl\ndef models():\n    return ['x']\n", None, {"A015"}),
        (RETYPED, None, {"R"}),
        ("", "<tessera><record", {"D"}),
        ("", "<tessera>" + CATEGORY.format(1, "a", '<field name="nmae">x</field>') + "</tessera>", {"D"}),
        ("", '<tessera><record id="x" model="no.such"/></tessera>', {"D"}),
        ("", '<!DOCTYPE x [<!ENTITY a "aaaa">]><tessera>&a;</tessera>', {"D"}),
        (
            "",
            '<tessera><view id="v" model="res.partner" type="form"><form><field name="phne"/></form></view></tessera>',
            {"V"},
        ),
    ],
)
def test_every_mistake_is_found_before_the_database_is_touched(
    make_instance: Make,
    canonical: Dump,
    write_addon: Write,
    tmp_path: Path,
    hooks: str,
    data: str | None,
    codes: set[str],
    request: pytest.FixtureRequest,
) -> None:
    name = f"wrong_{abs(hash(request.node.name)) % 10**9}"
    files = {"hooks.py": hooks} if hooks else {}
    if data is not None:
        files["data.xml"] = data
    write_addon(name, files=files, manifest=DATA if data is not None else None)
    instance = make_instance(addons_path=[tmp_path / "extra"])
    before = canonical(instance.database)
    with instance.database.counting() as counter, pytest.raises(ConfigurationError) as caught:
        install(instance, [name])
    assert {problem.code[: len(code)] for code in codes for problem in caught.value.problems} == codes
    assert all(f"addons/{name}/" in problem.file for problem in caught.value.problems)
    assert [text for text in counter.statements if not text.lstrip().upper().startswith(("SELECT", "PRAGMA"))] == []
    assert canonical(instance.database) == before


def test_mistakes_of_all_files_come_at_once(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    manifest = 'title = "x"\nversion = "1.0.0"\ndata = ["one.xml", "two.xml"]\n'
    one = "<tessera><record id='a' model='res.partner'><field name='nmae'>x</field></record></tessera>"
    two = (
        "<tessera>\n<view id='v' model='res.partner' type='form'>\n"
        "<form><field name='phne'/><field name='emial'/></form></view></tessera>"
    )
    write_addon("wrong_twice", files={"one.xml": one, "two.xml": two}, manifest=manifest)
    instance = make_instance(addons_path=[tmp_path / "extra"])
    with pytest.raises(ConfigurationError) as caught:
        install(instance, ["wrong_twice"])
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 3
    assert any("addons/wrong_twice/one.xml:1:" in text and "did you mean 'name'?" in text for text in told)
    assert any("addons/wrong_twice/two.xml:3:7 " in text and "did you mean 'phone'?" in text for text in told)
    assert any("addons/wrong_twice/two.xml:3:27 " in text and "did you mean 'email'?" in text for text in told)


def test_graph_refusals_reach_the_caller(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    write_addon("ring_one", depends=("ring_two",))
    write_addon("ring_two", depends=("ring_one",))
    write_addon("lonely", depends=("nobody",))
    instance = make_instance(addons_path=[tmp_path / "extra"])
    with pytest.raises(Refusal, match=r"There is no addon 'lonly'.*Did you mean 'lonely'"):
        install(instance, ["lonly"])
    with pytest.raises(ConfigurationError, match=r"A009 the addon 'lonely' depends on 'nobody', which was not found"):
        install(instance, ["lonely"])
    with pytest.raises(ConfigurationError, match=r"A010 .* ring_one -> ring_two -> ring_one"):
        install(instance, ["ring_one"])


def test_a_record_taken_back_by_its_file_is_planned_as_removed(
    make_instance: Make, write_addon: Write, tmp_path: Path
) -> None:
    data = (
        "<tessera>" + CATEGORY.format(1, "Kept", "") + CATEGORY.format(2, "Gone", "")
        + '<delete id="c2" model="res.partner.category"/></tessera>'
    )  # fmt: skip
    write_addon("takes_back", manifest=DATA, files={"data.xml": data})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["takes_back"])
    with instance.environment(write=False) as env:
        assert [row["name"] for row in env["res.partner.category"].read("", ["name"])] == ["Kept"]
    assert "takes_back.c2" not in ledger.owners(instance.database, "row")


def test_migrations_are_noted_without_being_run(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    write_addon("moved", files={"migrations/0001_first.py": "1 / 0\n", "migrations/0002_second.py": "1 / 0\n"})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    install(instance, ["moved"])
    rows = instance.database.fetch("SELECT number, name FROM core_migration WHERE addon = 'moved' ORDER BY number")
    assert rows == [(1, "first"), (2, "second")]


def test_misnumbered_migrations_are_refused(make_instance: Make, write_addon: Write, tmp_path: Path) -> None:
    write_addon("moved_badly", files={"migrations/0001_first.py": "", "migrations/0003_third.py": ""})
    instance = make_instance(addons_path=[tmp_path / "extra"])
    with pytest.raises(
        ConfigurationError, match=r"migrations/0003_third.py A017 expected a migration called 0002_name.py"
    ):
        install(instance, ["moved_badly"])


def test_two_installations_of_one_plan_do_not_both_happen(make_instance: Make) -> None:
    first = make_instance("crm")
    second = Instance.open(first.database.url, addons_path=first.catalog.folders[1:])
    prepared = plan_install(second, ["crm_extra"])
    install(first, ["crm_extra"])
    with pytest.raises(Refusal, match="Somebody else installed, upgraded or removed addons meanwhile"):
        apply(prepared, user=second.administrator)
    assert second.installed == ("base", "mail", "crm")
    second.refresh()
    assert second.installed == ("base", "mail", "crm", "crm_extra")
    second.close()
