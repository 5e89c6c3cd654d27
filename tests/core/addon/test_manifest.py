"""Manifests: every mistake with its place and, where there is one, the nearest right word."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.manifest import Version, place, read

Write = Callable[..., Path]
GOOD = 'title = "Calls"\nversion = "1.4.0"\n'


def problems_of(folder: Path) -> list[str]:
    return [str(problem) for problem in read(folder)[1]]


def test_a_full_manifest_is_read(write_addon: Write) -> None:
    text = (
        'title = "Calls"\nversion = "1.4.0"\nsummary = "Phone calls."\ndepends = ["base", "crm"]\n'
        'python = ["lxml>=5"]\ndata = ["views/a.xml"]\ndemo = ["demo/b.csv"]\n'
    )
    folder = write_addon("calls", manifest=text, files={"views/a.xml": "", "demo/b.csv": ""})
    manifest, problems = read(folder)
    assert problems == ()
    assert manifest is not None
    assert (manifest.name, manifest.title, manifest.version) == ("calls", "Calls", Version(1, 4, 0))
    assert (manifest.depends, manifest.python) == (("base", "crm"), ("lxml>=5",))
    assert (manifest.data, manifest.demo, manifest.folder) == (("views/a.xml",), ("demo/b.csv",), folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('title = "x\n', "1:11 A001 the manifest is not TOML: illegal character '\\n'"),
        (GOOD + "depend = []\n", "3:1 A002 'depend' is not a key of a manifest; did you mean 'depends'?"),
        (GOOD + "[data]\nx = 1\n", "3:2 A004 the key 'data' must be a list of texts"),
        ('title = "x"\n', "1:1 A003 the manifest lacks the key 'version'"),
        ('title = " "\nversion = "1.0.0"\n', "1:1 A004 the key 'title' must be a text that is not empty"),
        (
            'title = "x"\n  version = "1.0"\n',
            "2:3 A005 the key 'version' must be three numbers like '1.4.0': major, minor, patch",
        ),
        (GOOD + 'data = "a.xml"\n', "3:1 A004 the key 'data' must be a list of texts"),
        (GOOD + 'depends = ["crm", "crm"]\n', "3:1 A004 the key 'depends' names 'crm' twice"),
        (
            GOOD + 'python = ["a b c"]\n',
            "3:1 A004 the key 'python' holds 'a b c', which is no requirement like 'rapidfuzz>=3.0'",
        ),
        (GOOD + 'data = [\n  "views/lead.xm",\n]\n', "4:3 A006 'views/lead.xm' is neither XML nor CSV"),
        (
            GOOD + 'data = [\n  "views/leed.xml",\n]\n',
            "4:3 A006 there is no file 'views/leed.xml'; did you mean 'views/lead.xml'?",
        ),
        (GOOD + 'data = ["data.xml"]\n', "3:9 A006 'data.xml' is a folder, not a file"),
        (GOOD + 'data = ["../crm/x.xml"]\n', "3:9 A006 '../crm/x.xml' does not lie inside the addon"),
        (GOOD + 'demo = ["/etc/x.csv"]\n', "3:9 A006 '/etc/x.csv' does not lie inside the addon"),
        (GOOD + 'depends = ["calls"]\n', "3:12 A010 an addon cannot depend on itself"),
    ],
)
def test_a_mistake_is_told_with_its_place(write_addon: Write, text: str, expected: str) -> None:
    folder = write_addon("calls", manifest=text, files={"views/lead.xml": "", "data.xml/x.xml": ""})
    assert f"addons/calls/addon.toml:{expected}" in problems_of(folder)


def test_all_mistakes_come_at_once(write_addon: Write) -> None:
    folder = write_addon("calls", manifest='titel = "x"\nversion = "one"\ndata = [1]\n')
    codes = [problem.code for problem in read(folder)[1]]
    assert sorted(codes) == ["A002", "A003", "A004", "A005"]


@pytest.mark.parametrize("name", ["Calls", "my-calls", "1st", "class", "_x"])
def test_a_folder_that_python_could_not_import_is_refused(write_addon: Write, name: str) -> None:
    assert [problem.code for problem in read(write_addon(name))[1]] == ["A007"]


def test_a_package_without_init_is_refused(write_addon: Write) -> None:
    folder = write_addon("calls")
    (folder / "__init__.py").unlink()
    assert [problem.code for problem in read(folder)[1]] == ["A013"]


def test_a_manifest_that_is_not_utf8_is_refused(write_addon: Write) -> None:
    folder = write_addon("calls")
    (folder / "addon.toml").write_bytes(b'title = "\xff"\n')
    assert problems_of(folder) == ["addons/calls/addon.toml A001 the manifest cannot be read: it is not UTF-8"]


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    manifest, problems = read(tmp_path)
    assert manifest is None
    assert problems[0].code == "A001"


def test_versions_order_by_number() -> None:
    assert Version.parse("1.10.0") > Version.parse("1.9.9")
    assert str(Version.parse("2.0.10")) == "2.0.10"
    assert max(Version(1, 0, 0), Version(0, 9, 9)) == Version(1, 0, 0)
    for wrong in ("1.0", "1.0.0.0", "01.0.0", "v1.0.0", "1.0.0rc1", "1.0.9999999"):
        with pytest.raises(ValueError, match=wrong.replace(".", r"\.")):
            Version.parse(wrong)


def test_a_place_counts_from_one_and_finds_quoted_keys() -> None:
    source = 'a = 1\n"title" = "x"\n\n  data = ["p",\n  "q"]\n'
    assert place(source, "title") == (2, 2)
    assert place(source, "data", "q") == (5, 3)
    assert place(source, "nothing") == (1, 1)
