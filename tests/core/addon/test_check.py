"""`tessera addon check`: what installing would refuse is found where it stands, and nothing of an addon is run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from core.addon.check import check
from core.addon.composition import contributions
from core.addon.discovery import discover
from core.addon.install import plan_install
from core.addon.instance import Instance
from core.addon.plugins import Plugins
from core.addon.source.modules import Reader
from core.errors import ConfigurationError, Problem
from core.model.registry import build

ROOT = Path(__file__).resolve().parents[3]
BROKEN = ROOT / "tests" / "addons" / "broken"
Write = Callable[..., Path]
HEAD = "from core import Job, Model, action, constraint, fields, hookimpl\n"
ACCESS = "id,name,model,group,can_create,can_read,can_update,can_delete\na,A,{model},base.internal,1,1,1,1\n"


def run(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(cli.main, ["addon", "check", *arguments])
    assert result.exit_code == exit_code, result.output
    return result


def told(*folders: Path) -> list[str]:
    """The first lines of all problems, without the folder that is the same for all."""
    _names, problems = check(folders)
    return [str(problem).splitlines()[0].removeprefix("addons/") for problem in problems]


def hooks(body: str, *listed: str) -> str:
    return f"{HEAD}{body}\n\n@hookimpl\ndef models():\n    return [{', '.join(listed)}]\n"


@pytest.mark.parametrize("folder", ["addons", "addons/crm", "tests/addons/crm_extra", "tests/addons/pages"])
def test_nothing_is_said_of_what_can_be_installed(folder: str) -> None:
    assert told(ROOT / folder) == []


def test_nothing_is_said_of_a_new_addon(tmp_path: Path) -> None:
    made = CliRunner().invoke(cli.main, ["addon", "new", "fresh", "--into", str(tmp_path), "--depends", "crm"])
    assert made.exit_code == 0, made.output
    assert told(tmp_path) == []


def refused(instance: Instance, *names: str) -> set[Problem]:
    with pytest.raises(ConfigurationError) as caught:
        plan_install(instance, names)
    return set(caught.value.problems)


def same(problem: Problem) -> tuple[object, ...]:
    """What must be the same; the text of an error of Python names the file that it was imported from."""
    text = problem.text.split(" (")[0] if problem.code == "A011" else problem.text
    return problem.file, problem.line, problem.column, problem.code, text


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_broken_addon_is_told_of_as_installing_does(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance("crm", addons_path=[BROKEN])
    _names, problems = check([BROKEN])
    sets = [[folder.name] for folder in sorted(BROKEN.iterdir()) if not folder.name.startswith("same_field")]
    sets.append(["same_field_a", "same_field_b"])
    assert len(sets) > 10
    expected = {same(problem) for names in sets for problem in refused(instance, *names)}
    found = {same(problem) for problem in problems}
    assert expected - found == set()
    assert [problem[3] for problem in found - expected] == ["A023"], "an import that installing does not notice"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_read_is_what_is_imported(make_instance: Callable[..., Instance]) -> None:
    imported = make_instance("crm", "crm_extra").registry
    catalog = discover([ROOT / "tests" / "addons"])
    reader = Reader(catalog.manifests, {})
    manifests = [catalog[name] for name in imported.addons]
    modules = {manifest.name: reader.hooks(manifest) for manifest in manifests}
    depends = {name: imported.closure[name] for name in imported.addons}
    read = build(imported.database, contributions(manifests, depends, Plugins(manifests, modules)))
    assert reader.problems == []
    assert read.schema == imported.schema
    assert read.options == imported.options
    assert read.actions == imported.actions
    assert read.constraints == imported.constraints
    assert read.owner_of_field == imported.owner_of_field
    assert [part.__name__ for part in read.parts["crm.lead"]] == [part.__name__ for part in imported.parts["crm.lead"]]
    assert read.parts["crm.lead"] != imported.parts["crm.lead"]


def test_nothing_of_an_addon_is_run(write_addon: Write, tmp_path: Path) -> None:
    mark = tmp_path / "was_run"
    act = f"open({str(mark)!r}, 'w').close()\nraise RuntimeError('run')\n"
    nasty = f"""
def act(*arguments, **keywords):
    open({str(mark)!r}, "w").close()

class Odd(Model):
    def __init_subclass__(cls, **keywords):
        act()
    def __class_getitem__(cls, item):
        act()

class Thing(Odd, Model, name="runs.thing", label=act() or "Thing"):
    name = fields.Char(default=act)
    made = act()
    size = fields.Integer(default=act())
    if act():
        other = fields.Char()
    @constraint("name", "named")
    def _check(self):
        return act()
    @act
    def do(self):
        act()
