"""Log lines: structure, references, and what they never hold."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from core import logs

LOGGER = logging.getLogger("tessera.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    root, level = logging.getLogger(), logging.getLogger(logs.ROOT).level
    handler = logs.setup("info", form="json", stream=written)
    yield written
    root.removeHandler(handler)
    logging.getLogger(logs.ROOT).setLevel(level)


def last(stream: io.StringIO) -> dict[str, object]:
    line = json.loads(stream.getvalue().splitlines()[-1])
    assert isinstance(line, dict)
    return line


def test_an_event_is_one_line_with_its_values_and_reference(stream: io.StringIO) -> None:
    with logs.referring("7QK2-M4XD"):
        logs.event(LOGGER, logging.INFO, "install", addon="crm", tables=12)
    line = last(stream)
    assert (line["event"], line["addon"], line["tables"], line["reference"]) == ("install", "crm", 12, "7QK2-M4XD")
    assert (line["level"], line["logger"]) == ("info", "tessera.test")
    assert str(line["at"]).endswith("Z")
    assert logs.reference() == ""


def test_below_the_level_nothing_is_written(stream: io.StringIO) -> None:
    logs.event(LOGGER, logging.DEBUG, "detail", x=1)
    assert stream.getvalue() == ""


def test_secrets_are_masked_by_the_name_of_the_value(stream: io.StringIO) -> None:
    logs.event(LOGGER, logging.INFO, "x", admin_password="pw", session_token="t", Authorization="Bearer k", key="k")
    assert "pw" not in stream.getvalue()
    assert last(stream)["Authorization"] == "***"
    assert last(stream)["key"] == "k"


def test_an_exception_tells_type_and_place_but_not_its_message(stream: io.StringIO) -> None:
    try:
        try:
            raise KeyError("ada@example.com")
        except KeyError as error:
            raise ValueError("ada@example.com") from error
    except ValueError:
        LOGGER.exception("failed")
    line = last(stream)
    assert line["error"] == "ValueError"
    assert "ada@example.com" not in stream.getvalue()
    trace = line["trace"]
    assert isinstance(trace, list)
    assert [entry.split()[0] for entry in trace] == ["ValueError", "KeyError"]
    assert "test_logs.py" in trace[0]


def test_causes_that_lead_back_to_the_error_are_told_once(stream: io.StringIO) -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    LOGGER.error("failed", exc_info=first)
    trace = last(stream)["trace"]
    assert isinstance(trace, list)
    assert [entry.split()[0] for entry in trace] == ["ValueError", "KeyError"]


def test_at_debug_the_message_is_there(stream: io.StringIO) -> None:
    logging.getLogger(logs.ROOT).setLevel(logging.DEBUG)
    try:
        raise ValueError("what happened")
    except ValueError:
        LOGGER.exception("failed")
    assert last(stream)["message"] == "what happened"


def test_text_lines_are_words_and_stay_one_line() -> None:
    written = io.StringIO()
    handler = logs.setup("info", stream=written)
    logs.event(LOGGER, logging.INFO, "two\nlines", label='a "b" c', count=3, empty="", plain="x")
    logging.getLogger().removeHandler(handler)
    logging.getLogger(logs.ROOT).setLevel(logging.NOTSET)
    line = written.getvalue()
    assert line.count("\n") == 1
    assert line.split(" ", 1)[1] == 'info tessera.test two\\nlines label="a \\"b\\" c" count=3 empty="" plain=x\n'


def test_setting_up_twice_writes_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.setup("info", stream=first)
    handler = logs.setup("info", stream=second)
    logs.event(LOGGER, logging.WARNING, "once")
    logging.getLogger().removeHandler(handler)
    logging.getLogger(logs.ROOT).setLevel(logging.NOTSET)
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1
