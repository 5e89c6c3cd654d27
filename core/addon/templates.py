"""The Jinja templates in an addon's folder `templates/`, read without serving them: what cannot be read, and what
includes or extends a template that is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from core.addon.manifest import Manifest
from core.errors import Problem, closest

FOLDER = "templates"
SUFFIXES = frozenset({".html", ".htm", ".txt", ".xml", ".jinja", ".jinja2", ".j2"})
# What a page of an addon may use of the product's own: the frame of every page, macros.
OF_CORE = Path(__file__).parents[1] / "web" / FOLDER
# By these an addon brings filters and tests of its own, whose names nobody knows without running it.
_BRINGING = ("template_filter", "template_test", "jinja_env")
_NAMELESS = ("No filter named", "No test named")


def template_mistakes(manifest: Manifest, needed: Sequence[Manifest]) -> Iterator[Problem]:
    """A problem for each template that cannot be read (A027), or names another that is not there (A028).

    `needed` are the addons that it depends on, whose templates it may use.
    """
    known = {*_names(OF_CORE)}
    for each in (manifest, *needed):
        known.update(_names(each.folder / FOLDER))
    bringing = any(_brings_names(each.folder) for each in (manifest, *needed))
    environment = Environment(trim_blocks=True, lstrip_blocks=True)  # as the application has it
    for path in _files(manifest.folder / FOLDER):
        shown = manifest.shown(path.relative_to(manifest.folder).as_posix())
        try:
            source = path.read_text(encoding="utf-8")
            tree = environment.parse(source)
            yield from _missing(tree, known, shown)
            environment.compile(source, raw=True)
        except UnicodeDecodeError:
            yield Problem(shown, 0, 0, "A027", "the template is not UTF-8")
        except RecursionError:
            yield Problem(shown, 0, 0, "A027", "the template is nested too deeply")
        except TemplateSyntaxError as error:
            text = error.message or ""
            if not (bringing and text.startswith(_NAMELESS)):
                yield Problem(shown, error.lineno, 1, "A027", f"the template cannot be read: {text}")


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file())


def _names(folder: Path) -> Iterator[str]:
    yield from (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _brings_names(folder: Path) -> bool:
    sources = (path.read_bytes() for path in folder.rglob("*.py"))
    return any(word.encode() in source for source in sources for word in _BRINGING)


def _missing(tree: nodes.Template, known: Collection[str], shown: str) -> Iterator[Problem]:
    """What a template includes, extends or imports by a name that is written down and leads nowhere."""
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        if isinstance(node, nodes.Include) and node.ignore_missing:
            continue
        wanted = _written(node.template)  # type: ignore[attr-defined]  # each of the four has one
        if wanted and not set(wanted) & set(known):
            text = f"there is no template '{wanted[0]}' here, in what the addon depends on, or in core"
            yield Problem(shown, node.lineno, 1, "A028", text, closest(wanted[0], known))


def _written(node: nodes.Node) -> list[str]:
    """The names of which one must be there; none where that is worked out when the template is filled in."""
    items = list(node.items) if isinstance(node, nodes.List | nodes.Tuple) else [node]
    names = [str(each.value) for each in items if isinstance(each, nodes.Const)]
    return names if len(names) == len(items) else []
