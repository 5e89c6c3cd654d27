"""Files of every usual encoding, delimiter and shape, and those that are refused as a whole or row by row."""

# ruff: noqa: RUF001 (Cyrillic words are meant)

import csv
import tracemalloc
from pathlib import Path

import pytest

from core.data.importing.problems import ImportRefused
from core.data.importing.reading import Source, open_source


def written(tmp_path: Path, content: str | bytes, stored: str = "utf-8") -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(stored))
    return path


def opened(tmp_path: Path, content: str | bytes, stored: str = "utf-8", **options: str) -> Source:
    return open_source(written(tmp_path, content, stored), **options)


def refused(tmp_path: Path, content: str | bytes, **options: str) -> str:
    with pytest.raises(ImportRefused) as caught:
        list(opened(tmp_path, content, **options).rows())
    return str(caught.value)


FRENCH = "nom;ville;remarque\nHélène Dupré;Besançon;déjà vu à l'été\nFrançois;Orléans;café crème\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32"),
        (FRENCH, "cp1252"),
        (FRENCH, "latin-1"),
        (FRENCH, "mac_roman"),
        ("name;city\nMüller;Köln\n", "cp1252"),
        ("name;amount\nCafé;€ 10\n", "cp1252"),
        ("nazwa;miasto\nŁódź;Wałęsa Kraków\nŻółć gęślą jaźń;Gdańsk Święty\n", "cp1250"),
        ("nazwa;miasto\nŁódź;Wałęsa Kraków\nŻółć gęślą jaźń;Gdańsk Święty\n", "iso8859_2"),
        ("имя;город\nИванов Иван;Москва\nПетров;Санкт-Петербург\n", "cp1251"),
        ("имя;город\nИванов Иван;Москва\nПетров;Санкт-Петербург\n", "koi8_r"),
        ("名前;都市\n株式会社日立製作所;東京\n山田花子;大阪\n", "shift_jis"),
        ("姓名;城市\n中国银行;北京\n张三;上海\n", "gb18030"),
    ],
)
def test_encoding_is_detected(tmp_path, text, encoding):
    source = opened(tmp_path, text, encoding)
    lines = text.splitlines()
    assert list(source.header) == lines[0].split(";")
    assert [row.cells for row in source.rows()] == [line.split(";") for line in lines[1:]]


def test_a_late_letter_decides_the_encoding(tmp_path):
    content = b"name,city\n" + b"Smith,London\n" * 200_000 + "Dupré,Orléans\n".encode("cp1252")
    source = opened(tmp_path, content)
    assert source.encoding == "cp1252"
    assert [row.cells for row in source.rows()][-1] == ["Dupré", "Orléans"]


def test_utf8_with_a_broken_line_is_refused_with_its_place(tmp_path):
    content = "name,city\nDupré,Orléans\nMüller,Köln\n".encode() + b"Ren\xe9,Paris\n"
    text = refused(tmp_path, content)
    assert "line 4" in text
    assert "UTF-8" in text


def test_a_letter_cut_by_the_end_of_a_piece_is_no_break(tmp_path):
    content = b"name\n" + b"x" * ((1 << 20) - 6) + "é\nü\n".encode()
    assert opened(tmp_path, content).encoding == "utf-8"


def test_wrong_encoding_named_by_hand(tmp_path):
    assert "not in the encoding utf-8" in refused(tmp_path, "name\nDupré\n".encode("cp1252"), encoding="UTF8")
    late = b"name\n" + b"Smith\n" * 50_000 + b"Dupr\xe9\n"
    assert "not in the encoding utf-8" in refused(tmp_path, late, encoding="utf-8")
    assert "no encoding called 'utf9'" in refused(tmp_path, "name\nx\n", encoding="utf9")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_detected(tmp_path, delimiter):
    lines = [["name", "note", "amount"], ["Acme, Inc; Ltd", 'said "yes|no"', "1,5"], ["Two\nlines", "a\tb", ""]]
    path = tmp_path / "file.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(lines)
    source = open_source(path)
    assert source.delimiter == delimiter
    assert [list(source.header), *(row.cells for row in source.rows())] == lines


def test_blanks_around_quoted_cells(tmp_path):
    source = opened(tmp_path, 'name, city, note\n"Acme, Inc", "Paris", "x"\nB, "New, York", y\n')
    assert source.header == ("name", "city", "note")
    assert [row.cells for row in source.rows()] == [["Acme, Inc", "Paris", "x"], ["B", "New, York", "y"]]


