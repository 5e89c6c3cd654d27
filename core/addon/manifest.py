"""`addon.toml`: what an addon says of itself. Read with `tomllib`, importing nothing; every mistake is found in one
reading.

An addon's files are shown as `addons/<name>/...` wherever its folder lies, since that is what Python calls them.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import total_ordering
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement

from core.errors import Problem, closest

FILE_NAME = "addon.toml"
BRIDGE_FILE = "bridge.toml"
BRIDGES = "with"  # the folder of an addon that holds its bridges, one folder for each other addon
DATA_SUFFIXES = (".xml", ".csv")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\Z")
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """`major.minor.patch`, ordered by number."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version written as `text`; ValueError when it is not three numbers joined by points."""
        match = _VERSION.match(text)
        if match is None:
            raise ValueError(text)
        return cls(*(int(part) for part in match.groups()))

    def __lt__(self, other: Version) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One addon's declarations; `folder` is where it lies, `source` the text of its `addon.toml`.

    A bridge is an addon that comes and goes by itself: `bridge` names the addon whose folder holds it, and the other.
    """

    name: str
    folder: Path
    title: str
    version: Version
    summary: str = ""
    depends: tuple[str, ...] = ()
    python: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    demo: tuple[str, ...] = ()
    source: str = ""
    bridge: tuple[str, str] | None = None

    @property
    def file(self) -> str:
        """The name by which problems call the manifest."""
        return self.shown(BRIDGE_FILE if self.bridge else FILE_NAME)

    @property
    def package(self) -> str:
        """What Python calls its package."""
        return f"addons.{self.bridge[0]}.{BRIDGES}.{self.bridge[1]}" if self.bridge else f"addons.{self.name}"

    def shown(self, relative: str) -> str:
        """The name by which people are told of one of the addon's files."""
        return f"{self.package.replace('.', '/')}/{relative}"

    def problem(self, code: str, text: str, *, key: str = "", item: str = "", suggestion: str = "") -> Problem:
        """A problem at the place where `addon.toml` says `key`, or the `item` of its list."""
        line, column = place(self.source, key, item)
        return Problem(self.file, line, column, code, text, suggestion)


def place(source: str, key: str, item: str = "") -> tuple[int, int]:
    """Line and column (from 1) of a key, or of a quoted item behind it; (1, 1) when it is not written."""
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?({re.escape(key)})\b", source, re.MULTILINE) if key else None
    if found is None:
        return 1, 1
    offset = found.start(1)
    if item:
        quoted = re.compile(rf"[\"']{re.escape(item)}[\"']").search(source, found.end())
        offset = quoted.start() if quoted else offset
    line_start = source.rfind("\n", 0, offset) + 1
    return source.count("\n", 0, offset) + 1, offset - line_start + 1


