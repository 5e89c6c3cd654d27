"""Files that get their name when they are whole: nothing is overwritten, with links and without."""

import errno
import os
from pathlib import Path

import pytest

from core.errors import Refusal
from core.unfinished import PRIVATE, beside, give_name, whole


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


def test_two_writers_of_one_name_leave_the_file_of_the_first(tmp_path: Path, links: bool) -> None:
    path = tmp_path / "x.zip"
    with pytest.raises(Refusal, match="exists already"), whole(path) as slow:
        slow.write_text("slow")
        with whole(path) as quick:
            quick.write_text("quick")
        slow.write_text("slow still writes to its own")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"x.zip": "quick"}


def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    left = [path.with_name("x.zip.part"), beside(path)]
    for each in left:
        each.write_text("left")
    with whole(path) as unfinished:
        unfinished.write_text("whole")
    assert path.read_text() == "whole"
    assert all(each.read_text() == "left" for each in left), "what another wrote is not removed"


def test_a_block_that_raises_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "x.zip") as unfinished:
        unfinished.write_text("begun")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_nowhere_has_the_name(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refusal, match="exists already"), whole(path):
        pass


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_folder_that_refuses_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="cannot be written"), whole(tmp_path / folder / "x.zip"):
        pass


@pytest.mark.parametrize(("mode", "expected"), [(PRIVATE, 0o600), (0o666, 0o640)])
def test_a_file_has_the_rights_that_were_asked_for(tmp_path: Path, mode: int, expected: int) -> None:
    former = os.umask(0o026)
    try:
        with whole(tmp_path / "x.zip", mode=mode) as unfinished:
            assert unfinished.stat().st_mode & 0o777 == expected
    finally:
        os.umask(former)
    assert (tmp_path / "x.zip").stat().st_mode & 0o777 == expected
