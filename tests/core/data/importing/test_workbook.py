"""Workbooks: cells as text that is read in one way, sheets, refusals, and a whole import there and back."""

import io
import json
import random
import shutil
import zipfile
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cli
from core.data.importing.problems import ImportRefused
from core.data.importing.reading import open_source
from core.data.importing.run import run_import
from core.data.importing.sheets import as_plain, column_number, errors, extent
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


OLD = Path(__file__).with_name("old.xls")  # as Excel 97 writes them: Name, Revenue, Day; two rows, the second with 1/0
CONTENT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Leads">{rows}\
<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/>\
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""

MANIFEST = """<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""


def made_open(path: Path) -> Path:
    """The sample as LibreOffice writes it (OpenDocument 1.3)."""
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="1.234"><text:p>1,2</text:p></table:table-cell>'
    day = '<table:table-cell office:value-type="date" office:date-value="2026-03-01"/>'
    rows = [
        text.format("Name") + text.format("Revenue") + text.format("Day"),
        text.format("Acme") + number + day,
        text.format("Bolt"),
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        filled = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        archive.writestr("content.xml", CONTENT.format(rows=filled))
    return path


SAMPLES = {
    ".xlsx": lambda path: made(
        path, {"Leads": [["Name", "Revenue", "Day"], ["Acme", 1.234, datetime(2026, 3, 1)], ["Bolt"]]}
    ),
    ".xls": lambda path: Path(shutil.copy(OLD, path)),
    ".ods": made_open,
}


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
    assert as_text(as_plain(value)) == text


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


def test_rows_are_counted_as_the_spreadsheet_counts(tmp_path):
    rows = [[], [], [None, "Our leads"], [None, "", ""], [None, "Acme"], [], [None, "Bolt", "x"]]
    source = open_source(made(tmp_path / "book.xlsx", {"S": rows}))
    assert source.header == ("Our leads", "column 2")
    assert [(row.number, row.cells[0]) for row in source.rows()] == [(5, "Acme"), (7, "Bolt")]


def test_what_is_no_workbook_is_refused(tmp_path):
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
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02") + 24  # the size of the first part, unpacked (APPNOTE.TXT, 4.3.12)
    content[place : place + 4] = (600 << 20).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match="holds more than 512 MB"):
        open_source(path)


def refilled(path: Path, parts: dict[str, bytes | None]) -> Path:
    """A workbook in which parts are replaced, or left out."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()} | parts
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            if content is not None:
                archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
TWO_CELLS = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1"><v>1</v></c></row><row><c %s><v>1</v></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({SHEET: TWO_CELLS % b'r="XFD1048576"'}, "cells as far apart as 1,048,576 x 16,384"),
        ({SHEET: TWO_CELLS % b's="1"\tr="ZZZZZZZZ99999999999"'}, "cells as far apart as 99,999,999,999 x "),
        ({SHEET: TWO_CELLS % (b's="%s" r="XFD1048576"' % (b"1" * 900))}, "breaks off, or needs too much memory"),
        ({SHEET: TWO_CELLS[:-40] % b'r="B2"'}, "cannot be read as a workbook"),
        ({SHEET: None}, "cannot be read as a workbook"),
        ({SHEET: TWO_CELLS % b't="s" r="B2"'}, "cannot be read as a workbook"),
        ({"xl/workbook.xml": b"<workbook"}, "cannot be read as a workbook"),
    ],
)
def test_hostile_workbooks_are_refused(tmp_path, parts, match):
    path = refilled(made(tmp_path / "book.xlsx", {"S": [[1], [2]]}), parts)
    with pytest.raises(ImportRefused, match=match):
        list(open_source(path).rows())


def test_what_the_xml_of_a_sheet_tells(tmp_path):
    far = (TWO_CELLS % b'r="A2"').replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    )
    path = refilled(made(tmp_path / "book.xlsx", {"S": [[1], [2]]}), {SHEET: far})
    assert [row.cells for row in open_source(path).rows()] == [["1"]]
    assert extent(io.BytesIO(far)) == (2, 1)
    assert extent(io.BytesIO(b" " * ((1 << 20) - 5) + b'<c r="BC77"><v>1</v></c>')) == (77, 55)
    cells = b'<c r="A1" t="e"/><c r="B1"><v>7</v></c><x:c t="e"  r="C1"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c>'
    assert errors(io.BytesIO(cells)) == {1: [(3, "#DIV/0!")]}
    assert [column_number(name) for name in (b"A", b"Z", b"aa", b"XFD")] == [1, 26, 27, 16384]


DAMAGES = 12


@pytest.mark.parametrize("seed", range(DAMAGES))
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_damaged_workbooks_are_refused_or_read(tmp_path, suffix, seed):
    path = tmp_path / f"book{suffix}"
    content = bytearray(SAMPLES[suffix](path).read_bytes())
    chance = random.Random(seed)
    for _change in range(chance.choice((1, 4, 16, 64))):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    path.write_bytes(content[: chance.choice((None, chance.randrange(8, len(content))))])
    try:
        source = open_source(path)
        assert all(len(row.cells) >= 0 for row in source.rows())
    except ImportRefused as refusal:
        assert path.name in str(refusal)


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_every_kind_of_workbook_is_read(tmp_path, suffix):
    source = open_source(SAMPLES[suffix](tmp_path / f"book{suffix}"))
    assert (source.sheet, source.header) == ("Leads", ("Name", "Revenue", "Day"))
    assert [row.cells for row in source.rows()] == [["Acme", "1.2340", "2026-03-01"], ["Bolt", "", ""]]


