"""Discovery: what counts as an addon, name clashes, broken neighbours."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.discovery import bundled_folder, discover
from core.errors import ConfigurationError, Refusal

Write = Callable[..., Path]


def test_the_bundled_addons_are_always_found(root: Path) -> None:
    catalog = discover()
    assert bundled_folder() == root / "addons"
    assert {"base", "crm"} <= set(catalog.names)
    assert catalog["base"].folder == root / "addons" / "base"


def test_folders_without_a_manifest_are_no_addons(write_addon: Write, tmp_path: Path) -> None:
    write_addon("calls")
    (tmp_path / "extra" / "notes").mkdir()
    catalog = discover([tmp_path / "extra"])
    assert "calls" in catalog
    assert "notes" not in catalog.names


def test_two_addons_of_one_name_are_refused_naming_both_folders(write_addon: Write, tmp_path: Path) -> None:
    first, second = write_addon("calls", under="one"), write_addon("calls", under="two")
    with pytest.raises(ConfigurationError) as caught:
        discover([tmp_path / "one", tmp_path / "two"])
    assert [problem.code for problem in caught.value.problems] == ["A008"]
    assert str(first) in str(caught.value)
    assert str(second) in str(caught.value)


def test_an_addon_that_takes_a_bundled_name_is_refused(write_addon: Write, tmp_path: Path) -> None:
    write_addon("base")
    with pytest.raises(ConfigurationError, match="A008"):
        discover([tmp_path / "extra"])


def test_one_folder_given_twice_is_one_folder(write_addon: Write, tmp_path: Path) -> None:
    write_addon("calls")
    catalog = discover([tmp_path / "extra", tmp_path / "one" / ".." / "extra"])
    assert len(catalog.folders) == 2


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="nowhere does not exist"):
        discover([tmp_path / "nowhere"])


def test_a_broken_addon_stops_nobody_but_who_asks_for_it(write_addon: Write, tmp_path: Path) -> None:
    write_addon("calls")
    write_addon("broken", manifest="title = ")
    catalog = discover([tmp_path / "extra"])
    assert catalog["calls"].title == "calls"
    assert "broken" in catalog.names
    with pytest.raises(ConfigurationError, match="A001"):
        catalog["broken"]


def test_an_unknown_name_is_refused_with_the_nearest(write_addon: Write, tmp_path: Path) -> None:
    write_addon("phonecalls")
    with pytest.raises(Refusal, match=r"There is no addon 'phonecal'.*Did you mean 'phonecalls"):
        discover([tmp_path / "extra"])["phonecal"]
