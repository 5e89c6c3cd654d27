"""What an import must never do: write in a dry run, leave half of itself behind, grow with its file, pass by rights."""

import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from core.data.importing.problems import ImportRefused
from core.data.importing.run import run_import
from core.errors import AccessDenied

LINES = (f'Deal {n},Firm {n % 50},"a, b",{n % 120},r{n}\n' for n in range(2_500))
FILE = "name,firm,words,share,ref\n" + "".join(LINES)


def everything(env) -> dict[str, list[object]]:
    """All rows of all tables, and the counters that ids come from."""
    tables = [info.table for info in env.registry.schema.values()]
    links = (field.link for info in env.registry.schema.values() for field in info.fields.values())
    tables += [link.table for link in links if link]
    found = {table: env.database.fetch(f"SELECT * FROM {table} ORDER BY 1, 2") for table in sorted(set(tables))}
    if env.database.engine == "sqlite":
        found["ids"] = env.database.fetch("SELECT name, seq FROM sqlite_sequence ORDER BY name")
    else:
        found["ids"] = env.database.fetch("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    return found


def test_a_dry_run_says_what_would_be_and_writes_nothing(load, env, tmp_path):
    env["i.sale"].create_many([{"name": "Old", "ref": "r1"}, {"name": "Deal 2", "ref": "r2", "share": 2}])
    env["i.firm"].create_many([{"name": "Firm 2"}, {"name": "Sun"}])
    before = everything(env)
    change_set = env.change_set
    files = sorted(tmp_path.iterdir())
    dry = load(FILE, key="ref", create_missing=True, dry_run=True)
    assert everything(env) == before
    assert env.change_set == change_set
    assert dry.change_set is None
    assert dry.refused_file is None
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "file.csv"] == files
    real = load(FILE, key="ref", create_missing=True)
    assert dry.to_json() | {"change_set": None, "refused_file": None} == real.to_json() | {
        "change_set": None,
        "refused_file": None,
    }
    assert real.created == {"i.firm": 49, "i.sale": 2_118, "i.word": 2}
    assert (real.changed, real.refused) == ({"i.sale": 2}, 380)
    assert dry.files[0].refusals == real.files[0].refusals


def test_a_dry_run_writes_refused_rows_where_it_is_told_to(load, tmp_path):
    target = tmp_path / "out.csv"
    assert load("name,share\nA,200\n", dry_run=True, refused_path=target).refused_file == target
    assert target.read_text().splitlines()[0] == "name,share,row,column,value,reason,suggestion"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_an_interrupted_import_leaves_nothing(engine_url, open_env, tmp_path, name):
    (tmp_path / "file.csv").write_text(FILE)
    marker = tmp_path / "writing"
    command = [sys.executable, str(Path(__file__).with_name("interrupted.py")), engine_url, str(tmp_path / "file.csv")]
    process = subprocess.Popen([*command, str(marker)], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(600):
            if marker.exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        assert marker.exists()
        process.send_signal(getattr(signal, name))
        assert process.wait(timeout=30) != 0
    finally:
        process.kill()
        process.wait()
    assert {path.name for path in tmp_path.iterdir()} == {"file.csv", "writing"}
    with open_env() as env:
        for model in ("i.sale", "i.firm", "i.word"):
            assert env[model].count() == 0
        assert env["core.change_set"].count("kind == 'import'") == 0
        result = run_import(env, model="i.sale", file=tmp_path / "file.csv", create_missing=True, dry_run=True)
        assert result.created["i.sale"] == 2_120


def test_a_file_that_changes_meanwhile_is_refused(load, env, tmp_path):
    def meddle(progress):
        with (tmp_path / "file.csv").open("a") as file:
            file.write("B\n")

    with pytest.raises(ImportRefused, match="was changed while it was read"):
        load("name\nA\n", progress=meddle)
    assert env["i.sale"].count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_memory_is_constant(env, write):
    def peak(rows: int) -> int:
        lines = (f'Deal {n},"{"x" * 200}",tag {n % 40},r{rows}-{n}\n' for n in range(rows))
        path = write("name,text,words,ref\n" + "".join(lines))
        tracemalloc.start()
        assert run_import(env, model="i.sale", file=path, key="ref", create_missing=True).created["i.sale"] == rows
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(9_000) < 1.3 * peak(4_000)


def test_rights_hold_for_imports(open_env, runtime, write):
    path = write("name,firm\nA,Acme\n")
    with open_env() as env:
        group = env["res.groups"].create(name="Sellers")
        env.database.execute(
            runtime.text("INSERT INTO core_external_id (addon, name, model, record) VALUES ('i', 'sellers', ?, ?)"),
            ("res.groups", group.id),
        )
        rights = {"can_read": True, "can_create": True, "can_update": True, "can_delete": False}
        env["core.access"].create(name="sales", model="i.sale", group=group, **rights)
        env["core.access"].create(name="firms", model="i.firm", group=group, **(rights | {"can_create": False}))
        where = "firm.name != 'Secret'"
        env["core.rule"].create(name="not secret", model="i.sale", groups=[group.id], condition=where)
        env["i.firm"].create_many([{"name": "Secret"}, {"name": "Open"}])
        seller = env["res.users"].create(login="seller", name="Seller", groups=[group.id]).id
        other = env["res.users"].create(login="other", name="Other").id
    with open_env(user=seller, superuser=False) as env:
        with pytest.raises(AccessDenied, match="create"):
            run_import(env, model="i.sale", file=path, create_missing=True)
        with pytest.raises(AccessDenied, match="create"):
            run_import(env, model="i.firm", file=write("name\nB\n"))
        result = run_import(env, model="i.sale", file=write("name,firm\nA,Open\nB,Secret\nC,Open\n"))
        assert (result.created, result.refused) == ({"i.sale": 2}, 1)
        assert "out of your reach" in result.files[0].refusals[0].reason
        assert result.refused_file == path.with_name("file.refused.csv")
    with open_env(user=other, superuser=False) as env, pytest.raises(AccessDenied):
        run_import(env, model="i.sale", file=path)
    with open_env() as env:
        assert [row.name for row in env["i.sale"].search("")] == ["A", "C"]


@pytest.mark.parametrize("field", ["token", "double", "id", "version", "create_date", "nothing"])
def test_fields_that_are_not_for_files(load, field):
    with pytest.raises(ImportRefused):
        load("name,x\nA,1\n", recipe=f'[columns]\nx = "{field}"')
    assert load(f"name,{field}\nA,1\n").files[0].ignored == (field,)
