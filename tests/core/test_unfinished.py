"""Files that get their name when they are whole: nothing is overwritten, with links and without."""

import errno
import os
from pathlib import Path

import pytest

from core.unfinished import beside, give_name


@pytest.fixture(params=[True, False], ids=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the file system makes links."""

    def refuse(_source: object, target: Path) -> None:
        code = errno.EEXIST if os.path.lexists(target) else errno.EPERM
        raise OSError(code, os.strerror(code))

    if not request.param:
        monkeypatch.setattr(os, "link", refuse)
    return bool(request.param)


def test_a_whole_file_gets_its_name(tmp_path: Path, links: bool) -> None:
    unfinished = beside(tmp_path / "x.zip")
    unfinished.write_text("whole")
    give_name(unfinished, tmp_path / "x.zip")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"x.zip": "whole"}


def test_nothing_is_overwritten(tmp_path: Path, links: bool) -> None:
    path = tmp_path / "x.zip"
    path.write_text("first")
    unfinished = beside(path)
    unfinished.write_text("second")
    with pytest.raises(FileExistsError):
        give_name(unfinished, path)
    assert (path.read_text(), unfinished.read_text()) == ("first", "second")


def test_names_beside_a_file_are_short_and_differ(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 120 + ".zip")
    first, second = beside(path), beside(path)
    assert first != second
    first.touch()
    assert first.parent == path.parent


def test_a_name_that_was_claimed_is_given_up_where_the_folder_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    unfinished = tmp_path / "begun"
    unfinished.touch()
    with pytest.raises(OSError, match="no"):
        give_name(unfinished, tmp_path / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]