act()
"""
    write_addon("runs", files={"hooks.py": hooks(nasty, "Odd", "Thing") + act, "models/other.py": act})
    (tmp_path / "extra" / "runs" / "__init__.py").write_text(act)
    code = (
        "import sys; from pathlib import Path; from core.addon.check import check\n"
        "names, problems = check([Path(sys.argv[1])])\n"
        "print(names, {problem.code for problem in problems}, [m for m in sys.modules if m.startswith('addons.')])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "extra")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "('runs',) {'A025'} []", done.stdout + done.stderr
    assert not mark.exists()


@pytest.mark.parametrize(
    ("body", "listed", "expected"),
    [
        ("class A(Model, name='x.a'):\n    n = fields.Chr()", "A", ["hooks.py:3:1 A011 "]),
        ("class A(Model, name='x.a'):\n    n = fields.Char(lable='N')", "A", ["hooks.py:3:1 A011 "]),
        ("class A(Model, name='x.a', lable='N'):\n    n = fields.Char()", "A", ["hooks.py:2:1 A011 "]),
        ("class A(Modle, name='x.a'):\n    n = fields.Char()", "A", ["hooks.py:2:1 A011 "]),
        ("import no_such_thing_anywhere", "", ["hooks.py:2:1 A011 "]),
        ("from core.errors import Nope", "", ["hooks.py:2:1 A011 "]),
        ("class A(Model, name=3):\n    n = fields.Char()", "A", ["hooks.py:2:1 A011 "]),
        ("try:\n    import no_such_thing_anywhere\nexcept ImportError:\n    pass", "", []),
        ("from addons.x.absent import y", "", ["hooks.py:2:1 A011 "]),
        ("from addons.crm.models import Staje", "", ["hooks.py:2:1 A011 "]),
        ("def (", "", ["hooks.py:2:5 A011 "]),
        ("class A(Model, name='x.a'):\n    save = fields.Char()", "A", ["hooks.py:3:5 R010 "]),
        ("class A(Model, name='x.a'):\n    b = fields.Many2one('x.b')", "A", ["hooks.py:3:5 R020 "]),
        ("class A(Model, name='x.a'):\n    n = fields.Integer(default='z')", "A", ["hooks.py:3:5 R012 "]),
        (
            "class A(Model, name='x.a'):\n    n = fields.Integer(default='z')\n    save = fields.Char()\n"
            "    c = fields.Computed(fields.Integer, 'm + 1')",
            "A",
            ["hooks.py:3:5 R012 ", "hooks.py:4:5 R010 ", "hooks.py:5:5 R025 "],
        ),
        (
            "class A(Model, name='x.a'):\n    m = fields.Char()\n    @constraint('nn', 'held')\n"
            "    def _check(self):\n        return True",
            "A",
            ["hooks.py:5:5 R019 "],
        ),
        ("class A(Model, name='x.a'):\n    n = fields.Char()", "", ["hooks.py:2:1 A026 "]),
        ("@hookimpl\ndef jobs():\n    return [Job('y.z', print)]", "", ["hooks.py A018 "]),
        (
            "class A(Model, name='x.a'):\n    n = fields.Char()\n    @property\n    def p(self):\n        return 1\n"
            "    @p.setter\n    def p(self, value):\n        pass",
            "A",
            [],
        ),
        (
            "ALL = []\nclass A(Model, name='x.a'):\n    n = fields.Char()\n    if ALL:\n        o = fields.Char()\n"
            "    m = fields.Char()\n    @constraint('m', 'held')\n    def _c(self):\n        return 1\nALL.append(A)",
            "*ALL",
            ["hooks.py:5:5 A025 ", "hooks.py:14:1 A025 "],
        ),
        ("globals().update(a=1)\nclass A(B, Model, name='x.a'):\n    n = fields.Char()", "A", ["hooks.py:3:1 A025 "]),
        ("@hookimpl\ndef jobs():\n    return 7", "", ["hooks.py A015 "]),
        ("@hookimpl\ndef jobs():\n    return [Job('x.y', print, cron='4')]", "", ["hooks.py:4:1 A015 "]),
        ("class A(Model, name='x.a'):\n    n = fields.Char()", "A, 5", ["hooks.py A015 "]),
        ("class A(Modle, name='x.a'):\n    pass\nclass B(A):\n    a = fields.Many2one(A)", "A", ["hooks.py:2:1 A011 "]),
        ("@hookimpl\ndef timeline(env, nothing):\n    return []", "", ["hooks.py A012 "]),
        ("def size():\n    return 1\nclass A(Model, name='x.a'):\n    n = size()", "A", ["hooks.py:5:5 A025 "]),
        ("class Own(fields.Date):\n    pass\nclass A(Model, name='x.a'):\n    n = Own()", "A", ["hooks.py:5:5 A025 "]),
        ("if len('a'):\n    class A(Model, name='x.a'):\n        pass", "A", ["hooks.py:7:1 A025 "]),
        (
            "KINDS = {'a': 'A'}\nMORE = {**KINDS, 'b': 'B'}\nLABEL = 'N' + 'm'\n"
            "class A(Model, name='x.a', label=LABEL):\n    k = fields.Selection(MORE, default='b')\n"
            "    m: fields.Many2one['A'] = fields.Many2one['A']('x.a')",
            "A",
            [],
        ),
        ("def f():\n    from addons.crm.models import Lead", "", ["hooks.py:3:5 A023 "]),
    ],
)  # fmt: skip
def test_the_python_of_an_addon(write_addon: Write, body: str, listed: str, expected: list[str]) -> None:
    files = {"hooks.py": hooks(body, *([listed] if listed else []))}
    found = told(write_addon("x", files=files, depends=("crm",) if "Staje" in body else ()))
    assert [line.removeprefix("x/")[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_what_rests_on_something_unknown_is_not_guessed(write_addon: Write) -> None:
    view = (
        "<tessera><view id='v' model='x.a' type='form'><form><group name='g'><field name='n'/>"
        "<field name='mm'/></group></form></view></tessera>"
    )
    body = "def size():\n    return 1\nclass A(Model, name='x.a'):\n    n = size()\n    m = fields.Char()"
    manifest = 'title = "X"\nversion = "1.0.0"\ndata = ["v.xml"]\n'
    found = told(write_addon("x", manifest=manifest, files={"hooks.py": hooks(body, "A"), "v.xml": view}))
    assert [line.split(" ")[1] for line in found] == ["A025", "V012"]
    assert "'mm'" in found[1]


def test_files_and_imports_against_the_manifest(write_addon: Write) -> None:
    write_addon("other", files={"models.py": "X = 1\n"})
    files = {
        "views/forgotten.xml": "<tessera/>",
        "demo/left.csv": "id\n",
        "hooks.py": "import addons.other.models\n",
        "with/other/more.py": "from addons.other.models import X\n",
        "tests/test_x.py": "from addons.othr import X\n",
    }
    manifest = 'title = "X"\nversion = "1.0.0"\ndata = ["gone.xml"]\ndepends = ["x"]\n'
    found = told(write_addon("x", files=files, manifest=manifest))
    assert [" ".join(line.split(" ")[:2]) for line in found] == [
        "x/addon.toml:3:9 A006",
        "x/addon.toml:4:12 A010",
        "x/demo/left.csv A024",
        "x/hooks.py:1:1 A023",
        "x/tests/test_x.py:1:1 A023",
        "x/views/forgotten.xml A024",
    ]
    assert "did you mean 'other'?" in found[4]


def test_the_command(write_addon: Write, tmp_path: Path) -> None:
    good = write_addon("good")
    bad = write_addon("bad", manifest='title = "Bad"\nversion = "1.0"\ndepend = []\n')
    assert "Checked good. No mistakes." in run(str(good)).stderr
    shown = run(str(good), str(bad), exit_code=1)
    assert "Checked good, bad. Mistakes: 2." in shown.stderr
    assert shown.stdout.startswith("addons/bad/addon.toml:2:1 A005 ")
    listed = json.loads(run(str(good.parent), "--json", exit_code=1).stdout)
    assert [sorted(each) for each in listed] == [
        ["code", "column", "file", "line", "notes", "suggestion", "text"] for _problem in range(2)
    ]
    assert listed[1]["suggestion"] == "depends"
    (tmp_path / "empty").mkdir()
    assert "There is no addon in" in run(str(tmp_path / "empty"), exit_code=1).stderr
    assert "There is no addon in" in run(str(tmp_path / "absent"), exit_code=1).stderr


def test_an_addon_is_found_beside_and_in_other_folders(write_addon: Write) -> None:
    far = write_addon("far", under="elsewhere")
    write_addon("near")
    asked = write_addon("asked", depends=("near", "far"))
    assert "A009" in run(str(asked), exit_code=1).stdout
    run(str(asked), "--addons-path", str(far.parent))
    twin = write_addon("asked", under="elsewhere")
    assert "A008" in run(str(asked), str(twin), exit_code=1).stdout
    assert "A008" in run(str(write_addon("crm")), exit_code=1).stdout


def test_bridges_are_checked_with_both_sides(write_addon: Write) -> None:
    write_addon("right", files={"hooks.py": hooks("class R(Model, name='right.r'):\n    n = fields.Char()", "R")})
    files = {
        "hooks.py": hooks("class L(Model, name='left.l'):\n    n = fields.Char()", "L"),
        "with/right/__init__.py": "",
        "with/right/bridge.toml": "data = []\n",
        "with/right/views/forgotten.xml": "<tessera/>",
        "with/right/hooks.py": "from .more import More\nfrom core import hookimpl\n\n@hookimpl\n"
        "def modles():\n    return [More]\n",
        "with/right/more.py": f"{HEAD}class More(Model, name='left.more'):\n    r = fields.Many2one('right.r')\n",
    }
    left = write_addon("left", files=files)
    assert [" ".join(line.split(" ")[:2]) for line in told(left)] == [
        "left/with/right/hooks.py:4:1 A012",
        "left/with/right/views/forgotten.xml A024",
    ]
    (left / "with/right/hooks.py").write_text(files["with/right/hooks.py"].replace("modles", "models"))
    (left / "with/right/views/forgotten.xml").unlink()
    assert told(left) == []
    (left / "with/right/more.py").write_text(files["with/right/more.py"].replace("right.r", "right.s"))
    assert [line.split(" ")[1] for line in told(left)] == ["R020"]
