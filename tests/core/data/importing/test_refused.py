"""The file of refused rows: what it holds, that it is safe to open, and that it can be imported once corrected."""

import csv


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