def test_one_column_with_commas_inside_is_one_column(tmp_path):
    content = 'name\n"Acme, Inc"\nBob\n"Carl, Sons"\n'
    assert [row.cells for row in opened(tmp_path, content).rows()] == [["Acme, Inc"], ["Bob"], ["Carl, Sons"]]


def test_the_line_that_names_the_delimiter(tmp_path):
    source = opened(tmp_path, "sep=;\r\nname;amount\r\nAcme;1,5\r\n")
    assert source.header == ("name", "amount")
    assert [(row.number, row.cells) for row in source.rows()] == [(2, ["Acme", "1,5"])]


def test_shown(tmp_path):
    assert opened(tmp_path, "a;b\n1;2\n").shown == "utf-8, semicolon"
    assert opened(tmp_path, "a\tb\n1\t2\n").shown == "utf-8, tab"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines(tmp_path, newline):
    source = opened(tmp_path, newline.join(["a,b", "1,2", "", "3,4"]))
    assert [(row.number, row.cells) for row in source.rows()] == [(2, ["1", "2"]), (4, ["3", "4"])]


def test_ragged_rows_are_refused_one_by_one(tmp_path):
    rows = list(opened(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n4,5,6\n").rows())
    assert [row.problem for row in rows] == [
        "",
        "2 columns where the header has 3",
        "4 columns where the header has 3",
        "",
        "",
    ]
    assert rows[3].cells == ["1", "2", "3"]


def test_quotation_marks_that_do_not_fit(tmp_path):
    rows = list(opened(tmp_path, 'a,b\n"x"y,2\n3,4\n"open,5\n6,7\n').rows())
    assert [bool(row.problem) for row in rows] == [True, False, True]
    assert rows[1].cells == ["3", "4"]
    assert "left open" in rows[2].problem
    assert [row.raw for row in rows] == ['"x"y,2', "", '"open,5\n6,7']


def test_an_endless_cell(tmp_path):
    rows = list(opened(tmp_path, "a,b\n" + "x" * 140_000 + ",2\n3,4\n").rows())
    assert "longer than" in rows[0].problem
    assert rows[-1].cells == ["3", "4"]


def test_nul_characters_refuse_their_row(tmp_path):
    rows = list(opened(tmp_path, b"a,b\n1,2\nx\x00y,3\n" + b"5,6\n" * 100).rows())
    assert [bool(row.problem) for row in rows[:3]] == [False, True, False]


def test_binary_files(tmp_path):
    assert "not text" in refused(tmp_path, bytes(range(256)) * 16)
    assert "not text" in refused(tmp_path, b"a,b\n" + b"\0" * 100)
    assert "cannot be read as a workbook" in refused(tmp_path, b"PK\x03\x04 and so on")


@pytest.mark.parametrize("content", ["", "\n\n", "  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_empty_files(tmp_path, content):
    assert "is empty" in refused(tmp_path, content)


def test_a_header_alone_has_no_rows(tmp_path):
    assert list(opened(tmp_path, "a,b").rows()) == []


def test_missing_file(tmp_path):
    with pytest.raises(ImportRefused, match="There is no file"):
        open_source(tmp_path / "none.csv")


def test_double_columns_are_refused_with_both_places(tmp_path):
    text = refused(tmp_path, "name,city,name\n1,2,3\n")
    assert "'name'" in text
    assert "1 and 3" in text


def test_unnamed_columns_get_a_name(tmp_path):
    assert opened(tmp_path, "name,,\nx,1,2\n").header == ("name", "column 2", "column 3")
    assert "names no column" in refused(tmp_path, ",,\n1,2,3\n")


def test_over_a_thousand_columns_are_refused_with_the_count(tmp_path):
    header = ",".join(f"c{place}" for place in range(1_001))
    assert "1001 columns" in refused(tmp_path, header + "\n")
    header = ",".join(f"c{place}" for place in range(1_000))
    assert len(opened(tmp_path, header + "\n").header) == 1_000


def test_the_quote_that_exports_put_before_formulas_is_taken_off(tmp_path):
    rows = list(opened(tmp_path, "a,b\n'=1+1,'hello\n'+32 2,-1\n").rows())
    assert [row.cells for row in rows] == [["=1+1", "'hello"], ["+32 2", "-1"]]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("name,city\n")
        file.writelines(f"Näme {number},Köln\n" for number in range(200_000))
    tracemalloc.start()
    assert sum(1 for _ in open_source(path).rows()) == 200_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