def read(folder: Path) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """The manifest in `folder` and every problem of it; no manifest where the problems leave none to speak of."""
    name = folder.name
    shown = f"addons/{name}/{FILE_NAME}"
    try:
        source = (folder / FILE_NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return None, (Problem(shown, 0, 0, "A001", f"the manifest cannot be read: {reason}"),)
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        return None, (_syntax_problem(shown, source, error),)
    problems = [*_name_problems(name, folder, shown), *_key_problems(shown, source, values)]
    if problems:
        return None, tuple(problems)
    manifest = _manifest(name, folder, source, values)
    return manifest, tuple(_file_problems(manifest))


def bridge_name(owner: str, other: str) -> str:
    """What the bridge from an addon to another is called."""
    return f"{owner}_{BRIDGES}_{other}"


def read_bridge(owner: Manifest, folder: Path) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """The bridge of an addon to the one that `folder` is called like, and every problem of it.

    It has the version of its addon, and needs both.
    """
    other, shown = folder.name, f"addons/{owner.name}/{BRIDGES}/{folder.name}/{BRIDGE_FILE}"
    try:
        source = (folder / BRIDGE_FILE).read_text(encoding="utf-8")
        values = tomllib.loads(source)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return None, (Problem(shown, 0, 0, "A001", f"the manifest cannot be read: {reason}"),)
    except tomllib.TOMLDecodeError as error:
        return None, (_syntax_problem(shown, source, error),)
    problems = [*_name_problems(other, folder, shown), *_key_problems(shown, source, values, BRIDGE_KEYS, ())]
    if problems:
        return None, tuple(problems)
    named = {"title": f"{owner.title} with {other}", **values, "version": str(owner.version)}
    found = replace(
        _manifest(bridge_name(owner.name, other), folder, source, named),
        depends=(owner.name, other),
        bridge=(owner.name, other),
    )
    return found, tuple(_file_problems(found))


def _syntax_problem(shown: str, source: str, error: tomllib.TOMLDecodeError) -> Problem:
    match = _TOML_PLACE.search(str(error))
    end = (source.count("\n") + 1, len(source) - source.rfind("\n"))
    line, column = (int(match[1]), int(match[2])) if match else end
    text = str(error).split(" (at ", 1)[0]
    return Problem(shown, line, column, "A001", f"the manifest is not TOML: {text[:1].lower()}{text[1:]}")


def is_name(text: str) -> bool:
    """Whether an addon may be called so: it is a module's name too."""
    return bool(_NAME.match(text)) and not keyword.iskeyword(text)


def _name_problems(name: str, folder: Path, shown: str) -> list[Problem]:
    problems = []
    if not is_name(name):
        text = (
            f"'{name}' cannot name an addon: small letters, digits and underscores, a letter first, no word of Python"
        )
        problems.append(Problem(shown, 0, 0, "A007", text))
    if not (folder / "__init__.py").is_file():
        problems.append(Problem(shown, 0, 0, "A013", "the addon has no __init__.py; add one that holds its docstring"))
    return problems


def _is_text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else "must be a text that is not empty"


def _is_version(value: object) -> str:
    fits = isinstance(value, str) and _VERSION.match(value)
    return "" if fits else "must be three numbers like '1.4.0': major, minor, patch"


def _is_list(value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        return "must be a list of texts"
    twice = sorted({item for item in value if value.count(item) > 1})
    return f"names '{twice[0]}' twice" if twice else ""


def _is_requirements(value: object) -> str:
    wrong = _is_list(value)
    for item in value if isinstance(value, list) and not wrong else ():
        try:
            Requirement(item)
        except InvalidRequirement:
            return f"holds '{item}', which is no requirement like 'rapidfuzz>=3.0'"
    return wrong


# What may stand in a manifest: docs/addons.md has a heading for each key, and a test compares the two.
KEYS: Mapping[str, Callable[[object], str]] = {
    "title": _is_text,
    "version": _is_version,
    "summary": _is_text,
    "depends": _is_list,
    "python": _is_requirements,
    "data": _is_list,
    "demo": _is_list,
}
REQUIRED = ("title", "version")
BRIDGE_KEYS = ("title", "summary", "python", "data", "demo")


def _key_problems(
    shown: str,
    source: str,
    values: Mapping[str, object],
    known: Collection[str] = tuple(KEYS),
    required: Collection[str] = REQUIRED,
) -> list[Problem]:
    problems = [
        Problem(shown, 1, 1, "A003", f"the manifest lacks the key '{key}'") for key in required if key not in values
    ]
    for key, value in values.items():
        line, column = place(source, key)
        if key not in known:
            text = f"'{key}' is not a key of a manifest"
            problems.append(Problem(shown, line, column, "A002", text, closest(key, known)))
        elif wrong := KEYS[key](value):
            problems.append(
                Problem(shown, line, column, "A005" if key == "version" else "A004", f"the key '{key}' {wrong}")
            )
    return problems


def _manifest(name: str, folder: Path, source: str, values: Mapping[str, object]) -> Manifest:
    def texts(key: str) -> tuple[str, ...]:
        value = values.get(key, ())
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    return Manifest(
        name=name,
        folder=folder,
        title=str(values["title"]),
        version=Version.parse(str(values["version"])),
        summary=str(values.get("summary", "")),
        depends=texts("depends"),
        python=texts("python"),
        data=texts("data"),
        demo=texts("demo"),
        source=source,
    )


def _file_problems(manifest: Manifest) -> list[Problem]:
    problems = []
    for key, files in (("data", manifest.data), ("demo", manifest.demo)):
        for relative in files:
            wrong, suggestion = _wrong_with_file(manifest.folder, relative)
            if wrong:
                problems.append(manifest.problem("A006", wrong, key=key, item=relative, suggestion=suggestion))
    if manifest.name in manifest.depends:
        text = "an addon cannot depend on itself"
        problems.append(manifest.problem("A010", text, key="depends", item=manifest.name))
    return problems


def _wrong_with_file(folder: Path, relative: str) -> tuple[str, str]:
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or "\\" in relative:
        return f"'{relative}' does not lie inside the addon", ""
    if path.suffix not in DATA_SUFFIXES:
        return f"'{relative}' is neither XML nor CSV", ""
    if (folder / path).is_file():
        return "", ""
    if (folder / path).is_dir():
        return f"'{relative}' is a folder, not a file", ""
    parent = folder / path.parent
    beside = [str(path.parent / other.name) for other in parent.iterdir()] if parent.is_dir() else []
    return f"there is no file '{relative}'", closest(relative, beside)
