"""Little addons written on the fly, for manifests, discovery and graphs."""

from collections.abc import Callable
from pathlib import Path

import pytest

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
