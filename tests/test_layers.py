"""Imports go down only: between the parts of core, and from addons to core's public names and what they depend on."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

# From top to bottom; names in one line stand on one level and may import each other.
LAYERS = (
    ("cli", "core.testing", "core.conformance"),
    ("core.testbed",),
    ("core.commands",),
    ("core.pages",),
    ("core.web",),
    ("core.jobs",),
    ("core.addon",),
    ("core.views",),
    ("core.data",),
    ("core.records",),
    ("core.security",),
    ("core.model",),
    ("core.lang",),
    ("core.database",),
    (
        "core.hookspecs",
        "core.job",
        "core.config",
        "core.logs",
        "core.errors",
        "core.i18n",
        "core.sqlite_functions",
        "core.text",
        "core.timeline",
        "core.unfinished",
    ),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# `core` itself only gathers the names addon authors import: core's own modules take them from where they are defined.
FACADE = "core."
PUBLIC = {"core", "core.pages"}
PUBLIC_IN_TESTS = {"core", "core.pages", "core.testing", "core.conformance", "core.errors", "cli"}

# Discovery alone imports the bare package, to learn where the bundled folder is.
BUNDLE_FINDER = "core.addon."

# Query building and bulk verbs of peewee go past rights, rules, constraints and history.
RAW_VERBS = {
    "bulk_create",
    "bulk_update",
    "delete_by_id",
    "execute",
    "executemany",
    "insert_from",
    "insert_many",
    "replace_many",
    "set_by_id",
    "where",
}
RAW_LIBRARIES = {"peewee", "playhouse", "sqlite3", "psycopg", "psycopg_pool"}


def module_name(path: Path) -> str:
    parts = list(path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that is imported; `from core.x import y` gives both `core.x` and `core.x.y`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def without_typing_only(tree: ast.Module) -> ast.Module:
    """The module without what stands under `if TYPE_CHECKING`."""
    kept = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    ]
    return ast.Module(body=kept, type_ignores=[])


def package_of(path: Path) -> str:
    return ".".join(path.parent.parts)


def level_of(name: str) -> int | None:
    parts = name.split(".")
    return next((LEVEL[".".join(parts[:size])] for size in (2, 1) if ".".join(parts[:size]) in LEVEL), None)


def upward(path: Path, tree: ast.Module) -> list[str]:
    """What a module imports from above its own layer, as messages."""
    own = level_of(module_name(path))
    if own is None:
        return [f"{path}: belongs to no layer"]
    seen = without_typing_only(tree) if module_name(path) == "core.hookspecs" else tree
    found = []
    for line, name in imports(seen, package_of(path)):
        level = level_of(name)
        if level is not None and level < own:
            found.append(f"{path}:{line} imports {name} from above")
        if level is None and name.startswith(FACADE):
            found.append(f"{path}:{line} imports from `core`: name the module instead")
        if name.startswith("addons.") or (name == "addons" and not module_name(path).startswith(BUNDLE_FINDER)):
            found.append(f"{path}:{line} imports {name}: core reaches models by name")
    return found


def test_core_imports_go_down_only(modules: Mapping[Path, ast.Module]) -> None:
    found = [
        message
        for path, tree in modules.items()
        if path.parts[0] in ("core", "cli.py") and path != Path("core/__init__.py")
        for message in upward(path, tree)
    ]
    assert sorted(set(found)) == []


def closure(name: str, depends: Mapping[str, set[str]]) -> set[str]:
    """An addon with all it depends on, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        addon = waiting.pop()
        if addon not in seen:
            seen.add(addon)
            waiting.extend(depends.get(addon, ()))
    return seen


@pytest.fixture(scope="session")
def depends(root: Path) -> Mapping[str, set[str]]:
    manifests = sorted(root.glob("addons/*/addon.toml"))
    return {
        path.parent.name: set(tomllib.loads(path.read_text(encoding="utf-8")).get("depends", ())) for path in manifests
    }


def foreign(path: Path, tree: ast.Module, depends: Mapping[str, set[str]]) -> list[str]:
    """What an addon's module imports from core's inside or from addons it does not depend on, as messages."""
    addon = path.parts[1]
    allowed = closure(addon, depends)
    if "with" in path.parts:
        allowed |= closure(path.parts[path.parts.index("with") + 1], depends)
    tests = "tests" in path.parts
    public = PUBLIC_IN_TESTS if tests else PUBLIC
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            first, *rest = name.split(".")
            if first in ("core", "cli") and name not in public:
                found.append(f"{path}:{node.lineno} imports {name}: addons import from `core` only")
            if first == "addons" and (not rest or rest[0] not in allowed):
                found.append(f"{path}:{node.lineno} imports {name}: not among the addon's depends")
            if first in RAW_LIBRARIES and not tests:
                found.append(f"{path}:{node.lineno} imports {name}: only core talks to the database")
    return found


def test_addons_import_public_names_and_their_depends(
    modules: Mapping[Path, ast.Module], depends: Mapping[str, set[str]]
) -> None:
    found = [
        message
        for path, tree in modules.items()
        if path.parts[0] == "addons" and len(path.parts) > 2
        for message in foreign(path, tree, depends)
    ]
    assert found == []


def raw_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RAW_VERBS:
            yield node.lineno, node.func.attr


def test_addons_write_through_the_checked_pipeline(modules: Mapping[Path, ast.Module]) -> None:
    found = [
        f"{path}:{line} calls .{verb}()"
        for path, tree in modules.items()
        if path.parts[0] == "addons" and not {"tests", "migrations"} & set(path.parts)
        for line, verb in raw_calls(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("core/lang/sql.py", "from core.records import pipeline", "imports core.records from above"),
        ("core/lang/sql.py", "from core import Model", "imports from `core`"),
        ("core/lang/sql.py", "import addons.crm", "core reaches models by name"),
        ("core/lang/sql.py", "from ..web import app", "imports core.web from above"),
        ("core/loose.py", "", "belongs to no layer"),
    ],
)
def test_an_upward_import_is_found(path: str, source: str, message: str) -> None:
    assert any(message in text for text in upward(Path(path), ast.parse(source)))


def test_a_downward_import_is_allowed() -> None:
    source = "from core import hookspecs\nfrom core.lang.parser import parse\nfrom .compare import same"
    assert upward(Path("core/records/search.py"), ast.parse(source)) == []


@pytest.mark.parametrize(
    ("path", "source", "refused"),
    [
        ("addons/crm/models/lead.py", "from core import Model", False),
        ("addons/crm/models/lead.py", "from core.records.environment import Environment", True),
        ("addons/crm/models/lead.py", "from addons.base.models import Partner", False),
        ("addons/crm/models/lead.py", "from addons.portal.models import Token", True),
        ("addons/crm/with/portal/lead.py", "from addons.portal.models import Token", False),
        ("addons/crm/models/lead.py", "import peewee", True),
        ("addons/crm/tests/test_lead.py", "from core.testing import catalogue", False),
    ],
)
def test_an_addon_is_kept_to_its_depends(path: str, source: str, refused: bool) -> None:
    depends = {"crm": {"base"}, "portal": {"base"}, "base": set()}
    assert bool(foreign(Path(path), ast.parse(source), depends)) is refused


def test_a_raw_query_is_found() -> None:
    source = "Lead.update(stage=1).where(Lead.id == 2).execute()\n{}.update(a=1)"
    assert sorted(verb for _, verb in raw_calls(ast.parse(source))) == ["execute", "where"]
