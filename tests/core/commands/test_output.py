"""Printing: aligned columns, JSON that keeps accents, a bar only on a terminal and only after a moment."""

import io
import json
import sys

import pytest

from core.commands import output


class Terminal(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_columns_are_aligned_and_lines_have_no_trailing_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("NAME", "COUNT", "NOTE"), [("a", 12, "x"), ("longer", 3, "")])
    assert capsys.readouterr().out == "NAME    COUNT  NOTE\na       12     x\nlonger  3\n"


def test_json_keeps_accents_and_writes_what_it_does_not_know_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"name": "Ürümqi", "kind": ValueError})
    text = capsys.readouterr().out
    assert "Ürümqi" in text
    assert json.loads(text)["kind"] == str(ValueError)


def test_no_bar_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(output, "BAR_AFTER_SECONDS", -1.0)
    with output.progress("Importing") as step:
        step(1, 2)
    assert written.getvalue() == ""


def test_short_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stderr", written)
    with output.progress("Importing") as step:
        step(1, 2)
    assert written.getvalue() == ""


def test_long_work_shows_a_bar_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(output, "BAR_AFTER_SECONDS", -1.0)
    with pytest.raises(KeyboardInterrupt), output.progress("Importing") as step:
        step(1, None)
        step(1, 4)
        raise KeyboardInterrupt
    assert "Importing" in written.getvalue()
    assert "25%" in written.getvalue() or "\x1b[" in written.getvalue()
