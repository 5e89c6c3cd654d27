"""Tables as CSV: what would be a formula is protected, and nothing else is touched."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core.data import exporting
from core.data.exporting import export_csv, export_xlsx, protect, write_table
from core.data.importing.reading import open_source
from core.errors import Refusal
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo


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


RECORDS = [
    {"name": "=1+1", "color": 3, "parent": None},
    {"name": "Below", "color": None, "parent": 1},
]


@pytest.fixture
def categories(env):
    records = env.sudo()["res.partner.category"]
    records.create_many(RECORDS)
    return env


def test_records_become_a_table(categories):
    file = io.StringIO(newline="")
    assert export_csv(categories, "res.partner.category", ["name", "color", "parent"], file, order="id") == 2
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [
        ["Name", "Colour", "Parent"],
        ["'=1+1", "3", ""],
        ["Below", "", "'=1+1"],
    ]


def test_records_become_a_workbook(categories):
    file = io.BytesIO()
    paths = ["name", "color", "parent", "create_date", "active"]
    assert export_xlsx(categories, "res.partner.category", paths, file, order="id") == 2
    header, first, second = (
        CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python()
    )
    assert header[0] == "Name"
    assert first[:3] == ["=1+1", 3.0, ""]
    assert second[:2] == ["Below", ""]
    assert (type(first[3]), first[4]) == (datetime, True)


def test_a_path_that_is_no_field_is_refused(categories):
    with pytest.raises(Refusal, match="'nmae' is not a field") as caught:
        export_xlsx(categories, "res.partner.category", ["nmae"], io.BytesIO())
    assert "name" in caught.value.hint
    for path in ("parent.children", "children.name"):
        with pytest.raises(Refusal, match="leads to several records"):
            export_csv(categories, "res.partner.category", ["name", path], io.StringIO())


@pytest.mark.parametrize(
    ("value", "kind", "cell"),
    [
        (Decimal("900719925474.0993"), Kind.MONEY, "900719925474.0993"),
        (Decimal("1234567890.1234"), Kind.MONEY, 1234567890.1234),
        (2**53 + 1, Kind.INTEGER, "9007199254740993"),
        (2**53, Kind.INTEGER, float(2**53)),
        (0.1 + 0.2, Kind.FLOAT, 0.3),
        (True, Kind.BOOLEAN, True),
        (date(1900, 2, 28), Kind.DATE, "1900-02-28"),
        (date(1850, 1, 1), Kind.DATE, "1850-01-01"),
        (date(1900, 3, 1), Kind.DATE, date(1900, 3, 1)),
        (datetime(1899, 5, 1, 12, tzinfo=UTC), Kind.INSTANT, "1899-05-01 12:00:00"),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), Kind.INSTANT, datetime(2026, 5, 1, 12)),
        ("x" * 32_767, Kind.TEXT, "x" * 32_767),
    ],
)
def test_a_workbook_says_what_was_stored(value, kind, cell):
    assert written(value, kind) == cell


@pytest.mark.parametrize("text", ["x" * 32_768, "\U0001f600" * 16_384])
def test_a_text_that_no_cell_holds_is_refused(text):
    with pytest.raises(Refusal, match="A text of 'Note' has 32768 characters"):
        written(text, Kind.TEXT)


def written(value: object, kind: Kind) -> object:
    """The cell that a value of a field becomes."""
    file = io.BytesIO()
    info = FieldInfo("note", kind, label="Note")
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        exporting._write_cell(book.add_worksheet(), 0, 0, value, info, {}, ZoneInfo("UTC"), instant)
    ((cell,),) = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python()
    return cell
