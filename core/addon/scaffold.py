"""The files of a new addon: a model with a list, a form, access rights, a menu and tests, ready to be installed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from core.addon import manifest as manifests
from core.addon.discovery import Catalog
from core.errors import Refusal
from core.i18n import _

_MANIFEST = """title = "{title}"
version = "1.0.0"
summary = "What {title} is for, in one sentence."
depends = [{depends}]
data = ["security/access.csv", "views/item_views.xml"]
"""

_HOOKS = '''"""The hooks of {name}."""

from __future__ import annotations

from addons.{name}.models.item import Item
from core import Model, hookimpl


@hookimpl
def models() -> list[type[Model]]:
    """What {name} adds."""
    return [Item]
'''

_MODEL = '''"""The model of {name}: rename it, and give it the fields it needs."""

from __future__ import annotations

from core import Model, fields


class Item(Model, name="{name}.item", label="Item", order="name, id"):
    """One item."""

    name = fields.Char(label="Name", required=True, search=True)
    active = fields.Boolean(label="Active", default=True)
'''

_ACCESS = """id,name,model,group,can_create,can_read,can_update,can_delete
access_item_internal,Everybody inside works with items,{name}.item,base.internal,1,1,1,0
access_item_admin,Administrators may delete items,{name}.item,base.admin,1,1,1,1
"""

_VIEWS = """<?xml version="1.0" encoding="UTF-8"?>
<tessera>
  <view id="item_form" model="{name}.item" type="form">
    <form>
      <group name="main">
        <field name="name"/>
      </group>
    </form>
  </view>

  <view id="item_list" model="{name}.item" type="list">
    <list>
      <field name="name"/>
    </list>
  </view>

  <action id="item_action" name="Items" model="{name}.item" views="list,form"/>
  <menu id="menu_root" name="{title}" sequence="60" groups="base.internal"/>
  <menu id="menu_item" name="Items" parent="menu_root" action="item_action" sequence="10"/>
</tessera>
"""

_TEST = '''"""Items: what users may do with them."""

from __future__ import annotations

from pathlib import Path

from core.testing import MakeInstance

ADDONS = Path(__file__).resolve().parents[2]


def test_an_item_is_kept(make_instance: MakeInstance) -> None:
    instance = make_instance("{name}", addons_path=[ADDONS])
    with instance.environment() as env:
        item = env["{name}.item"].create(name="First")
        assert env["{name}.item"].read("name == 'First'", ["id"]) == [{{"id": item.id}}]
'''

_CONFORMANCE = '''"""What every addon must keep to: it is valid, complete, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

from core.conformance import Conformance


class TestConformance(Conformance):
    """The suite for {name}."""

    folder = Path(__file__).resolve().parents[1]
'''

_README = """# {title}

What it adds, and for whom.

| model | what |
|---|---|
| `{name}.item` | one item |
"""

FILES = {
    manifests.FILE_NAME: _MANIFEST,
    "__init__.py": '"""{title}."""\n',
    "hooks.py": _HOOKS,
    "models/__init__.py": '"""The models of {name}."""\n',
    "models/item.py": _MODEL,
    "security/access.csv": _ACCESS,
    "views/item_views.xml": _VIEWS,
    "tests/test_conformance.py": _CONFORMANCE,
    "tests/test_item.py": _TEST,
    "README.md": _README,
}


def new_addon(catalog: Catalog, parent: Path, name: str, *, title: str, depends: Iterable[str]) -> Path:
    """Write the files of a new addon into `parent/name`; the folder.

    Raises Refusal, having written nothing, for a name that no addon may have or that is taken, a title of several lines
    or with signs that a manifest gives a meaning, a dependency that is not there, a folder that exists or cannot be
    made.
    """
    folder = parent / name
    needed = tuple(dict.fromkeys(depends))
    _require_fitting(catalog, name, title, needed)
    if os.path.lexists(folder):
        raise Refusal(_("{folder} exists already.", folder=folder))
    listed = ", ".join(f'"{other}"' for other in needed)
    texts = {relative: text.format(name=name, title=title, depends=listed) for relative, text in FILES.items()}
    try:
        _write(folder, texts)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal(_("{folder} cannot be written: {reason}.", folder=folder, reason=reason)) from error
    return folder


def _require_fitting(catalog: Catalog, name: str, title: str, needed: Iterable[str]) -> None:
    if not manifests.is_name(name):
        hint = _("Small letters, digits and underscores, a letter first.")
        raise Refusal(_("'{name}' cannot name an addon.", name=name), hint=hint)
    if name in catalog.names:
        raise Refusal(_("There is an addon '{name}' already.", name=name), hint=_("Choose another name."))
    if not title.isprintable() or not title.strip() or set(title) & set('"\\<>&{}'):
        raise Refusal(_("The title '{title}' cannot be used.", title=title), hint=_("One line of letters and signs."))
    for other in needed:
        catalog[other]  # refuses what is not there, or broken


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write a folder that is there whole, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".new.") as begun:
        for relative, text in texts.items():
            path = Path(begun, folder.name, relative)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        Path(begun, folder.name).rename(folder)