@pytest.mark.parametrize("name", ["book.xlsx", "book.xls", "book"])
def test_a_workbook_with_a_password_is_refused_in_words(tmp_path, name):
    parts = "".join(part.ljust(32, "\0") for part in ("Root Entry", "EncryptionInfo", "EncryptedPackage"))
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + parts.encode("utf-16-le"))
    with pytest.raises(ImportRefused, match="is protected by a password") as caught:
        open_source(tmp_path / name)
    assert caught.value.hint == "Save it without one first."


def test_numbers_are_taken_as_they_are_beside_texts_with_another_sign(env, tmp_path):
    rows = [
        ["name", "amount", "share", "count", "day", "closed", "ref"],
        ["A", 1234.5, 0.45, 7, date(2026, 4, 12), datetime(2024, 2, 29, 8, 15), 1.234],
        ["B", "1.234,50", "45 %", "1.234", "13/04/26", "", "x"],
        ["C", 1.234, "no", 7, "", "", ""],
    ]
    path = made(tmp_path / "deals.xlsx", {"S": rows})
    back = tmp_path / "back.csv"
    result = run_import(env, model="i.sale", file=path, refused_path=back)
    assert (result.created, result.refused) == ({"i.sale": 2}, 1)
    first, second = env["i.sale"].search("")
    assert (first.amount, first.share, first.count, first.ref) == (Decimal("1234.50"), 0.45, 7, "1.2340")
    assert (second.amount, second.share, second.count) == (Decimal("1234.50"), 45.0, 1234)
    assert (first.day, second.day) == (date(2026, 4, 12), date(2026, 4, 13))
    assert (type(first.ref), first.closed) == (str, datetime(2024, 2, 29, 7, 15, tzinfo=UTC))
    assert back.read_text().splitlines()[1].startswith('C,"1,2340",no,7,')


def test_errors_refuse_their_rows(env, tmp_path):
    path = tmp_path / "deals.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Other").write_formula(5, 2, "=1/0", None, "#DIV/0!")
        sheet = book.add_worksheet("Deals")
        for place, name in enumerate(["name", "amount", "ref", "unused"], start=1):
            sheet.write(2, place, name)
        for number, (name, error) in enumerate([("A", ""), ("B", "#DIV/0!"), ("C", "#N/A"), ("D", "")], start=3):
            sheet.write(number, 1, name)
            if error:
                sheet.write_formula(number, 2, "=1/0" + "+0" * 2000, None, error)
        sheet.write_formula(3, 3, "=NA()", None, "#N/A")
        sheet.write_formula(6, 4, "=NA()", None, "#N/A")
        book.worksheets()[0].hide()
        sheet.activate()
    result = run_import(env, model="i.sale", file=path, refused_path=tmp_path / "back.csv")
    assert [(row.row, row.column, row.value, row.reason) for row in result.files[0].refusals] == [
        (4, "ref", "#N/A", "is an error in the spreadsheet"),
        (5, "amount", "#DIV/0!", "is an error in the spreadsheet"),
        (6, "amount", "#N/A", "is an error in the spreadsheet"),
    ]
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[columns]\nref = { field = "ref", map = { "#N/A" = "" } }\n', encoding="utf-8")
    assert run_import(env, model="i.sale", file=path, recipe=recipe, dry_run=True).created == {"i.sale": 2}


def test_a_decimal_sign_of_a_recipe_is_that_of_texts(env, tmp_path):
    path = made(tmp_path / "deals.xlsx", {"S": [["name", "amount"], ["A", 1234.5], ["B", "1.234,5"], ["C", "1,2"]]})
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('decimal = ","\n[mend.amount]\n"1,2" = "1.200"\n', encoding="utf-8")
    assert run_import(env, model="i.sale", file=path, recipe=recipe).refused == 0
    assert [row["amount"] for row in env["i.sale"].read("", ["amount"], order="id")] == [
        Decimal("1234.50"),
        Decimal("1234.50"),
        Decimal(1200),
    ]


@pytest.mark.parametrize("value", [b"NaN", b"inf", b"1e400"])
def test_what_is_no_finite_number_is_a_text(tmp_path, value):
    parts = {
        SHEET: (TWO_CELLS % b'r="A2"').replace(
            b"<v>1</v></c></row></sheetData>", b"<v>%s</v></c></row></sheetData>" % value
        )
    }
    (row,) = open_source(refilled(made(tmp_path / "book.xlsx", {"S": [[1], [2]]}), parts)).rows()
    assert type(row.cells[0]) is str


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
        assert row["create_date"].year > 2024, "kept by the system, not imported"
    out = tmp_path / "out.xlsx"
    result = CliRunner().invoke(
        cli.main,
        ["export", "res.partner", str(out), "--where", "name == 'Acme'", "--fields", "name,email", "--db", url],
    )
    assert result.exit_code == 0, result.output
    source = open_source(out)
    assert [row.cells for row in source.rows()] == [["Acme", "info@acme.example"]]
