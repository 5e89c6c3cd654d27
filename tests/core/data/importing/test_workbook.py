"""Workbooks: cells as text that is read in one way, sheets, refusals, and a whole import there and back."""

import json
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cli
from core.data.importing import workbook
from core.data.importing.problems import ImportRefused
from core.data.importing.reading import open_source
from core.data.importing.workbook import as_text


def made(path: Path, sheets: dict[str, list[list[object]]], hidden: str = "") -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
    return path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.5, "-0.5"),
        (1.234, "1.2340"),
        (1234.5, "1234.5"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (True, "true"),
        (datetime(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 9, 30), "2026-03-01 09:30:00"),
        (date(2026, 3, 1), "2026-03-01"),
        (time(9, 30), "09:30:00"),
        ("", ""),
        (" 007 ", " 007 "),
    ],
)
def test_cells_become_text(value, text):
    assert as_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value_and_never_have_three_decimals(value):
    text = as_text(value)
    assert Decimal(text) == Decimal(repr(value))
    assert len(text.partition(".")[2]) != 3


def test_the_first_visible_sheet_that_holds_something_is_read(tmp_path):
    sheets = {"Empty": [], "Secret": [["a"], ["hidden"]], "Leads": [["Name", "Revenue"], ["Acme", 12.5], ["", ""]]}
    source = open_source(made(tmp_path / "book.xlsx", sheets, hidden="Secret"))
    assert (source.sheet, source.shown, source.header) == ("Leads", "sheet 'Leads'", ("Name", "Revenue"))
    assert [(row.number, row.cells) for row in source.rows()] == [(2, ["Acme", "12.5"])]


def test_blank_rows_count_and_columns_are_checked(tmp_path):
    rows = [["Name"], ["Acme"], [], ["Bolt"]]
    source = open_source(made(tmp_path / "book.xlsx", {"S": rows}))
    assert [row.number for row in source.rows()] == [2, 4]
    with pytest.raises(ImportRefused, match="two columns 'Name'"):
        open_source(made(tmp_path / "twice.xlsx", {"S": [["Name", "Name"]]}))


def test_what_is_no_workbook_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ImportRefused, match="is empty"):
        open_source(made(tmp_path / "empty.xlsx", {"S": []}))
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(ImportRefused, match="cannot be read as a workbook"):
        open_source(tmp_path / "other.xlsx")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0 and so on")
    with pytest.raises(ImportRefused, match="cannot be read as a workbook"):
        open_source(tmp_path / "old.xls")
    path = made(tmp_path / "large.xlsx", {"S": [["Name"], ["Acme"]]})
    monkeypatch.setattr(workbook, "MOST_BYTES", 100)
    with pytest.raises(ImportRefused, match="holds more than"):
        open_source(path)


def test_a_workbook_is_imported_and_what_is_exported_comes_back(make_instance, tmp_path):
    instance = make_instance()
    url = instance.database.url
    rows = [
        ["Name", "E-mail", "Created on"],
        ["Acme", "info@acme.example", datetime(2024, 2, 29, 8, 15)],
        ["", "x@y.z", ""],
    ]
    path = made(tmp_path / "people.xlsx", {"People": rows})
    refused = tmp_path / "refused.csv"
    arguments = ["import", "res.partner", str(path), "--refused", str(refused), "--json", "--db", url]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["created"]["res.partner"], told["refused"]) == (1, 1)
    assert "x@y.z" in refused.read_text(encoding="utf-8")
    with instance.environment(write=False) as env:
        (row,) = env["res.partner"].read("name == 'Acme'", ["email", "create_date"])
        assert row["email"] == "info@acme.example"
    out = tmp_path / "out.xlsx"
    result = CliRunner().invoke(
        cli.main,
        ["export", "res.partner", str(out), "--where", "name == 'Acme'", "--fields", "name,email", "--db", url],
    )
    assert result.exit_code == 0, result.output
    source = open_source(out)
    assert [row.cells for row in source.rows()] == [["Acme", "info@acme.example"]]
