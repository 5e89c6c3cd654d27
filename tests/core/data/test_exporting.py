"""Tables as CSV: what would be a formula is protected, and nothing else is touched."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.exporting import protect, write_table
from core.data.importing.reading import open_source


@pytest.mark.parametrize(
    "text", ["=1+1", "+32 475 12", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-1-1", "--1"]
)
def test_formulas_are_protected(text):
    assert protect(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "text", "-1.8", "+3", "1,5", "-1.234,56", "a=b", "'quoted", "(=1)"])
def test_other_cells_are_left_alone(text):
    assert protect(text) == text


def test_a_table():
    file = io.StringIO(newline="")
    assert write_table(file, ["=name", "note"], [["=1", 'say "x"'], ["a,b", "c\nd"]]) == 2
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [
        ["'=name", "note"],
        ["'=1", 'say "x"'],
        ["a,b", "c\nd"],
    ]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(str.strip), min_size=1, max_size=3))
def test_what_is_written_is_read_again(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("table") / "file.csv"
    header = [f"c{place}" for place in range(len(cells) + 1)]
    with path.open("w", newline="", encoding="utf-8") as file:
        write_table(file, header, [["x", *cells]])
    (row,) = open_source(path, encoding="utf-8", delimiter=",").rows()
    assert row.cells[1:] == [cell[1:] if cell.startswith("'") and protect(cell[1:]) == cell else cell for cell in cells]
