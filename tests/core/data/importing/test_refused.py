"""The file of refused rows: what it holds, that it is safe to open, and that it can be imported once corrected."""

import csv
import os

import pytest

from core.data.importing.problems import ImportRefused


def table(path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_original_columns_and_reasons(load):
    result = load('name;share;note;x\nA;200;=cmd();1\nB;5;;2\nC;;-3;4;5\nD;yes;"two\nlines";é\n')
    header, *rows = table(result.refused_file)
    assert result.refused_file.name == "file.refused.csv"
    assert header == ["name", "share", "note", "x", "row", "column", "value", "reason", "suggestion"]
    assert rows == [
        ["A", "200", "'=cmd()", "1", "2", "share", "200.0", "A probability lies between 0 and 100.", ""],
        ["C", "", "-3", "4", "4", "", "C;;-3;4;5", "5 columns where the header has 4", "", "5"],
        ["D", "yes", "two\nlines", "é", "5", "share", "yes", "is not a number", ""],
    ]


def test_corrected_rows_can_be_imported(load, env):
    refused = load("name,amount,note\nA,x,=1\n").refused_file
    again = load(refused.read_text().replace("A,x", "A,12"))
    assert (again.created, again.refused) == ({"i.sale": 1}, 0)
    assert again.files[0].ignored == ("row", "column", "value", "reason", "suggestion")
    assert env["i.sale"].search("")[0].note == "=1"


def test_rows_refused_again_keep_one_reason(load):
    first = load("name,amount\nA,x\n").refused_file
    second = load(first.read_text()).refused_file
    assert second.name == "file.refused-2.csv"
    assert table(first) == table(second)


def test_names_of_the_file_itself_are_not_lost(load):
    result = load("name,amount,reason\nA,x,because\n")
    header, row = table(result.refused_file)
    assert header == ["name", "amount", "reason", "row", "column", "value", "refused_reason", "suggestion"]
    assert row[2] == "because"


def test_no_file_without_refusals(load, tmp_path):
    assert load("name\nA\n").refused_file is None
    assert [path.name for path in tmp_path.iterdir()] == ["file.csv"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_exists_is_not_overwritten(load, env, tmp_path, dry_run):
    (tmp_path / "other.csv").write_text("precious", encoding="utf-8")
    (tmp_path / "lost.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    for name in ("file.csv", "other.csv", "lost.csv", "folder"):
        with pytest.raises(ImportRefused, match=f"{name} exists already"):
            load("name,amount\nA,x\nB,1\n", dry_run=dry_run, refused_path=tmp_path / name)
    assert (tmp_path / "file.csv").read_text(encoding="utf-8") == "name,amount\nA,x\nB,1\n"
    assert (tmp_path / "other.csv").read_text(encoding="utf-8") == "precious"
    assert env["i.sale"].count("") == 0


def test_a_place_that_cannot_be_written_to_is_refused_before_anything_is_read(load, tmp_path):
    progress = []
    for path in (tmp_path / "missing" / "back.csv", tmp_path / "file.csv" / "back.csv"):
        with pytest.raises(ImportRefused, match=r"cannot be written to .*back\.csv: (No such file|Not a dir)"):
            load("name,amount\nA,x\nB,1\n", refused_path=path, progress=progress.append)
    assert progress == []


def test_what_cannot_be_written_after_all_refuses_the_import_and_leaves_nothing(load, tmp_path):
    def remove(_progress):
        if (tmp_path / "sub").exists():
            (tmp_path / "sub").rmdir()

    (tmp_path / "sub").mkdir()
    with pytest.raises(ImportRefused, match="cannot be written to"):
        load("name,amount\nA,x\n", refused_path=tmp_path / "sub" / "back.csv", progress=remove)
    assert os.listdir(tmp_path) == ["file.csv"]
