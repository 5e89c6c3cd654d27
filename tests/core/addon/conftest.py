"""Little addons written on the fly, databases with addons installed, and the dump by which two databases are equal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from core.addon.canonical import canonical
from core.addon.instance import Instance
from core.database import Database
from core.security.passwords import COST_SETTING
from core.testbed.installed import installed
from core.testing import Databases

Write = Callable[..., Path]


@pytest.fixture
def write_addon(tmp_path: Path) -> Write:
    """Write an addon folder: `write_addon("x", depends=["base"], files={"data/x.xml": "..."}, manifest=None)`."""

    def write(
        name: str,
        *,
        depends: tuple[str, ...] = (),
        manifest: str | None = None,
        files: dict[str, str] | None = None,
        under: str = "extra",
    ) -> Path:
        folder = tmp_path / under / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text('"""An addon of a test."""\n')
        listed = ", ".join(f'"{other}"' for other in depends)
        (folder / "addon.toml").write_text(
            manifest if manifest is not None else f'title = "{name}"\nversion = "1.0.0"\ndepends = [{listed}]\n'
        )
        for relative, text in (files or {}).items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return write


EXTRA_ADDONS = Path(__file__).resolve().parents[2] / "addons"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at a cost that tests can afford."""
    monkeypatch.setenv(COST_SETTING, "8,1,1")


@pytest.fixture(autouse=True)
def forget_modules(tmp_path: Path) -> Iterator[None]:
    """Give the names of the addons that a test wrote free again."""
    yield
    for name, module in list(sys.modules.items()):
        if name.startswith("addons.") and str(tmp_path) in str(getattr(module, "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def make_instance(engine: str, databases: Databases) -> Iterator[Callable[..., Instance]]:
    """Open a copy of a database with the addons named: `make_instance("crm", addons_path=[...])`."""
    opened: list[Instance] = []

    def make(*addons: str, addons_path: Sequence[Path] = (EXTRA_ADDONS,)) -> Instance:
        url = installed(databases, engine, addons, addons_path=addons_path)
        opened.append(Instance.open(url, addons_path=addons_path))
        return opened[-1]

    yield make
    for instance in opened:
        instance.close()
        databases.drop(instance.database.url)


@pytest.fixture(name="canonical")
def canonical_dump() -> Callable[[Database], str]:
    """The canonical dump."""
    return canonical
