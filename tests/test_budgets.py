"""The shape of the source, kept as a test: sizes of files and functions, imports at the top, signatures with types."""

import ast
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

FILE_LINES = 400
FUNCTION_LINES = 60
FUNCTION_MEDIAN = 8
DOCSTRING_LINES = 5
# A package that every layer above knows by its own name alone.
GIVES_NAMES = {"core/database/__init__.py"}
SHAPELESS_NAMES = {"common", "helper", "helpers", "misc", "util", "utils"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_test(path: Path) -> bool:
    return "tests" in path.parts


def is_core(path: Path) -> bool:
    return path.parts[0] in ("core", "cli.py")


def local_imports(tree: ast.Module) -> list[int]:
    return [
        inner.lineno
        for node in functions(tree)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Public functions and methods, constructors of public classes; what is inside a function is its own affair."""
    for node in body:
        if isinstance(node, Function) and (not node.name.startswith("_") or node.name in ("__init__", "__call__")):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)


def untyped(node: Function) -> list[str]:
    """The parts of a signature without a type."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    starred = [each for each in (node.args.vararg, node.args.kwarg) if each]
    bare = [each.arg for each in (*arguments, *starred) if each.annotation is None and each.arg not in ("self", "cls")]
    return [*bare, *([] if node.returns else ["return"])]


def test_files_are_short(modules: Mapping[Path, ast.Module], root: Path) -> None:
    lengths = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {str(path): lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_are_short(modules: Mapping[Path, ast.Module]) -> None:
    long = [
        f"{path}:{node.lineno} {node.name} has {length(node)} lines"
        for path, tree in modules.items()
        for node in functions(tree)
        if length(node) > FUNCTION_LINES
    ]
    assert long == []


def test_the_median_function_of_core_is_short(modules: Mapping[Path, ast.Module]) -> None:
    lengths = [length(node) for path, tree in modules.items() if is_core(path) for node in functions(tree)]
    assert statistics.median(lengths) <= FUNCTION_MEDIAN


def test_core_imports_at_the_top_only(modules: Mapping[Path, ast.Module]) -> None:
    found = [f"{path}:{line}" for path, tree in modules.items() if is_core(path) for line in local_imports(tree)]
    assert found == []


def test_every_public_signature_of_core_is_typed(modules: Mapping[Path, ast.Module]) -> None:
    found = [
        f"{path}:{node.lineno} {node.name}: {', '.join(missing)}"
        for path, tree in modules.items()
        if is_core(path)
        for node in public_functions(tree.body)
        if (missing := untyped(node))
    ]
    assert found == []


def test_every_file_says_what_it_is(modules: Mapping[Path, ast.Module]) -> None:
    silent = []
    for path, tree in modules.items():
        text = ast.get_docstring(tree)
        if not text or len(text.split("\n\n")[0].splitlines()) > DOCSTRING_LINES:
            silent.append(f"{path}: a docstring whose first paragraph has 1 to {DOCSTRING_LINES} lines")
    assert silent == []


def test_a_subpackage_of_core_holds_a_docstring_only(modules: Mapping[Path, ast.Module]) -> None:
    found = [
        str(path)
        for path, tree in modules.items()
        if path.parts[0] == "core"
        and len(path.parts) > 2
        and path.name == "__init__.py"
        and len(tree.body) != 1
        and path.as_posix() not in GIVES_NAMES
    ]
    assert found == []


def test_no_file_is_a_drawer_for_everything(modules: Mapping[Path, ast.Module]) -> None:
    assert [str(path) for path in modules if path.stem in SHAPELESS_NAMES] == []


def test_mistakes_of_users_are_raised_not_asserted(modules: Mapping[Path, ast.Module]) -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules.items()
        if path.parts[0] == "addons" and not is_test(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_a_local_import_is_found() -> None:
    assert local_imports(ast.parse("import a\ndef f():\n    if x:\n        import b\n")) == [4]


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("def f(a: int, *, b: str = '') -> None: ...", []),
        ("def f(a, *b, **c): ...", ["a", "b", "c", "return"]),
        ("class A:\n    def f(self) -> int: ...", []),
        ("class A:\n    @classmethod\n    def f(cls, a): ...", ["a", "return"]),
        ("def _f(a): ...", []),
    ],
)
def test_an_untyped_signature_is_found(source: str, missing: list[str]) -> None:
    assert [name for node in public_functions(ast.parse(source).body) for name in untyped(node)] == missing
